"""Taking back what the history shows: asked first, done in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from tui import changes
from tui.history_wording import what
from tui.moments import short_time
from tui.moves import Progress
from tui.panes.asking import begin_asking, show_dialog
from tui.panes.changing import STOPPED, begin_change, in_view, refused
from tui.panes.transactions import RUN, TRANSACTION
from tui.screens.trouble import report_change
from tui.toasts import tell
from tui.told_keys import key_for
from tui.under_way import StoppedError
from tui.widgets.key_bar import key_of
from tui.wording import counted, sentence
from tui.work import begin

if TYPE_CHECKING:
    from storage import ArchiveRun, TransactionSummary, UndoPreview
    from tui.panes.sides import Pane
    from tui.screens.browser import BrowserScreen

_LISTED: Final = 300
_TAKE_BACK: Final = "Take back"
_GO_BACK: Final = "Go back"
_DONE: Final = {_TAKE_BACK: "Taken back", _GO_BACK: "Gone back"}

Preview = Callable[[str], Awaitable["UndoPreview"]]
Do = Callable[[Any, str, Progress], Awaitable[bool | None]]


def ask_take_back(pane: Pane) -> None:
    """Show what undoing the change under the cursor does, and undo it if the person wants that."""
    summary = _change_under_cursor(pane)
    if summary is not None:
        title = f"{_TAKE_BACK}: {what(summary)}"
        history = pane.memory.store.history
        ask = partial(_preview_and_ask, pane, summary, title, history.preview_undo)
        begin_asking(pane, partial(ask, lambda _seen: changes.take_back))


def ask_back_to(pane: Pane) -> None:
    """Show what undoing all that came after the change under the cursor does, and undo it."""
    summary = _change_under_cursor(pane)
    if summary is not None:
        title = f"{_GO_BACK} to {short_time(summary['at'])}, after: {what(summary)}"
        history = pane.memory.store.history

        def do(seen: UndoPreview) -> Do:
            return partial(changes.go_back_to, newest=seen.newest)

        ask = partial(_preview_and_ask, pane, summary, title, history.preview_undo_to)
        begin_asking(pane, partial(ask, do))


def _change_under_cursor(pane: Pane) -> TransactionSummary | None:
    if refused(pane):
        return None
    row = pane.table.row_at(pane.table.cursor)
    if row is None or row["kind"] != TRANSACTION:
        # A run is no change; in an empty list of changes there is nothing else to look for.
        way_on = "." if row is None else f": {key_for('runs')} shows changes."
        tell(pane, f"There is no change here to take back{way_on}", "warning")
        return None
    return cast("TransactionSummary", row)


async def _preview_and_ask(
    pane: Pane,
    summary: TransactionSummary,
    title: str,
    preview: Preview,
    do: Callable[[UndoPreview], Do],
) -> None:
    from tui.history_documents import preview_lines
    from tui.screens.conflict import STORY
    from tui.screens.taking_back import DO, TakingBackScreen

    shown = await preview(summary["transaction_id"])
    if not shown.records:
        tell(pane, "Nothing was changed after this.", "warning")
        return
    if shown.conflicts and summary["undone_by"] and _asked_in(title) == _TAKE_BACK:
        told = "This is undone already. To have it again, take back the change that undid it."
        tell(pane, told, "warning")
        return

    def answered(answer: str | None) -> None:
        if answer == DO:
            begin(pane, partial(_do, pane, summary, title, do(shown)), group="change")
        elif answer == STORY and shown.conflicts:
            screen = cast("BrowserScreen", pane.screen)
            first = shown.conflicts[0]
            show = partial(screen.show_history, first.kind, first.record_id)
            begin(screen, show, group="follow", exclusive=True)

    is_blocked = bool(shown.conflicts)
    lines = preview_lines(shown)
    asking = TakingBackScreen(title, lines, label=_asked_in(title), is_blocked=is_blocked)
    show_dialog(pane, asking, answered)


def _asked_in(title: str) -> str:
    return next(each for each in _DONE if title.startswith(each))


async def _do(pane: Pane, summary: TransactionSummary, label: str, do: Do) -> None:
    from storage import UndoConflictError
    from tui.screens.undoing import explain_conflict

    try:
        async with pane.memory.changing():
            with in_view(pane) as progress:
                is_redo = await do(pane.memory, summary["transaction_id"], progress)
    except UndoConflictError as error:
        explain_conflict(pane, label, error)
    except StoppedError:
        tell(pane, STOPPED, "warning")
    except Exception as error:  # noqa: BLE001 - said to the person; nothing was undone
        once_more = partial(_do, pane, summary, label, do)
        report_change(pane, error, partial(begin, pane, once_more, group="change"))
    else:
        key = key_of(pane.screen, "undo" if is_redo else "redo")
        again = f" {key} takes that back." if key else ""
        asked = _asked_in(label)
        tell(pane, f"{sentence(label.replace(asked, _DONE[asked], 1))}{again}")
        pane.post_message(pane.DataChanged())


def ask_restore_run(pane: Pane) -> None:
    """Show what restoring the run under the cursor brings back, and restore it."""
    if refused(pane):
        return
    row = pane.table.row_at(pane.table.cursor)
    if row is None or row["kind"] != RUN:
        why = f"There is no run here to restore: {key_for('runs')} shows runs of archiving."
        tell(pane, why, "warning")
        return
    begin_asking(pane, partial(_ask_run, pane, row["run"]))


async def _ask_run(pane: Pane, run: ArchiveRun) -> None:
    from tui.history_documents import run_preview_lines
    from tui.screens.restore import RestoreScreen, refusals

    members = await pane.memory.store.history.get_run_members(run, _LISTED)
    ids: dict[str, list[str]] = {}
    for each in members:
        ids.setdefault(each.kind, []).append(each.record_id)
    warnings = await refusals(pane.memory, ids.items())

    def answered(answer: str | None) -> None:
        if answer:
            begin_change(pane, lambda progress: changes.restore_run(pane.memory, run, progress))

    title = f"the run: {counted(run.count, 'record')}"
    lines = [*warnings, *run_preview_lines(run, members)]
    show_dialog(pane, RestoreScreen(title, lines), answered)
