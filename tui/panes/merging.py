"""Merging patterns of a pane that say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tui import changes
from tui.panes.asking import begin_asking, show_dialog
from tui.panes.changing import begin_change, refused
from tui.toasts import tell

if TYPE_CHECKING:
    from storage import DuplicateGroup
    from tui.panes.sides import Pane
    from tui.screens.merge import Merge

ALIKE: Final = 0.75
"""The least likeness of near-duplicates: texts as short as patterns' differ more than long ones."""

_MOST: Final = 50


async def ask_merge(pane: Pane) -> None:
    """Show the selected patterns, or near-duplicates, beside each other, to merge them."""
    if refused(pane):
        return
    keys = pane.selected("pattern")
    if len(keys) > _MOST:
        tell(pane, f"Nobody can compare {len(keys):,} patterns. Select fewer of them.", "warning")
    elif len(keys) > 1:
        await _show(pane, await _ids(pane, keys))
    else:
        await _find(pane, await _ids(pane, keys))


async def _ids(pane: Pane, keys: Sequence[Any]) -> list[str]:
    return [each for _, ids in await changes.public_ids(pane.memory, keys) for each in ids]


async def _find(pane: Pane, here: Sequence[str]) -> None:
    """Look for near-duplicates: those of the pattern under the cursor, else all that there are."""
    pane.show_progress("looking for near-duplicates")
    try:
        groups = await pane.memory.searching.find_duplicates("pattern", ALIKE)
    finally:
        pane.show_progress("")
    own = [group for group in groups if set(here) & set(group.record_ids)]
    if own:
        # The one under the cursor is among them, however many there are.
        first, *others = own[0].record_ids
        await _show(pane, [first, *sorted(others, key=lambda each: each not in here)])
    elif groups:
        await _offer(pane, groups)
    else:
        tell(pane, "No two patterns say nearly the same. Select those that you want to merge.")


async def _offer(pane: Pane, groups: Sequence[DuplicateGroup]) -> None:
    from tui.screens.merge import GroupsScreen

    named = []
    for group in groups:
        records = await _records(pane, group.record_ids)
        named.append(([str(record["name"]) for record in records], group.similarity))

    def answered(number: int | None) -> None:
        if number is not None:
            begin_asking(pane, partial(_show, pane, groups[number].record_ids))

    tell(pane, "This pattern has no near-duplicate; these have.")
    show_dialog(pane, GroupsScreen(named), answered)


async def _show(pane: Pane, ids: Sequence[str]) -> None:
    from tui.screens.merge import MergeScreen

    records = await _records(pane, ids[:_MOST])
    left = len(ids) - len(ids[:_MOST])
    if len(records) < 2:
        tell(pane, "They are no longer there. Press the key again.", "warning")
        return

    def answered(wanted: Merge | None) -> None:
        if wanted is not None:
            seen = {str(record["id"]): record for record in records}
            others = [seen[each] for each in wanted.others]
            begin_change(pane, lambda _: changes.merge(pane.memory, seen[wanted.keep], others))

    show_dialog(pane, MergeScreen(pane.memory, records, left), answered)


async def _records(pane: Pane, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    found = [await pane.memory.store.get_pattern(each) for each in ids]
    return [record for record in found if record is not None]
