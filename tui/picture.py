"""A picture of the screen: SVG that loads nothing, whoever looks at it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from textual.app import App

_END: Final = "</style>"
_FONTS: Final = re.compile(r"\s*@font-face \{[^}]*\}")


def picture_of(app: App[Any], title: str) -> str:
    """Draw what is on screen.

    Textual names fonts that lie on another machine, which a browser would ask for them.

    Args:
        app: The program.
        title: What stands above the picture.
    """
    styles, end, rest = app.export_screenshot(title=title).partition(_END)
    return f"{_FONTS.sub('', styles)}{end}{rest}"
