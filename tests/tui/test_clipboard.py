"""A copy goes where it can be pasted, and what is said of it is what happened."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui import clipboard


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which programs can be put, the only one on the path; and one for files."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("cat", "sleep", "sh"):
        (folder / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return folder


def put(folder: Path, name: str, body: str) -> None:
    script = folder / name
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)


async def copied(text: str, **environment: str) -> tuple[str, list[str]]:
    asked: list[str] = []
    way = await clipboard.copy(text, asked.append, {"PATH": os.environ["PATH"], **environment})
    return way, asked


async def test_here_a_tool_of_the_desktop_takes_the_exact_bytes(tools: Path) -> None:
    put(tools, "xclip", f'echo "$@" > {tools}/args; cat > {tools}/got')
    way, asked = await copied("esc\x1b \udcff \u2714\n", DISPLAY=":0", TERM="xterm")
    assert way == "with xclip"
    assert (tools / "got").read_bytes() == b"esc\x1b \xff \xe2\x9c\x94\n"
    assert (tools / "args").read_text() == "-selection clipboard\n"
    assert not asked


async def test_a_tool_without_its_desktop_is_not_asked(tools: Path) -> None:
    put(tools, "wl-copy", f"touch {tools}/asked")
    put(tools, "xsel", "exit 0")
    assert (await copied("a", DISPLAY=":0"))[0] == "with xsel"
    assert not (tools / "asked").exists()


async def test_a_tool_that_fails_makes_way_for_the_next(tools: Path) -> None:
    put(tools, "wl-copy", "exit 1")
    put(tools, "xclip", "cat > /dev/null")
    way, _ = await copied("a", WAYLAND_DISPLAY="w", DISPLAY=":0")
    assert way == "with xclip"


async def test_a_tool_that_hangs_is_not_waited_for(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "_PATIENCE", 0.2)
    put(tools, "xclip", "exec sleep 60")
    way, asked = await copied("a", DISPLAY=":0", TERM="xterm")
    assert "OSC 52" in way
    assert asked == ["a"]


async def test_windows_reads_sixteen_bits(tools: Path) -> None:
    put(tools, "clip.exe", f"cat > {tools}/got")
    assert (await copied("\u00fc"))[0] == "with clip.exe"
    assert (tools / "got").read_bytes().decode("utf-16") == "\u00fc"


async def test_over_ssh_the_terminal_is_asked_and_not_the_far_desktop(tools: Path) -> None:
    put(tools, "xclip", f"touch {tools}/asked")
    way, asked = await copied("a", DISPLAY=":0", SSH_TTY="/dev/pts/1", TERM="xterm")
    assert way.startswith("sent to the terminal on your side of ssh, (OSC 52)")
    assert "does not say whether it took it" in way
    assert asked == ["a"]
    assert not (tools / "asked").exists()


@pytest.mark.parametrize(
    ("text", "environment", "why"),
    [
        ("a", {"TERM": "dumb"}, "this terminal takes no copies"),
        ("a", {"TERM": "screen", "STY": "1.x"}, "screen passes nothing on"),
        ("a\udcff", {"TERM": "xterm"}, "it holds bytes that are no text"),
        ("\u00e9" * 40_000, {"TERM": "xterm"}, "more than a terminal takes at once"),
    ],
)
async def test_what_no_way_can_carry_is_written_to_a_private_file(
    tools: Path, text: str, environment: dict[str, str], why: str
) -> None:
    way, asked = await copied(text, **environment)
    found = re.match("to the file (.*), because (.*)", way)
    assert found is not None
    assert why in found[2]
    path = Path(found[1])
    assert path.read_bytes() == text.encode("utf-8", "surrogateescape")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not asked


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    """A real tmux of its own; its command, up to the name of a command."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    command = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    subprocess.run([*command, "new-session", "-d", "sleep 60"], check=True)
    yield command
    subprocess.run([*command, "kill-server"], check=False)


def told(tmux: list[str], *command: str) -> bytes:
    return subprocess.run([*tmux, *command], capture_output=True, check=True).stdout


async def test_inside_tmux_it_goes_into_tmux(
    tmux: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What runs inside tmux finds its server by this variable.
    monkeypatch.setenv("TMUX", f"{tmp_path}/socket,1,0")
    environment = {"TMUX": os.environ["TMUX"], "SSH_TTY": "/dev/pts/1", "TERM": "screen"}
    way, asked = await copied("in tmux \x1b]", **environment)
    assert way.startswith("into tmux, which passes it on")
    assert told(tmux, "show-buffer") == b"in tmux \x1b]"
    told(tmux, "set-option", "-s", "set-clipboard", "off")
    way, asked = await copied("again", **environment)
    assert way == "into tmux alone, where prefix ] pastes it (set-clipboard is off)"
    assert not asked


async def test_in_a_browser_it_goes_there_and_not_to_who_serves_the_page(tools: Path) -> None:
    for name in ("xclip", "tmux"):
        put(tools, name, f"touch {tools}/asked")
    served_from = {"DISPLAY": ":0", "TMUX": "x", "STY": "x", "TERM": "dumb", "SSH_TTY": "x"}
    environment = {"PATH": os.environ["PATH"], **served_from}
    asked: list[str] = []
    way = await clipboard.copy("a" * 80_000, asked.append, environment, in_browser=True)
    assert way.startswith("sent to the browser")
    assert asked == ["a" * 80_000]
    assert not (tools / "asked").exists()
