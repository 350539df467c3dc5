"""In a real terminal, nothing that a memory holds arrives as anything but text."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pyte
import pytest

from tests.chance import examples
from tests.terminal import PROGRAM, ROOT, running
from tests.tui.test_hostile import ALL, HOSTILE, make
from tui.actions import ACTIONS, sign_of

SIZE = (36, 130)
# What Textual says to a terminal: places, colours, modes, the cursor, erasing, and questions.
SPOKEN = re.compile(rb"\x1b\[[<=>?]?[\d;:]*[ $]?[HmhlJKupqtAc]|\x1b[=>78]|\x1b\]22;[a-z]*\x07")
# Every text of the corpus holds one of these, or markup that would be obeyed.
LEAKS = tuple(
    mark.encode()
    for mark in ("\x9b", "\x90", "\x9d", "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041")
)
# What ends the game, and what is meant to speak to the terminal.
LEFT_OUT = ("quit", "copy", "finding", "pane_")
BYTES = {
    "enter": b"\r", "escape": b"\x1b", "tab": b"\t", "space": b" ", "backspace": b"\x7f",
    "slash": b"/", "question_mark": b"?", "down": b"\x1b[B", "up": b"\x1b[A",
    "pagedown": b"\x1b[6~", "pageup": b"\x1b[5~", "home": b"\x1b[H", "end": b"\x1b[F",
    "shift+tab": b"\x1b[Z", "ctrl+d": b"\x04", "ctrl+u": b"\x15",
}  # fmt: skip


def assert_only_text(written: bytes) -> None:
    """Say that the program said nothing to the terminal but what Textual says."""
    rest = SPOKEN.sub(b"", written)
    assert b"\x1b" not in rest, rest[max(0, rest.index(b"\x1b") - 60) :][:200]
    assert not any(mark in written for mark in LEAKS)
    assert all(char.isprintable() or char in "\r\n" for char in rest.decode()), ascii(rest[-300:])


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hostile memory, with a name that is no better."""
    path = tmp_path_factory.mktemp("hostile") / "[red]\x1b]52;c;aGk=\x07\u202e.db"
    asyncio.run(make(path, *HOSTILE, ALL))
    return path


# What a key does is the same in every pane; what it shows there is looked at in one of them.
MOST_PANES = examples(1)


def strokes() -> list[bytes]:
    """Every key that does something, in panes where it does; each is read before the next."""
    panes = [action for action in ACTIONS if action.id.startswith("pane_")]
    places = [pane.call.split("'")[1] for pane in panes]
    played: dict[str, list[bytes]] = {place: [] for place in places}
    for turn, action in enumerate(ACTIONS):
        if action in panes or action.id.startswith(LEFT_OUT) or not action.where:
            continue
        key = action.keys.split(",")[0]
        stroke = BYTES.get(key, (sign_of(key) or key).encode())
        # Another pane begins each time, so that all of them are seen with many keys.
        begun = turn % len(places)
        here = [p for p in places[begun:] + places[:begun] if {p, "table"} & set(action.where)]
        for place in here[:MOST_PANES]:
            pane = panes[places.index(place)].keys.encode()
            # An escape has to stand alone, or it would begin a sequence.
            played[place] += [pane + BYTES["down"] + stroke]
            played[place] += [BYTES["down"], BYTES["escape"], BYTES["escape"]]
    shown = [stroke for place in places for stroke in played[place]]
    return [*shown, b"?", BYTES["escape"], b":", BYTES["down"], BYTES["escape"]]


def test_no_pane_dialog_or_toast_lets_a_byte_through(hostile: Path) -> None:
    screen = pyte.Screen(SIZE[1], SIZE[0])
    stream = pyte.ByteStream(screen)
    # What the keys export goes where the memory is.
    folder, env = hostile.parent, {"EDITOR": "true", "VISUAL": "true", "PYTHONPATH": str(ROOT)}
    with running([*PROGRAM, hostile], folder=folder, size=SIZE, env=env) as terminal:
        assert terminal.read_until(b"Help")
        terminal.read_until_quiet(0.5)
        for stroke in strokes():
            terminal.press(stroke)
            terminal.read_until_quiet(0.02)
        terminal.read_until_quiet(0.3)
    assert_only_text(terminal.written)
    stream.feed(terminal.written)
    assert "Help" in "\n".join(screen.display)
