"""A file of JSON lines: its lines with their places, whole records out of damaged lines."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from io import BufferedReader
from pathlib import Path
from typing import Any, Final, Self

import orjson

from storage.importers.salvage import Grammar, Line, Piece, pieces
from storage.importers.saying import sayable

LONGEST: Final = 16 * 2**20
"""Bytes of the longest line that is read as one."""
_BLOCK: Final = 2**20
_TAIL: Final = 4096
_BOM: Final = b"\xef\xbb\xbf"

_UNFINISHED: Final = 1


def is_unfinished(at: Any) -> bool:
    """Say whether a position is that of a last line without its end, to be read again."""
    return isinstance(at, list) and len(at) > 2


class LineFile:
    """A file of JSON lines, open to be read.

    Attributes:
        path: The file.
        name: Its name, for messages.
        waits: Whether an unfinished last line is left for later, because its writer may go on.
    """

    def __init__(self, path: Path, *, waits: bool = False) -> None:
        self.path = path
        self.name = sayable(path.name)
        self.waits = waits
        self._file: BufferedReader | None = None

    def __enter__(self) -> Self:
        self._file = self.path.open("rb")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def identity(self) -> str:
        """The folder and the name of the file, without its ending: the same wherever it is read."""
        return sayable(f"{self.path.parent.name}/{self.path.stem}")

    def mark(self, end: int) -> str:
        """Return a fingerprint of the beginning and of the last bytes before `end`."""
        digest = blake2b(digest_size=16)
        # By a handle of its own: that of the records is in use in another thread.
        with self.path.open("rb") as file:
            digest.update(file.read(min(end, _TAIL)))
            file.seek(max(0, end - _TAIL))
            digest.update(file.read(min(end, _TAIL)))
        return digest.hexdigest()

    def records(self, since: Any, grammar: Grammar) -> Iterator[Piece]:
        """Yield what stands in each line that is not blank, in order, as `salvage.pieces()` does.

        Args:
            since: The position to begin at. None for the beginning.
            grammar: How a record is known.
        """
        start, number = since[:2] if since else (0, 0)
        for line_start, raw, is_whole in self._lines(start):
            number += 1
            at = [line_start + len(raw) + is_whole, number]
            if not is_whole and len(raw) <= LONGEST:
                # A line without its end may be gone on with, so it is read again next time.
                at = [line_start, number - 1, _UNFINISHED]
                if self.waits and not _is_json(raw):
                    return
            yield from pieces(Line(number, line_start, raw, at), grammar)

    def _lines(self, start: int) -> Iterator[tuple[int, bytes, bool]]:
        """Yield the lines: first byte, bytes, whether its end is there."""
        file = self._opened()
        file.seek(start)
        pending = b""
        if start == 0:
            pending = file.read(len(_BOM))
            if pending == _BOM:
                start, pending = len(_BOM), b""
        while block := file.read(_BLOCK):
            lines = (pending + block).split(b"\n")
            pending = lines.pop()
            for raw in lines:
                yield start, raw, True
                start += len(raw) + 1
            if len(pending) > LONGEST:
                yield start, pending, False
                start += len(pending)
                pending = b""
        if pending:
            yield start, pending, False

    def _opened(self) -> BufferedReader:
        if self._file is None:
            raise ValueError(f"{self.path} is not open.")
        return self._file


def _is_json(raw: bytes) -> bool:
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return True
