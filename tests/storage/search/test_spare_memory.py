"""Memory that was freed goes back to the system."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from storage.search.spare_memory import give_back


def _resident() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says of a process")
def test_freed_memory_is_given_back_to_the_system() -> None:
    import ctypes

    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("this C library gives memory back by itself, or never")
    pieces = [ctypes.create_string_buffer(b"x" * 2000, 2000) for _ in range(20_000)]
    last = pieces[-1]
    del pieces[:]
    before = _resident()
    give_back()
    assert before - _resident() > 20_000_000
    assert last.raw[:1] == b"x"
