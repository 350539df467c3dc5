"""Damaged lines, by the hundred: no crash, what was spared is there, what was not is shown."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import orjson

from tests.storage.importers import damages
from tests.storage.importers.benches import benched, chances, few_and_many
from tests.storage.importers.conftest import SAMPLES


def _solid(raw: bytes) -> bytes:
    """Return bytes without white space, which no record keeps at its ends."""
    return b"".join(raw.split())


@few_and_many
async def test_transcripts_lose_not_a_byte(tmp_path: Path, count: int) -> None:
    lines = (SAMPLES / "claude-code.jsonl").read_bytes().splitlines()
    async with benched(tmp_path) as bench:
        for name, chance in chances(count):
            file = damages.damaged_lines(lines, chance)
            bench.path.write_bytes(file.raw())
            try:
                if await bench.imported(recognised=bool(file.spared())):
                    stored = bench.details()
                    assert not Counter(file.spared()) - Counter(stored)
                    # Every byte of the file stands in a record, in order.
                    whole = file.raw().removeprefix(b"\xef\xbb\xbf")
                    assert _solid(b"".join(stored)) == _solid(whole)
            except BaseException as error:
                error.add_note(f"{name}: {file.done}")
                raise
            bench.empty()


@few_and_many
async def test_world_models_keep_what_was_spared_and_show_the_rest(
    tmp_path: Path, count: int
) -> None:
    lines = (SAMPLES / "mcp-memory-before.jsonl").read_bytes().splitlines()
    async with benched(tmp_path) as bench:
        for name, chance in chances(count):
            file = damages.damaged_lines(lines, chance)
            bench.path.write_bytes(file.raw())
            try:
                if await bench.imported(recognised=bool(file.spared())):
                    believed = bench.believed()
                    for each in file.spared():
                        assert orjson.loads(each) in believed
                    if {"_spliced", "_flipped"} & {*file.done}:
                        # What is JSON by chance may say a thing twice, of which one is read.
                        bench.empty()
                        continue
                    shown = b"".join(bench.details())
                    read = b"".join(map(orjson.dumps, believed))
                    whole = file.raw().removeprefix(b"\xef\xbb\xbf")
                    assert Counter(_solid(shown + read)) == Counter(_solid(whole))
            except BaseException as error:
                error.add_note(f"{name}: {file.done}")
                raise
            bench.empty()
