"""Reading a configuration: what is wrong in it is named by file, line and option."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from tui.config import OPTIONS, Config
from tui.own_keys import checked_keys, without_vim_keys

KEYS: Final = "keys"
_AT: Final = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)")
_SECTION: Final = re.compile(r"\s*\[([^\[\]]+)\]")
_NAMED: Final = re.compile(r"\s*([\w.\"' -]+?)\s*=")


def read_config(data: bytes, file: Path) -> Config:
    """Read a configuration from what its file holds.

    Args:
        data: What it holds.
        file: Its name, for the sentences about what is wrong.
    """
    try:
        # Some editors of Windows put a mark in front.
        text = data.decode("utf-8-sig")
        given = tomllib.loads(text)
    except UnicodeDecodeError:
        return Config(problems=(f"{file} is not UTF-8; it does not count until it is.",))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Config(problems=(_no_toml(error, file, data.count(b"\n") + 1),))
    return _Reading(text, file).config(given)


def _no_toml(error: Exception, file: Path, last_line: int) -> str:
    at = _AT.search(str(error))
    where = f"{file}, line {at[1] or last_line}" if at else str(file)
    why = _AT.sub("", str(error)) or type(error).__name__
    return f"{where}: this is no TOML ({why}). Until it is mended nothing in the file counts."


class _Reading:
    """One reading of one file, and what was wrong in it."""

    def __init__(self, text: str, file: Path) -> None:
        self._lines = _lines_of(text)
        self._file = file
        self._problems: list[str] = []

    def config(self, given: Mapping[str, Any]) -> Config:
        """Take what is given, option by option."""
        values: dict[str, Any] = {}
        for option in OPTIONS:
            if option.name in given:
                try:
                    values[option.name] = option.read(given[option.name])
                except ValueError as error:
                    self._wrong(
                        (option.name,),
                        f"{option.name} {error}, not {_shown(given[option.name])};"
                        f" until then it is {_shown(option.default)}",
                    )
        usual = {} if values.get("vim_keys", True) else without_vim_keys()
        keys = self._keys(given.get(KEYS, {}), usual)
        self._unknown(given)
        return replace(Config(), **values, keys=keys, problems=tuple(self._problems))

    def _keys(self, given: object, usual: Mapping[str, str]) -> Mapping[str, str]:
        if not isinstance(given, dict):
            self._wrong((KEYS,), "keys has to be a table, [keys], of actions and keys")
            return {}
        kept, problems = checked_keys(given, usual)
        for name, why in problems.items():
            self._wrong((KEYS, name), why)
        return kept

    def _unknown(self, given: Iterable[str]) -> None:
        known = [*(option.name for option in OPTIONS), KEYS]
        for name in given:
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = f"; did you mean {near[0]}?" if near else "; memglass config lists them"
                self._wrong((name,), f"there is no option {name}{hint}")

    def _wrong(self, path: tuple[str, ...], why: str) -> None:
        number = self._lines.get(path) or self._lines.get(path[:1])
        where = f"{self._file}, line {number}" if number else str(self._file)
        end = "" if why.endswith("?") else "."
        self._problems.append(f"{where}: {why}{end}")


def _lines_of(text: str) -> dict[tuple[str, ...], int]:
    """Say in which line each name stands; an inline table's names are left out."""
    lines: dict[tuple[str, ...], int] = {}
    section: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if found := _SECTION.match(line):
            section = _path(found[1])
            lines.setdefault(section, number)
        elif found := _NAMED.match(line):
            lines.setdefault((*section, *_path(found[1])), number)
    return lines


def _path(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip(" \"'") for part in dotted.split("."))


def _shown(value: object) -> str:
    """Spell a value as TOML does, if it is a short one."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
