"""Mending what is selected in the Health pane: asked first, done in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from tui import mending
from tui.panes.asking import begin_asking, show_dialog
from tui.panes.changing import begin_change, refused
from tui.screens.trouble import report_change
from tui.toasts import tell
from tui.told_keys import key_for
from tui.wording import counted, in_bytes
from tui.work import begin

if TYPE_CHECKING:
    from storage import Repair
    from tui.broken import Found
    from tui.mending import Proposal
    from tui.panes.health import HealthPane

# Each may take seconds to be made, and is held with all of its field.
_AT_ONCE: Final = 200
_CORRUPT: Final = "corrupt"


def ask_and_repair(pane: HealthPane) -> None:
    """Propose what the selected fields could say, and write it if the person agrees."""
    if not refused(pane):
        begin_asking(pane, partial(_ask_and_repair, pane))


async def _ask_and_repair(pane: HealthPane) -> None:
    from tui.screens.repair import RepairScreen

    everything = [each for each in pane.chosen() if each.state in ("broken", "left")]
    chosen = everything[:_AT_ONCE]
    proposals: list[Proposal] = []
    why_not = _nothing_to("repair", pane)
    try:
        for number, each in enumerate(chosen, 1):
            if len(chosen) > 1:
                pane.show_progress(f"{number:,} of {len(chosen):,} looked at")
            repair = await pane.memory.store.propose_repair(each.finding)
            if repair.after is None:
                why_not = f"No repair: {repair.why_not}"
            else:
                proposals.append((each.finding, repair))
    finally:
        pane.show_progress("")
    if not proposals:
        several = f"None of these {len(chosen):,} fields can be repaired."
        tell(pane, why_not if len(chosen) <= 1 else several, "warning")
        return

    def answered(answer: str | None) -> None:
        if answer:
            pane.touch(chosen)
            begin_change(pane, lambda progress: mending.repair(pane.memory, proposals, progress))

    waiting = len(everything) - len(chosen)
    without = len(chosen) - len(proposals)
    show_dialog(pane, RepairScreen(proposals, without, waiting), answered)


def archive_broken(pane: HealthPane) -> None:
    """Put away what is selected: as corrupt, or with a reason where it is only orphaned."""
    from storage import why_no_archive
    from tui.screens.reason import ReasonScreen

    if refused(pane):
        return
    chosen = pane.chosen()
    can = [each for each in chosen if not why_no_archive(each.finding)]
    if not can:
        why = why_no_archive(chosen[0].finding) if chosen else _nothing_to("archive", pane)
        tell(pane, why, "warning")
        return

    def archive(reason: str | None) -> None:
        if reason is not None:
            pane.touch(can)
            found = [each.finding for each in can]
            begin_change(
                pane, lambda progress: mending.archive_found(pane.memory, found, reason, progress)
            )

    if any(each.finding.problem == "orphan" for each in can):
        # Several fields of a record may be broken.
        records = {(each.finding.table, each.finding.rowid) for each in can}
        pane.app.push_screen(ReasonScreen(counted(len(records), "record")), archive)
    else:
        archive(_CORRUPT)


def _nothing_to(do: str, pane: HealthPane) -> str:
    if pane.is_scanning:
        return f"There is nothing here to {do} yet; the scan goes on."
    return f"There is nothing here to {do}."


def ask_and_vacuum(pane: HealthPane) -> None:
    """Say what VACUUM would win, and do it if the person wants that."""
    if not refused(pane):
        begin_asking(pane, partial(_ask_and_vacuum, pane))


async def _ask_and_vacuum(pane: HealthPane) -> None:
    from tui.screens.repair import VacuumScreen

    size = await pane.memory.store.get_file_size()

    def answered(answer: str | None) -> None:
        if answer:
            begin(pane, partial(_vacuum, pane), group="change")

    show_dialog(pane, VacuumScreen(size["bytes"], size["free_bytes"]), answered)


async def _vacuum(pane: HealthPane) -> None:
    began = time.monotonic()

    def tick() -> None:
        # SQLite does not say how far it is.
        pane.show_progress(f"vacuuming, {time.monotonic() - began:.0f} s")

    tick()
    timer = pane.set_interval(1, tick)
    try:
        async with pane.memory.changing():
            won = await pane.memory.store.vacuum_database()
    except Exception as error:  # noqa: BLE001 - said to the person; the file is as it was
        report_change(pane, error, partial(begin, pane, partial(_vacuum, pane), group="change"))
        return
    finally:
        timer.stop()
        pane.show_progress("")
    tell(pane, f"The file is {in_bytes(won)} smaller." if won else "There was nothing to win.")
    pane.measure()


def advice(found: Found, proposal: Repair | None) -> Sequence[str]:
    """Say what can be done about a finding, with what is proposed if that is known yet."""
    from storage import why_no_archive, why_no_repair

    finding = found.finding
    if finding.problem == "integrity":
        return (
            "This is damage of the file, which mending a record cannot touch. Work on a copy.",
            "An index that is named can be made anew by REINDEX in the sqlite3 shell.",
            "For anything else, .recover there saves what can be read, or a backup does.",
        )
    if found.state in ("mended", "gone"):
        return (f"Nothing more. {key_for('scan')} looks at everything again.",)
    said = []
    if finding.problem == "orphan":
        said.append("What it speaks of is gone; only whoever wrote it can say whether it matters.")
    elif why := why_no_repair(finding):
        said.append(why)
    elif proposal is None or proposal.after is not None:
        said.append(f"{key_for('repair')} repairs this one field, after showing what that loses.")
    if not why_no_archive(finding):
        said.append(f"{key_for('archive_broken')} puts the record away.")
    leave = f"{key_for('leave')} leaves it."
    said.append(f"{leave} {key_for('follow')} goes to the record." if found.place else leave)
    return said


CALLS: Final[Mapping[str, Callable[[HealthPane], None]]] = {
    "repair": ask_and_repair,
    "archive": archive_broken,
    "vacuum": ask_and_vacuum,
}
