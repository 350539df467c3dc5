"""Repairing the field that a finding speaks of, or putting its record away: nothing is lost.

A repair is an archiving and an adding in one transaction: the row as it was goes into the archive
as `corrupt`, and in its place stands the same row with the one field that was repaired. So the
journal and undo know all that there is to know of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from storage import archive, fields, journal, json_utils, rows
from storage.archive_reading import declared_home
from storage.errors import FieldChangedError, StorageError, ValidationError
from storage.findings import HealthFinding
from storage.json_utils import CorruptJSON
from storage.kinds import BY_TABLE, Kind, find, public_id
from storage.moments import now_text
from storage.repair import Repair, propose_repair
from storage.schema import BY_NAME, JOURNAL, Table, json_types
from storage.view import Change, StoredRow, View

CORRUPT: Final = "corrupt"
_ARCHIVES: Final = frozenset(kind.archive for kind in BY_TABLE.values())


def read_field(view: View, finding: HealthFinding) -> bytes | None:
    """Return the exact bytes of the field that a finding speaks of, as they are now.

    Returns:
        None where the row is gone, or the field is NULL or speaks of no field.
    """
    row = _row_of(view, finding)
    return None if row is None else _bytes_in(row, finding.column)


def _row_of(view: View, finding: HealthFinding) -> StoredRow | None:
    fields.check_class("finding", finding, HealthFinding)
    table = view.layout.get(finding.table) if finding.table else None
    if table is None or finding.rowid is None:
        return None
    kind = BY_TABLE.get(finding.table.lower())
    for row in view.rows(table, "rowid = ?", [finding.rowid]):
        # Somebody else's row may have the number by now.
        key = row.value(kind.key) if kind else finding.rowid
        if public_id(key, finding.rowid) == finding.record_id:
            return row
    if kind is None:
        return None
    # Back from the archive, a record whose id is not its number stands under another one.
    there = find(view, kind, [finding.record_id]).get(finding.record_id, [])
    own = [row for row in there if row.table.name == table.name]
    return own[0] if len(own) == 1 else None


def _bytes_in(row: StoredRow, column: str) -> bytes | None:
    outer, _, inner = column.partition(".")
    value: Any = row.value(outer)
    if inner:
        document = json_utils.decode(value, dict)
        if not isinstance(document, dict):
            return None
        held = rows.decode_row(document)
        value = next((held[name] for name in held if name.lower() == inner), None)
    return None if value is None else rows.stored_bytes(value)


def _types_of(row: StoredRow, column: str) -> tuple[type, ...]:
    """Return the types that the JSON of a field may have, also of one of an archived row."""
    outer, _, inner = column.partition(".")
    name = row.table.name.lower()
    if not inner:
        return _declared_types(BY_NAME.get(name), outer)
    document = json_utils.decode(row.value(outer), dict)
    held = rows.decode_row(document) if isinstance(document, dict) else {}
    return _declared_types(declared_home(name, row.value("table_name"), held), inner)


def _declared_types(table: Table | None, column: str) -> tuple[type, ...]:
    declared = () if table is None else table.json_columns
    return next((json_types(each) for each in declared if each.name == column), (dict,))


def why_no_repair(finding: HealthFinding) -> str:
    """Say why the field of a finding cannot be repaired where it stands; empty if it can.

    Raises:
        ValidationError: It is no finding.
    """
    fields.check_class("finding", finding, HealthFinding)
    table = finding.table.lower()
    if finding.problem not in ("corrupt", "type"):
        return "There is no field to repair."
    if table == JOURNAL.name:
        return "The journal is never rewritten; this one change can no longer be undone."
    if "." in finding.column:
        return (
            "The archive keeps records just as they were. Restore this one, and it can be repaired."
        )
    if table not in BY_TABLE:
        return f"Table {finding.table} is only kept, never edited."
    return ""


def proposal(finding: HealthFinding, raw: bytes) -> Repair:
    """Propose what the field of a finding may have said, or say why there is nothing to propose.

    Args:
        finding: What is broken.
        raw: The bytes of the field as they are now; empty where it is gone.
    """
    if why := why_no_repair(finding):
        return Repair(raw, why_not=why)
    if not raw:
        return Repair(raw, why_not="There is nothing in it.")
    table = BY_NAME.get(finding.table.lower())
    return propose_repair(raw, _declared_types(table, finding.column))


def why_no_archive(finding: HealthFinding) -> str:
    """Say why the record of a finding cannot be archived; empty if it can.

    Raises:
        ValidationError: It is no finding.
    """
    fields.check_class("finding", finding, HealthFinding)
    table = finding.table.lower()
    if table in _ARCHIVES:
        return "It stands in the archive already."
    if finding.problem == "integrity" or table not in BY_TABLE:
        return "There is no record to archive."
    return ""


def repair_field(change: Change, finding: HealthFinding, repair: Repair) -> None:
    """Write a proposal into its field, the row as it was going into the archive as `corrupt`.

    Raises:
        FieldChangedError: The field is no longer what the proposal was made for.
        ValidationError: There is no proposal, or the field cannot be repaired where it stands.
        StorageError: A trigger of the file interferes; nothing was changed.
    """
    fields.check_class("repair", repair, Repair)
    why = why_no_repair(finding) or repair.why_not
    if why or repair.after is None:
        raise ValidationError(f"{_named(finding)} cannot be repaired. {why}", field="repair")
    row = _row_of(change, finding)
    if row is None or _bytes_in(row, finding.column) != repair.before:
        raise FieldChangedError(
            f"{_named(finding)} is no longer what was looked at; nothing was changed. Look at it"
            " again."
        )
    kind = BY_TABLE[row.table.name.lower()]
    name = row.table.spell(finding.column)
    stored = repair.after.encode() if isinstance(row.values[name], bytes) else repair.after
    _put_away(change, kind, row, CORRUPT)
    _add_anew(change, kind, row, {**row.values, name: stored})


def _put_away(change: Change, kind: Kind, row: StoredRow, reason: str) -> None:
    archive.move(change, kind, [row], [archive.envelope(kind, row, reason, None, now_text())])


def _add_anew(change: Change, kind: Kind, row: StoredRow, values: Mapping[str, Any]) -> None:
    """Put a row in the place of one that has left, with the same number."""
    table = row.table
    number = {} if table.has("rowid") else {"rowid": row.rowid}
    change.insert_one(table, {**number, **values})
    there = change.rows(table, "rowid = ?", [row.rowid])
    if not there or there[0].values != values:
        raise StorageError(
            f"A trigger changes what table {table.name} is given; nothing was changed."
        )
    ids = [public_id(there[0].value(kind.key), row.rowid)]
    journal.record(change, "add", table.name, ids, [rows.digest(there[0].values)])


def archive_found(change: Change, findings: Iterable[HealthFinding], reason: str) -> int:
    """Archive the records that findings speak of, as far as they are still broken.

    Returns:
        How many records were archived.

    Raises:
        ValidationError: The reason is blank, or one of them cannot be archived.
    """
    fields.required_text("reason", reason)
    fields.check_writable(["reason"], [reason])
    count = 0
    for finding in fields.check_classes("findings", findings, HealthFinding):
        change.breathe()
        if why := why_no_archive(finding):
            raise ValidationError(f"{_named(finding)}: {why}", field="findings")
        row = _row_of(change, finding)
        if row is not None and _is_broken(row, finding):
            _put_away(change, BY_TABLE[row.table.name.lower()], row, reason)
            count += 1
    return count


def _is_broken(row: StoredRow, finding: HealthFinding) -> bool:
    if finding.problem == "orphan":
        return True
    value = json_utils.decode(_bytes_in(row, finding.column), dict)
    if finding.problem == "type" and not isinstance(value, CorruptJSON):
        return not isinstance(value, _types_of(row, finding.column))
    return isinstance(value, CorruptJSON)


def is_broken(view: View, finding: HealthFinding) -> bool | None:
    """Say whether what a finding tells still holds; None where its row is gone.

    Whether an orphan still is one, only a scan can tell: of these it says only if they are there.
    """
    row = _row_of(view, finding)
    return None if row is None else _is_broken(row, finding)


def _named(finding: HealthFinding) -> str:
    kind = BY_TABLE.get(finding.table.lower())
    what = kind.noun if kind else f"row of {finding.table}"
    return f"{finding.column} of {what} {finding.record_id}"
