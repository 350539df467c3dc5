"""Responses of llm, as it kept them before it had threads: what was asked, and what was answered.

One row holds both, with system prompt, fragments, attachments and tools beside it. It becomes the
interactions of the turn in the order in which they were: what tools gave back, the system prompt,
the prompt, the reasoning, the answer, and the calls of tools in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from storage import driver
from storage.importers.calls import Calls, Joins
from storage.importers.damage import fault_of, lost, unsound
from storage.importers.llm_contents import (
    Tables,
    attachment_line,
    decoded,
    facts,
    later,
    pages,
    plain,
)
from storage.importers.model import Item, content_hash, damaged
from storage.importers.sqlite_file import SqliteFile
from storage.importers.table_reading import Hole
from storage.importers.texts import as_json, as_text, moment_of

_PREFIX: Final = "llm:"
_TEXTS: Final = (
    *("id", "model", "prompt", "system", "response", "conversation_id", "datetime_utc"),
    "reasoning",
)
_FACTS: Final = (
    *("resolved_model", "options_json", "schema_id", "input_tokens", "output_tokens"),
    *("token_details", "duration_ms", "prompt_json", "response_json"),
)
_LOOK_BACK: Final = 100

Row: TypeAlias = "dict[str, Any]"


def items(opened: SqliteFile, at: dict[str, int]) -> Iterator[Item]:
    """Yield what stands in the responses behind a position."""
    tables = Tables(opened)
    columns = tables.columns("responses", (*_TEXTS, *_FACTS))
    since = at.get("responses", 0)
    responses = _Responses(opened, tables)
    rows = opened.by_number("responses", columns, max(0, since - _LOOK_BACK))
    for page in pages(rows):
        if isinstance(page, Hole):
            at = {**at, "responses": max(page.at, since)}
            yield lost(_PREFIX, "responses", page, at, timestamp=responses.time)
            continue
        cells = [dict(zip(columns, row[1:], strict=True)) for row in page]
        beside = responses.beside(cells)
        for row, each in zip(page, cells, strict=True):
            made = responses.turn(row, columns, each, beside)
            if row[0] <= since:
                # Read only for what the next ones refer to.
                continue
            before, at = at, {**at, "responses": row[0]}
            for item in made:
                item.at = before if item is not made[-1] else at
                yield item


class _Beside:
    """What other tables hold of the responses of a page, by response.

    Attributes:
        rows: The rows of a table by the id of the response.
        texts: The content of fragments by their numbers.
        files: Attachments by their ids.
        names: The names of conversations.
        error: What is wrong with one of the tables; "" if nothing is.
    """

    def __init__(self) -> None:
        self.rows: dict[str, defaultdict[Any, list[Row]]] = {
            name: defaultdict(list) for name in _BESIDE
        }
        self.results: defaultdict[Any, list[Any]] = defaultdict(list)
        self.texts: dict[Any, str] = {}
        self.files: dict[Any, dict[str, Any]] = {}
        self.names: dict[Any, Any] = {}
        self.error = ""


_BESIDE: Final = {
    "prompt_fragments": ("response_id", "fragment_id", "order"),
    "system_fragments": ("response_id", "fragment_id", "order"),
    "prompt_attachments": ("response_id", "attachment_id", "order"),
    "tool_calls": ("id", "response_id", "name", "arguments", "tool_call_id"),
    "tool_results": ("id", "response_id", "name", "output", "tool_call_id", "exception"),
}


class _Responses:
    """Turns rows of `responses` into items, and remembers which calls wait for their results."""

    def __init__(self, opened: SqliteFile, tables: Tables) -> None:
        self._opened = opened
        self._tables = tables
        self._calls = Calls()
        self.time: str | None = None

    def beside(self, cells: Sequence[Row]) -> _Beside:
        """Return what other tables hold of the responses of a page."""
        beside = _Beside()
        try:
            self._fill(beside, [each["id"] for each in cells if not fault_of(each["id"])])
            names = [each["conversation_id"] for each in cells]
            names = [name for name in names if not fault_of(name)]
            for each in self._tables.rows("conversations", ("id", "name"), "id", names):
                beside.names[each["id"]] = each["name"]
        except driver.Error as error:
            beside.error = str(error)
        return beside

    def _fill(self, beside: _Beside, ids: list[Any]) -> None:
        for table, columns in _BESIDE.items():
            for each in self._tables.rows(table, columns, "response_id", ids):
                beside.rows[table][each["response_id"]].append(each)
        numbers = [
            each["fragment_id"]
            for table in ("prompt_fragments", "system_fragments")
            for some in beside.rows[table].values()
            for each in some
        ]
        beside.texts = self._tables.fragments(numbers)
        results = [each["id"] for some in beside.rows["tool_results"].values() for each in some]
        columns = ("tool_result_id", "attachment_id")
        for each in self._tables.rows(
            "tool_results_attachments", columns, "tool_result_id", results
        ):
            beside.results[each["tool_result_id"]].append(each["attachment_id"])
        files = [
            each["attachment_id"]
            for some in beside.rows["prompt_attachments"].values()
            for each in some
        ]
        files += [name for some in beside.results.values() for name in some]
        beside.files = self._tables.attachments(files)

    def turn(
        self, row: tuple[Any, ...], columns: Sequence[str], cells: Row, beside: _Beside
    ) -> list[Item]:
        """Return the interactions of one response, in order."""
        texts = [name for name in columns if name in _TEXTS]
        bad = unsound(_PREFIX, self._opened, "responses", texts, row, None, timestamp=self.time)
        if bad is not None:
            return [bad]
        self.time = moment_of(cells["datetime_utc"], self.time)
        return _Turn(self._opened, cells, beside, self._calls, self.time).items()


class _Turn:
    """One response, as the interactions that it is."""

    def __init__(
        self, opened: SqliteFile, cells: Row, beside: _Beside, calls: Calls, time: str
    ) -> None:
        self._opened = opened
        self._cells = cells
        self._beside = beside
        self._calls = calls
        self._time = time
        self._id = as_text(cells["id"]) or ""
        self._session = as_text(cells["conversation_id"]) or self._id
        self._made: list[Item] = []

    def items(self) -> list[Item]:
        for each in self._of("tool_results"):
            self._result(each)
        self._prompts()
        answered = later(self._time, self._cells.get("duration_ms"))
        self._answer(answered)
        for each in self._of("tool_calls"):
            self._call(each, answered)
        if self._beside.error:
            self._trouble()
        return self._made

    def _prompts(self) -> None:
        system = self._joined("system_fragments", "system")
        if system:
            self._add("system", "message", "system", system, self._kept(("system",)))
        files = [self._beside.files.get(each["attachment_id"], {"id": each["attachment_id"]})
                 for each in self._of("prompt_attachments")]  # fmt: skip
        prompt = self._joined("prompt_fragments", "prompt")
        if not prompt and not files and self._of("tool_results"):
            return
        lines = [prompt, *map(attachment_line, files)]
        details = self._kept(("prompt", "prompt_json"))
        if files:
            details["attachments"] = files
        numbers = [each["fragment_id"] for each in self._of("prompt_fragments")]
        if numbers:
            details["fragments"] = numbers
        self._add("prompt", "message", "user", "\n\n".join(filter(None, lines)), details)

    def _answer(self, time: str) -> None:
        reasoning = as_text(self._cells.get("reasoning"))
        if reasoning:
            self._add("reasoning", "thinking", "assistant", reasoning, {}, time=time)
        details = self._kept(("response", "response_json"))
        told = facts(self._cells)
        self._add(
            "response", "message", "assistant", as_text(self._cells["response"]) or "",
            details, time=time, told=told,
        )  # fmt: skip

    def _call(self, row: Row, time: str) -> None:
        name = as_text(row["name"]) or "tool"
        part = f"call-{row['id']}"
        joins = Joins(self._calls, self._session, self._key(part))
        joins.makes(row["tool_call_id"], plain(name))
        arguments = decoded(row["arguments"])
        content = f"{plain(name)} {as_json(arguments)}"
        details = {"name": plain(name), "arguments": arguments}
        self._add(
            part, "tool_call", "assistant", content, details, time=time, told=joins.metadata()
        )

    def _result(self, row: Row) -> None:
        part = f"result-{row['id']}"
        joins = Joins(self._calls, self._session, self._key(part))
        joins.answers(row["tool_call_id"], plain(row["name"]))
        files = [self._beside.files.get(name, {"id": name}) for name in
                 self._beside.results[row["id"]]]  # fmt: skip
        failed = plain(as_text(row["exception"]))
        lines = [plain(as_text(row["output"])), *map(attachment_line, files)]
        if failed:
            lines.append(f"[{failed}]")
        details = {
            name: value
            for name, value in (
                *(("name", plain(row["name"])), ("output", plain(row["output"]))),
                *(("exception", failed), ("attachments", files)),
            )
            if value
        }
        content = "\n\n".join(filter(None, lines))
        self._add(part, "tool_result", "tool", content, details, told=joins.metadata())

    def _trouble(self) -> None:
        """Say that what stands beside the response cannot be read."""
        known = {"timestamp": self._time, "session_id": self._session}
        where = {"file": str(self._opened.path), "response": self._id}
        key = self._key("beside")
        self._made.append(damaged(key, b"", where, self._beside.error, None, **known))

    def _add(
        self,
        part: str,
        action: str,
        role: str,
        content: str,
        details: dict[str, Any],
        *,
        time: str | None = None,
        told: dict[str, Any] | None = None,
    ) -> None:
        metadata = {"turn": self._id, **(told or {})}
        if name := plain(self._beside.names.get(self._cells["conversation_id"])):
            metadata["thread"] = name
        record = {
            "timestamp": time or self._time,
            "session_id": self._session,
            "action": action,
            "role": role,
            "content": content,
            "details": details,
            "metadata": metadata,
        }
        fingerprint = content_hash(content, as_json(details), as_json(told or {}))
        size = len(content) * 2
        self._made.append(Item(self._key(part), record, fingerprint, None, size=size))

    def _key(self, part: str) -> str:
        return f"{_PREFIX}{self._id}:{part}"

    def _of(self, table: str) -> list[Row]:
        rows = self._beside.rows[table][self._cells["id"]]
        return sorted(rows, key=_order) if "order" in _BESIDE[table] else rows

    def _joined(self, table: str, column: str) -> str:
        """Return a prompt as the model saw it: fragments, then what was typed."""
        texts = [plain(self._beside.texts.get(each["fragment_id"], "")) for each in self._of(table)]
        return "\n".join(filter(None, [*texts, as_text(self._cells[column])]))

    def _kept(self, columns: tuple[str, ...]) -> dict[str, Any]:
        """Return cells as they stand; those with JSON, decoded."""
        kept = {
            name: decoded(cell) if name.endswith("_json") else plain(cell)
            for name in columns
            if (cell := self._cells.get(name)) is not None
        }
        return {name: value for name, value in kept.items() if value is not None}


def _order(row: Row) -> int:
    return row["order"] if isinstance(row["order"], int) else 0
