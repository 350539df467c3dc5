"""Integers of any length, exactly, where orjson would make a float of them or refuse them.

orjson reads what lies outside 64 bits as a float, and calls an integer of more than 308 digits
infinite. Texts with such integers are rare, so that looking for them has to cost next to nothing.
"""

from __future__ import annotations

import re
import secrets
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

# A string, or a number or word that is long enough. Skipping strings whole keeps the digits in
# them apart; the optional last quote keeps a text that breaks off from being read again and again.
_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*+"?|[-+.\w]{19,}', re.DOTALL)
_INTEGER: Final = re.compile(rb"-?[1-9][0-9]{18,}")
_BEYOND_64_BITS: Final = re.compile(rb"-[1-9][0-9]{18}|[1-9][0-9]{19}")

DIGITS_AS_ZERO: Final = bytes(0x30 if chr(byte) in "0123456789" else byte for byte in range(256))
"""A table for `bytes.translate`, so that a run of digits can be found like a string."""
_LONG_RUN: Final = b"0" * 19


def blank_long_integers(raw: bytes) -> bytes:
    """Put a 0 and spaces for each long integer: valid where `raw` is, and faulty in the same place.

    Returns:
        Bytes of the same length.
    """

    def blank(match: re.Match[bytes]) -> bytes:
        token = match[0]
        return b"0".ljust(len(token)) if _INTEGER.fullmatch(token) else token

    return _TOKEN.sub(blank, raw)


def loads_exactly(raw: bytes) -> Any:
    """Read JSON like `orjson.loads`, with every integer exact.

    Returns:
        The value. An integer with more digits than Python turns into an `int`
        (`sys.get_int_max_str_digits()`) is a `Decimal`: equal to it, and printable.

    Raises:
        orjson.JSONDecodeError: It is not JSON.
    """
    if _LONG_RUN not in raw.translate(DIGITS_AS_ZERO) or not _BEYOND_64_BITS.search(raw):
        return orjson.loads(raw)
    orjson.loads(blank_long_integers(raw))
    integers: list[int | Decimal] = []
    # A name that the text cannot hold, since it is thought of only now.
    name = secrets.token_hex(16)

    def take_out(match: re.Match[bytes]) -> bytes:
        token = match[0]
        if not _INTEGER.fullmatch(token):
            return token
        integers.append(_integer(token.decode()))
        return b'"%s%d"' % (name.encode(), len(integers) - 1)

    return _put_back(orjson.loads(_TOKEN.sub(take_out, raw)), name, integers)


def _integer(digits: str) -> int | Decimal:
    try:
        return int(digits)
    except ValueError:
        return Decimal(digits)


def _put_back(value: Any, name: str, integers: list[int | Decimal]) -> Any:
    root = [value]
    boxes: list[list[Any] | dict[str, Any]] = [root]
    while boxes:
        box: Any = boxes.pop()
        entries: Iterable[tuple[Any, Any]] = (
            box.items() if isinstance(box, dict) else enumerate(box)
        )
        for key, item in entries:
            if isinstance(item, (dict, list)):
                boxes.append(item)
            elif isinstance(item, str) and item.startswith(name):
                box[key] = integers[int(item[len(name) :])]
    return root[0]
