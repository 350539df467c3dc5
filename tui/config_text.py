"""The configuration written out: as a file to begin with, and as the page of documentation."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tui.actions import GROUPS
from tui.config import OPTIONS, Config, Option

_WIDTH: Final = 96
_INTRODUCTION: Final = (
    "Every option with its usual value. An option counts once its line has no # in front."
)
_PAGE: Final = """\
# Configuration

`memglass config` prints every option and every action's keys, with what you set, as a file to begin
with:

```bash
file=$(memglass config --path)
mkdir -p "$(dirname "$file")"
[ -e "$file" ] || memglass config > "$file"
```

The file is TOML, at the usual place for this user's configuration (on Linux
`~/.config/memglass/config.toml`, or where `XDG_CONFIG_HOME` says); `MEMGLASS_CONFIG` names another
one. What cannot be understood in it is said when the program starts, and by `memglass config` with
file and line; until it is mended the usual value counts.
"""
_KEYS_PAGE: Final = """
Keys are given in a table of their own, by the name of the action; they take the place of the usual
ones, and the footer, the help (`?`) and the palette (`:`) show them:

```toml
[keys]
archive = "d"
undo = ["u", "ctrl+z"]
```

A key that another action of the same place has is refused, and so is one that no terminal sends.

What you last did on a memory (the pane, in each pane the order, the filter, the place, the sizes
and what you zoomed, and the question where you left off searching) is remembered for each memory
in this user's folder for the state of programs (on Linux `~/.local/state/memglass`), readable for
you alone; `MEMGLASS_STATE` names another folder. It can be deleted at any time.

`NO_COLOR` is honoured, and nothing is told by colour alone.
"""


def as_toml(config: Config, file: Path) -> str:
    """Write a configuration as a file: what is set as it is, and all else as a comment.

    Args:
        config: What is set.
        file: Where the configuration is read from.
    """
    lines = [f"# memglass is configured by {file}", *_comment(_INTRODUCTION)]
    for option in OPTIONS:
        value = getattr(config, option.name)
        mark = "# " if value == option.default else ""
        lines += ["", *_comment(option.meaning), f"{mark}{option.name} = {_toml(value)}"]
    return "\n".join([*lines, "", *_keys(config)]) + "\n"


def as_markdown() -> str:
    """Write the options as the page of documentation."""
    rows = [f"| `{each.name}` | {_default(each)} | {_cell(each.meaning)} |" for each in OPTIONS]
    head = ["| Option | Usually | What it does |", "|---|---|---|"]
    return "\n".join([_PAGE, *head, *rows, _KEYS_PAGE])


def _keys(config: Config) -> Iterator[str]:
    yield from _comment(
        'Other keys for an action, by its name: archive = "d", or archive = ["d", "ctrl+x"].'
        " They take the place of those that it has."
    )
    yield "[keys]"
    for group in GROUPS.values():
        for action in group:
            own = config.keys.get(action.id)
            line = f"{action.id} = {_toml(own or action.keys)}"
            yield f"{'' if own else '# '}{line:<34}  # {action.help}"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)


def _default(option: Option) -> str:
    return f"`{_toml(option.default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(as_markdown(), end="")
