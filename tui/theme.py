"""Our colours, dark, light and of high contrast: calm, and never the only thing that tells."""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from textual.color import Color
from textual.theme import Theme


class _Palette(NamedTuple):
    """The colours of a theme beyond those that Textual names itself."""

    quiet: str
    cursor: str
    cursor_text: str
    cursor_blurred: str
    border: str
    border_blurred: str
    bar: str
    bar_hover: str

    def variables(self, background: str, primary: str) -> dict[str, str]:
        """Name them as the style sheets do."""
        return {
            "quiet": self.quiet,
            "foreground-muted": self.quiet,
            "cursor-line": self.cursor,
            "cursor-line-blurred": self.cursor_blurred,
            "block-cursor-background": self.cursor,
            "block-cursor-foreground": self.cursor_text,
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": self.cursor_blurred,
            "border": self.border,
            "border-blurred": self.border_blurred,
            "scrollbar": self.bar,
            "scrollbar-hover": self.bar_hover,
            "scrollbar-active": primary,
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
        }


DARK: Final = Theme(
    name="memglass-dark",
    primary="#7fb4ca",
    secondary="#938aa9",
    accent="#e6c384",
    warning="#dca561",
    error="#e46876",
    success="#98bb6c",
    foreground="#d5d2c4",
    background="#16161d",
    surface="#1b1b24",
    panel="#23232e",
    dark=True,
    variables=_Palette(
        quiet="#a09d92",
        cursor="#273341",
        cursor_text="#f2efe3",
        cursor_blurred="#252833",
        border="#3a3a48",
        border_blurred="#2a2a35",
        bar="#33333f",
        bar_hover="#4a4a5a",
    ).variables("#16161d", "#7fb4ca"),
)

LIGHT: Final = Theme(
    name="memglass-light",
    primary="#2a6685",
    secondary="#6d5a8c",
    accent="#8a5a00",
    warning="#9a5b00",
    error="#b3263a",
    success="#3d6b1f",
    foreground="#2b2a26",
    background="#faf8f2",
    surface="#f3f0e7",
    panel="#e9e5d8",
    dark=False,
    variables=_Palette(
        quiet="#655f55",
        cursor="#dce9ee",
        cursor_text="#1a1916",
        cursor_blurred="#e6e6df",
        border="#cfc9b8",
        border_blurred="#ddd8c9",
        bar="#d6d1c2",
        bar_hover="#bdb7a6",
    ).variables("#faf8f2", "#2a6685"),
)

CONTRAST: Final = Theme(
    name="memglass-contrast",
    primary="#7fdfff",
    secondary="#d7b8ff",
    accent="#ffe066",
    warning="#ffc04d",
    error="#ff8f8f",
    success="#a6f26b",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    dark=True,
    variables=_Palette(
        quiet="#d0d0d0",
        cursor="#00347f",
        cursor_text="#ffffff",
        cursor_blurred="#33363d",
        border="#ffffff",
        border_blurred="#b0b0b0",
        bar="#8a8a8a",
        bar_hover="#c0c0c0",
    ).variables("#000000", "#7fdfff"),
)

OURS: Final = (DARK, LIGHT, CONTRAST)


def heed_no_color() -> bool:
    """Say whether the environment asks for no colours; a `NO_COLOR` that is empty is removed."""
    if os.environ.get("NO_COLOR"):
        return True
    # As no-color.org has it an empty one says nothing; to Textual any says no.
    os.environ.pop("NO_COLOR", None)
    return False


def variables_for(theme: Theme) -> dict[str, str]:
    """Give our style sheets' own variables for a theme that does not know them.

    Args:
        theme: Any theme, also one that leaves the colours to the terminal.
    """
    colours = theme.to_color_system().generate()
    background, foreground = Color.parse(colours["background"]), Color.parse(colours["foreground"])
    if background.ansi is not None or foreground.ansi is not None:
        return {
            "quiet": "ansi_bright_black",
            "cursor-line": "ansi_blue",
            "cursor-line-blurred": "ansi_bright_black",
        }
    primary = Color.parse(colours["primary"])
    return {
        "quiet": foreground.blend(background, 0.3).hex,
        "cursor-line": background.blend(primary, 0.3).hex,
        "cursor-line-blurred": background.blend(foreground, 0.12).hex,
    }
