"""Threads of llm: the messages of each, in order, with what is known of the turn that made them.

Messages are shared between threads and known by their content, so that a thread that was forked
from another has its beginning in common with it. In a memory each thread tells all of its own.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from typing import Any, Final

from storage import driver, json_utils
from storage.ids import joined_id
from storage.importers.calls import Calls, Joins
from storage.importers.damage import broken, fault_of, lost, unsound
from storage.importers.llm_contents import (
    Tables,
    attachment_line,
    decoded,
    facts,
    later,
    pages,
    plain,
)
from storage.importers.model import Item, content_hash
from storage.importers.sqlite_file import SqliteFile
from storage.importers.table_reading import Hole
from storage.importers.texts import as_json, as_text, json_bytes, moment_of, readable
from storage.moments import now_text

_PREFIX: Final = "llm:"
_TEXTS: Final = ("id", "thread_id", "tip_message_hash", "parent_message_hash", "datetime_utc")
_FACTS: Final = (
    *("model", "resolved_model", "options_json", "schema_id", "input_tokens", "output_tokens"),
    *("token_details", "duration_ms", "response_json"),
)
# Where a row of turns names messages, behind its number.
_NAMED: Final = slice(3, 5)
_MESSAGE: Final = ("hash", "parent_hash", "role", "provider_metadata")
_PART: Final = ("id", "message_hash", "position", "type", "tool_name", "text", "payload")
_TOOLS: Final = ("tool_call", "tool_result")
_MOST_SEEN: Final = 200_000
_LOOK_BACK: Final = 100
_LONGEST: Final = 100_000
# Threads that say more than their turns do, as where somebody appended to one.
_ODD: Final = (
    "SELECT t.rowid, t.id, t.tip_message_hash, t.datetime_utc FROM threads t"
    " WHERE t.tip_message_hash NOTNULL AND NOT EXISTS"
    " (SELECT 1 FROM turns u WHERE u.thread_id = t.id"
    " AND u.tip_message_hash = t.tip_message_hash) AND t.rowid > ? ORDER BY t.rowid LIMIT 500"
)


def items(opened: SqliteFile, at: dict[str, int]) -> Iterator[Item]:
    """Yield the messages of the turns behind a position, then those of no turn."""
    tables = Tables(opened)
    columns = (*_TEXTS, *tables.columns("turns", _FACTS))
    since = at.get("turns", 0)
    threads = _Threads(opened, tables)
    for page in pages(opened.by_number("turns", columns, max(0, since - _LOOK_BACK))):
        if isinstance(page, Hole):
            at = {**at, "turns": max(page.at, since)}
            yield lost(_PREFIX, "turns", page, at, timestamp=threads.time)
            continue
        threads.read_ahead(page)
        for row in page:
            made = threads.turn(row, columns)
            if row[0] <= since:
                # Read only for what the next turns refer to.
                continue
            before, at = at, {**at, "turns": row[0]}
            for item in made:
                item.at = before if item is not made[-1] else at
                yield item
    yield from threads.others(at)


class _Threads:
    """Turns the chains of messages into items, and remembers what was told of each thread."""

    def __init__(self, opened: SqliteFile, tables: Tables) -> None:
        self._opened = opened
        self._tables = tables
        self._calls = Calls()
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._names: dict[str, dict[str, Any]] = {}
        self._ahead: dict[str, dict[str, Any]] = {}
        self._parts_ahead: dict[str, list[dict[str, Any]]] = {}
        self.time = now_text()

    def read_ahead(self, page: list[tuple[Any, ...]]) -> None:
        """Read the messages that a page of turns names, and their parts, at once."""
        named = {each for row in page for each in row[_NAMED] if isinstance(each, str)}
        hashes = [each for each in named if not fault_of(each)]
        self._ahead, self._parts_ahead = {}, {}
        try:
            for row in self._tables.rows("messages", _MESSAGE, "hash", hashes):
                self._ahead[row["hash"]] = row
            parts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
            for row in self._tables.rows("parts", _PART, "message_hash", hashes):
                parts[row["message_hash"]].append(row)
        except driver.Error:
            # They are read one by one, up to the damage.
            return
        self._parts_ahead = {each: parts[each] for each in self._ahead}

    def turn(self, row: tuple[Any, ...], columns: tuple[str, ...]) -> list[Item]:
        """Return the messages that a turn adds to its thread."""
        bad = unsound(_PREFIX, self._opened, "turns", _TEXTS, row, None, timestamp=self.time)
        if bad is not None:
            return [bad]
        cells = dict(zip(columns, row[1:], strict=True))
        thread = as_text(cells["thread_id"]) or as_text(cells["id"]) or ""
        tip, parent = as_text(cells["tip_message_hash"]), as_text(cells["parent_message_hash"])
        self.time = moment_of(cells["datetime_utc"], self.time)
        told = {"turn": as_text(cells["id"]), **facts(cells)}
        made = self._chain(thread, tip, told, parent)
        answer = decoded(cells.get("response_json"))
        if answer is not None and made and isinstance(made[-1].record["details"], dict):
            made[-1].record["details"]["response"] = answer
        return made or ([] if tip else [self._nothing(thread, told)])

    def others(self, at: dict[str, int]) -> Iterator[Item]:
        """Yield the messages of threads that no turn tells of."""
        after = 0
        while True:
            try:
                found = self._opened.page(_ODD, (after,))
            except driver.Error as error:
                yield lost(_PREFIX, "threads", Hole(after + 1, None, str(error)), at)
                return
            for number, thread, tip, time in found:
                after = number
                self.time = moment_of(time, self.time)
                row = (number, thread, tip)
                bad = unsound(_PREFIX, self._opened, "threads", ("id", "tip"), row, at)
                made = [bad] if bad else self._chain(as_text(thread) or "", as_text(tip), {}, None)
                for item in made:
                    item.at = at
                    yield item
            if not found:
                return

    def _nothing(self, thread: str, told: dict[str, Any]) -> Item:
        """Return what stands for a turn without any message."""
        known = {"timestamp": self.time, "session_id": thread}
        record = {**known, "action": "turn", "metadata": told}
        return Item(f"{_PREFIX}turn:{told['turn']}", record, content_hash(as_json(told)), None)

    def _chain(
        self, thread: str, tip: str | None, told: dict[str, Any], parent: str | None
    ) -> list[Item]:
        """Return the messages up to a tip that were not told of this thread, oldest first."""
        chain: list[tuple[Any, ...]] = []
        met: set[str] = set()
        faults: list[Item] = []
        at = tip
        while at is not None and at not in met and (thread, at) not in self._told:
            met.add(at)
            found = self._read(at)
            if isinstance(found, str):
                faults.append(self._missing(thread, at, found))
                break
            chain.append(found)
            at = found[1] if isinstance(found[1], str) and len(met) < _LONGEST else None
        made: list[Item] = faults
        is_own = parent not in met
        answered = later(self.time, told.get("duration_ms"))
        for message in reversed(chain):
            some = self._message(thread, message, told if is_own else {"turn": told.get("turn")})
            for item in some:
                item.record["timestamp"] = answered if is_own else self.time
            made += some
            self._tell(thread, message[0])
            is_own = is_own or message[0] == parent
        return made

    def _read(self, message: str) -> tuple[Any, ...] | str:
        """Return the row of a message, or what is wrong with it."""
        if fault := fault_of(message):
            return fault
        try:
            row = self._ahead.get(message) or next(
                self._tables.rows("messages", _MESSAGE, "hash", [message]), None
            )
        except driver.Error as error:
            return str(error)
        if row is None:
            return "names a message that is not there"
        return message, row["parent_hash"], row["role"], row["provider_metadata"]

    def _tell(self, thread: str, message: str) -> None:
        self._told[thread, message] = None
        if len(self._told) > _MOST_SEEN:
            self._told.popitem(last=False)

    def _missing(self, thread: str, message: str, error: str) -> Item:
        item = broken(
            _PREFIX, self._opened, "messages", 0, "hash", json_utils.exact_bytes(message),
            error, None, timestamp=self.time, session_id=thread,
        )  # fmt: skip
        item.key = f"{_PREFIX}{joined_id(thread, message)}#missing"
        item.hides = True
        return item

    def _message(self, thread: str, message: tuple[Any, ...], told: dict[str, Any]) -> list[Item]:
        """Return one message of a thread, and what of it cannot be read."""
        try:
            parts, faults = self._parts(thread, message[0])
            return [*faults, self._item(thread, message, parts, told)]
        except driver.Error as error:
            return [self._missing(thread, message[0], str(error))]

    def _item(
        self,
        thread: str,
        message: tuple[Any, ...],
        parts: list[dict[str, Any]],
        told: dict[str, Any],
    ) -> Item:
        own, parent, role, provided = message
        key = f"{_PREFIX}{joined_id(thread, own)}"
        joins = Joins(self._calls, thread, key)
        texts = [_told_part(part, joins) for part in parts]
        kinds = [part["type"] for part in parts]
        metadata: dict[str, Any] = {**told, **joins.metadata(), **self._thread(thread)}
        if isinstance(parent, str):
            metadata["parent"] = f"{_PREFIX}{joined_id(thread, plain(parent))}"
        details: dict[str, Any] = {"role": plain(role), "parts": parts}
        if provided is not None:
            details["provider_metadata"] = decoded(provided)
        record = {
            "timestamp": self.time,
            "session_id": thread,
            "action": next((each for each in _TOOLS if each in kinds), "message"),
            "role": as_text(role),
            "content": "\n\n".join(filter(None, texts)),
            "details": details,
            "metadata": {name: value for name, value in metadata.items() if value is not None},
        }
        raw = as_json(details)
        return Item(key, record, content_hash(own, raw), None, size=len(raw))

    def _thread(self, thread: str) -> dict[str, Any]:
        """Return the name of a thread, and what it was forked from."""
        if thread not in self._names:
            if len(self._names) > 1000:
                self._names.clear()
            row = next(
                self._tables.rows("threads", ("id", "name", "forked_from"), "id", [thread]), {}
            )
            self._names[thread] = {
                name: plain(row.get(column))
                for name, column in (("thread", "name"), ("forked_from", "forked_from"))
            }
        return self._names[thread]

    def _parts(self, thread: str, message: str) -> tuple[list[dict[str, Any]], list[Item]]:
        """Return the parts of a message with what they refer to, and those that are damaged.

        Raises:
            driver.Error: They are on damaged pages.
        """
        ahead = self._parts_ahead.get(message)
        rows = sorted(
            self._tables.rows("parts", _PART, "message_hash", [message])
            if ahead is None
            else ahead,
            key=lambda row: row["position"] if isinstance(row["position"], int) else 0,
        )
        faults = [fault for row in rows for fault in self._faults(thread, row)]
        parts = [_part(row) for row in rows]
        texts = self._tables.fragments([n for part in parts for n in _fragment_numbers(part)])
        files = self._tables.attachments([n for part in parts for n in _attachment_ids(part)])
        for part in parts:
            if isinstance(pieces := part.get("text_ref"), list):
                del part["text_ref"]
                part["text"] = "".join(_piece(piece, texts) for piece in pieces)
                part["fragments"] = _fragment_numbers({"text_ref": pieces})
            for held in _attached(part):
                own = held.get("id")
                held |= files.get(own, {}) if isinstance(own, str) else {}
        return parts, faults

    def _faults(self, thread: str, row: dict[str, Any]) -> Iterator[Item]:
        """Yield what stands for the cells of a part that cannot be read."""
        known: dict[str, Any] = {"timestamp": self.time, "session_id": thread}
        cells = (row["id"], row["text"])
        bad = unsound(_PREFIX, self._opened, "parts", ("text",), cells, None, **known)
        if bad is not None:
            yield bad
        if row["payload"] is None:
            return
        raw, _, error = json_bytes(row["payload"])
        if error:
            yield broken(
                _PREFIX, self._opened, "parts", row["id"], "payload", raw, error, None, **known
            )


def _part(row: dict[str, Any]) -> dict[str, Any]:
    payload = json_utils.decode(row["payload"])
    part: dict[str, Any] = {"type": plain(row["type"]) or "part"}
    if isinstance(payload, dict):
        part |= payload
    else:
        part["payload"] = plain(row["payload"])
    part["type"] = plain(row["type"]) or "part"
    if row["text"] is not None:
        part["text"] = plain(row["text"])
    if row["tool_name"] is not None:
        part.setdefault("name", plain(row["tool_name"]))
    return part


def _piece(piece: Any, texts: dict[Any, str]) -> str:
    if not isinstance(piece, dict):
        return ""
    if "literal" in piece:
        return as_text(piece["literal"]) or ""
    number = piece.get("fragment")
    return str(plain(texts.get(number, ""))) if isinstance(number, int) else ""


def _fragment_numbers(part: dict[str, Any]) -> list[int]:
    pieces = part.get("text_ref")
    pieces = pieces if isinstance(pieces, list) else []
    numbers = [piece.get("fragment") for piece in pieces if isinstance(piece, dict)]
    # No row has a greater number than SQLite knows.
    return [number for number in numbers if isinstance(number, int) and abs(number) < 2**63]


def _attached(part: dict[str, Any]) -> list[dict[str, Any]]:
    several = part.get("attachments")
    found = [part.get("attachment"), *(several if isinstance(several, list) else [])]
    return [each for each in found if isinstance(each, dict)]


def _attachment_ids(part: dict[str, Any]) -> list[str]:
    return [each["id"] for each in _attached(part) if isinstance(each.get("id"), str)]


def _told_part(part: dict[str, Any], joins: Joins) -> str:
    """Return how a part reads; note the call or the result that it is."""
    lines = [attachment_line(each) for each in _attached(part)]
    if part["type"] == "tool_call":
        joins.makes(part.get("tool_call_id"), part.get("name"))
        return f"{as_text(part.get('name')) or 'tool'} {as_json(part.get('arguments'))}"
    if part["type"] == "tool_result":
        joins.answers(part.get("tool_call_id"), part.get("name"))
        lines.insert(0, readable(part.get("output")))
        if part.get("exception"):
            lines.append(f"[{part['exception']}]")
    elif part.get("text") is not None:
        lines.insert(0, readable(part["text"]))
    elif part["type"] != "attachment":
        lines.append(f"[{part['type']}]")
    return "\n\n".join(filter(None, lines))
