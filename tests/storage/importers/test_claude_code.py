"""Transcripts of Claude Code: every line is there, word for word, and what belongs together is."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage import (
    CorruptJSON,
    SQLiteStore,
    UnknownSourceError,
    detect_source,
    get_sources,
    sync_source,
)
from storage.importers.model import content_hash
from tests.storage.importers.transcripts import append, message, write

Sample = Callable[[str], Path]


async def _told(store: SQLiteStore) -> list[str]:
    return [each["content"] for each in reversed(await store.get_recent_interactions(None))]


def test_it_says_how_much_is_in_it(sample: Sample) -> None:
    path = sample("claude-code.jsonl")
    assert str(detect_source(path)) == "Claude Code transcripts: 1 session, 5 messages"
    assert detect_source(path.parent).summary == "1 file"


async def test_every_line_is_there_word_for_word(sample: Sample, store: SQLiteStore) -> None:
    path = sample("claude-code.jsonl")
    report = await sync_source(store, path)
    assert (report.added, report.corrupt) == (10, 0)
    with closing(sqlite3.connect(store.path)) as raw:
        stored = raw.execute("SELECT details FROM interactions ORDER BY id").fetchall()
    assert [each for (each,) in stored] == path.read_text().splitlines()


async def test_the_tree_and_a_tools_use_and_result_are_joined(
    sample: Sample, store: SQLiteStore
) -> None:
    await sync_source(store, sample("claude-code.jsonl"))
    records = {each["action"]: each for each in await store.get_recent_interactions()}
    use, result = records["tool_use"], records["tool_result"]
    assert use["content"].startswith('Bash {"command":"echo hello-from-tool"')
    assert use["metadata"]["tool"] == "Bash"
    assert result["content"] == "hello-from-tool"
    assert result["metadata"]["call_id"] == use["metadata"]["call_id"] == "toolu_01"
    assert result["metadata"]["call"] == use["interaction_id"]
    assert result["metadata"]["parent"] == use["interaction_id"]
    assert (use["role"], result["role"]) == ("assistant", "user")
    answer = await store.get_interaction("claude:829fd7cc-246d-45ff-966f-8c264d2b67c5")
    assert answer is not None
    assert answer["metadata"]["message_id"] == use["metadata"]["message_id"] == "msg_01"
    assert answer["timestamp"] == "2026-11-23T23:22:33.991000+00:00"


async def test_a_transcript_that_grows_is_read_on_and_joined_with_what_was_there(
    tmp_path: Path, store: SQLiteStore
) -> None:
    use = [{"type": "tool_use", "id": "t", "name": "Read", "input": {"file_path": "/a"}}]
    path = write(tmp_path / "p" / "s.jsonl", message(0, "hi"), message(1, use))
    await sync_source(store, path)
    append(path, message(2, [{"type": "tool_result", "tool_use_id": "t", "content": "A"}]) + b"\n")
    report = await sync_source(store, path)
    assert (report.added, report.unchanged) == (1, 0)
    result = await store.get_interaction("claude:u-2")
    assert result is not None
    assert result["metadata"]["call"] == "claude:u-1"
    read = await store.get_interaction("claude:u-1")
    assert read is not None
    assert read["file_path"] == "/a"


async def test_an_unfinished_line_waits_where_the_file_is_followed(
    tmp_path: Path, store: SQLiteStore
) -> None:
    line = message(1, "two")
    path = write(tmp_path / "p" / "s.jsonl", message(0, "one"))
    append(path, line[:40])
    assert (await sync_source(store, path, follows=True)).added == 1
    append(path, line[40:] + b"\n")
    assert (await sync_source(store, path, follows=True)).added == 1
    assert await _told(store) == ["one", "two"]


async def test_an_unfinished_line_that_was_imported_gives_way_to_the_whole_one(
    tmp_path: Path, store: SQLiteStore
) -> None:
    line = message(1, "two")
    path = write(tmp_path / "p" / "s.jsonl", message(0, "one"))
    append(path, line[:40])
    assert (await sync_source(store, path)).corrupt == 1
    append(path, line[40:] + b"\n")
    report = await sync_source(store, path)
    assert (report.added, report.archived) == (1, 1)
    assert await _told(store) == ["one", "two"]


async def test_a_last_line_without_its_end_is_read_once(tmp_path: Path, store: SQLiteStore) -> None:
    path = write(tmp_path / "p" / "s.jsonl", message(0, "one"))
    append(path, message(1, "two"))
    assert (await sync_source(store, path)).added == 2
    append(path, b"\n" + message(2, "three") + b"\n")
    report = await sync_source(store, path)
    assert (report.added, report.archived, await _told(store)) == (1, 0, ["one", "two", "three"])


async def test_a_file_that_was_written_anew_is_compared_line_by_line(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = write(tmp_path / "p" / "s.jsonl", *(message(n, f"{n}") for n in range(4)))
    await sync_source(store, path)
    write(path, message(0, "0"), message(2, "TWO"), message(3, "3"), message(4, "4"))
    report = await sync_source(store, path)
    assert (report.added, report.updated, report.archived) == (1, 1, 1)
    assert await _told(store) == ["0", "TWO", "3", "4"]
    append(path, message(5, "5") + b"\n")
    report = await sync_source(store, path)
    # What stands before it is not read again.
    assert (report.added, report.unchanged) == (1, 0)


async def test_two_lines_with_one_uuid_are_both_kept_unless_they_are_the_same(
    tmp_path: Path, store: SQLiteStore
) -> None:
    lines = [message(0, "a"), message(0, "b"), message(0, "a"), message(0, "b")]
    path = write(tmp_path / "p" / "s.jsonl", *lines)
    report = await sync_source(store, path)
    assert (report.added, report.unchanged) == (2, 2)
    assert sorted(await _told(store)) == ["a", "b"]
    write(path, *lines, message(1, "c"))
    write(path, *lines[::-1], message(1, "c"))
    assert (await sync_source(store, path)).archived == 0
    assert sorted(await _told(store)) == ["a", "b", "c"]


async def test_a_folder_is_one_source_and_files_in_it_do_not_collide(
    tmp_path: Path, store: SQLiteStore
) -> None:
    folder = tmp_path / "projects"
    folder.mkdir()
    note = b'{"type":"summary","summary":"x","leafUuid":"l","sessionId":"s"}'
    write(folder / "a" / "s.jsonl", note, message(0, "one"))
    write(folder / "b" / "s.jsonl", note.replace(b'"l"', b'"m"'), message(0, "other"))
    # A copy holds nothing new.
    shutil.copy(folder / "a" / "s.jsonl", folder / "c.jsonl")
    (folder / "notes.md").write_text("# notes")
    report = await sync_source(store, folder)
    assert (report.added, report.skipped) == (5, ["notes.md"])
    assert sorted(await _told(store)) == ["one", "other", "x", "x", "x"]
    again = await sync_source(store, folder)
    assert (again.changed, again.unchanged, again.skipped) == (0, 0, [])


async def test_a_file_that_left_its_folder_is_gone_and_an_empty_folder_is_an_error(
    tmp_path: Path, store: SQLiteStore
) -> None:
    folder = tmp_path / "projects"
    folder.mkdir()
    one = write(folder / "one.jsonl", message(0, "one"))
    two = write(folder / "two.jsonl", message(1, "two"))
    await sync_source(store, folder)
    one.unlink()
    assert (await sync_source(store, folder)).archived == 1
    two.unlink()
    with pytest.raises(UnknownSourceError, match="holds no file"):
        await sync_source(store, folder)
    assert await _told(store) == ["two"]
    write(one, message(0, "one"))
    report = await sync_source(store, folder)
    assert (report.restored, report.archived) == (1, 1)


async def test_damage_is_shown_in_its_place_and_hides_nothing(
    tmp_path: Path, store: SQLiteStore
) -> None:
    bad = [
        b'{"type":"user","uuid":"x","sessionId":"s","te',
        b"\0" * 20,
        b'{"a":"\\ud800"}',
        b"\xff\xfe",
    ]
    good = [message(n, f"{n}") for n in range(4)]
    raw = b"".join([bad[0] + good[0] + b"\n", bad[1] + good[1] + good[2] + b"\n", bad[2] + b"\n"])
    path = write(tmp_path / "p" / "s.jsonl")
    append(path, raw + bad[3] + b"\n" + good[3] + b"\n")
    report = await sync_source(store, path)
    assert (report.added, report.corrupt) == (8, 4)
    records = await store.get_recent_interactions()
    broken = {
        each["details"].raw: each
        for each in records
        if each["action"] == "corrupt" and isinstance(each["details"], CorruptJSON)
    }
    assert broken.keys() == {*bad}
    assert broken[b"\xff\xfe"]["metadata"]["imported_from"] == {
        "file": str(path),
        "line": 4,
        "byte": raw.__len__(),
    }
    assert {each["session_id"] for each in records} == {"s"}
    assert sorted(each["content"] for each in records if each["content"]) == ["0", "1", "2", "3"]


async def test_a_file_may_have_a_name_that_is_no_text(tmp_path: Path, store: SQLiteStore) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    folder.mkdir()
    path = write(folder / os.fsdecode(b"\xfe.jsonl"), message(0, "one"), b'{"type":"user"')
    report = await sync_source(store, folder)
    assert (report.added, report.corrupt) == (2, 1)
    append(path, message(1, "two") + b"\n")
    assert (await sync_source(store, folder)).added == 1
    assert (await sync_source(store, folder)).changed == 0
    (source,) = await get_sources(store)
    assert (source.path, source.is_missing) == (folder, False)


async def test_what_two_files_say_under_one_uuid_stays_through_later_readings(
    tmp_path: Path, store: SQLiteStore
) -> None:
    folder = tmp_path / "projects"
    folder.mkdir()
    for number in range(3):
        write(folder / f"{number}.jsonl", message(0, f"said {number}"), message(1, "same"))
    assert (await sync_source(store, folder)).added == 4
    for number in range(3):
        # Written anew with a line more in front, so that it is read from its beginning.
        write(
            folder / f"{number}.jsonl",
            message(10 + number, "new"),
            message(0, f"said {number}"),
            message(1, "same"),
        )
    report = await sync_source(store, folder)
    assert (report.added, report.archived, report.diverged) == (3, 0, 0)
    assert sorted(await _told(store)) == [*["new"] * 3, "said 0", "said 1", "said 2", "same"]


async def test_a_uuid_made_to_look_like_the_key_of_another_line_keeps_nobody_out(
    tmp_path: Path, store: SQLiteStore
) -> None:
    folder = tmp_path / "projects"
    line = message(0, "second")
    taken = f"u-0@{content_hash(line).hex()}"
    write(folder / "1.jsonl", message(0, "first"))
    write(folder / "2.jsonl", message(0, "in the way", uuid=taken))
    write(folder / "3.jsonl", line)
    assert (await sync_source(store, folder)).added == 3
    assert sorted(await _told(store)) == ["first", "in the way", "second"]
    write(folder / "3.jsonl", line, message(1, "more"))
    assert (await sync_source(store, folder)).added == 1


async def test_a_project_folder_that_gets_another_name_brings_nothing_in_again(
    tmp_path: Path, store: SQLiteStore
) -> None:
    projects = tmp_path / "projects"
    projects.mkdir()
    summary = b'{"type":"summary","summary":"What was done","leafUuid":"u-0"}'
    write(projects / "-home-ada" / "s.jsonl", summary, message(0, "hi"), b'{"type":"user","x')
    before = await sync_source(store, projects)
    assert (before.added, before.corrupt) == (3, 1)
    (projects / "-home-ada").rename(projects / "-home-bob")
    report = await sync_source(store, projects)
    assert (report.added, report.updated, report.archived) == (0, 0, 0)
    assert len(await _told(store)) == 3


async def test_lines_that_a_memory_knows_by_the_name_of_their_folder_stay_the_same(
    tmp_path: Path, store: SQLiteStore
) -> None:
    summary = b'{"type":"summary","summary":"What was done","leafUuid":"u-0","sessionId":"s"}'
    path = write(tmp_path / "p" / "s.jsonl", summary, message(0, "hi"), b'{"type":"user","x')
    await sync_source(store, path)
    await store.close()
    with closing(sqlite3.connect(store.path)) as raw, raw:
        for table, column in (("memglass_imported", "key"), ("interactions", "interaction_id")):
            raw.execute(
                f"UPDATE {table} SET {column} = replace({column}, 'claude:s@', 'claude:p/s@')"
            )
    await store.initialize()
    os.utime(path, (0, 0))
    report = await sync_source(store, path)
    assert (report.added, report.archived, report.unchanged) == (0, 0, 3)
    append(path, b"\n" + summary + b"\n")
    assert (await sync_source(store, path)).archived == 0
