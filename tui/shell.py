"""What the commands that answer in a shell share: streams, sentences, and the end of a run."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from tui.cli import STOPPED, fail, in_words, sentence

FOUND: Final = 0
NOTHING: Final = 1
READ_ENOUGH: Final = 141
"""As a shell tells of what SIGPIPE ended; 1 would say that nothing was found."""
_OF_SIGNALS: Final = 128
UNCHANGED: Final = "Stopped: nothing was changed."
"""What Ctrl+C means where all is done in one transaction."""
NOT_COPIED: Final = "Stopped: no copy was made."
"""What Ctrl+C means where a file is copied."""

_T = TypeVar("_T")


class NothingDoneError(Exception):
    """There is nothing to do, or something is in the way: a sentence, and the exit status 1."""


class ShellCommand(click.Command):
    """A command whose wrong usage is one sentence, and whose words may begin with a dash."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Understand what was given; end the process with a sentence where that is not possible."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            why = error.format_message().rstrip(".")
            if isinstance(error, click.NoSuchOption) and not error.option_name.startswith("--"):
                why += "; what begins with a dash and is no option comes after --"
            fail(f"{why}; see memglass {self.name} --help.")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `-word` for a word, but `--word` only after `--`: it is rather a slip of the pen."""
        if ctx.resilient_parsing:
            # A shell that completes a line asks about one that is not finished.
            return super().parse_args(ctx, args)
        end = args.index("--") if "--" in args else len(args)
        known = {name for option in self.get_params(ctx) for name in option.opts}
        known |= {name for option in self.get_params(ctx) for name in option.secondary_opts}
        for arg in args[:end]:
            name = arg.partition("=")[0]
            if name.startswith("--") and name not in known:
                raise click.NoSuchOption(name, ctx=ctx)
        before = ["--help" if arg == "-h" else arg for arg in args[:end]]
        return super().parse_args(ctx, before + args[end:])

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, until whoever reads the answer has had enough of it, such as `head`."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # What is still to be written would fail once more when the interpreter ends.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)
            sys.exit(READ_ENOUGH)


DASHES_ARE_WORDS: Final[dict[str, Any]] = {
    "ignore_unknown_options": True,
    # A short option would be looked for in every word that begins with a dash.
    "help_option_names": ["--help"],
    "max_content_width": 100,
}
"""Settings of a command that is given words."""


def run(work: Callable[[], Coroutine[Any, Any, _T]], when_stopped: Callable[[], str]) -> _T:
    """Run to the end; a failure ends the process with a sentence, and so does Ctrl+C.

    What tells the process to end (`TO_LEAVE`) stops it as Ctrl+C does, so that nothing is left
    half done; the exit status is the one by which a shell tells of the signal.

    Args:
        work: What to do.
        when_stopped: Says what Ctrl+C means, at the time when it was pressed.
    """
    import asyncio

    from storage import StorageError

    told: list[int] = []
    try:
        return asyncio.run(_until_told(work(), told))
    except (KeyboardInterrupt, asyncio.CancelledError) as end:
        if not told and not isinstance(end, KeyboardInterrupt):
            raise
        # Where the terminal is gone, there is nobody to tell.
        with contextlib.suppress(OSError):
            # What the terminal shows for the keys stands on the line.
            if sys.stderr.isatty():
                sys.stderr.write("\n")
            say(when_stopped())
        sys.exit(_OF_SIGNALS + told[0] if told else STOPPED)
    except NothingDoneError as error:
        say(str(error))
        sys.exit(NOTHING)
    except BrokenPipeError:
        # No failure: whoever read the output has had enough of it.
        raise
    except (OSError, StorageError) as error:
        fail(in_words(error))


async def _until_told(work: Coroutine[Any, Any, _T], told: list[int]) -> _T:
    """Do the work, and let go of it once the process is told to end; told again, it ends at once.

    Args:
        work: What to do.
        told: Gets the number of the signal.
    """
    import asyncio
    import signal
    import threading

    from tui.hang_up import TO_LEAVE

    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()

    def stop(number: int, _frame: object) -> None:
        told.append(number)
        signal.signal(number, signal.SIG_DFL)
        loop.call_soon_threadsafe(task.cancel)

    # Who started it may keep it from ending, as nohup does; threads are not told.
    is_main = threading.current_thread() is threading.main_thread()
    mine = [each for each in TO_LEAVE if is_main and signal.getsignal(each) == signal.SIG_DFL]
    try:
        for each in mine:
            signal.signal(each, stop)
        return await task
    finally:
        for each in mine:
            signal.signal(each, signal.SIG_DFL)


def say(what: str) -> None:
    """Tell the person something that is no part of the answer: one line on standard error."""
    click.echo(sentence(what), err=True, nl=False)


def quoted(path: Path) -> str:
    """Give a path as it is typed in a shell, for sentences that tell what to type."""
    from tui.mirrors import as_named
    from tui.text import safe_text

    return safe_text(shlex.quote(as_named(str(path))))


def is_emphasised() -> bool:
    """Whether standard output shows bold letters, and the person has not asked for none."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain
