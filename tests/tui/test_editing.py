"""Editing a record: what is refused and where, what is written, and what others wrote meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import CorruptJSON, SQLiteStore
from tests.storage import legacy
from tests.tui.conftest import Browse, press, screen, stored, toasts
from tests.tui.waiting import settled
from tui.editing import ChangedMeanwhileError, Field, FieldError, changes_of, parse_json, save
from tui.external_editor import EditorError
from tui.memory import Memory
from tui.panes.patterns import PatternsPane

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_what_is_left_as_it_is_gives_the_same_value_in_either_spelling(value: Any) -> None:
    field = Field("metadata", "json", value)
    assert field.parse(field.text()) is value
    assert field.parse(field.text(roomy=True)) is value
    assert changes_of([field], {"metadata": field.text()}) == {}


@given(JSON)
def test_json_is_read_as_it_was_written(value: Any) -> None:
    spelled = json.dumps(value, indent=1)
    assert json.dumps(parse_json("metadata", spelled)) == json.dumps(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{\n  "a": 1,\n}', "Line 2, column 9|Line 3, column 1"),
        ("", "Line 1, column 1"),
        ("[1 2]", "Line 1, column 4"),
        ('{"a": 1, "a": 2}', '"a" stands twice'),
        ("[NaN]", "holds NaN"),
        ("[" * 100_000, "too deep"),
        ("9" * 5000, "too long"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(text: str, why: str) -> None:
    with pytest.raises(FieldError, match=why):
        parse_json("metadata", text)


@pytest.mark.parametrize("text", ["", "high", "-0.1", "1.01", "nan", "inf", "1e5"])
def test_a_confidence_is_a_number_from_0_to_1(text: str) -> None:
    with pytest.raises(FieldError, match="from 0 to 1"):
        Field("confidence", "confidence", 0.5).parse(text)


def test_numbers_are_read_as_people_write_them() -> None:
    assert Field("confidence", "confidence", 0.5).parse(" .25 ") == 0.25
    assert Field("confidence", "confidence", 0.5).parse("0,25") == 0.25
    assert Field("frequency", "count", 1).parse("12") == 12
    for text in ("-1", "1.5", "many"):
        with pytest.raises(FieldError, match="whole number"):
            Field("frequency", "count", 1).parse(text)


def test_only_what_a_line_can_hold_is_edited_in_a_line() -> None:
    assert Field("name", "text", "plain").fits_a_line
    for text in ("two\nlines", "tab\t", "esc\x1b", "zero\u200bwidth", "x" * 5000):
        assert not Field("name", "text", text).fits_a_line, ascii(text)
    assert not Field("details", "json", CorruptJSON(b"{", "ends", 1)).fits_a_line


def test_a_corrupt_field_stays_unless_its_text_is_edited() -> None:
    field = Field("details", "json", CorruptJSON(b'{"a": \xff', "ends", 6))
    assert changes_of([field], {}) == {}
    with pytest.raises(FieldError):
        changes_of([field], {"details": field.text()})
    assert changes_of([field], {"details": '{"a": 1}'}) == {"details": {"a": 1}}


def test_nothing_typed_into_an_empty_field_changes_nothing() -> None:
    assert changes_of([Field("role", "text", None)], {"role": ""}) == {}
    assert changes_of([Field("role", "text", "user")], {"role": ""}) == {"role": ""}


async def test_somebody_elses_change_of_the_same_field_is_noticed(memory_file: Path) -> None:
    memory = Memory(memory_file)
    await memory.open()
    try:
        before = await memory.store.get_pattern("pat-7")
        assert before is not None
        await memory.store.update_pattern("pat-7", name="theirs", frequency=99)
        with pytest.raises(ChangedMeanwhileError, match="changed name meanwhile"):
            await save(memory, "pattern", "pat-7", before, {"name": "mine"})
        assert not memory.changes
        label = await save(memory, "pattern", "pat-7", before, {"confidence": 0.1})
        assert "wrote into name, frequency stays" in label
        await save(memory, "pattern", "pat-7", before, {"name": "mine"}, over=True)
        now = await memory.store.get_pattern("pat-7")
        assert now is not None
        assert (now["name"], now["frequency"], now["confidence"]) == ("mine", 99, 0.1)
    finally:
        await memory.close()


async def test_a_pattern_is_edited_in_place_in_one_transaction_and_undone(
    memory_file: Path, browse: Browse
) -> None:
    before = await stored(memory_file, lambda store: store.get_row("pattern", "pat-7"))
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "e")
        assert "Edit pat-7" in screen(pilot)
        await press(pilot, "=!", "tab", "tab", "ctrl+u", "=7", "enter")
        assert "confidence: It has to be a number from 0 to 1." in screen(pilot)
        await press(pilot, "ctrl+u", "=.25", "enter")
        assert "Edited name, confidence of pat-7. u undoes it." in toasts(pilot)
        after = await stored(memory_file, lambda store: store.get_row("pattern", "pat-7"))
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {"name", "confidence"}
        assert (after["name"], after["confidence"]) == ("Pattern 7!", 0.25)
        await press(pilot, "u")
    assert await stored(memory_file, lambda store: store.get_row("pattern", "pat-7")) == before


async def test_json_is_validated_with_line_and_column_before_it_is_written(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "e", "up", "up", "ctrl+u", '={"a": }', "ctrl+s")
        assert "Line 1, column 7" in screen(pilot)
        await press(pilot, "ctrl+u", "=[1]", "ctrl+s")
        assert "must be a mapping" in screen(pilot)
        await press(pilot, "escape")
        assert "Esc once more leaves" in screen(pilot)
        await press(pilot, "escape")
        assert pilot.app.screen is pilot.app.screen_stack[0]


async def test_a_record_that_changed_under_the_form_is_said_with_a_choice(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "e", "=!")
        async with SQLiteStore(memory_file) as other:
            await other.update_pattern("pat-7", name="theirs")
        await press(pilot, "enter")
        assert "The record changed under you" in screen(pilot)
        assert "theirs" in screen(pilot)
        await press(pilot, "n", "=?", "enter")
        assert "Edited name of pat-7" in toasts(pilot)
    now = await stored(memory_file, lambda store: store.get_pattern("pat-7"))
    assert now["name"] == "theirs?"


async def test_a_long_field_is_edited_in_the_persons_own_editor(
    memory_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SQLiteStore(memory_file) as store:
        await store.update_pattern("pat-7", name="two\nlines")
    seen: list[tuple[str, str]] = []

    def editor(_app: object, text: str, suffix: str) -> str:
        seen.append((text, suffix))
        return text + "\nthree"

    # A headless terminal cannot be handed over; what hands it over has its own tests.
    monkeypatch.setattr("tui.screens.edit.edit_text", editor)
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "e")
        assert "9 characters, Ctrl+e edits them: two" in screen(pilot)
        await press(pilot, "ctrl+e")
        assert "edited: two" in screen(pilot)
        await press(pilot, "enter")
        await settled(pilot)
    assert seen == [("two\nlines", ".txt")]
    now = await stored(memory_file, lambda store: store.get_pattern("pat-7"))
    assert now["name"] == "two\nlines\nthree"


async def test_enter_in_a_form_that_changed_nothing_does_nothing_below_it(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="patterns") as pilot:
        await press(pilot, "e", "enter")
        assert pilot.app.focused is pilot.app.screen.query_one(PatternsPane).table


async def test_what_an_editor_said_is_gone_once_one_ends_well(
    memory_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = iter((EditorError("The editor is not there."), None))

    def editor(_app: object, text: str, _suffix: str) -> str:
        if error := next(outcomes):
            raise error
        return text

    # A headless terminal cannot be handed over; what hands it over has its own tests.
    monkeypatch.setattr("tui.screens.edit.edit_text", editor)
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "e", "ctrl+e")
        assert "The editor is not there." in screen(pilot)
        await press(pilot, "ctrl+e")
        assert "The editor is not there." not in screen(pilot)


async def test_what_is_archived_is_not_edited(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, read_only=True) as pilot:
        await press(pilot, "3", "e")
        assert "Nothing can be changed" in toasts(pilot)


async def test_of_two_records_with_one_id_each_shows_its_own_and_is_not_mistaken(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "doubled.db"
    legacy.execute(
        path,
        "CREATE TABLE patterns (id TEXT, name TEXT, description TEXT)",
        "INSERT INTO patterns VALUES ('p', 'one', 'alpha'), ('p', 'two', 'omega')",
    )
    async with SQLiteStore(path):
        pass
    async with browse(path, size=(120, 30)) as pilot:
        await press(pilot, "3", "G")
        assert "omega" in screen(pilot)
        assert "alpha" not in screen(pilot)
        await press(pilot, "e")
        assert "Another record has the same id" in toasts(pilot)
