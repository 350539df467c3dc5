"""A file appears whole or not at all, and who is killed leaves nothing for good."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from storage import whole_files


def begun(place: Path) -> Path:
    """Begin a file, and write something into it."""
    descriptor, beside = whole_files.begin(place)
    with os.fdopen(descriptor, "w") as file:
        file.write("new")
    return beside


@pytest.fixture
def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be on a file system that has no links."""

    def refuse(_self: Path, _target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)


def test_nobody_else_can_read_what_is_begun(tmp_path: Path) -> None:
    assert stat.S_IMODE(begun(tmp_path / "a").stat().st_mode) == 0o600


@pytest.mark.parametrize("what", ["a file", "a link to nowhere"])
def test_what_stands_there_is_not_replaced_unasked(tmp_path: Path, what: str) -> None:
    place = tmp_path / "a"
    place.write_text("old") if what == "a file" else place.symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        whole_files.put(begun(place), place)
    assert place.is_symlink() or place.read_text() == "old"


@pytest.mark.usefixtures("without_links")
@pytest.mark.parametrize("what", ["a file", "a link to nowhere"])
def test_without_links_nothing_is_replaced_unasked_either(tmp_path: Path, what: str) -> None:
    test_what_stands_there_is_not_replaced_unasked(tmp_path, what)


@pytest.mark.usefixtures("without_links")
def test_without_links_a_file_comes_to_its_place(tmp_path: Path) -> None:
    whole_files.put(begun(tmp_path / "a"), tmp_path / "a")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a", "new")]


def test_what_is_to_be_replaced_is_replaced(tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.write_text("old")
    whole_files.put(begun(place), place, over=True)
    assert place.read_text() == "new"


def test_what_was_left_a_day_ago_is_removed_and_nothing_else(tmp_path: Path) -> None:
    old, fresh, foreign = begun(tmp_path / "a"), begun(tmp_path / "a"), tmp_path / ".a-original"
    foreign.touch()
    for each in (old, foreign):
        os.utime(each, (0, 0))
    whole_files.clear(tmp_path)
    assert {*tmp_path.iterdir()} == {fresh, foreign}
