"""A text in the person's own editor, from which it comes back as it was saved.

The text stands in a file of its own for as long as the editor is open: mode 0600, in a folder of
mode 0700, so that what an editor writes beside it (swap files, backups) is as private and goes away
with it.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from textual.app import App

_NOT_FOUND: Final = 127


class EditorError(Exception):
    """A text could not be edited: a sentence that says why, and what to do."""


def editor_command(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Give the command of the person's editor: `$VISUAL`, else `$EDITOR`.

    Raises:
        EditorError: Neither is set, or it cannot be read as a command.
    """
    for name in ("VISUAL", "EDITOR"):
        if command := environment.get(name, "").strip():
            try:
                return shlex.split(command, posix=os.name != "nt")
            except ValueError as error:
                raise EditorError(f"${name} is no command that can be run: {error}.") from error
    raise EditorError(
        "No editor is set. Leave, say `export EDITOR=nano` (or another one), and come back."
    )


def edit_with(command: Sequence[str], text: str, suffix: str = ".txt") -> str:
    """Have a text edited by a command, which gets the name of a file with the text.

    Bytes that are no UTF-8 come back as they were (`surrogateescape`). A line break that the
    editor put behind a text that had none is taken off again.

    Args:
        command: The editor and its arguments. It has to end when the editing does.
        text: What is edited.
        suffix: How the name of the file ends, from which editors tell what is in it.

    Returns:
        What was saved; `text` where nothing was.

    Raises:
        EditorError: It could not be run, ended with an error, or left no file.
    """
    with tempfile.TemporaryDirectory(prefix="memglass-") as folder:
        path = Path(folder) / f"edit{suffix}"
        path.touch(0o600, exist_ok=False)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        _run([*command, str(path)])
        try:
            edited = path.read_bytes().decode("utf-8", "surrogateescape")
        except OSError as error:
            raise EditorError(
                f"The editor left no file behind ({error.strerror}); nothing was changed."
            ) from error
    return edited.removesuffix("\n") if not text.endswith("\n") else edited


def edit_text(app: App[Any], text: str, suffix: str = ".txt") -> str:
    """Hand the terminal over to the person's editor, and take it back when it ends.

    Nothing else happens in the program meanwhile. Use `edit_with` where there is no program.

    Args:
        app: The program that owns the terminal.
        text: What is edited.
        suffix: How the name of the file ends.

    Raises:
        EditorError: There is no editor, this terminal cannot be handed over, or the editor failed.
    """
    from textual.app import SuspendNotSupported

    command = editor_command()
    failure: EditorError | None = None
    edited = text
    try:
        with app.suspend():
            # Textual takes the terminal back only where the block ends without an exception.
            try:
                edited = edit_with(command, text, suffix)
            except EditorError as error:
                failure = error
    except SuspendNotSupported as error:
        raise EditorError("An editor cannot be opened from here; edit it in place.") from error
    if failure is not None:
        raise failure
    return edited


def _run(command: Sequence[str]) -> None:
    try:
        with _deaf_to_interrupts():
            code = subprocess.run(command, check=False).returncode  # noqa: S603 - the person's own
    except OSError as error:
        raise EditorError(
            f"The editor {command[0]} cannot be run ({error.strerror}); name another one where it"
            " comes from: the option editor, or else VISUAL, or else EDITOR."
        ) from error
    if code:
        hint = "; is it installed?" if code == _NOT_FOUND else ""
        raise EditorError(
            f"The editor {command[0]} ended with status {code}{hint}, so nothing was changed."
        )


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Leave Ctrl+C to the editor; a handler, unlike ignoring, is not handed down to it."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
