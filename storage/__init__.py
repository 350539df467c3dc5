"""An async SQLite store for what an agent remembers.

Names are loaded when they are first used, so that importing `storage` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from storage.cursors import cursor_of
    from storage.errors import (
        CorruptDatabaseError,
        FileError,
        JSONEncodeError,
        MigrationRequiredError,
        NotADatabaseError,
        ReadOnlyError,
        RecordExistsError,
        RecordNotFoundError,
        RestoreError,
        SchemaError,
        StorageError,
        StoreBusyError,
        StoreClosedError,
        TransactionError,
        UndoConflictError,
        ValidationError,
    )
    from storage.health import HealthFinding, HealthProgress
    from storage.inspection import FileInfo, inspect_file
    from storage.json_utils import CorruptJSON
    from storage.listing import Key, Keys
    from storage.records import (
        ArchivedInteraction,
        ArchivedPattern,
        Interaction,
        JournalEntry,
        Note,
        Pattern,
        Snapshot,
        WorldModelState,
    )
    from storage.sqlite_store import SQLiteStore
    from storage.transaction import Transaction
    from storage.world_history import EntityEvent, entity_history
    from storage.world_model import WorldModelDiff, diff_world_models

_HOMES: Final = {
    "cursors": ("cursor_of",),
    "errors": (
        "CorruptDatabaseError",
        "FileError",
        "JSONEncodeError",
        "MigrationRequiredError",
        "NotADatabaseError",
        "ReadOnlyError",
        "RecordExistsError",
        "RecordNotFoundError",
        "RestoreError",
        "SchemaError",
        "StorageError",
        "StoreBusyError",
        "StoreClosedError",
        "TransactionError",
        "UndoConflictError",
        "ValidationError",
    ),
    "health": ("HealthFinding", "HealthProgress"),
    "inspection": ("FileInfo", "inspect_file"),
    "json_utils": ("CorruptJSON",),
    "listing": ("Key", "Keys"),
    "records": (
        "ArchivedInteraction",
        "ArchivedPattern",
        "Interaction",
        "JournalEntry",
        "Note",
        "Pattern",
        "Snapshot",
        "WorldModelState",
    ),
    "sqlite_store": ("SQLiteStore",),
    "transaction": ("Transaction",),
    "world_history": ("EntityEvent", "entity_history"),
    "world_model": ("WorldModelDiff", "diff_world_models"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'storage' has no attribute {name!r}")
    value = getattr(import_module(f"storage.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
