"""What both ages of llm's log keep beside what was said: fragments, attachments, tools, schemas."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any, Final

from storage import json_utils
from storage.importers.sqlite_file import SqliteFile
from storage.importers.table_reading import Hole
from storage.importers.texts import as_text
from storage.moments import from_moment, parse_moment, to_text
from storage.rows import listed, quote

_AT_ONCE: Final = 500
_PAGE: Final = 200
_MOST_BYTES: Final = 2**20
"""Bytes of an attachment that are taken along; a bigger one is told of by its hash and size."""


class Tables:
    """The tables that hold what stands beside the messages.

    Args:
        opened: The database.
    """

    def __init__(self, opened: SqliteFile) -> None:
        self._opened = opened
        self._tables = opened.tables()

    def columns(self, table: str, wanted: Iterable[str]) -> list[str]:
        """Return those of some columns that a table has."""
        there = self._tables.get(table, frozenset())
        return [name for name in wanted if name in there]

    def rows(
        self, table: str, columns: Iterable[str], by: str, values: Iterable[Any]
    ) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table that have one of these values, in the order of their numbers.

        A column that is not there reads as None; of a table that is not there, there are no rows.

        Raises:
            driver.Error: The table is damaged there.
        """
        if not self.columns(table, [by]):
            return
        names = self.columns(table, columns)
        wanted = list(dict.fromkeys(value for value in values if value is not None))
        for start in range(0, len(wanted), _AT_ONCE):
            marks, given = listed(wanted[start : start + _AT_ONCE])
            sql = (
                f"SELECT {', '.join(map(quote, names))} FROM {quote(table)}"
                f" WHERE {quote(by)} IN ({marks}) ORDER BY rowid"
            )
            for row in self._opened.page(sql, given):
                yield dict.fromkeys(columns) | dict(zip(names, row, strict=True))

    def fragments(self, numbers: Iterable[Any]) -> dict[Any, str]:
        """Return the content of fragments by their numbers."""
        return {
            each["id"]: as_text(each["content"]) or ""
            for each in self.rows("fragments", ("id", "content"), "id", numbers)
        }

    def attachments(self, ids: Iterable[Any]) -> dict[Any, dict[str, Any]]:
        """Return what is known of attachments, by their ids."""
        columns = ("id", "type", "path", "url", "content")
        return {
            each["id"]: _attachment(each) for each in self.rows("attachments", columns, "id", ids)
        }


def pages(rows: Iterator[tuple[Any, ...] | Hole]) -> Iterator[list[tuple[Any, ...]] | Hole]:
    """Yield rows by the page, so that what stands beside them is read at once."""
    page: list[tuple[Any, ...]] = []
    for row in rows:
        if isinstance(row, Hole):
            if page:
                yield page
                page = []
            yield row
            continue
        page.append(row)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


def _attachment(row: dict[str, Any]) -> dict[str, Any]:
    content = row.pop("content")
    told = {name: plain(value) for name, value in row.items() if value is not None}
    if isinstance(content, bytes):
        told["bytes"] = len(content)
        if len(content) <= _MOST_BYTES:
            told["base64"] = b64encode(content).decode()
    return told


def attachment_line(told: dict[str, Any]) -> str:
    """Return the line that stands in a message for an attachment."""
    where = told.get("path") or told.get("url") or told.get("id") or ""
    return f"[{told.get('type') or 'attachment'}: {where}]"


def plain(value: Any) -> Any:
    """Return a cell as JSON can say it: text that is not UTF-8 with its bytes spelled out."""
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode()}
    if isinstance(value, str):
        return json_utils.exact_bytes(value).decode("utf-8", "backslashreplace")
    return value


def decoded(cell: Any) -> Any:
    """Return what a cell with JSON says; the text itself where it says nothing."""
    if cell is None:
        return None
    value = json_utils.decode(cell)
    return plain(cell) if isinstance(value, json_utils.CorruptJSON) else value


def facts(row: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of one call of a model: model, options, tokens, time, schema."""
    told = {
        name: plain(row.get(name))
        for name in (
            *("model", "resolved_model", "input_tokens", "output_tokens", "duration_ms"),
            "schema_id",
        )
    }
    for name, column in (("options", "options_json"), ("token_details", "token_details")):
        told[name] = decoded(row.get(column))
    return {name: value for name, value in told.items() if value not in (None, {}, "")}


def later(time: str, milliseconds: Any) -> str:
    """Return the time so many milliseconds later; the time itself where there is no telling."""
    if not isinstance(milliseconds, int) or not 0 <= milliseconds < 10**10:
        return time
    moment = from_moment(parse_moment(time) + milliseconds * 1000)
    return time if moment is None else to_text(moment)
