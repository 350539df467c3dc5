"""One file of a source: what is behind the last position, then what changed before it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

from storage import driver
from storage.errors import FileError, StoreBusyError
from storage.importers import ledger
from storage.importers.formats import Format
from storage.importers.holding import hold
from storage.importers.ledger import Kept, Part
from storage.importers.line_file import LineFile, is_unfinished
from storage.importers.model import Item, Position
from storage.importers.planning import Seen, plan
from storage.importers.reading import batches, in_thread
from storage.importers.sqlite_file import SqliteFile, state_of
from storage.importers.tally import Tally
from storage.importers.watch import Watch
from storage.importers.writing import apply, gone
from storage.moments import now_text
from storage.sqlite_store import SQLiteStore
from storage.view import Change, View

# A transaction ends after so many items, so that others who write have their turn.
_MOST_ITEMS: Final = 10_000
# How many items of a database that is being written are compared again at each call.
_CHECKED_AT_ONCE: Final = 1_000
_GONE_AT_ONCE: Final = 1_000
_SETTLED_NS: Final = 300_000_000


@dataclass(slots=True)
class _Check:
    """A comparison of all that was imported that goes on from call to call."""

    seen: Seen
    state: list[Any]
    since: Position = None
    items: int = 0


# It stands in memory only: begun anew, it finds the same.
_checks: WeakKeyDictionary[SQLiteStore, dict[str, _Check]] = WeakKeyDictionary()

Opened = SqliteFile | LineFile


def _entered(opened: Opened) -> None:
    opened.__enter__()


def _was_just_written(state: list[Any]) -> bool:
    return state[0] is not None and time.time_ns() - int(state[1]) < _SETTLED_NS


def is_current(part: Part, state: list[Any]) -> bool:
    """Say whether nobody wrote to a file since it was read to its end."""
    position = part.position
    return position.get("state") == state and position.get("checked", state) == state


class PartSync:
    """The synchronisation of one file."""

    def __init__(
        self, store: SQLiteStore, part: Part, form: Format, watch: Watch, *, follows: bool
    ) -> None:
        self._store = store
        self._database = store.database
        self._part = part
        self._form = form
        self._watch = watch
        self._follows = follows
        self._path = Path(part.path)
        self._note = f"import {form.name}: {self._path.name}"
        # How many items a database holds, as far as that is known.
        self._total: int | None = None
        # What stood in an unfinished last line, and was not met again.
        self._tail: set[str] = set(part.position.get("tail", ()))
        # The number of the newest item before this call.
        self._before = 0

    async def sync(self) -> None:
        """Read what is new, and follow what changed.

        Raises:
            FileError: The file cannot be read, or is too damaged to be.
        """
        state = state_of(self._path)
        if is_current(self._part, state):
            return
        if self._follows and self._form.shape == "document" and _was_just_written(state):
            # Its writer empties it first, and may not be done; the next call finds it whole.
            return
        self._before = await self._newest()
        opened: Opened = (
            SqliteFile(self._path)
            if self._form.shape == "database"
            else LineFile(self._path, waits=self._follows)
        )
        try:
            await in_thread(_entered, opened)
            if isinstance(opened, SqliteFile) and self._watch.tell is not None:
                self._total = await in_thread(self._counted, opened)
            await self._read(opened, state)
            if not self._watch.is_cancelled:
                self._watch.report.remarks += await in_thread(self._remarks, opened)
        except driver.Error as error:
            raise driver.translate(error, self._path) from error
        except OSError as error:
            raise FileError(f"{self._path} cannot be read: {error.strerror}.") from error
        finally:
            opened.__exit__()

    def _remarks(self, opened: Opened) -> list[str]:
        return list(self._form.remarks(opened)) if self._form.remarks is not None else []

    async def drop(self) -> None:
        """Archive what came from a file that is not there any more."""
        await self._archive_missing(Seen(await self._newest()))
        held = self._part.position.get("held")
        self._part.position = {"held": held} if held else {}
        await self._database.change(self._save)

    async def _read(self, opened: Opened, state: list[Any]) -> None:
        position = self._part.position
        if position.get("at") is not None and position.get("checked") is None:
            # What was read at an earlier call may be another by now.
            position["checked"] = []
        if self._appends(opened, state):
            if not await self._append(opened):
                return
            await self._database.change(partial(self._finish, opened=opened, state=state))
            if isinstance(opened, SqliteFile):
                await self._check_at_leisure(opened, state)
        elif await self._sweep(opened, state):
            await self._database.change(partial(self._finish, opened=opened, state=state))

    def _appends(self, opened: Opened, state: list[Any]) -> bool:
        """Say whether all that is new stands behind the last position."""
        position = self._part.position
        if not self._form.appends or position.get("is_sweeping"):
            return False
        at = position.get("at")
        if at is None or isinstance(opened, SqliteFile):
            return True
        has_grown = state[0] is not None and state[0] > at[0]
        return has_grown and opened.mark(at[0]) == position.get("mark")

    # What is behind the last position.

    async def _append(self, opened: Opened) -> bool:
        """Take what is behind the last position; say whether the end was reached."""
        items = self._form.items(opened, self._part.position.get("at"))
        async with aclosing(batches(items)) as found:
            while await self._append_some(opened, found):
                if self._watch.is_cancelled:
                    return False
        if self._tail:
            keys = list(self._tail)
            known = await self._database.read(lambda view: ledger.known(view, self._part.id, keys))
            await self._archive(list(known.values()))
        return True

    async def _append_some(self, opened: Opened, found: AsyncIterator[list[Item]]) -> bool:
        """Write some batches in one transaction; say whether there may be more."""
        batch = await anext(found, None)
        if batch is None:
            return False
        tally = Tally()
        count = 0
        async with self._store.transaction(self._note) as tx:
            while batch:
                count += len(batch)
                tally += await self._database.change(partial(self._apply, items=batch))
                self._advance(batch)
                if count >= _MOST_ITEMS or self._watch.is_cancelled:
                    break
                batch = await anext(found, None)
            await self._database.change(partial(self._save_place, opened=opened))
        self._told(opened, tx.id, tally, count)
        return True

    def _advance(self, batch: list[Item]) -> None:
        position = self._part.position
        position["at"] = batch[-1].at
        position.pop("state", None)
        self._tail -= {item.key for item in batch}
        position["tail"] = [item.key for item in batch if is_unfinished(item.at)]

    # What stood before the last position.

    async def _check_at_leisure(self, opened: SqliteFile, state: list[Any]) -> None:
        """Compare, as long as that keeps nobody from seeing what is new."""
        opened.is_patient = not self._follows
        try:
            await self._check(opened, state)
        except StoreBusyError:
            # Somebody writes all the time; the next call goes on from there.
            if not self._follows:
                raise

    async def _check(self, opened: SqliteFile, state: list[Any]) -> None:
        """Compare what was imported of a database with what stands there now."""
        position = self._part.position
        count = position.get("count", 0)
        there = await in_thread(self._counted, opened)
        has_lost = there is not None and there < count
        if position.get("checked") is None and not has_lost:
            # All of it was read just now.
            position["checked"] = state
            # A writer may have added more since; the next call reads that.
            self._hides(there, count, state)
            await self._database.change(self._save)
            return
        checks = _checks.setdefault(self._store, {})
        check = checks.get(self._part.path)
        if check is None or has_lost:
            check = checks[self._part.path] = _Check(Seen(await self._newest()), state)
        limit = _CHECKED_AT_ONCE if self._follows and not has_lost else None
        if await self._compare(opened, check, limit):
            del checks[self._part.path]
            check.seen.hides |= self._hides(there, check.items, check.state)
            await self._archive_missing(check.seen)
            position["checked"] = check.state
            if there is not None:
                # What a person keeps here though it is gone there is not looked for again.
                position["count"] = min(position.get("count", 0), there)
            await self._database.change(self._save)

    def _hides(self, there: int | None, found: int, state: list[Any]) -> bool:
        """Say whether a database counts more than can be found in it, and tell so.

        Args:
            there: How many items it counts; None where there is no telling.
            found: How many were found.
            state: What the file was like before; what a writer added since was not looked for.
        """
        if there is None or there <= found or state_of(self._path) != state:
            return False
        self._watch.report.tell(
            f"{self._path} is damaged: of the {there:,} records that it counts, {found:,} can be"
            " found"
        )
        return True

    def _counted(self, opened: SqliteFile) -> int | None:
        """Return how many items a database holds; None where there is no telling."""
        try:
            return None if self._form.count is None else self._form.count(opened)
        except driver.DatabaseError:
            return None
        except StoreBusyError:
            if opened.is_patient:
                raise
            return None

    async def _sweep(self, opened: Opened, state: list[Any]) -> bool:
        """Read a file from its beginning; say whether the end was reached."""
        position = self._part.position
        self._part.position = {
            "is_sweeping": True,
            "count": position.get("count", 0),
            "held": position.get("held", []),
        }
        check = _Check(Seen(await self._newest()), state)
        if not await self._compare(opened, check, None):
            return False
        if isinstance(opened, SqliteFile):
            there = await in_thread(self._counted, opened)
            check.seen.hides |= self._hides(there, check.items, state)
        kept_here = await self._archive_missing(check.seen)
        known = await self._database.read(partial(ledger.count, source=self._part.id))
        self._part.position["count"] = known - kept_here
        del self._part.position["is_sweeping"]
        if check.since is not None:
            self._part.position["at"] = check.since
        return True

    async def _compare(self, opened: Opened, check: _Check, limit: int | None) -> bool:
        """Follow what changed, of `limit` items or of all; say whether the end was reached."""
        count = 0
        async with aclosing(batches(self._form.items(opened, check.since))) as found:
            async for batch in found:
                await self._compare_batch(opened, batch, check.seen)
                check.since = batch[-1].at
                self._part.position["tail"] = [i.key for i in batch if is_unfinished(i.at)]
                count += len(batch)
                check.items += len(batch)
                if self._watch.is_cancelled or (limit is not None and count >= limit):
                    return False
        return True

    async def _compare_batch(self, opened: Opened, batch: list[Item], seen: Seen) -> None:
        seen.hides = seen.hides or any(item.hides for item in batch)
        seen.before = self._before
        found = await self._database.read(lambda view: plan(view, self._part.id, batch, seen))
        if found.is_empty:
            seen.meet(found.met)
            self._watch.report.unchanged += found.unchanged
            self._watch.at(self._path, self._done(opened), len(batch))
            return
        async with self._store.transaction(self._note) as tx:
            tally = await self._database.change(partial(self._apply, items=batch, seen=seen))
            await self._database.change(self._save)
        self._told(opened, tx.id, tally, len(batch))

    async def _archive_missing(self, seen: Seen) -> int:
        """Archive what was not met; return how many of it a person changed here and keeps."""
        after = diverged = 0
        while (chunk := await self._database.read(partial(self._missing, seen=seen, after=after)))[
            0
        ]:
            after = chunk[1]
            diverged += await self._archive(chunk[0])
        return diverged

    def _missing(self, view: View, seen: Seen, after: int) -> tuple[list[Kept], int]:
        """Return some of the items after a number that were not met."""
        for chunk in ledger.all_of(view, self._part.id, after):
            missing = [kept for kept in chunk if seen.misses(kept)]
            if missing:
                return missing, chunk[-1].id
        return [], after

    async def _archive(self, missing: list[Kept]) -> int:
        """Archive what is gone from the source; return how much of it a person keeps."""
        if not missing:
            return 0
        tally = Tally()
        async with self._store.transaction(self._note) as tx:
            for start in range(0, len(missing), _GONE_AT_ONCE):
                part = missing[start : start + _GONE_AT_ONCE]
                tally += await self._database.change(
                    partial(gone, source=self._part.id, batch=part)
                )
            self._count(tally)
            await self._database.change(self._save)
        if tally.changed:
            self._watch.report.transactions.append(tx.id)
        tally.add_to(self._watch.report)
        return tally.diverged

    # What is kept of it.

    def _apply(self, change: Change, items: list[Item], seen: Seen | None = None) -> Tally:
        if not self._part.id:
            ledger.save(change, self._part)
        found = plan(change, self._part.id, items, seen)
        tally = apply(change, self._part.id, found)
        if seen is not None:
            seen.meet(found.met)
        self._count(tally)
        return tally

    def _count(self, tally: Tally) -> None:
        position = self._part.position
        position["count"] = position.get("count", 0) + tally.entered - tally.left
        hold(self._part, tally)

    def _save(self, change: Change) -> None:
        ledger.save(change, self._part)

    def _save_place(self, change: Change, opened: Opened) -> None:
        position = self._part.position
        if isinstance(opened, LineFile) and position.get("at") is not None:
            position["mark"] = opened.mark(position["at"][0])
        ledger.save(change, self._part)

    def _finish(self, change: Change, opened: Opened, state: list[Any]) -> None:
        self._part.position["state"] = state
        self._part.synced_at = now_text()
        self._save_place(change, opened)

    async def _newest(self) -> int:
        return await self._database.read(ledger.newest)

    def _done(self, opened: Opened) -> int:
        """Return how many bytes are done; of a database, as large a part as of its records."""
        position = self._part.position
        if isinstance(opened, LineFile):
            at = position.get("at")
            return 0 if at is None else int(at[0])
        if not self._total:
            return 0
        share = min(1.0, position.get("count", 0) / self._total)
        return int(self._path.stat().st_size * share)

    def _told(self, opened: Opened, transaction_id: str, tally: Tally, count: int) -> None:
        if tally.changed:
            self._watch.report.transactions.append(transaction_id)
        tally.add_to(self._watch.report)
        self._watch.at(self._path, self._done(opened), count)
