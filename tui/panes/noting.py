"""Asking for a tag or a note, and putting it on what is selected in a pane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from tui import changes, notes
from tui.moves import Progress
from tui.panes.asking import show_dialog, tell_nothing
from tui.panes.changing import begin_change, refused
from tui.panes.taken import taken_in
from tui.sources import PUBLIC_ID, is_nameless, summaries
from tui.toasts import tell
from tui.wording import counted

if TYPE_CHECKING:
    from tui.panes.sides import Pane

# Whether all of more records than these have a tag is not looked for.
_LOOKED_AT: Final = 200


async def chosen(pane: Pane, verb: str) -> Sequence[Any]:
    """Give kind and key of the records that are selected; say so where there are none."""
    if not pane.memory.is_open:
        return []
    keys = await taken_in(pane).records(pane)
    if not keys:
        tell_nothing(pane, "record", verb)
    return keys


async def ask_tag(pane: Pane) -> None:
    """Ask for a tag, and put it on the selected records or take it off them."""
    from tui.screens.tag import TagScreen

    if refused(pane) or not (keys := await chosen(pane, "tag")):
        return
    memory = pane.memory
    held = await changes.chosen(memory, keys)
    rows = await summaries(memory.store, keys[:_LOOKED_AT])
    have = [set(row.get("tags", ())) for row in rows if row is not None]
    shared = set.intersection(*have) if have and len(keys) <= _LOOKED_AT else set()
    counts = await memory.store.get_tags()

    def answered(tags: tuple[str, ...] | None) -> None:
        if not tags:
            return
        # What all of them have goes; anything else comes.
        going = [tag for tag in tags if tag in shared] if shared.issuperset(tags) else []
        coming = [] if going else list(tags)

        async def work(progress: Progress) -> tuple[int, str]:
            wanted = await held.ids()
            return await notes.change_tags(memory, wanted, progress, add=coming, remove=going)

        begin_change(pane, work)

    screen = TagScreen(_named(pane, keys), counts, shared)
    show_dialog(pane, screen, answered)


async def ask_note(pane: Pane) -> None:
    """Ask for a note: to change that of one record, or to add it to those of many."""
    from tui.screens.line import LineScreen

    if refused(pane) or not (keys := await chosen(pane, "write a note on")):
        return
    memory = pane.memory
    if len(keys) > 1:
        title, before = f"Add a note to {_named(pane, keys)}", ""
        held = await changes.chosen(memory, keys)

        async def work(progress: Progress, text: str) -> tuple[int, str]:
            return await notes.add_text(memory, await held.ids(), progress, text)

    else:
        [row] = await summaries(memory.store, keys)
        if row is None:
            tell(pane, "It is no longer there.", "warning")
            return
        if is_nameless(row):
            tell(pane, "It has no id, by which a note would be known.", "warning")
            return
        kind, record_id = str(row["kind"]), str(row[PUBLIC_ID[str(row["kind"])]])
        before = str((await notes.note_of(memory.store, row, kind))["text"] or "")
        title = f"Note on {record_id[:60]}"

        async def work(progress: Progress, text: str) -> tuple[int, str]:
            del progress
            return await notes.set_text(memory, kind, record_id, before, text)

    def answered(text: str | None) -> None:
        if text is not None and (text or before):
            begin_change(pane, lambda progress: work(progress, text))

    show_dialog(pane, LineScreen(title, before, "what you think of it"), answered)


def _named(pane: Pane, keys: Sequence[Any]) -> str:
    return counted(len(keys), taken_in(pane).NOUN or pane.noun)
