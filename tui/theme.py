"""Our colours, dark and light: calm, and never the only thing that tells something."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

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
    variables={
        "quiet": "#8d8a80",
        "cursor-line": "#2d3a48",
        "cursor-line-blurred": "#252833",
        "block-cursor-background": "#2d3a48",
        "block-cursor-foreground": "#f2efe3",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#252833",
        "border": "#3a3a48",
        "border-blurred": "#2a2a35",
        "scrollbar": "#33333f",
        "scrollbar-hover": "#4a4a5a",
        "scrollbar-active": "#7fb4ca",
        "scrollbar-background": "#16161d",
        "scrollbar-background-hover": "#16161d",
        "scrollbar-background-active": "#16161d",
    },
)

LIGHT: Final = Theme(
    name="memglass-light",
    primary="#2f6f8f",
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
    variables={
        "quiet": "#6b675c",
        "cursor-line": "#d3e2e8",
        "cursor-line-blurred": "#e6e6df",
        "block-cursor-background": "#d3e2e8",
        "block-cursor-foreground": "#1a1916",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#e6e6df",
        "border": "#cfc9b8",
        "border-blurred": "#ddd8c9",
        "scrollbar": "#d6d1c2",
        "scrollbar-hover": "#bdb7a6",
        "scrollbar-active": "#2f6f8f",
        "scrollbar-background": "#faf8f2",
        "scrollbar-background-hover": "#faf8f2",
        "scrollbar-background-active": "#faf8f2",
    },
)
