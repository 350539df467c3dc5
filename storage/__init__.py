"""An async SQLite store for what an agent remembers.

Names are loaded when they are first used, so that importing `storage` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from storage.blocks import Transaction as Transaction
    from storage.comparing import Difference as Difference
    from storage.comparing import KindCount as KindCount
    from storage.comparing import compare_memories as compare_memories
    from storage.contradictions import Claim as Claim
    from storage.contradictions import Contradiction as Contradiction
    from storage.contradictions import find_contradictions as find_contradictions
    from storage.copying import copy_memory as copy_memory
    from storage.cursors import cursor_of as cursor_of
    from storage.dangling import Dangling as Dangling
    from storage.diff_records import MISSING as MISSING
    from storage.diff_records import EntryChange as EntryChange
    from storage.diff_records import EntryChanges as EntryChanges
    from storage.diff_records import FieldChange as FieldChange
    from storage.diff_records import WorldModelDiff as WorldModelDiff
    from storage.embedders import Embedder as Embedder
    from storage.embedders import WordLlamaEmbedder as WordLlamaEmbedder
    from storage.embedders import default_embedder as default_embedder
    from storage.environment import BUGS as BUGS
    from storage.environment import SQLiteBug as SQLiteBug
    from storage.environment import SQLiteEnvironment as SQLiteEnvironment
    from storage.environment import look_at_sqlite as look_at_sqlite
    from storage.errors import CorruptDatabaseError as CorruptDatabaseError
    from storage.errors import DiskError as DiskError
    from storage.errors import EmbedderError as EmbedderError
    from storage.errors import FieldChangedError as FieldChangedError
    from storage.errors import FileError as FileError
    from storage.errors import IndexUnavailableError as IndexUnavailableError
    from storage.errors import JSONEncodeError as JSONEncodeError
    from storage.errors import MigrationRequiredError as MigrationRequiredError
    from storage.errors import NotADatabaseError as NotADatabaseError
    from storage.errors import ReadOnlyError as ReadOnlyError
    from storage.errors import RecordExistsError as RecordExistsError
    from storage.errors import RecordNotFoundError as RecordNotFoundError
    from storage.errors import RestoreError as RestoreError
    from storage.errors import SchemaError as SchemaError
    from storage.errors import StorageError as StorageError
    from storage.errors import StoreBusyError as StoreBusyError
    from storage.errors import StoreClosedError as StoreClosedError
    from storage.errors import TransactionError as TransactionError
    from storage.errors import UndoConflictError as UndoConflictError
    from storage.errors import UnknownSourceError as UnknownSourceError
    from storage.errors import UnwritableError as UnwritableError
    from storage.errors import ValidationError as ValidationError
    from storage.health import HealthFinding as HealthFinding
    from storage.health import HealthProgress as HealthProgress
    from storage.history_records import OperationCount as OperationCount
    from storage.history_records import RecordEffect as RecordEffect
    from storage.history_records import RecordEvent as RecordEvent
    from storage.history_records import TransactionEntry as TransactionEntry
    from storage.history_records import TransactionSummary as TransactionSummary
    from storage.history_records import UndoConflict as UndoConflict
    from storage.history_records import UndoPreview as UndoPreview
    from storage.hybrid_store import HybridStore as HybridStore
    from storage.importers.explaining import Explained as Explained
    from storage.importers.explaining import explain_divergence as explain_divergence
    from storage.importers.formats import detect_source as detect_source
    from storage.importers.formats import get_formats as get_formats
    from storage.importers.model import Divergence as Divergence
    from storage.importers.model import Found as Found
    from storage.importers.model import ImportProgress as ImportProgress
    from storage.importers.model import ImportReport as ImportReport
    from storage.importers.model import SourceInfo as SourceInfo
    from storage.importers.recipes.model import HowTo as HowTo
    from storage.importers.sources import get_diverged as get_diverged
    from storage.importers.sources import get_sources as get_sources
    from storage.importers.syncing import sync_source as sync_source
    from storage.inspection import FileInfo as FileInfo
    from storage.inspection import inspect_file as inspect_file
    from storage.json_utils import CorruptJSON as CorruptJSON
    from storage.leads.model import Evidence as Evidence
    from storage.leads.model import Lead as Lead
    from storage.leads.model import LeadProgress as LeadProgress
    from storage.lineage import Lineage as Lineage
    from storage.lineage import Piece as Piece
    from storage.listing import Key as Key
    from storage.listing import Keys as Keys
    from storage.llm_embeddings import OpenAIEmbedder as OpenAIEmbedder
    from storage.llm_embeddings import embedder_from_environment as embedder_from_environment
    from storage.locating import Place as Place
    from storage.memory_history import MemoryHistory as MemoryHistory
    from storage.memory_lookup import MemoryLookup as MemoryLookup
    from storage.naming import Named as Named
    from storage.overview import Activity as Activity
    from storage.overview import TypeSpread as TypeSpread
    from storage.pairing import Spotted as Spotted
    from storage.protocols.searching import Searching as Searching
    from storage.protocols.store import SearchableStore as SearchableStore
    from storage.protocols.store import Store as Store
    from storage.recognising import is_foreign as is_foreign
    from storage.records import ArchivedInteraction as ArchivedInteraction
    from storage.records import ArchivedPattern as ArchivedPattern
    from storage.records import Interaction as Interaction
    from storage.records import JournalEntry as JournalEntry
    from storage.records import Note as Note
    from storage.records import Pattern as Pattern
    from storage.records import Snapshot as Snapshot
    from storage.records import WorldModelState as WorldModelState
    from storage.repair import Repair as Repair
    from storage.repair import RepairPiece as RepairPiece
    from storage.repair import propose_repair as propose_repair
    from storage.repairing import why_no_archive as why_no_archive
    from storage.repairing import why_no_repair as why_no_repair
    from storage.runs import ArchiveRun as ArchiveRun
    from storage.runs import RunMember as RunMember
    from storage.search.filters import Filters as Filters
    from storage.search.filters import read_time as read_time
    from storage.search.query import Query as Query
    from storage.search.query import Term as Term
    from storage.search.query import parse_query as parse_query
    from storage.search.results import DuplicateGroup as DuplicateGroup
    from storage.search.results import IndexStatus as IndexStatus
    from storage.search.results import SearchHit as SearchHit
    from storage.search.results import Why as Why
    from storage.search.spelling import places_of as places_of
    from storage.sqlite_store import SQLiteStore as SQLiteStore
    from storage.store_reader import StoreReader as StoreReader
    from storage.world_history import EntityEvent as EntityEvent
    from storage.world_history import entity_history as entity_history
    from storage.world_keys import entities_of as entities_of
    from storage.world_keys import entity_key as entity_key
    from storage.world_keys import is_model_readable as is_model_readable
    from storage.world_keys import relation_key as relation_key
    from storage.world_keys import relations_of as relations_of
    from storage.world_keys import with_entry as with_entry
    from storage.world_model import diff_world_models as diff_world_models

_HOMES: Final = {
    "comparing": ("Difference", "KindCount", "compare_memories"),
    "contradictions": ("Claim", "Contradiction", "find_contradictions"),
    "copying": ("copy_memory",),
    "cursors": ("cursor_of",),
    "dangling": ("Dangling",),
    "embedders": ("Embedder", "WordLlamaEmbedder", "default_embedder"),
    "environment": ("BUGS", "SQLiteBug", "SQLiteEnvironment", "look_at_sqlite"),
    "errors": (
        "CorruptDatabaseError",
        "DiskError",
        "EmbedderError",
        "FieldChangedError",
        "FileError",
        "IndexUnavailableError",
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
        "UnknownSourceError",
        "UnwritableError",
        "ValidationError",
    ),
    "health": ("HealthFinding", "HealthProgress"),
    "history_records": (
        "OperationCount",
        "RecordEffect",
        "RecordEvent",
        "TransactionEntry",
        "TransactionSummary",
        "UndoConflict",
        "UndoPreview",
    ),
    "hybrid_store": ("HybridStore",),
    "importers.explaining": ("Explained", "explain_divergence"),
    "importers.formats": ("detect_source", "get_formats"),
    "importers.model": (
        "Divergence",
        "Found",
        "ImportProgress",
        "ImportReport",
        "SourceInfo",
    ),
    "importers.recipes.model": ("HowTo",),
    "importers.sources": (
        "get_diverged",
        "get_sources",
    ),
    "importers.syncing": ("sync_source",),
    "inspection": ("FileInfo", "inspect_file"),
    "json_utils": ("CorruptJSON",),
    "leads.model": ("Evidence", "Lead", "LeadProgress"),
    "lineage": ("Lineage", "Piece"),
    "listing": ("Key", "Keys"),
    "locating": ("Place",),
    "llm_embeddings": ("OpenAIEmbedder", "embedder_from_environment"),
    "memory_history": ("MemoryHistory",),
    "memory_lookup": ("MemoryLookup",),
    "naming": ("Named",),
    "overview": ("Activity", "TypeSpread"),
    "pairing": ("Spotted",),
    "protocols.searching": ("Searching",),
    "protocols.store": ("SearchableStore", "Store"),
    "recognising": ("is_foreign",),
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
    "repair": ("Repair", "RepairPiece", "propose_repair"),
    "repairing": ("why_no_archive", "why_no_repair"),
    "runs": ("ArchiveRun", "RunMember"),
    "search.filters": ("Filters", "read_time"),
    "search.query": ("Query", "Term", "parse_query"),
    "search.results": ("DuplicateGroup", "IndexStatus", "SearchHit", "Why"),
    "search.spelling": ("places_of",),
    "sqlite_store": ("SQLiteStore",),
    "store_reader": ("StoreReader",),
    "blocks": ("Transaction",),
    "world_history": ("EntityEvent", "entity_history"),
    "world_keys": (
        "entities_of",
        "entity_key",
        "is_model_readable",
        "relation_key",
        "relations_of",
        "with_entry",
    ),
    "world_model": ("diff_world_models",),
    "diff_records": ("MISSING", "EntryChange", "EntryChanges", "FieldChange", "WorldModelDiff"),
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
