"""What a dialog can be answered with stands in its last line, also on a small terminal."""

from __future__ import annotations

import pytest

from tui.actions import key_name
from tui.editing import ChangedMeanwhileError
from tui.screens.ask import Ask
from tui.screens.conflict import ConflictScreen
from tui.screens.edit import ChangedScreen
from tui.screens.lost import LostScreen
from tui.screens.saved import SavedScreen

WIDTH = 69
"""The cells that a dialog has for them where the terminal has 80."""


@pytest.mark.parametrize(
    "asking",
    [
        ConflictScreen("the change", "what is in the way"),
        ChangedScreen(ChangedMeanwhileError({}, ["name"]), {"name": "mine"}),
        *(LostScreen, SavedScreen),
    ],
)
def test_all_answers_are_seen_in_80_columns(asking: Ask | type[Ask]) -> None:
    answers = asking.ANSWERS if isinstance(asking, type) else asking.answers()
    told = "".join(f" {key_name(each.keys.split(',')[0])} {each.label}  " for each in answers)
    assert len(told.rstrip()) <= WIDTH
