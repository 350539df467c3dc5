"""The session of a turn as a conversation, oldest turn first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tui.lines import Line
from tui.moments import short_time
from tui.sources import StoreSource
from tui.text import beginning, safe_text
from tui.widgets.record_view import Panel
from tui.widgets.talk_view import TalkView
from tui.wording import what_of

if TYPE_CHECKING:
    from tui.memory import Memory
    from tui.panes.subjects import StoredRecord
    from tui.widgets.columns import Row

SHOWN: Final = 2000
"""Characters of a turn that are shown in a conversation."""

NO_SESSION: Final = (
    "This turn names no session, so that no conversation can be told around it. Fields (v) shows"
    " what it says; e gives it a session_id."
)
_CUT: Final = 300


class Talk:
    """The view of a turn's session.

    Args:
        memory: What is looked at.

    Attributes:
        view: Where it is shown.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.view = TalkView(turn_lines, id="record-talk")
        self._shown: tuple[str, Any] | None = None
        self._read: tuple[str, int] | None = None
        self._keys: Sequence[Any] = ()

    def panel(self, own: StoredRecord) -> Panel:
        """Give the view of the conversation around a turn."""
        return Panel("Talk", self.view, partial(self._fill, own))

    async def _fill(self, own: StoredRecord) -> None:
        session = await _session_of(own)
        if not session:
            self._shown = None
            self.view.show_hint(NO_SESSION)
            return
        keys = await self._keys_of(session)
        # A session that is no text is not found by its name; the turn is there all the same.
        keys = keys if own.key in keys else [own.key]
        turns = ("interaction", keys)
        source = StoreSource(self._memory.store, turns, excerpt=SHOWN + 1)
        is_same = self._shown == (session, own.key)
        await self.view.show_talk(source, keys.index(own.key), keep_place=is_same)
        self._shown = (session, own.key)

    async def _keys_of(self, session: str) -> Sequence[Any]:
        """Give the keys of a session's turns, read anew only where something changed."""
        store = self._memory.store
        version = await store.get_data_version()
        if self._read != (session, version):
            self._keys = await store.list_keys("interaction", session_id=session, order="oldest")
            self._read = (session, version)
        return self._keys


async def _session_of(own: StoredRecord) -> str:
    await own.record_id()
    session = (own.row or {})["session_id"]
    if session is not None and len(str(session)) >= _CUT:
        session = (await own.record())["session_id"]
    return "" if session is None else str(session)


def turn_lines(row: Row | None) -> tuple[str, Line, Line]:
    """Give what stands above a turn, what it says, and what stands below it.

    Args:
        row: Its short row, with an excerpt longer than what is shown; None where it is gone.
    """
    if row is None:
        return "", Line("no longer here", role="dim"), Line()
    when = safe_text(short_time(row["timestamp"]), 40)
    # Of one line, whatever is stored: a line break would make two headings of one.
    who = [safe_text(row[name], 40) for name in ("role", "action") if row[name] not in (None, "")]
    heading = "  ".join([when, *who])
    said = what_of(row)
    if isinstance(said, str) and len(said) > SHOWN:
        more = "\u2026 Enter goes to this turn, where all of it stands."
        return heading, Line(beginning(said, SHOWN)), Line(more, role="dim")
    return heading, Line(said), Line()
