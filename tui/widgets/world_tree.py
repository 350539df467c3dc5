"""A world model as a tree that grows one hop at a time: entity, its relations, the next entity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

from rich.text import Text
from textual.actions import SkipAction
from textual.message import Message
from textual.widgets.tree import TreeNode

from tui.actions import bindings_for
from tui.text import rich_text, safe_text
from tui.values import corrupt_window
from tui.widgets.json_tree import Branch, JsonTree, add_value, chunk_label, fill, step_of
from tui.widgets.tree_place import TreePlace
from tui.wording import counted
from tui.world.rows import spelled_key

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.world.graph import Hop, WorldGraph

_OPENED_AT_ONCE: Final = 40


@dataclass
class HistoryWanted(Message):
    """A person wants to know what became of an entity or a relation.

    Attributes:
        key: Its key.
    """

    key: Any


class Group(NamedTuple):
    """Some of the entities, or relations between nobody, by key."""

    keys: Sequence[Any]


class Entry(NamedTuple):
    """An entity or a relation. What stands below it, until the next one, is a part of it."""

    key: Any


class WorldTree(JsonTree):
    """Shows a world model; each branch is filled when it is opened, so that circles end nowhere.

    Args:
        id: As for any widget.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("world_entries")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._graph: WorldGraph | None = None
        self._shown: Any = None

    def show_graph(self, shown: Any, graph: WorldGraph, *, keep_place: bool = False) -> None:
        """Show another model; the same one stays as it was opened.

        Args:
            shown: The model that the graph was made of.
            graph: The graph.
            keep_place: Whether it is what became of the one that is shown, as for `show`.
        """
        if self._graph is not None and shown == self._shown:
            return
        place = TreePlace.of(self) if keep_place else None
        self._graph, self._shown = graph, shown
        self.clear()
        entities, loose = list(graph.entities), list(graph.loose())
        self._add_group(
            f"{len(entities):,} {'entity' if len(entities) == 1 else 'entities'}", entities
        )
        if loose:
            self._add_group(f"{counted(len(loose), 'relation')} between nobody", loose)
        for name, value in graph.unread.items():
            node = self.root.add(rich_text(f"{name}  corrupt: {value.error}", style="bold italic"))
            for line in corrupt_window(value):
                node.add_leaf(rich_text(line))
            node.expand()
        self.root.expand()
        self.go_to_place(place)

    def _add_group(self, label: str, keys: Sequence[Any]) -> None:
        node = self.root.add(rich_text(label, style="bold"), Group(keys))
        if len(keys) <= _OPENED_AT_ONCE:
            self.fill(node)
            node.expand()

    def fill(self, node: TreeNode[Any]) -> None:
        """Fill a branch with what is one hop away."""
        if isinstance(node.data, Branch):
            fill(node)
        elif node.children or self._graph is None:
            return
        elif isinstance(node.data, Group):
            self._fill_group(node, node.data.keys)
        elif isinstance(node.data, Entry):
            self._fill_entry(node, node.data.key)

    def _fill_group(self, node: TreeNode[Any], keys: Sequence[Any]) -> None:
        step = step_of(len(keys))
        if step > 1:
            for start in range(0, len(keys), step):
                end = min(start + step, len(keys))
                node.add(chunk_label(start, end), Group(keys[start:end]))
            return
        for key in keys:
            if isinstance(key, tuple):
                label = rich_text(spelled_key(key))
                self._add_relation(node, label, key)
            else:
                self._add_entity(node, Text(""), key)

    def _add_entity(self, node: TreeNode[Any], arrow: Text, key: str) -> None:
        graph = self._graph
        if graph is None:
            return
        label = arrow.append(spelled_key(key), style="bold")
        label.append(safe_text(f"  {graph.summary(key)}", 300), style="not bold")
        if any(isinstance(above, Entry) and above.key == key for above in _data_above(node)):
            label.append("  \u21ba stands above", style="dim")
        node.add(label, Entry(key))

    def _fill_entry(self, node: TreeNode[Any], key: Any) -> None:
        graph = self._graph
        if graph is None or isinstance(key, tuple):
            return
        value = graph.entities[key]
        if isinstance(value, dict):
            for name, held in value.items():
                add_value(node, str(name), held)
        else:
            add_value(node, "value", value)
        for hop in graph.hops(key):
            self._add_hop(node, hop)

    def _add_hop(self, node: TreeNode[Any], hop: Hop) -> None:
        arrow = Text(f"{safe_text(hop.arrow, 80)} ", style="italic")
        if hop.is_known:
            self._add_entity(node, arrow, hop.other)
            return
        arrow.append(safe_text(hop.other or "nobody", 100), style="bold")
        arrow.append("  not known here", style="dim")
        self._add_relation(node, arrow, hop.key)

    def _add_relation(self, node: TreeNode[Any], label: Text, key: Any) -> None:
        graph = self._graph
        value = None if graph is None else graph.relations.get(key)
        if not isinstance(value, dict):
            node.add_leaf(label, Entry(key))
            return
        child = node.add(label, Entry(key))
        for name, held in value.items():
            add_value(child, str(name), held)

    def action_entity_history(self) -> None:
        """Ask what became of the entity or relation that the cursor is in.

        Raises:
            SkipAction: It is in none, so that the key means the world model as a whole.
        """
        if self.entry is None:
            raise SkipAction
        self.post_message(HistoryWanted(self.entry[0]))

    @property
    def entry(self) -> tuple[Any, tuple[str, ...]] | None:
        """The entity or relation that the cursor is in, and the way to the value there."""
        node = self.cursor_node
        path: list[str] = []
        while node is not None:
            if isinstance(node.data, Entry):
                return node.data.key, tuple(reversed(path))
            if isinstance(node.data, Branch) and node.data.name is not None:
                path.append(node.data.name)
            node = node.parent
        return None


def _data_above(node: TreeNode[Any]) -> list[Any]:
    found = []
    above: TreeNode[Any] | None = node
    while above is not None:
        found.append(above.data)
        above = above.parent
    return found
