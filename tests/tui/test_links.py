"""`memglass FILE#pattern:ID` opens the program where the link leads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import Browse, lines, screen, toasts
from tests.tui.shell_runs import invoke
from tests.tui.waiting import settled
from tui.links import Link, split_link, why_no_link


@pytest.mark.parametrize(
    ("given", "file", "link"),
    [
        ("memory.db", "memory.db", None),
        ("memory.db#pattern:pat-7", "memory.db", Link("pattern", "pat-7")),
        ("memory.db#session:s#1:2", "memory.db", Link("session", "s#1:2")),
        ("odd#name.db", "odd#name.db", None),
        ("odd#name.db#pattern:x", "odd#name.db", Link("pattern", "x")),
        ("odd#pattern:x", "odd#pattern:x", None),
        ("missing.db#pattern:x", "missing.db", Link("pattern", "x")),
        ("missing.db#feeling:x", "missing.db#feeling:x", None),
        ("memory.db#pattern:", "memory.db#pattern:", None),
    ],
)
def test_a_link_is_parted_from_its_file(
    given: str, file: str, link: Link | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("memory.db", "odd#name.db", "odd#pattern:x"):
        Path(name).touch()
    assert split_link(Path(given)) == (Path(file), link)


@pytest.mark.parametrize("link", ["thought:7", "pattern:", ""])
def test_what_leads_nowhere_in_a_file_that_is_there_is_told_from_a_missing_file(
    link: str, tmp_path: Path
) -> None:
    (tmp_path / "odd#name.db").touch()
    given = tmp_path / f"odd#name.db#{link}"
    assert why_no_link(given).startswith(
        f"#{link} leads nowhere in {tmp_path}/odd#name.db: write #"
    )
    assert not why_no_link(tmp_path / f"missing#name.db#{link}")


@pytest.mark.parametrize(
    "args",
    [("show", "#link", "int-1"), ("show", "#pattern:x", "y"), ("search", "#pattern:x", "y"),
     ("doctor", "#pattern:x"), ("backup", "#x"), ("mark", "#pattern:x", "before"),
     ("undo", "#pattern:x")],
)  # fmt: skip
def test_where_no_link_is_followed_the_file_before_it_is_named(
    args: tuple[str, ...], memory_file: Path
) -> None:
    command, link, *more = args
    done = invoke(command, f"{memory_file}{link}", *more)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"memglass: There is no file {memory_file}{link}, but there is {memory_file}:"
        " name that alone.\n"
    )


@pytest.mark.parametrize(
    ("link", "tab", "under_cursor"),
    [
        (Link("pattern", "pat-3"), "3 Patterns", "Pattern 3"),
        (Link("interaction", "int-0003"), "4 Archive", "turn 3"),
        (Link("snapshot", "1"), "5 W", "infra"),
        (Link("session", "s-1"), "2 Int", "turn 19"),
        (Link("reason", "wrong"), "4 Archive", "Pattern 1"),
    ],
)
async def test_the_program_begins_where_the_link_leads(
    link: Link, tab: str, under_cursor: str, memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, link=link) as pilot:
        await settled(pilot)
        assert f"[{tab}" in screen(pilot)
        assert under_cursor in next(line for line in lines(pilot) if line.startswith("▸"))


async def test_a_link_to_nothing_is_answered_in_a_sentence(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, link=Link("pattern", "pat-99")) as pilot:
        assert "There is no pattern pat-99, neither live nor archived." in toasts(pilot)
        assert "turn 29" in screen(pilot)
