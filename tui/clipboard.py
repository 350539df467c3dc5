"""Copying a text to where the person can paste it, and saying honestly which way it went.

Here a tool of the desktop takes it; over ssh that desktop is another one, so that the terminal is
asked instead (OSC 52), through tmux where that stands between. A terminal never says whether it
took it. What no way can carry is written to a private file. The libraries that there are for this
know nothing of terminals, and wait for their tools without end.

Sources: XTerm Control Sequences (OSC 52); tmux(1), `set-clipboard` and `load-buffer -w`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

OSC52_LIMIT: Final = 74_994
"""Bytes of text that terminals take at once: 100,000 of base64 and its frame, as in hterm."""

_PATIENCE: Final = 3.0
_DUMB: Final = frozenset({"", "dumb", "linux", "unknown"})


class _Tool(NamedTuple):
    """A program that takes a copy.

    Attributes:
        command: The program and its arguments.
        needs: A variable of the environment without which it cannot work; empty for none.
        encoding: What it reads.
    """

    command: tuple[str, ...]
    needs: str = ""
    encoding: str = "utf-8"


_TOOLS: Final = (
    _Tool(("pbcopy",)),
    _Tool(("wl-copy",), "WAYLAND_DISPLAY"),
    _Tool(("xclip", "-selection", "clipboard"), "DISPLAY"),
    _Tool(("xsel", "--clipboard", "--input"), "DISPLAY"),
    # It takes what begins with a byte order mark for UTF-16, and else for an old code page.
    _Tool(("clip.exe",), encoding="utf-16"),
    _Tool(("termux-clipboard-set",)),
)


async def copy(
    text: str,
    to_terminal: Callable[[str], None],
    environment: Mapping[str, str] = os.environ,
    *,
    in_browser: bool = False,
) -> str:
    """Copy a text.

    Args:
        text: What is copied; bytes that are no UTF-8 as surrogate escapes.
        to_terminal: Writes the sequence that asks the terminal.
        environment: The variables of the process.
        in_browser: The terminal is a page in a browser, perhaps on another machine.

    Returns:
        Which way it went, as it follows "Copied 12 characters".

    Raises:
        OSError: Not even a file could be written.
    """
    if in_browser:
        return _to_browser(text, to_terminal)
    is_remote = any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    if not is_remote and (way := await _to_tool(text, environment)):
        return way
    if environment.get("TMUX") and (way := await _to_tmux(text)):
        return way
    if why_not := _why_no_terminal(text, environment):
        return _to_file(text, why_not)
    to_terminal(text)
    far = "on your side of ssh, " if is_remote else ""
    return f"sent to the terminal {far}(OSC 52), which does not say whether it took it"


def _to_browser(text: str, to_terminal: Callable[[str], None]) -> str:
    # The tools, tmux and the kind of terminal are those of whoever serves the page.
    try:
        text.encode()
    except UnicodeEncodeError:
        return _to_file(text, "it holds bytes that are no text") + ", on the machine that serves it"
    to_terminal(text)
    return "sent to the browser, which does not say whether it took it"


async def _to_tool(text: str, environment: Mapping[str, str]) -> str:
    path = environment.get("PATH")
    for tool in _TOOLS:
        program = shutil.which(tool.command[0], path=path)
        if program is None or (tool.needs and not environment.get(tool.needs)):
            continue
        data = text.encode(tool.encoding, "surrogateescape")
        if await _ran([program, *tool.command[1:]], data) is not None:
            return f"with {tool.command[0]}"
    return ""


async def _to_tmux(text: str) -> str:
    """Give it to tmux, which passes it on to its terminal unless it was told not to."""
    data = text.encode("utf-8", "surrogateescape")
    asked = await _ran(["tmux", "show-options", "-sv", "set-clipboard"], b"")
    passes_on = asked is not None and asked.strip() != b"off"
    if passes_on and await _ran(["tmux", "load-buffer", "-w", "-"], data) is not None:
        return "into tmux, which passes it on to the terminal; prefix ] pastes it in tmux"
    # One that is too old for -w, or passes nothing on.
    if await _ran(["tmux", "load-buffer", "-"], data) is not None:
        why = "set-clipboard is off" if asked is not None else "this tmux passes nothing on"
        return f"into tmux alone, where prefix ] pastes it ({why})"
    return ""


def _why_no_terminal(text: str, environment: Mapping[str, str]) -> str:
    if environment.get("STY"):
        return "screen passes nothing on to the terminal"
    if sys.platform != "win32" and environment.get("TERM", "") in _DUMB:
        return "this terminal takes no copies"
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "it holds bytes that are no text"
    return "" if size <= OSC52_LIMIT else "it is more than a terminal takes at once"


def _to_file(text: str, why: str) -> str:
    # The file is the person's from now on, so that nothing here deletes it.
    descriptor, path = tempfile.mkstemp(prefix="memglass-copied-", suffix=".txt")
    os.close(descriptor)
    Path(path).write_bytes(text.encode("utf-8", "surrogateescape"))
    return f"to the file {path}, because {why}"


async def _ran(command: Sequence[str], data: bytes) -> bytes | None:
    """Run a program on some input; give what it printed, or None where it failed or hung."""
    try:
        # What goes on in the background to serve the copy must not hold our pipe open.
        with tempfile.TemporaryFile() as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                await asyncio.wait_for(process.communicate(data), _PATIENCE)
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
                raise
            output.seek(0)
            return output.read() if process.returncode == 0 else None
    except (OSError, TimeoutError):
        return None
