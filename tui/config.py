"""What a person can configure: every option with its meaning, and the file that it is read from.

A file is never a reason not to start: what cannot be understood in it is said in a sentence that
names file, line and option, and the usual value counts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, NamedTuple

FILE_VARIABLE: Final = "MEMGLASS_CONFIG"
"""Environment variable that names another file."""

LAST: Final = "last"
"""What was shown or chosen at the last visit."""

PANES: Final = (
    "overview",
    "interactions",
    "patterns",
    "archive",
    "world_model",
    "search",
    "health",
    "history",
)
_LARGEST: Final = 1_000_000


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("has to be a text in one line")
    return value


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("has to be true or false")  # noqa: TRY004 - all that is wrong reads alike
    return value


def _seconds(value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0.1 <= float(str(value)) <= 3600:
        raise ValueError("has to be a number of seconds from 0.1 to 3600")
    return float(str(value))


def _pane(value: object) -> str:
    if value not in (LAST, *PANES):
        raise ValueError(f"has to be one of {LAST}, {', '.join(PANES)}")
    return str(value)


def _zone(value: object) -> str:
    import zoneinfo

    if value == "local":
        return "local"
    try:
        zoneinfo.ZoneInfo(_text(value))
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as error:
        raise ValueError('has to be "local", "UTC" or a name such as "Europe/Berlin"') from error
    return str(value)


def _option(default: object, read: Callable[[object], object], meaning: str) -> Any:
    return field(default=default, metadata={"read": read, "meaning": meaning})


@dataclass(frozen=True)
class Config:
    """The options, each with its usual value.

    Attributes:
        keys: A person's own keys by the id of the action.
        problems: What was wrong in the file, a sentence each.
    """

    theme: str = _option(
        LAST,
        _text,
        "The colours to begin with: memglass-dark, memglass-light, memglass-contrast, or one of"
        ' those that "Theme" in the palette lists. "last" is the one that was chosen there last.',
    )
    start: str = _option(
        LAST,
        _pane,
        'The pane to begin with: overview, interactions and so on. "last" is the one that this'
        " memory was left in.",
    )
    vim_keys: bool = _option(
        True, _switch, "Whether j, k, g and G move, beside the arrows, Home and End."
    )
    mouse: bool = _option(
        True, _switch, "Whether the mouse works. Without, the terminal selects text by itself."
    )
    animations: bool = _option(
        True, _switch, "Whether anything may slide or fade. TEXTUAL_ANIMATIONS=none says no, too."
    )
    reader: bool = _option(
        False,
        _switch,
        "Whether a screen reader reads the screen: one column, words for plots, nothing moves, the"
        " terminal's cursor is on the line that has the focus, and a line says what stands there."
        " --reader and ACCESSIBLE=1 say yes, too.",
    )
    time_zone: str = _option(
        "local", _zone, 'The zone that times are shown in: "local", "UTC", "Europe/Berlin" …'
    )
    looks_every: float = _option(
        1.0, _seconds, "Seconds between two looks for what others wrote to the memory."
    )
    mask_secrets: bool = _option(
        False,
        _switch,
        "Whether keys, tokens and passwords are masked on screen from the start. In exports,"
        " findings and pictures they are masked anyway.",
    )
    editor: str = _option(
        "",
        _text,
        "The editor for long texts, with its arguments; $VISUAL or $EDITOR if this is empty.",
    )
    keys: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def keymap(self) -> Mapping[str, str]:
        """All keys, by the id of the action, that are others than `tui.actions` says."""
        if self.vim_keys:
            return self.keys
        from tui.own_keys import without_vim_keys

        return without_vim_keys() | dict(self.keys)


class Option(NamedTuple):
    """One option.

    Attributes:
        name: As it is written in the file.
        default: Its usual value.
        meaning: What it does, in a sentence or two.
        read: Checks a value; raises ValueError with what it has to be.
    """

    name: str
    default: object
    meaning: str
    read: Callable[[object], object]


OPTIONS: Final = tuple(
    Option(each.name, each.default, each.metadata["meaning"], each.metadata["read"])
    for each in fields(Config)
    if each.metadata
)
"""All options but the keys, in the order of the documentation."""


def config_file() -> Path:
    """Say where the configuration is read from, whether or not there is one."""
    if named := os.environ.get(FILE_VARIABLE):
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("memglass", appauthor=False) / "config.toml"


def load_config() -> Config:
    """Read the configuration. Whatever the file holds, there is one; see its `problems`."""
    file = config_file()
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except FileNotFoundError:
        if os.environ.get(FILE_VARIABLE):
            return Config(problems=(f"{file}, which {FILE_VARIABLE} names, does not exist.",))
        return Config()
    except OSError as error:
        from tui.wording import of_system

        return Config(problems=(f"The configuration cannot be read: {of_system(error)}.",))
    if len(data) > _LARGEST:
        return Config(problems=(f"{file} is too large for a configuration; it does not count.",))
    from tui.config_reading import read_config

    return read_config(data, file)


def apply_to_process(config: Config) -> None:
    """Have the process follow the options that are not the program's own: the zone, the editor."""
    import time

    if config.editor:
        os.environ["VISUAL"] = config.editor
    if config.time_zone != "local" and hasattr(time, "tzset"):
        os.environ["TZ"] = config.time_zone
        time.tzset()
