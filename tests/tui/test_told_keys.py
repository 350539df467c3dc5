"""Texts name the keys that a person has, and none by itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import ReadOnlyError
from tests.tui.conftest import Browse, screen
from tests.tui.test_one_door import SOURCES, TUI
from tui.actions import ACTIONS, key_name
from tui.config import Config
from tui.memory import Memory
from tui.told_keys import key_for

NAMES = {key_name(key) for action in ACTIONS for key in action.keys.split(",")}
# Nobody takes these for a word, wherever they stand.
LONG = "|".join(sorted(re.escape(name) for name in NAMES if len(name) > 1 and name[0].isupper()))
SINGLE = sorted(name for name in NAMES if len(name) == 1 and not name.isdigit())
# But for an article, the two points that are compared, and how many answers an agent gets.
LETTERS = "".join(name for name in SINGLE if name.isalpha() and name not in {*"aABk"})
SIGNS = "".join(re.escape(name) for name in SINGLE if not name.isalpha())
NAMED = re.compile(
    rf"(?<![\w%'.|+-])(?:{LONG}|[{LETTERS}])(?![\w'|+-])"
    r"|(?:^|\. )[ak] [a-z]+s\b|\bwith a in\b|\((?:[aABk]\b|[1-8]\))"
    rf"|\b[Pp]ress [{SIGNS}]|[{SIGNS}] and [{SIGNS}]"
)
# A dialog's own keys stay as they are, and those of a form are told in it.
OF_DIALOGS = re.compile(r"(?<!\w)(?:Enter|Esc|Tab|Ctrl\+e)(?!\w)")
# What is said in a shell, and what says of keys how they are given.
ELSEWHERE = re.compile(r"/(?:actions|checkup)/|(?:_command|commands|config\w*|own_keys)\.py$")


def shown_in(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a source, but for its docstrings and what it looks for with expressions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {each.value for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in told:
            continue
        if "\\" not in node.value and len(node.value.split()) > 1:
            yield node.lineno, node.value


def named_in(text: str, *, is_dialog: bool = False) -> bool:
    return NAMED.search(OF_DIALOGS.sub("", text) if is_dialog else text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "F5 opens what stands there now.", ", Esc stops", "newest first; o shows runs",
        "are masked in what y copies.", "Let go of the selection (Esc) first.", "Fields (v) shows",
        "by the agent or with a in Interactions", "R repairs this field. a puts it away.",
        "[ and ] choose what to compare with", "go back to the change before (B in History)",
        "Skip it, and u goes on", " stopped, S goes on ", "press ? for all", "Backspace or Bksp",
        "The Health pane (7) looks at everything.",
    ],
)  # fmt: skip
def test_a_key_in_a_text_is_seen(text: str) -> None:
    assert named_in(text)


@pytest.mark.parametrize(
    "text", ["with a reason", "a copy of", "Compare A and B", "A nothing", "what a mirror is"]
)
def test_a_word_is_no_key(text: str) -> None:
    assert not named_in(text)


def test_no_text_names_a_key_that_a_person_can_change() -> None:
    """It would go on naming the usual one; `key_for` gives the one that they have."""
    found = [
        f"{path.relative_to(TUI)}:{line}: {text}"
        for path in SOURCES
        if not ELSEWHERE.search(path.as_posix())
        for line, text in shown_in(path)
        if named_in(text, is_dialog="screens" in path.parts)
    ]
    assert not found


async def test_texts_name_the_keys_that_a_person_has_given(
    memory_file: Path, browse: Browse
) -> None:
    own = {"runs": "f8,ctrl+r", "clear": "!"}
    async with browse(memory_file, start="history", config=Config(keys=own)) as pilot:
        assert "newest first; F8 shows runs of archiving" in screen(pilot)
        assert key_for("clear") == "!"
    async with browse(memory_file, start="history") as pilot:
        assert "newest first; o shows runs of archiving" in screen(pilot)


async def test_a_change_before_the_file_is_open_is_said_to_be_too_early(memory_file: Path) -> None:
    with pytest.raises(ReadOnlyError, match="the file is not open yet"):
        async with Memory(memory_file).changing():
            pass
