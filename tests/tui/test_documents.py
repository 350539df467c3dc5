"""Records as text: what matters first, nothing cut without a word, nothing hidden."""

from __future__ import annotations

from typing import Any

from storage import CorruptJSON
from tui.documents import Document, fields_document, raw_document
from tui.world_documents import model_document

CORRUPT = CorruptJSON(b'{"ok": true}{"tool": 1}', "a second value follows the first", 12)


def texts(document: Document) -> list[tuple[str, str]]:
    return [(line.label, str(line.text)) for line in document.lines]


def test_content_comes_first_and_ids_last() -> None:
    record = {
        "id": 1,
        "interaction_id": "int-1",
        "timestamp": None,
        "content": "hello",
        "role": "user",
    }
    assert [label for label, _ in texts(fields_document(record))] == [
        "content", "role", "interaction_id", "id", "empty",
    ]  # fmt: skip


def test_what_is_empty_is_named_once() -> None:
    record: dict[str, Any] = {
        "content": "x",
        "role": "",
        "details": {},
        "sequence": [],
        "file_path": None,
    }
    assert texts(fields_document(record))[-1] == ("empty", "role, file_path, details, sequence")


def test_zero_and_false_are_not_empty() -> None:
    record = {"frequency": 0, "is_active": False}
    assert ("frequency", "0") in texts(fields_document(record))
    assert ("is_active", "False") in texts(fields_document(record))


def test_a_corrupt_field_says_what_is_wrong_and_where() -> None:
    lines = texts(fields_document({"details": CORRUPT}))
    assert lines[0] == ("details", "corrupt: a second value follows the first at byte 12")
    assert lines[1][1] == '{"ok": true}⟪⟫{"tool": 1}'
    assert lines[2][1] == "23 bytes, kept as they are"


def test_the_archived_record_stands_under_a_heading_of_its_own() -> None:
    record = {
        "archive_reason": "wrong",
        "data": {"content": "x"},
        "record": {"content": "x"},
        "id": 3,
    }
    lines = texts(fields_document(record))
    assert ("", "What stands in the archive") in lines
    assert [label for label, _ in lines].count("content") == 1


def test_long_lists_are_cut_with_a_word() -> None:
    lines = texts(fields_document({"sequence": list(range(100))}))
    assert lines[-1][1] == "60 more; JSON shows them"


def test_a_time_that_cannot_be_read_is_shown_as_it_is() -> None:
    lines = texts(fields_document({"timestamp": "yesterday"}))
    assert lines == [("timestamp", "yesterday (no time that can be read)")]


def test_raw_shows_every_column_with_its_storage_class() -> None:
    row = {"a": 1, "b": 1.5, "c": None, "d": "x", "e": b"\x00\xff", "f": "two\nlines"}
    lines = texts(raw_document(row))
    assert [label for label, _ in lines] == ["a", "b", "c", "d", "e", "f", " "]
    assert lines[0][1] == "integer 1"
    assert lines[2][1].strip() == "null"
    assert lines[3][1] == "text    x"
    assert lines[5][1] == "text, 9 characters"


def test_raw_says_when_there_is_more() -> None:
    document = raw_document({"a": "x" * 100_000, "b": "y"}, 65_536)
    assert document.has_more
    assert document.lines[-1].text == "34,465 more characters; m shows the next 64 KB"
    assert not raw_document({"a": "x" * 100_000, "b": "y"}, 131_072).has_more


def model(**fields: Any) -> dict[str, Any]:
    return {"domain": "infra", "confidence": 0.6, "entities": [], "relations": [], **fields}


def test_a_corrupt_model_is_shown_as_corrupt() -> None:
    lines = texts(model_document(model(entities=CORRUPT)))
    assert ("entities", "corrupt: a second value follows the first at byte 12") in lines


def test_a_model_lists_entities_and_relations() -> None:
    lines = [text for _, text in texts(model_document(model(
        entities={"e1": {"type": "module", "confidence": 0.5}},
        relations=[{"from": "Ada", "to": "api", "relationType": "maintains"}],
        goals=["ship"],
    )))]  # fmt: skip
    assert "1 entity" in lines
    assert "  e1  (module)  .50" in lines
    assert "1 relation" in lines
    assert "  Ada ──maintains──▸ api" in lines
