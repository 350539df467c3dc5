"""Decoded JSON as a tree that grows where it is opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

from rich.text import Text
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from tui.actions import bindings_for
from tui.text import LINE_LIMIT, beginning, hides_secrets, named_value, safe_text
from tui.values import corrupt_window, is_corrupt, is_list
from tui.widgets.signs import ELSEWHERE, HERE, with_sign
from tui.widgets.tree_place import TreePlace

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.geometry import Region
    from textual.strip import Strip

CHUNK: Final = 100
_OPENED_AT_ONCE: Final = 12


class Branch(NamedTuple):
    """What a node stands for.

    Attributes:
        value: A mapping, a list or a corrupt field.
        start: First entry of it that belongs to the node.
        stop: Entry after the last, or None for all of them.
        name: The key that it stands under; None for a part of what the node above stands for.
    """

    value: Any
    start: int = 0
    stop: int | None = None
    name: str | None = None


class JsonTree(Tree[Any]):
    """Shows one value; a branch is filled when it is opened, long ones in hundreds.

    Args:
        id: As for any widget.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("tree")
    DEFAULT_CSS = """
    JsonTree {
        height: 1fr;
        background: $background;
        padding: 0 1;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(Text(""), id=id)
        self._was_masked = False
        self.show_root = False
        self.guide_depth = 3
        self.auto_expand = True

    def line_of_cursor(self) -> int:
        """Say on which line the cursor is, as it stands on the screen."""
        return max(0, self.cursor_line - self.scroll_offset.y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines, in the free column before them a sign at that of the cursor."""
        strips = super().render_lines(crop)
        line = self.cursor_line - self.scroll_offset.y - crop.y
        if self.cursor_line >= 0 and crop.x == 0 and 0 <= line < len(strips):
            strips[line] = with_sign(strips[line], HERE if self.has_focus else ELSEWHERE)
        return strips

    def told_place(self) -> str:
        """Say nothing: how far down a line is says little in a tree."""
        return ""

    def show(self, value: Any, *, keep_place: bool = False) -> None:
        """Show another value, its first level opened; the same one stays as it was opened.

        Args:
            value: The value.
            keep_place: Whether it is what became of the one that is shown: what was opened of it
                stays open, and the cursor where it is.
        """
        is_shown_alike = self._was_masked == hides_secrets()
        if is_shown_alike and self.root.data is not None and _is_same(self.root.data.value, value):
            return
        self._was_masked = hides_secrets()
        place = TreePlace.of(self) if keep_place else None
        self.clear()
        self.root.data = Branch(value)
        fill(self.root)
        for node in self.root.children:
            if node.allow_expand and node.data and _size(node.data.value) <= _OPENED_AT_ONCE:
                fill(node)
                node.expand()
        self.root.expand()
        self.go_to_place(place)

    def go_to_place(self, place: TreePlace | None) -> None:
        """Open what was open in another tree and go to the same line, or to the first."""
        if place is None:
            self.cursor_line = 0
            self.scroll_to(y=0, animate=False, force=True)
        else:
            place.return_to(self)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Any]) -> None:
        """Fill the branch that was opened."""
        event.stop()
        self.fill(event.node)

    def fill(self, node: TreeNode[Any]) -> None:
        """Fill a branch with what it stands for, unless that was done."""
        fill(node)


def _is_same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except RecursionError:
        return False


def fill(node: TreeNode[Any]) -> None:
    """Fill a branch with the entries of its value, long ones in hundreds, unless that was done."""
    branch = node.data
    if branch is None or node.children:
        return
    if is_corrupt(branch.value):
        _add_corrupt(node, branch.value)
        return
    size = _size(branch.value)
    stop = size if branch.stop is None else branch.stop
    step = step_of(stop - branch.start)
    if step > 1:
        for start in range(branch.start, stop, step):
            end = min(start + step, stop)
            node.add(chunk_label(start, end), Branch(branch.value, start, end))
        return
    for key, held in _entries(branch.value, branch.start, stop):
        add_value(node, key, held)


def chunk_label(start: int, end: int) -> Text:
    """Name a part of a long list by the numbers of its entries."""
    return Text(f"{start:,} \u2026 {end - 1:,}", style="dim")


def step_of(count: int) -> int:
    """Entries that go into one node: 1 where all fit, else the least power of 100 that does."""
    step = 1
    while count > step * CHUNK:
        step *= CHUNK
    return step


def _size(value: Any) -> int:
    if is_corrupt(value):
        return 1
    return len(value) if isinstance(value, Mapping) or is_list(value) else 0


def _entries(value: Any, start: int, stop: int) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        keys = list(value)[start:stop]
        return [(str(key), value[key]) for key in keys]
    items: Sequence[Any] = value[start:stop]
    return [(str(start + offset), item) for offset, item in enumerate(items)]


def add_value(node: TreeNode[Any], key: str, value: Any) -> None:
    """Add a value to a branch, as a branch of its own where there is something in it."""
    value = named_value(key, value)
    label = Text(f"{safe_text(key, 80)}  ", style="bold")
    if is_corrupt(value):
        where = "" if value.offset is None else f" at byte {value.offset:,}"
        label.append(safe_text(f"corrupt: {value.error}{where}", LINE_LIMIT), style="bold italic")
        node.add(label, Branch(value, name=key))
    elif isinstance(value, Mapping) or is_list(value):
        brackets = "{}" if isinstance(value, Mapping) else "[]"
        label.append(f"{brackets[0]}{len(value):,}{brackets[1]}", style="dim")
        if len(value):
            node.add(label, Branch(value, name=key))
        else:
            node.add_leaf(label, Branch(value, name=key))
    else:
        label.append(safe_text(spelled(value), 2 * LINE_LIMIT), style="not bold")
        node.add_leaf(label, Branch(value, name=key))


def _add_corrupt(node: TreeNode[Any], value: Any) -> None:
    for line in corrupt_window(value):
        node.add_leaf(Text(safe_text(line, LINE_LIMIT)))


def spelled(value: Any) -> str:
    """Spell a single JSON value; text stands in quotes, so that `"1"` is not `1`."""
    if isinstance(value, str):
        more = "" if len(value) <= LINE_LIMIT else f"\u2026 ({len(value):,} characters)"
        return f'"{beginning(value, LINE_LIMIT)}"{more}'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return safe_text(value)
