"""What Textual does that no test looks at, spared: drawing for no terminal, rules read anew."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from textual._compositor import Compositor
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

render_update = Compositor.render_update
"""What Textual draws with, for a test that wants everything drawn as in a terminal."""


def _not_drawn(
    compositor: Compositor,
    full: bool = False,
    screen_stack: list[Screen[Any]] | None = None,
    simplify: bool = False,
) -> Any:
    """Leave out a drawing that no terminal would show; what makes pictures asks for a full one."""
    if full:
        return render_update(compositor, full, screen_stack, simplify)
    compositor._dirty_regions.clear()
    return None


# Each program reads the style sheets anew, and at each first dialog all of them once more: together
# a tenth of what its test takes. Rules are never changed once they are read.
_RULES: dict[Hashable, Any] = {}
_parse_rules = Stylesheet._parse_rules


def _rules(sheet: Stylesheet, *source: Any, **options: Any) -> Any:
    """Read a style sheet, unless a program before has read it with the same colours."""
    key = (*source, *options.items(), *sheet._variables.items())
    if key not in _RULES:
        _RULES[key] = _parse_rules(sheet, *source, **options)
    return _RULES[key]


def spare() -> None:
    """Spare both from now on, for every program that a test opens."""
    # Without a terminal Textual draws all the same and throws it away, five times a key press.
    Compositor.render_update = _not_drawn  # type: ignore[method-assign,assignment]
    Stylesheet._parse_rules = _rules  # type: ignore[assignment,method-assign]
