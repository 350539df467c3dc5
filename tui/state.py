"""What is remembered of a memory between two visits, apart from it and for this user only.

One JSON file for each memory, in the folder for the state of programs: the memory itself is the
agent's, and may be read-only or shared. What holds for all memories has a file of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, overload

from tui.wording import of_system

T = TypeVar("T")

FOLDER_VARIABLE: Final = "MEMGLASS_STATE"
"""Environment variable that names another folder."""

_WRITTEN_AFTER: Final = 0.5
_LARGEST: Final = 4_000_000
_ONE_AT_A_TIME: Final = threading.Lock()


class State:
    """Values by name, kept for one memory. What cannot be read or written never ends the program.

    Reading and putting belong to the event loop's thread; writing is done in another one, a moment
    after the last change, and adds to the file only what was put here, so that two programs on one
    memory lose nothing of each other's but values of the same name.

    Args:
        memory: The file of the memory. State is found again by its resolved path. None for what
            is remembered of the program itself.
        folder: Where states are kept; by `MEMGLASS_STATE` or the XDG folder if None.

    Attributes:
        file: Where this state is kept.
    """

    def __init__(self, memory: Path | None, *, folder: Path | None = None) -> None:
        self.memory = None if memory is None else Path(os.path.realpath(memory))
        self.file = (folder or _usual_folder()) / f"{_name_for(self.memory)}.json"
        self._values: dict[str, Any] | None = None
        self._changed: dict[str, Any] = {}
        self._troubles: list[str] = []
        self._tell: Callable[[str], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None

    @overload
    def get(self, name: str) -> Any: ...

    @overload
    def get(self, name: str, default: T) -> T: ...

    def get(self, name: str, default: Any = None) -> Any:
        """Give a value that was put, to be read only.

        Args:
            name: What it was put under.
            default: Given if nothing was, or something of another type (None takes any type), so
                that a state that somebody else wrote need not be doubted further.
        """
        value = self._read().get(name, default)
        if default is None or type(value) is type(default):
            return value
        return float(value) if isinstance(default, float) and type(value) is int else default

    def put(self, name: str, value: Any) -> None:
        """Remember a value.

        Args:
            name: What to find it again by: `<pane>.<what>`.
            value: Anything that JSON can say; later changes to it are not seen.

        Raises:
            TypeError: JSON cannot say it.
            ValueError: It holds NaN or infinity.
        """
        kept = json.loads(json.dumps(value, allow_nan=False))
        values = self._read()
        if name in values and values[name] == kept and type(values[name]) is type(kept):
            return
        values[name] = self._changed[name] = kept
        if self._timer is not None:
            self._timer.cancel()
        with contextlib.suppress(RuntimeError):  # outside of a loop, `save` is what writes
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_WRITTEN_AFTER, self._begin_to_write)

    async def save(self) -> None:
        """Write now what is not written yet."""
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await self._writing
        await self._write()

    def tell_troubles(self, tell: Callable[[str], None]) -> None:
        """Have it told what can not be read or written, also what could not be up to now.

        Args:
            tell: Called with a sentence, with the same one only once.
        """
        self._tell = tell
        for trouble in self._troubles:
            tell(trouble)

    @property
    def _subject(self) -> str:
        return "memglass" if self.memory is None else self.memory.name

    def _read(self) -> dict[str, Any]:
        if self._values is None:
            self._values = {}
            try:
                self._values = _values_in(self.file)
            except ValueError as error:
                self._set_aside(error)
            except OSError as error:
                self._say(
                    f"What was remembered of {self._subject} cannot be read: {of_system(error)}"
                )
        return self._values

    def _set_aside(self, error: ValueError) -> None:
        aside = self.file.with_suffix(".broken")
        try:
            self.file.replace(aside)
        except OSError as why:
            self._say(f"{self.file} is damaged and cannot be set aside: {of_system(why)}")
        else:
            self._say(
                f"What was remembered of {self._subject} is damaged ({error}) and was set aside"
                f" as {aside}; the program begins anew."
            )

    def _say(self, trouble: str) -> None:
        if trouble not in self._troubles:
            self._troubles.append(trouble)
            if self._tell is not None:
                self._tell(trouble)

    def _begin_to_write(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        else:
            self._writing.add_done_callback(lambda _: self._begin_to_write())

    async def _write(self) -> None:
        changed, self._changed = self._changed, {}
        if not changed:
            return
        try:
            await asyncio.to_thread(_add, self.file, str(self.memory or ""), changed)
        except OSError as error:
            self._changed = changed | self._changed
            self._say(
                f"What is remembered of {self._subject} cannot be written: {of_system(error)}"
            )


def _name_for(memory: Path | None) -> str:
    return "program" if memory is None else hashlib.sha256(os.fsencode(memory)).hexdigest()[:32]


def _usual_folder() -> Path:
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    from platformdirs import user_state_path

    return user_state_path("memglass", appauthor=False)


def _values_in(file: Path) -> dict[str, Any]:
    """Read the values of a state; none where there is no file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no state.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST + 1)
    except FileNotFoundError:
        return {}
    if len(data) > _LARGEST:
        raise ValueError("too large")
    try:
        state = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError("no JSON") from error
    values = state.get("values") if isinstance(state, dict) else None
    if isinstance(values, dict):
        return values
    raise ValueError("other JSON than a state")


def _add(file: Path, memory: str, changed: dict[str, Any]) -> None:
    """Put values into a state, whole or not at all.

    Raises:
        OSError: It could not be written.
    """
    import tempfile

    with _ONE_AT_A_TIME:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            values = _values_in(file)
        except ValueError:
            # It was damaged since it was read. What is wanted now counts for more.
            values = {}
        state = {"memory": memory, "values": values | changed}
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-")
        try:
            with os.fdopen(handle, "w", encoding="ascii") as made:
                json.dump(state, made, indent=1)
                made.flush()
                os.fsync(made.fileno())
            os.replace(name, file)  # noqa: PTH105 - as a name, what `mkstemp` gave
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
