"""One source brought into the memory, or brought up to date: what is new, changed, and gone."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from storage import fields
from storage.errors import FileError, UnknownSourceError
from storage.importers import ledger
from storage.importers.formats import Format, formats, recognise
from storage.importers.holding import let_go
from storage.importers.ledger import Part
from storage.importers.model import ImportProgress, ImportReport, ProgressCallback
from storage.importers.part_sync import PartSync, is_current
from storage.importers.peek import files_in, look_at
from storage.importers.sqlite_file import state_of
from storage.importers.watch import Cancel, Watch
from storage.sqlite_store import SQLiteStore
from storage.view import Change


async def sync_source(
    store: SQLiteStore,
    path: str | os.PathLike[str],
    *,
    progress: ProgressCallback | None = None,
    cancel: Cancel | None = None,
    follows: bool = False,
) -> ImportReport:
    """Bring what an agent of another kind remembers into a memory, or bring that up to date.

    The source is only read. What is new there is added, what it changed is updated, what it deleted
    is archived as `gone_from_source`; a record that a person edited or archived in the memory stays
    as it is. Each batch is one transaction together with how far the source was read, so that an
    import that was stopped, by `cancel`, by cancelling the task or by a power cut, goes on from
    there the next time. Where nothing was written to the source, nothing but its state is read.

    Args:
        store: The memory, open for writing.
        path: The file, or a folder of them.
        progress: Told after each batch how far it is.
        cancel: Asked after each batch whether to stop.
        follows: Whether this is called again and again while somebody writes to the source: an
            unfinished last line is left for later, and what may have changed in the middle of a big
            database is looked for a part at a time.

    Raises:
        FileError: The source is missing or cannot be read.
        UnknownSourceError: It is of no format that can be imported.
        CorruptDatabaseError: It is a database that is too damaged to be opened.
        StoreBusyError: Somebody keeps it, or the memory, locked.
        ReadOnlyError: The memory is open read-only.
    """
    fields.check_class("store", store, SQLiteStore)
    root = await asyncio.to_thread(_real, path)
    watch = Watch(ImportReport(root, "", ""), ImportProgress(root), progress, cancel)
    return await _Run(store, root, watch, follows=follows).sync()


def _real(path: str | os.PathLike[str]) -> Path:
    """Return the one name of a file, by whatever link it is named."""
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise FileError(f"{str(path)!r} cannot be reached: {error}.") from error


class _StoppedError(Exception):
    """A synchronisation was told to stop while it looked for the files of its source."""


class _Run:
    """One synchronisation of one source."""

    def __init__(self, store: SQLiteStore, root: Path, watch: Watch, *, follows: bool) -> None:
        self._store = store
        self._root = root
        self._watch = watch
        self._follows = follows
        self._skipped: list[Part] = []
        # Whether the task that looks for the files was cancelled, which stops no thread.
        self._is_left = False

    async def sync(self) -> ImportReport:
        watch, report = self._watch, self._watch.report
        known = await self._store.database.read(lambda view: ledger.parts(view, str(self._root)))
        kept = {part.path: part for part in known}
        for part in known:
            await let_go(self._store, part)
        form = await asyncio.to_thread(self._format_of, kept)
        report.format, report.title = form.name, form.title
        try:
            files = await asyncio.to_thread(self._files, kept, form)
        except asyncio.CancelledError:
            self._is_left = True
            raise
        except _StoppedError:
            return report
        watch.progress.total = sum(size for _, size in files)
        for file, size in files:
            if watch.is_cancelled:
                return report
            part = kept.get(str(file)) or Part(0, str(file), str(self._root), form.name)
            if part.format != form.name:
                _begin_anew(part, form)
            if size:
                await self._sync_part(part, form)
                watch.past(size)
        await self._end({str(file) for file, _ in files}, known, form)
        report.is_complete = not watch.is_cancelled
        return report

    async def _sync_part(self, part: Part, form: Format) -> None:
        try:
            await PartSync(self._store, part, form, self._watch, follows=self._follows).sync()
        except FileError as error:
            # One file of many keeps nobody from reading the others.
            if part.path == str(self._root):
                raise
            self._watch.report.tell(str(error))

    def _format_of(self, kept: dict[str, Part]) -> Format:
        """Return the format, which is looked for anew only where the source is other than it was.

        Raises:
            FileError: It is missing or cannot be read.
            UnknownSourceError: It is of no format.
        """
        if self._root.is_dir():
            known = (formats().get(part.format) for part in kept.values())
            # A file may have stood there before.
            form = next((each for each in known if each is not None and each.takes_folder), None)
            return form or recognise(self._root, is_counted=False)[1]
        own = kept.get(str(self._root))
        form = None if own is None else formats().get(own.format)
        if form is not None and own is not None:
            state = state_of(self._root)
            is_emptied = state[0] == 0 and form.shape != "database"
            if state[0] is not None and (state == own.position.get("state") or is_emptied):
                return form
        return recognise(self._root, is_counted=False)[1]

    def _files(self, kept: dict[str, Part], form: Format) -> list[tuple[Path, int]]:
        """Return the files of the source, each with its size; 0 where nobody wrote to it.

        Raises:
            UnknownSourceError: A folder has none any more, as where its disk is not there.
            _StoppedError: Nobody waits for them any more.
        """
        if not self._root.is_dir():
            return [(self._root, _size(self._root) or 1)]
        files = []
        for file in files_in(self._root):
            if self._is_left or self._watch.is_cancelled:
                raise _StoppedError
            part = kept.get(str(file))
            if part is None or (not part.format and part.position.get("state") != state_of(file)):
                if not _is_of(file, form):
                    self._skip(file, part)
                    continue
                if part is not None:
                    part.format = form.name
            elif not part.format:
                continue
            is_old = part is not None and is_current(part, state_of(file))
            files.append((file, 0 if is_old else _size(file) or 1))
        if not files:
            raise UnknownSourceError(
                f"{self._root} holds no file of {form.title}; nothing was changed."
            )
        return files

    def _skip(self, file: Path, part: Part | None) -> None:
        self._watch.report.skip(str(file.relative_to(self._root)))
        part = part or Part(0, str(file), str(self._root), "")
        part.position = {"state": state_of(file)}
        self._skipped.append(part)

    async def _end(self, there: set[str], known: list[Part], form: Format) -> None:
        """Keep which files were skipped, and let go of what stood in files that are gone."""
        if self._skipped:
            await self._store.database.change(self._keep_skipped)
        for part in known:
            is_known = bool(part.position.keys() - {"held"})
            if part.format and part.path not in there and is_known:
                await PartSync(self._store, part, form, self._watch, follows=False).drop()

    def _keep_skipped(self, change: Change) -> None:
        for part in self._skipped:
            ledger.save(change, part)


def _begin_anew(part: Part, form: Format) -> None:
    """Have a file read from its beginning that is of another format than it was.

    What it held goes; positions of one format say nothing to another.
    """
    part.format = form.name
    part.position = {"is_sweeping": True, "count": part.position.get("count", 0)}


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _is_of(file: Path, form: Format) -> bool:
    try:
        return form.detect(look_at(file, is_counted=False)) is not None
    except FileError:
        return False
