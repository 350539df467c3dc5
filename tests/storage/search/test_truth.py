"""Whatever anybody does to a database or its index, a search says what the database holds."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from storage import HybridStore, RecordExistsError, SQLiteStore, UndoConflictError
from tests.chance import examples, seed_of
from tests.storage import outside
from tests.storage.search import truth

T = TypeVar("T")

sessions = st.sampled_from(["s1", "s2", None])
domains = st.sampled_from(["coding", "people"])
choices = st.integers(0, 1000)
PROCESS = Path(__file__).with_name("index_process.py")
JOURNALS = ("", "-wal", "-shm")


class TruthMachine(RuleBasedStateMachine):
    """Changes a database in every way, through the store and past it, and searches it."""

    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._loop = asyncio.new_event_loop()
        self._path = Path(self._folder.name) / "memory.db"
        self._words = truth.Words()

    def _run(self, work: Awaitable[T]) -> T:
        TruthMachine.steps += 1
        return self._loop.run_until_complete(asyncio.wait_for(work, 60))

    @initialize(follow=st.booleans(), at_once=st.booleans())
    def start(self, follow: bool, at_once: bool) -> None:
        self._follow = follow
        self._store = HybridStore(self._path, follow=follow)
        self._run(self._store.initialize())
        self._run(self._store.add_interactions([self._turn("s1") for _ in range(4)]))
        self._run(self._store.add_patterns([self._pattern() for _ in range(3)]))
        if at_once:
            self._run(self._store.wait_for_index())

    def _turn(self, session: str | None) -> dict[str, Any]:
        return {"content": f"we spoke of {self._words.new()}", "session_id": session}

    def _pattern(self) -> dict[str, Any]:
        return {"name": "likes", "description": f"likes {self._words.new()} with tea"}

    # What goes through the store.

    @rule(session=sessions, count=st.integers(1, 3))
    def add_turns(self, session: str | None, count: int) -> None:
        self._run(self._store.add_interactions([self._turn(session) for _ in range(count)]))

    @rule()
    def add_pattern(self) -> None:
        self._run(self._store.add_pattern(self._pattern()))

    @rule(domain=domains, keys=st.sets(st.sampled_from("abc"), max_size=3))
    def add_state(self, domain: str, keys: set[str]) -> None:
        entities = {key: {"note": self._words.new()} for key in sorted(keys)}
        state = {"domain": domain, "entities": entities, "confidence": 0.5}
        self._run(self._store.add_world_model_state(state))

    def _ids(self, table: str, column: str) -> list[str]:
        sql = f"SELECT {column} FROM {table} ORDER BY rowid"
        return [each for (each,) in outside.fetch(self._path, sql)]

    def _one(self, values: list[T], choice: int) -> list[T]:
        return [values[choice % len(values)]] if values else []

    @rule(choice=choices)
    def update_turn(self, choice: int) -> None:
        for each in self._one(self._ids("interactions", "interaction_id"), choice):
            self._run(self._store.update_interaction(each, content=f"now {self._words.new()}"))

    @rule(choice=choices)
    def update_pattern(self, choice: int) -> None:
        for each in self._one(self._ids("patterns", "id"), choice):
            self._run(self._store.update_pattern(each, description=self._words.new()))

    @rule(choice=choices)
    def archive(self, choice: int) -> None:
        for each in self._one(self._ids("interactions", "interaction_id"), choice):
            self._run(self._store.archive_interactions([each], "manual"))
        for each in self._one(self._ids("patterns", "id"), choice):
            self._run(self._store.archive_patterns([each], "wrong"))

    @rule(choice=choices)
    def restore(self, choice: int) -> None:
        for each in self._one(self._ids("archived_interactions", "interaction_id"), choice):
            self._run(self._store.restore_interactions([each]))
        for each in self._one(self._ids("archived_patterns", "original_id"), choice):
            self._run(self._store.restore_patterns([each]))

    @rule(choice=choices)
    def undo(self, choice: int) -> None:
        done = [each["transaction_id"] for each in self._run(self._store.get_journal(6))]
        for each in self._one(list(dict.fromkeys(done)), choice):
            try:
                self._run(self._store.undo(each))
            except (UndoConflictError, RecordExistsError):
                continue

    @rule(choice=choices)
    def merge(self, choice: int) -> None:
        ids = self._ids("patterns", "id")
        if len(ids) > 1:
            keep, other = ids[choice % len(ids)], ids[(choice + 1) % len(ids)]
            self._run(self._store.merge_patterns(keep, [other]))

    @rule()
    def vacuum(self) -> None:
        self._run(self._store.vacuum_database())

    # What others do.

    def _outside(self, sql: str, values: tuple[Any, ...] = ()) -> None:
        with outside.connected(self._path) as connection:
            connection.execute(sql, values)

    @rule()
    def somebody_adds_a_turn(self) -> None:
        word = self._words.new()
        self._outside(
            "INSERT INTO interactions (interaction_id, timestamp, session_id, action, content)"
            " VALUES (?, '2025-01-01', 's1', 'say', ?)",
            (f"their-{word[2:-1]}", f"they said {word}"),
        )

    @rule()
    def somebody_adds_a_pattern(self) -> None:
        word = self._words.new()
        self._outside(
            "INSERT INTO patterns (id, name, description, pattern_type, sequence, created_at)"
            " VALUES (?, 'theirs', ?, 'habit', '[]', '2025-01-01')",
            (f"their-{word[2:-1]}", word),
        )

    @rule(choice=choices)
    def somebody_changes_rows(self, choice: int) -> None:
        for table, column in (("interactions", "content"), ("patterns", "description")):
            for each in self._one(self._ids(table, "rowid"), choice):
                sql = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
                self._outside(sql, (f"theirs is {self._words.new()}", each))

    @rule(choice=choices)
    def somebody_changes_a_state(self, choice: int) -> None:
        entities = f'{{"d": "{self._words.new()}"}}'
        for each in self._one(self._ids("world_model_states", "rowid"), choice):
            sql = "UPDATE world_model_states SET entities = ? WHERE rowid = ?"
            self._outside(sql, (entities, each))

    @rule(choice=choices, table=st.sampled_from(sorted(truth.LISTS)))
    def somebody_deletes_a_row(self, choice: int, table: str) -> None:
        for each in self._one(self._ids(table, "rowid"), choice):
            self._outside(f"DELETE FROM {table} WHERE rowid = ?", (each,))

    @rule()
    def somebody_takes_the_place_of_the_last_rows(self) -> None:
        for table in ("interactions", "patterns"):
            self._outside(f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})")
        self.somebody_adds_a_turn()
        self.somebody_adds_a_pattern()

    @rule()
    def somebody_numbers_the_rows_anew(self) -> None:
        self._outside("UPDATE patterns SET rowid = rowid + 1000")
        self._outside("UPDATE patterns SET rowid = 2000 - rowid WHERE rowid < 1990")
        self._outside("VACUUM")

    # What becomes of the index.

    @property
    def _index(self) -> Path:
        return Path(f"{self._path}.index")

    @rule(suffixes=st.sampled_from([JOURNALS, JOURNALS[:1]]))
    def delete_the_index(self, suffixes: tuple[str, ...]) -> None:
        for suffix in suffixes:
            Path(f"{self._index}{suffix}").unlink(missing_ok=True)

    @rule(content=st.sampled_from([b"", b"text", b"SQLite format 3\0" + b"\1" * 3000]))
    def replace_the_index(self, content: bytes) -> None:
        self._index.unlink(missing_ok=True)
        self._index.write_bytes(content)

    @rule()
    def keep_a_copy_of_the_index(self) -> None:
        self._run(self._store.close())
        if self._index.exists():
            shutil.copyfile(self._index, f"{self._index}.old")
        self._open()

    @rule()
    def put_the_old_index_back(self) -> None:
        if not Path(f"{self._index}.old").exists():
            return
        for suffix in JOURNALS:
            Path(f"{self._index}{suffix}").unlink(missing_ok=True)
        # Copied over one that is just being made, it would be half of each, which nobody can tell.
        shutil.copyfile(f"{self._index}.old", f"{self._index}.new")
        Path(f"{self._index}.new").replace(self._index)

    @rule()
    def rebuild(self) -> None:
        self._run(self._store.rebuild_index())

    @rule()
    def open_again(self) -> None:
        self._run(self._store.close())
        self._open()

    def _open(self) -> None:
        self._store = HybridStore(self._path, follow=self._follow)
        self._run(self._store.initialize())

    # What must hold at any time, and once the index has caught up.

    @rule(choice=choices)
    def search(self, choice: int) -> None:
        now = truth.standing(self._path)
        for word in self._one(self._words.made, choice):
            truth.check_true(self._run(self._store.search(word)), now)
            truth.check_true(self._run(self._store.search(word, by="words")), now)
            truth.check_true(self._run(self._store.search(word, by="meaning")), now)
            truth.check_true(self._run(self._store.typeahead(word[:3])), now)
        truth.check_true(self._run(self._store.search("kind:entity")), now)
        for each in self._one(self._ids("patterns", "id"), choice):
            similar = self._run(self._store.search_similar(each, kind="pattern"))
            truth.check_true(similar, now)

    @rule()
    def wait(self) -> None:
        self._run(truth.check_all(self._store, self._path, self._words.made))

    def teardown(self) -> None:
        try:
            self.wait()
        finally:
            self._run(self._store.close())
            self._loop.close()
        assert outside.integrity(self._path) == [("ok",)]
        self._folder.cleanup()


def run_machine(runs: int, usual: int = 1) -> None:
    run_state_machine_as_test(
        seed(seed_of(usual))(TruthMachine),
        settings=settings(
            max_examples=runs,
            stateful_step_count=30,
            deadline=None,
            database=None,
            print_blob=True,
            phases=[Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_sequence_of_changes_and_searches_shows_what_the_database_holds() -> None:
    run_machine(examples(12))


@pytest.mark.slow
def test_20_000_changes_and_searches_show_what_the_database_holds() -> None:
    TruthMachine.steps = 0
    while TruthMachine.steps < 20_000:
        run_machine(60, TruthMachine.steps)
        print(f"{TruthMachine.steps} steps")


async def search_beside_writers(path: Path, numbers: Sequence[int], seconds: float) -> None:
    """Search while processes write and follow the same file, and compare what is left."""
    async with HybridStore(path, busy_timeout=30) as store:
        await store.add_interaction({"content": "we begin"})
        writers = [
            outside.Listener(outside.python(PROCESS, "write", path, str(number), str(seconds)))
            for number in numbers
        ]
        chance = random.Random(0)
        while any(writer._process.poll() is None for writer in writers):
            told = [line.split() for writer in writers for line in list(writer.lines)]
            gone = {word for verb, word in (each for each in told if len(each) == 2)
                    if verb == "gone"}  # fmt: skip
            word = chance.choice(sorted(gone) or ["zz0k"])
            for hits in (await store.search(word, by="words"), await store.search(word)):
                assert not gone & truth.words_in([hit.record for hit in hits])
            await asyncio.sleep(0.01)
        assert [writer.hear_out() for writer in writers] == [""] * len(writers)
        assert [writer.lines[-1] for writer in writers] == ["missing ()\n"] * len(writers)
        made = {word for writer in writers for word in truth.words_in(writer.lines)}
        print(f"{len(made)} words")
        assert len(made) > len(writers)
        await truth.check_all(store, path, sorted(made)[-300:])


async def test_a_search_beside_two_processes_that_write_shows_nothing_that_is_gone(
    path: Path,
) -> None:
    await search_beside_writers(path, (1, 2), 2)


@pytest.mark.slow
async def test_a_search_beside_four_processes_for_a_minute_shows_nothing_that_is_gone(
    path: Path,
) -> None:
    await search_beside_writers(path, (1, 2, 3, 4), 60)


async def kill_while_building(path: Path, times: int) -> None:
    """Kill builders of an index again and again, and change rows in between."""
    words = truth.Words()
    async with SQLiteStore(path) as plain:
        await plain.add_interactions({"content": f"it is {words.new()}"} for _ in range(9000))
        chance = random.Random(0)
        for _ in range(times):
            builder = outside.Listener(outside.python(PROCESS, "build", path))
            builder.first()
            await asyncio.sleep(chance.uniform(0, 0.4))
            assert builder.kill() == ""
            with outside.connected(path) as connection:
                connection.execute("DELETE FROM interactions WHERE rowid % 997 = 5")
                sql = "UPDATE interactions SET content = ? WHERE rowid % 997 = 6"
                connection.execute(sql, (words.new(),))
            await plain.update_interaction(
                (await plain.get_recent_interactions(1))[0]["interaction_id"], content=words.new()
            )
    async with HybridStore(path, follow=False) as store:
        truth.check_true(await store.search("zz7k"), truth.standing(path))
        await truth.check_all(store, path, words.made[:9000:500] + words.made[9000:])


async def test_an_index_whose_builders_are_killed_shows_what_the_database_holds(
    path: Path,
) -> None:
    await kill_while_building(path, 4)


@pytest.mark.slow
async def test_an_index_whose_builders_are_killed_60_times_shows_what_the_database_holds(
    path: Path,
) -> None:
    await kill_while_building(path, 60)
