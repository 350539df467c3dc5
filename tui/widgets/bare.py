"""A widget that nothing is drawn around: its lines go to the screen as it paints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.filter import LineFilter
    from textual.geometry import Region
    from textual.strip import Strip


class Bare(Widget):
    """A widget without border, padding and whatever else is laid around or over its lines.

    Textual looks for these on each line, which takes longer than most lines themselves, and asks
    every widget for its lines at each update, also those behind others. Where a style sheet gives
    such a widget a border after all, it is drawn as Textual does.
    """

    _AROUND: ClassVar[tuple[str, ...]] = ("hatch", "opacity", "text_opacity", "tint")

    # On the class, because a widget is told to be drawn while it is still being made.
    _is_bare: bool | None = None
    _painted: dict[int, Strip] | None = None
    _painted_for: tuple[int, Sequence[LineFilter]] = (0, ())

    def render_lines(self, crop: Region) -> list[Strip]:
        """Give some lines, painted anew where they have changed."""
        if self._is_bare is None:
            self._is_bare = not self._has_around()
        if not self._is_bare or crop.x or crop.width != self.outer_size.width:
            return super().render_lines(crop)
        filters = self.get_line_filters()
        if self._painted is None or self._painted_for != (crop.width, filters):
            self._painted, self._painted_for = {}, (crop.width, filters)
        painted = self._painted
        missing = [y for y in crop.line_range if y not in painted]
        if missing:
            strips = [self.render_line(y) for y in missing]
            for each in filters:
                _, background = self.background_colors
                strips = [strip.apply_filter(each, background) for strip in strips]
            painted.update(zip(missing, strips, strict=True))
        return [painted[y] for y in crop.line_range]

    def _has_around(self) -> bool:
        styles = self.styles
        outlined = any(kind for kind, _ in styles.outline)
        return any(styles.gutter) or outlined or any(map(styles.has_rule, self._AROUND))

    def _set_dirty(self, *regions: Region) -> None:
        """Forget the lines that Textual wants painted anew: all of them where it names none."""
        super()._set_dirty(*regions)
        if not regions or self._painted is None:
            self._painted = self._is_bare = None
            return
        for region in regions:
            for y in region.line_range:
                self._painted.pop(y, None)
