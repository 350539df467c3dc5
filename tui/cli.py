"""The entry point: `memglass FILE` goes straight to the program, all else to the commands.

Nothing is imported before it is needed, because the first rows should be there at once.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from tui.command_list import COMMANDS, nearest
from tui.garbage import put_off
from tui.links import Link, split_link, why_no_file, why_no_link

if TYPE_CHECKING:
    from tui.mirrors import Mirror

READ_ONLY: Final = "--read-only"
READER: Final = "--reader"
BAD: Final = 2
STOPPED: Final = 130
EMPTY: Final = "The name of the file is empty, which names none; is a variable not set?"
_LONGEST: Final = 2000


def main(args: Sequence[str] | None = None) -> None:
    """Run the program; whatever fails in it ends the process with a sentence.

    Args:
        args: What stands on the command line after the name; of this process if None.
    """
    _stand_in_for_closed_streams()
    _accept_any_text()
    try:
        _run(list(sys.argv[1:] if args is None else args))
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    except Exception as error:
        # Where a developer looks, as in `tui.app`.
        if "debug" in os.environ.get("TEXTUAL", "").split(","):
            raise
        fail(in_words(error))


def _run(given: list[str]) -> None:
    names = [arg for arg in given if arg not in (READ_ONLY, READER)]
    if names:
        _check_name(names[0])
    is_plain = len(names) == 1 and not names[0].startswith("-") and names[0] not in COMMANDS
    if is_plain and len(given) == len({*given}) and has_terminal():
        show(Path(names[0]), read_only=READ_ONLY in given, reader=READER in given)
        return
    import click

    from tui.commands import program

    try:
        # On its own, click answers Ctrl+C with the status of a failure.
        code = program.main(args=given, prog_name="memglass", standalone_mode=False)
    except click.Abort:
        sys.exit(STOPPED)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        fail(f"{error.format_message().rstrip('.')}; see memglass --help.")
    sys.exit(code)


def _stand_in_for_closed_streams() -> None:
    """Give a stream that was closed before the start (`>&-`) somewhere to go.

    Python has None for it, and the next file that is opened would take its number.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", closefd=False))


def _accept_any_text() -> None:
    """Write what the encoding of a stream cannot say as an escape, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _check_name(name: str) -> None:
    """End the process with a sentence if a command was meant and mistyped, or nothing at all."""
    if not name:
        fail(EMPTY)
    if name in COMMANDS or name.startswith("-") or os.path.lexists(split_link(Path(name))[0]):
        return
    if os.sep not in name and (meant := nearest(name)):
        fail(f"There is neither a command nor a file {name}. Did you mean: memglass {meant}")


def show(file: Path, *, read_only: bool, reader: bool = False) -> None:
    """Open a memory and show it until the person leaves; a file that is none ends the process."""
    with put_off():
        file, link = parted(file)
        file, mark = file_and_mark(file)
        mirror = None if mark else mirror_as_which(file)
        read_only = read_only or bool(mark)
        # The store would make a file that is missing, and fill one that is empty.
        if mirror is None and (read_only or not file.is_file() or not file.stat().st_size):
            check(file)
        from dataclasses import replace

        from tui.app import MemglassApp
        from tui.config import apply_to_process, load_config
        from tui.memory import Memory
        from tui.readiness import get_ready

        config = load_config()
        if reader:
            config = replace(config, reader=True)
        apply_to_process(config)
        why = "it was opened with --read-only. Open it without that to change something."
        if mark:
            why = f"it is the mark {mark}, which stays as it was made."
        memory = Memory(file, read_only=read_only, why_read_only=why if read_only else "")
        memory.mirrors(mirror)
        app = MemglassApp(memory, config=config, link=link, when_settled=get_ready)
        app.run(mouse=config.mouse)
    if app.failure:
        fail(app.failure)
    if app.return_code:
        sys.exit(app.return_code)


def file_and_mark(given: Path) -> tuple[Path, str]:
    """Return the file that is meant by `FILE` or `FILE@NAME`, and the name of the mark, if any.

    A mark that is not there ends the process with a sentence.
    """
    if "@" not in str(given):
        return given, ""
    from tui.named_copies import MarkError, file_of_mark, split_mark

    memory, name = split_mark(given)
    try:
        return (file_of_mark(memory, name), name) if name else (given, "")
    except MarkError as error:
        fail(str(error))


def mirror_as_which(file: Path) -> Mirror | None:
    """Return the mirror as which a file is opened; None if it is opened in place.

    What is neither a memory nor can be imported ends the process with a sentence.
    """
    from storage import StorageError
    from tui.mirrors import mirror_of

    try:
        return mirror_of(file)
    except StorageError as error:
        fail(str(error))


def parted(given: Path) -> tuple[Path, Link | None]:
    """Part a file from the link behind it; what leads nowhere ends the process."""
    file, link = split_link(given)
    if link is None and (why := why_no_link(given)):
        fail(why)
    return file, link


def check(file: Path, *, may_be_empty: bool = False) -> None:
    """End the process with a sentence if this is no memory. Nothing is written to it."""
    from storage import StorageError
    from tui.memory import why_no_memory

    try:
        why = why_no_file(file) or why_no_memory(file, may_be_empty=may_be_empty)
    except StorageError as error:
        why = str(error)
    if why:
        fail(why)


def has_terminal() -> bool:
    """Whether there is a person to show something to, in a terminal or in a browser."""
    if os.environ.get("TEXTUAL_DRIVER"):
        return True
    return sys.stdin.isatty() and sys.stdout.isatty()


def in_words(error: Exception) -> str:
    """Say what an error means to the person; the number that a system gives it says nothing."""
    from storage import StorageError
    from tui.wording import of_system

    if isinstance(error, OSError):
        return f"{of_system(error)}."
    if isinstance(error, StorageError):
        return str(error)
    return (
        f"The program met a fault of its own ({type(error).__name__}: {error}) and had to end."
        " What was being changed was rolled back; TEXTUAL=debug shows more."
    )


def sentence(why: str) -> str:
    """Make a line for standard error of a sentence; of one that is too long, both its ends."""
    from tui.mirrors import as_named
    from tui.text import safe_text

    why = as_named(why)
    if len(why) > _LONGEST:
        why = f"{why[: _LONGEST // 2]} … {why[-_LONGEST // 4 :]}"
    return f"memglass: {safe_text(why, _LONGEST)}\n"


def fail(why: str) -> NoReturn:
    """End the process with one sentence about why."""
    # With standard error full or closed there is nobody to tell, and the status says enough.
    with contextlib.suppress(OSError):
        sys.stderr.write(sentence(why))
        sys.stderr.flush()
    sys.exit(BAD)


if __name__ == "__main__":
    main()
