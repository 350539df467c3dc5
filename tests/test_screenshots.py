"""The pictures of the README show what the program shows."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[1] / "screenshots"


@pytest.fixture(scope="module")
def draw() -> ModuleType:
    """The script that draws them."""
    sys.path.insert(0, str(FOLDER))
    spec = importlib.util.spec_from_file_location("draw", FOLDER / "draw.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["draw"] = module
    spec.loader.exec_module(module)
    return module


def seen(svg: str) -> list[str]:
    """The texts of a picture, in their order."""
    return re.findall(r">([^<\n]+)</text>", svg)


@pytest.fixture(scope="module")
def memory_file(draw: ModuleType) -> Iterator[Path]:
    """The demo memory, in its own time."""
    with draw.stage() as memory_file:
        yield memory_file


# One for each size, theme and memory, so that they can be drawn beside one another.
SITTINGS = 6


@pytest.mark.parametrize("number", range(SITTINGS))
async def test_every_picture_is_what_the_program_shows(
    draw: ModuleType, memory_file: Path, number: int
) -> None:
    pictures = draw.sittings()[number]
    made = await draw.draw(memory_file, pictures)
    assert list(made) == [picture.name for picture in pictures]
    for name, svg in made.items():
        kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
        assert seen(kept) == seen(svg), f"{name}: run make screenshots, and look at the picture"
        assert kept == svg, f"{name}: its colours changed; run make screenshots, and look at it"


def test_every_picture_is_drawn_in_a_sitting(draw: ModuleType) -> None:
    assert len(draw.sittings()) == SITTINGS


def test_no_picture_is_left_over(draw: ModuleType) -> None:
    named = {f"{picture.name}.svg" for picture in draw.PICTURES}
    assert {path.name for path in FOLDER.glob("*.svg")} == named


def test_no_picture_holds_what_would_drive_a_terminal(draw: ModuleType) -> None:
    for picture in draw.PICTURES:
        text = (FOLDER / f"{picture.name}.svg").read_text(encoding="utf-8")
        assert all(char.isprintable() or char in "\n\u00a0" for char in text), picture.name
