"""Exporting what is selected in a pane, or all that it shows: in the background, with a way out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tui.export import ExportError, export, format_of
from tui.panes.asking import show_dialog, tell_nothing
from tui.panes.files import free_place, place_of, refuses_files
from tui.panes.taken import taken_in
from tui.toasts import report, tell
from tui.widgets.key_bar import key_of
from tui.wording import counted
from tui.work import begin

if TYPE_CHECKING:
    from pathlib import Path

    from tui.panes.sides import Pane
    from tui.screens.export import Wanted

_GROUP: Final = "export"


async def ask_export(pane: Pane) -> None:
    """Ask where the records go and export them; while they are on their way, stop that instead."""
    from tui.screens.export import ExportScreen

    if not pane.memory.is_open or refuses_files(pane):
        return
    if any(each.group == _GROUP and each.is_running for each in pane.workers):
        pane.workers.cancel_group(pane, _GROUP)
        return
    keys = taken_in(pane).keys(pane)
    if not keys:
        tell_nothing(pane, pane.noun, "export")
        return

    def answered(wanted: Wanted | None) -> None:
        if wanted is not None:
            begin(pane, partial(_export, pane, keys, wanted), group=_GROUP)

    which = "selected" if pane.table.marks else "all that the list shows"
    what = f"{counted(len(keys), pane.noun)} ({which})"
    show_dialog(pane, ExportScreen(what, _proposed(pane)), answered)


def _proposed(pane: Pane) -> Path:
    """Give a name that is not taken."""
    name = f"{pane.memory.named.stem}-{(pane.id or 'records').replace('_', '-')}"
    return free_place(name, ".jsonl")


async def _export(pane: Pane, keys: Sequence[Any], wanted: Wanted) -> None:
    total = len(keys)
    key = key_of(pane.screen, "export")
    way_out = f", {key} stops it" if key else ""

    def progress(done: int) -> None:
        pane.show_progress(f"exported {done:,} of {total:,}{way_out}")

    try:
        done = await export(
            taken_in(pane).read(pane, keys),
            wanted.path,
            form=format_of(wanted.path),
            masked=wanted.masked,
            over=wanted.over,
            progress=progress,
        )
    except asyncio.CancelledError:
        if pane.is_attached:
            tell(pane, "The export was stopped; nothing of it was left behind.", "warning")
        raise
    except ExportError as error:
        tell(pane, str(error), "error")
    except Exception as error:  # noqa: BLE001 - said to the person; nothing was left behind
        report(pane, error)
    else:
        secrets = "secrets masked" if wanted.masked else "secrets as they are"
        count = counted(done.records, "record")
        gone = f", {total - done.records:,} were gone" if done.records < total else ""
        tell(pane, f"Exported {count} ({secrets}{gone}) to {place_of(pane, wanted.path)}")
    finally:
        if pane.is_attached:
            pane.show_progress("")
