"""Checks of this machine: what memories are kept with, what answers, where things stand."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui.checkup.model import Check, State

if TYPE_CHECKING:
    from storage import SQLiteBug, SQLiteEnvironment

_STATES: Final[Mapping[str, State]] = {"damage": "wrong", "crash": "note", "odd": "note"}
_NEWER: Final = (
    "Use a newer SQLite: the package pysqlite3 brings one for Linux (x86_64), macOS (arm64) and"
    " Windows, another Python elsewhere."
)


def checks() -> Iterator[Check]:
    """Look at everything that is not about one memory."""
    from storage import look_at_sqlite

    yield _program()
    found = look_at_sqlite()
    yield from sqlite_checks(found)
    yield _embedder()
    yield from _endpoint()
    yield from terminal_checks(os.environ)
    yield from _places()
    yield from _configuration()


def _program() -> Check:
    from importlib.metadata import version

    here = f"{platform.system()} {platform.machine()}"
    told = f"memglass {version('memglass')}, Python {platform.python_version()}, {here}"
    return Check("program", "ok", told)


def sqlite_checks(found: SQLiteEnvironment) -> Iterator[Check]:
    """Say which SQLite it is, which known bugs it has, and what of it works.

    Args:
        found: What was found out about it.
    """
    version = ".".join(map(str, found.version))
    yield Check("sqlite", "ok", f"{version}, from the module {found.module}")
    for bug in found.bugs:
        state = _STATES[bug.harm]
        advice = _NEWER if state == "wrong" else ""
        yield Check("sqlite bug", state, f"{bug.name}: {bug.told}", advice, bug.source)
    if found.full_text:
        yield Check("full text", "ok", "FTS5 works")
    else:
        yield Check(
            "full text", "wrong", "FTS5 is missing, so that nothing can be searched.", _NEWER
        )
    if found.vectors:
        yield Check("vectors", "ok", f"sqlite-vec {found.vectors} stores and finds")
    else:
        told = f"Searches go by words alone: {found.why_no_vectors}"
        yield Check("vectors", "wrong", told, "Install what is missing, or search by words.")


def bug_rows(version: tuple[int, ...], options: frozenset[str]) -> list[dict[str, object]]:
    """Give the known bugs of SQLite, and of each whether a version has it."""
    from storage import BUGS

    return [_bug_row(bug, here=bug.concerns(version, options)) for bug in BUGS]


def _bug_row(bug: SQLiteBug, *, here: bool) -> dict[str, object]:
    return {
        "name": bug.name, "versions": bug.versions, "here": here, "harm": bug.harm,
        "told": bug.told, "source": bug.source,
    }  # fmt: skip


def _embedder() -> Check:
    """Turn a text into meaning, with the model that comes along."""
    import asyncio

    from storage import EmbedderError, default_embedder

    try:
        embedder = default_embedder()
        vectors = asyncio.run(embedder.embed(["deploy on a friday"]))
    except (EmbedderError, OSError, ImportError) as error:
        told = f"Searches go by words alone: {error}"
        return Check("embedder", "wrong", told, "pip install --force-reinstall wordllama")
    return Check("embedder", "ok", f"{embedder.name} works offline, {len(vectors[0])} dimensions")


def _endpoint() -> Iterator[Check]:
    from storage import EmbedderError, embedder_from_environment

    try:
        endpoint = embedder_from_environment()
    except EmbedderError as error:
        yield Check("endpoint", "wrong", str(error), "Mend MEMGLASS_EMBEDDINGS_URL, or unset it.")
        return
    if endpoint is not None:
        where = endpoint.sends_text_to or "this machine"
        told = f"texts for the index are sent to {where}, as MEMGLASS_EMBEDDINGS_URL says"
        yield Check("endpoint", "note" if endpoint.sends_text_to else "ok", told)


def terminal_checks(environment: Mapping[str, str]) -> Iterator[Check]:
    """Say what the terminal is, as far as it tells.

    Args:
        environment: The variables of the process.
    """
    size = os.get_terminal_size(sys.stdout.fileno()) if _is_terminal() else None
    kind = environment.get("TERM") or "no TERM"
    parts = [f"{size.columns} x {size.lines}" if size else "not a terminal", kind]
    parts += [f"colours {environment['COLORTERM']}"] if environment.get("COLORTERM") else []
    parts += ["NO_COLOR"] if environment.get("NO_COLOR") else []
    parts += ["in tmux"] if environment.get("TMUX") else []
    parts += ["over ssh"] if environment.get("SSH_CONNECTION") else []
    yield Check("terminal", "ok", ", ".join(parts))
    encoding = (sys.stdout.encoding or "").lower()
    if encoding.replace("-", "") != "utf8":
        told = (
            f"standard output is {encoding or 'of no encoding'}, not UTF-8: commands escape signs;"
            " the screen is drawn in UTF-8 all the same."
        )
        yield Check("encoding", "note", told, "Set LC_ALL=C.UTF-8, or LANG to a locale in UTF-8.")


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _places() -> Iterator[Check]:
    """Look at the folders that are this program's own."""
    from platformdirs import user_cache_path

    from tui.config import config_file
    from tui.places import data_folder
    from tui.state import State

    for name, folder in (
        ("data", data_folder()),
        ("state", State(None).file.parent),
        ("cache", user_cache_path("memglass", appauthor=False)),
    ):
        yield place_check(name, folder)
    file = config_file()
    yield Check("configuration", "ok", f"{file}{'' if file.exists() else ' (not there)'}")


def place_check(name: str, folder: Path) -> Check:
    """Look whether something can be kept in a folder, which need not be there yet.

    Args:
        name: What is kept there.
        folder: The folder.
    """
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        told = f"{folder} cannot be written: {there} is not to be written to."
        return Check(name, "note", told, f"chmod u+rwx {there}, or see who it belongs to.")
    return Check(name, "ok", f"{folder}{'' if folder.exists() else ' (made when it is needed)'}")


def _configuration() -> Iterator[Check]:
    from tui.config import load_config

    for problem in load_config().problems:
        yield Check("configuration", "wrong", problem, "memglass config prints one to begin with.")
