"""Colours: every theme can be chosen, ours can be read, and without colours nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from tests.tui.conftest import Browse, press, screen
from tests.tui.waiting import settled
from tui.theme import OURS, variables_for


async def test_every_theme_of_the_palette_shows_the_panes(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        for name in pilot.app.available_themes:
            pilot.app.theme = name
            await settled(pilot)
            assert "turn 29" in screen(pilot), name
        await press(pilot, "f", "escape", "?")
        assert "Search" in screen(pilot)


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of WCAG 2, from 1 to 21."""

    def luminance(colour: Color) -> float:
        parts = [part / 255 for part in colour.rgb]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_everything_that_our_themes_write_can_be_read(theme: Theme) -> None:
    """At least 4.5 to 1, as WCAG 2 asks of text; 7 to 1 where contrast was asked for."""
    least = 7.0 if theme.name.endswith("contrast") else 4.5
    behind = [Color.parse(str(each)) for each in (theme.background, theme.surface)]
    written = [theme.foreground, theme.primary, theme.accent, theme.error, theme.warning]
    for colour in (*written, theme.success, theme.variables["quiet"]):
        for background in behind:
            assert contrast(background, Color.parse(str(colour))) >= least, colour
    muted = Color.parse(theme.to_color_system().generate()["foreground-muted"])
    assert contrast(behind[0], muted) >= least
    for line in ("cursor-line", "cursor-line-blurred"):
        for colour in (theme.foreground, theme.primary, theme.accent, theme.variables["quiet"]):
            there = contrast(Color.parse(theme.variables[line]), Color.parse(str(colour)))
            assert there >= least, (line, colour)


@pytest.mark.parametrize("name", BUILTIN_THEMES)
def test_what_only_our_themes_know_is_made_for_the_others(name: str) -> None:
    variables = variables_for(BUILTIN_THEMES[name])
    assert variables.keys() <= OURS[0].variables.keys()
    assert all(Color.parse(value) for value in variables.values())
