"""Where a person is in a tree, so that they stay there when it is made anew."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from textual.widgets.tree import TreeNode

    from tui.widgets.json_tree import JsonTree

Path = tuple[Hashable, ...]


class TreePlace(NamedTuple):
    """What is open in a tree, and what is looked at.

    Attributes:
        opened: Of each branch whether it is open, by the way to it.
        way: The way to the line of the cursor.
        line: The line of the cursor.
        top: The first line in view.
    """

    opened: Mapping[Path, bool]
    way: Path
    line: int
    top: int

    @classmethod
    def of(cls, tree: JsonTree) -> Self:
        """Note where a person is in a tree."""
        at = tree.cursor_node
        ways = dict(_ways(tree.root))
        opened = {way: node.is_expanded for way, node in ways.items() if node.allow_expand}
        here = next((way for way, node in ways.items() if node is at), ())
        return cls(opened, here, tree.cursor_line, tree.scroll_offset.y)

    def return_to(self, tree: JsonTree) -> None:
        """Open the same branches, and go to the same line; where it is gone, to the nearest."""
        found: TreeNode[Any] | None = None
        for way, node in _ways(tree.root):
            if way == self.way:
                found = node
            if self.opened.get(way, node.is_expanded) == node.is_expanded:
                continue
            if node.is_expanded:
                node.collapse()
            else:
                tree.fill(node)
                node.expand()
        # Lines get their numbers when the last one is asked for.
        last = tree.last_line
        tree.cursor_line = min(self.line, last) if found is None else found.line
        tree.scroll_to(y=self.top + tree.cursor_line - self.line, animate=False, force=True)


def _ways(node: TreeNode[Any], way: Path = ()) -> Iterator[tuple[Path, TreeNode[Any]]]:
    """Give all that is below a node, each after what it is below; it may be filled meanwhile."""
    for number, each in enumerate(node.children):
        own = (*way, _name(each, number))
        yield own, each
        yield from _ways(each, own)


def _name(node: TreeNode[Any], number: int) -> Hashable:
    """Give by what a node is known among its siblings: a key, or else its number."""
    name = getattr(node.data, "name", None)
    return getattr(node.data, "key", number) if name is None else name
