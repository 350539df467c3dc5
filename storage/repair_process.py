"""Runs json-repair in a process of its own, which can be stopped: some texts take it hours.

`python -P -m storage.repair_process` reads a text from standard input and writes the JSON that
json-repair makes of it; nothing, if it makes none.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import Final

SECONDS: Final = 4.0
_MEMORY: Final = 512 * 2**20
_SHORT: Final = 1000


def mended(text: str) -> str:
    """Return the JSON that json-repair makes of a text.

    A short text is mended right here, a longer one in a process, which has four seconds and half
    a gigabyte.

    Raises:
        TimeoutError: It takes longer than that.
        ValueError: Nothing can be made of it.
    """
    if len(text) <= _SHORT:
        return _mend(text)
    command = [sys.executable, "-P", "-m", "storage.repair_process"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, whatever the text says
            command,
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    if done.returncode or not done.stdout:
        raise ValueError("nothing can be made of it")
    return done.stdout.decode()


def _mend(text: str) -> str:
    """Return what json-repair makes of a text.

    Raises:
        ValueError: It makes nothing of it.
    """
    import json_repair

    from storage.json_utils import encode

    try:
        return encode(json_repair.loads(text, skip_json_loads=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError("nothing can be made of it") from error


def main() -> None:
    """Mend standard input."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    made = _mend(sys.stdin.buffer.read().decode())
    sys.stdout.buffer.write(made.encode())


if __name__ == "__main__":
    main()
