"""`memglass serve`: the program in a browser; read-only, and for this machine alone at first."""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Final

import click

from tui.cli import READ_ONLY, check, fail
from tui.memory_file import CHANGED_MEMORY, MEMORY, GivenFile
from tui.shell import ShellCommand, say
from tui.shell_options import WORD

LOOPBACK: Final = "127.0.0.1"
_PORT: Final = 8317
_TAKEN: Final = (errno.EADDRINUSE, errno.EACCES)


@click.command("serve", cls=ShellCommand)
@click.argument("file", type=GivenFile())
@click.option(
    "--allow-changes",
    is_flag=True,
    help="Let the browser archive, restore, edit and export to files here.",
)
@click.option(
    "--port", default=_PORT, show_default=True, type=click.IntRange(0, 65535), help="0 finds one."
)
@click.option("--host", type=WORD, default=LOOPBACK, show_default=True, help="Where to listen.")
def serve_command(file: Path, *, allow_changes: bool, port: int, host: str) -> None:
    """Show a memory in a browser, for as long as this runs.

    Only who knows the address can see it: a part of it is made anew each time. It is read-only, and
    only this machine can reach it, unless you say otherwise.
    """
    # Each browser opens what was named: the mark, or the mirror that follows it.
    memory = (CHANGED_MEMORY if allow_changes else MEMORY).convert(file, None, None)
    check(memory)
    why_not = why_unchangeable(memory) if allow_changes else "read-only"
    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        other = " Try --port 0." if error.errno in _TAKEN else ""
        fail(f"It cannot be served at {host}:{port}: {error.strerror or error}.{other}")
    with listening:
        from tui.web.server import serve

        port = listening.getsockname()[1]
        path = serve_path()
        if not is_loopback(listening.getsockname()[0]):
            more = "" if why_not else ", change it and write files here"
            say(
                f"Others on the network can reach {host}, and what goes there is not encrypted."
                f" Whoever learns the address can read the memory{more}."
            )
        name = f"[{host}]" if ":" in host else host
        shown = f"{file.name} ({why_not or 'changes are allowed'})"
        said = f"{shown} is at http://{name}:{port}{path} until you press Ctrl+C."
        # Ctrl+C is how it ends.
        with contextlib.suppress(KeyboardInterrupt):
            serve(listening, path, command_for(file, allow_changes), file.name, partial(say, said))


def why_unchangeable(memory: Path) -> str:
    """Say why a memory opens read-only for whoever wants to change it; empty where it does not."""
    from storage import inspect_file

    info = inspect_file(memory)
    if info.newer:
        return "read-only, because a newer memglass made it"
    if not info.writable:
        return "read-only, because it or its folder cannot be written"
    return ""


def serve_path() -> str:
    """Make the path of the address: as good as a password, for this one run."""
    import secrets

    return f"/{secrets.token_urlsafe(16)}/"


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach an address."""
    import ipaddress

    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def command_for(file: Path, allow_changes: bool) -> str:
    """Give the command of a shell that shows the memory; each browser has a process of its own."""
    args = [sys.executable, "-m", "tui.cli", "open", os.path.abspath(file)]  # noqa: PTH100 - no links
    if not allow_changes:
        args.append(READ_ONLY)
    return subprocess.list2cmdline(args) if os.name == "nt" else shlex.join(args)
