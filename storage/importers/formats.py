"""The formats that there are, and which of them a file is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal

from storage.errors import FileError, UnknownSourceError
from storage.importers.model import Found, Item, Position
from storage.importers.peek import Look, look_at

MODULES: Final = (
    *("mcp_memory", "openai_agents", "claude_code", "mem0"),
    *("langgraph", "langgraph_checkpoints", "langgraph_store", "llm"),
)
"""The modules of this package that hold a format each, in the order in which they are asked."""

Shape = Literal["database", "lines", "document"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format, and how it is read.

    Attributes:
        name: What it is called in files and on the command line.
        title: What people call it.
        shape: `database` for SQLite, `lines` for JSON lines that only grow, `document` for a file
            that is written anew as a whole.
        detect: Says what a file is, or None where it is of another format.
        items: Yields the items after a position, in a thread; see the package's docstring.
        appends: Whether what comes after a position is all that is new. Else every change of the
            file is found by reading it all.
        count: Says how many items a database holds now, cheaply; more were imported if some were
            deleted. None if that is not known.
        takes_folder: Whether a folder of such files is one source.
        remarks: Says of a database, a sentence each, what it holds that no item stands for.
    """

    name: str
    title: str
    shape: Shape
    detect: Callable[[Look], Found | None]
    items: Callable[[Any, Position], Iterator[Item]]
    appends: bool = True
    count: Callable[[Any], int] | None = None
    takes_folder: bool = False
    remarks: Callable[[Any], Iterator[str]] | None = None


@lru_cache(1)
def formats() -> dict[str, Format]:
    """Return the formats by name."""
    found = [import_module(f"storage.importers.{name}").FORMAT for name in MODULES]
    return {each.name: each for each in found}


def get_formats() -> dict[str, str]:
    """Return the formats that can be imported: what people call each, by its name."""
    return {name: form.title for name, form in formats().items()}


def detect_source(path: str | Path) -> Found:
    """Say what a file or folder is, by what is in it.

    Raises:
        FileError: It is missing or cannot be read.
        UnknownSourceError: It is of no format that can be imported; the error says what is in it.
    """
    return recognise(Path(path))[0]


def recognise(path: Path, *, is_counted: bool = True) -> tuple[Found, Format]:
    """Return what `path` is, and the format that reads it; raises as `detect_source()` does.

    Args:
        path: A file or folder.
        is_counted: Whether the first is to say how much is in it.
    """
    look = look_at(path, is_counted=is_counted)
    if look.is_folder:
        return _recognise_folder(path, look)
    known = _ask(look)
    if known is None and look.is_native:
        raise UnknownSourceError(
            f"{path} is a memory that opens in place, so there is nothing to import; open it with"
            f" memglass {path}."
        )
    if known is None:
        raise UnknownSourceError(f"{path} {look.described()} {readable()}")
    return known


def readable() -> str:
    """Return a sentence on what can be imported; what is a part of another is not told twice."""
    words = {each.title: set(each.title.split()) for each in formats().values()}
    whole = [
        title for title in words if not any(words[title] < others for others in words.values())
    ]
    return f"What can be imported: {'; '.join(whole)}."


def _ask(look: Look, known: Iterable[Format] | None = None) -> tuple[Found, Format] | None:
    for each in formats().values() if known is None else known:
        found = each.detect(look)
        if found is not None:
            return found, each
    return None


def _recognise_folder(folder: Path, look: Look) -> tuple[Found, Format]:
    in_folders = [each for each in formats().values() if each.takes_folder]
    for path in look.files():
        try:
            known = _ask(look_at(path, is_counted=False), in_folders)
        except FileError:
            continue
        if known is not None:
            form = known[1]
            return Found(folder, form.name, form.title, look.counted()), form
    raise UnknownSourceError(
        f"{folder} {look.described()} None of them is of a kind that is read by the folder; name"
        f" one file. {readable()}"
    )
