"""One tree of errors. Each is a sentence that names the file, table, row or field."""

from __future__ import annotations

from typing import Any


class StorageError(Exception):
    """Root of everything that `storage` raises on purpose. Any of them passes between processes."""

    def __reduce__(self) -> tuple[Any, ...]:
        # `args` lacks what a subclass is given by name, without which it could not be made again.
        return _made_again, (type(self), self.args), self.__dict__


def _made_again(kind: type[StorageError], args: tuple[Any, ...]) -> StorageError:
    return kind.__new__(kind, *args)


class StoreClosedError(StorageError):
    """The store is used before `initialize()`, after `close()`, or in another event loop."""


class StoreBusyError(StorageError):
    """Another process holds the write lock for longer than the busy timeout; nothing was done."""


class DiskError(StorageError):
    """The disk is full, or failed to read or write; nothing was changed."""


class ReadOnlyError(StorageError):
    """A change was asked of a store that is open read-only."""


class MigrationRequiredError(StorageError):
    """The file has an older schema and `migrate=False` forbids bringing it up to date.

    Attributes:
        steps: What a migration would do, a sentence each.
    """

    def __init__(self, message: str, steps: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.steps = steps


class FileError(StorageError):
    """The file cannot be opened: missing, a folder, not readable; or it went while it was open."""


class UnwritableError(FileError):
    """The file or its folder cannot be written; opened read-only it can still be looked at."""


class UnknownSourceError(FileError):
    """The file or folder is of no format that can be imported."""


class NotADatabaseError(FileError):
    """The file is not a SQLite database, or it is encrypted."""


class CorruptDatabaseError(FileError):
    """The file is a SQLite database that is damaged or cut off."""


class SchemaError(StorageError):
    """A table of the file has a name that we know and a shape that we cannot work with."""


class ValidationError(StorageError, ValueError):
    """A value that was given is not what its field holds.

    Attributes:
        field: The name of the field.
    """

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class JSONEncodeError(StorageError, ValueError):
    """A value holds something that JSON cannot say.

    Attributes:
        path: Where in the value, such as `steps[3].score`.
    """

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


class RecordNotFoundError(StorageError, LookupError):
    """No record has the id that was given."""


class RecordExistsError(StorageError):
    """A live record has the id that was to be added or restored."""


class RestoreError(StorageError):
    """An archived row cannot be given back as it was; nothing was restored."""


class TransactionError(StorageError):
    """A transaction is used where it cannot work, such as in a task started inside another."""


class UndoConflictError(StorageError):
    """A record is no longer what the transaction left, so that undoing it would lose a change.

    Attributes:
        record_id: The record in the way.
        kind: Its kind.
    """

    def __init__(self, message: str, *, record_id: str, kind: str = "") -> None:
        super().__init__(message)
        self.record_id = record_id
        self.kind = kind


class FieldChangedError(StorageError):
    """A field is no longer what was looked at, so that what was meant for it may not fit."""


class IndexUnavailableError(StorageError):
    """There is no index to be had: no place for it, or its disk fails."""


class EmbedderError(StorageError):
    """Texts could not be turned into vectors: no model, no endpoint, or vectors that are wrong."""
