"""A text goes to the person's own editor and comes back as it was saved."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from tests.tui.conftest import Browse
from tui.external_editor import EditorError, edit_text, edit_with, editor_command


def editor(tmp_path: Path, body: str) -> list[str]:
    """A command that runs Python with `path` being the file to edit."""
    script = tmp_path / "editor.py"
    script.write_text(
        "import os, sys\nfrom pathlib import Path\npath = Path(sys.argv[1])\n" + body + "\n"
    )
    return [sys.executable, str(script)]


def test_what_the_editor_saves_comes_back(tmp_path: Path) -> None:
    command = editor(tmp_path, "path.write_text(path.read_text().upper())")
    assert edit_with(command, "a\nb") == "A\nB"


def test_a_text_that_is_left_as_it_is_comes_back_byte_for_byte(tmp_path: Path) -> None:
    text = "tab\t esc\x1b bytes\udcff\udc80 no line break"
    assert edit_with(editor(tmp_path, "pass"), text) == text
    assert edit_with(editor(tmp_path, "pass"), "ends\n") == "ends\n"


def test_the_line_break_that_an_editor_puts_at_the_end_is_taken_off(tmp_path: Path) -> None:
    command = editor(tmp_path, "path.write_text(path.read_text() + 'x\\n')")
    assert edit_with(command, "a") == "ax"
    assert edit_with(command, "a\n") == "a\nx\n"


def test_the_file_is_private_and_goes_away_with_what_stood_beside_it(tmp_path: Path) -> None:
    said = tmp_path / "said"
    body = (
        "Path(str(path) + '~').write_text('a backup')\n"
        f"modes = [oct(each.stat().st_mode & 0o777) for each in (path, path.parent)]\n"
        f"Path({str(said)!r}).write_text('\\n'.join([*modes, str(path.parent), path.suffix]))"
    )
    edit_with(editor(tmp_path, body), "secret", ".json")
    file_mode, folder_mode, folder, suffix = said.read_text().splitlines()
    assert (int(file_mode, 8), int(folder_mode, 8)) == (stat.S_IRUSR | stat.S_IWUSR, 0o700)
    assert suffix == ".json"
    assert not Path(folder).exists()


def test_visual_comes_before_editor_and_may_have_arguments() -> None:
    assert editor_command({"EDITOR": "nano"}) == ["nano"]
    assert editor_command({"VISUAL": "code --wait 'a b'", "EDITOR": "vi"}) == [
        "code",
        "--wait",
        "a b",
    ]


@pytest.mark.parametrize("environment", [{}, {"EDITOR": " "}])
def test_without_an_editor_it_says_what_to_do(environment: dict[str, str]) -> None:
    with pytest.raises(EditorError, match="export EDITOR=nano"):
        editor_command(environment)


def test_an_editor_that_cannot_be_read_is_named() -> None:
    with pytest.raises(EditorError, match="VISUAL is no command"):
        editor_command({"VISUAL": "vi 'unclosed"})


@pytest.mark.parametrize(
    ("body", "why"),
    [("sys.exit(3)", "status 3"), ("path.unlink()", "left no file")],
)
def test_an_editor_that_fails_changes_nothing_and_says_so(
    tmp_path: Path, body: str, why: str
) -> None:
    with pytest.raises(EditorError, match=why):
        edit_with(editor(tmp_path, body), "text")


def test_an_editor_that_is_not_there_is_named(tmp_path: Path) -> None:
    where = "the option editor, or else VISUAL, or else EDITOR"
    with pytest.raises(EditorError, match=f"nowhere cannot be run.*{where}"):
        edit_with([str(tmp_path / "nowhere")], "text")


async def test_where_the_terminal_cannot_be_handed_over_it_says_so(
    memory_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "true")
    async with browse(memory_file) as pilot:
        with pytest.raises(EditorError, match="edit it in place"):
            edit_text(pilot.app, "text")
