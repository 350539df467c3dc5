"""Ids: time-ordered ones, so that new rows land at the end of every index, and joined ones."""

from __future__ import annotations

import os
import threading
import time

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Return a UUID version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then 74 of chance.

    Ids of one process grow strictly: the 12 bits after the version count within a millisecond
    (RFC 9562, 6.2, method 3), and run ahead of the clock when they are used up.
    """
    global _last
    with _lock:
        _last = max(_last + 1, time.time_ns() * 4096 // 1_000_000)
        ticks = _last
    chance = int.from_bytes(os.urandom(8)) & (2**62 - 1)
    number = (ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | chance
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def joined_id(*parts: str) -> str:
    """Return one id of several names, with slashes between; no two lists of names share one."""
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)
