"""The session of a turn, or of what a pattern was made from, as a conversation."""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui.copying import exact_text
from tui.lines import Line
from tui.moments import short_time
from tui.panes.subjects import StoredRecord
from tui.sources import summaries
from tui.text import beginning, safe_text
from tui.told_keys import key_for
from tui.widgets.record_view import Panel
from tui.widgets.talk_view import TalkView
from tui.wording import what_of

if TYPE_CHECKING:
    from tui.memory import Memory
    from tui.widgets.columns import Row

SHOWN: Final = 2000
"""Characters of a turn that are shown in a conversation."""

ARCHIVED: Final = "archived_interaction"
_TURNS: Final = ("interaction", ARCHIVED)
_LOOKED_AT: Final = 20
_CUT: Final = 300


class _Place(NamedTuple):
    """Where a conversation is looked at.

    Attributes:
        session: The session.
        turn: Kind and key of the turn that one comes from.
        marked: The turns that have a sign beside them.
        mark: What the sign says.
    """

    session: str
    turn: tuple[str, Any]
    marked: frozenset[tuple[str, Any]]
    mark: str


class Talk:
    """The view of the session of a turn, or of the turns that a pattern was made from.

    Args:
        memory: What is looked at.

    Attributes:
        view: Where it is shown.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.view = TalkView(turn_lines, id="record-talk")
        self._shown: _Place | None = None
        self._read: tuple[str, int] | None = None
        self._turns: Sequence[tuple[str, Any]] = ()

    def forget(self) -> None:
        """Let go of the turns that were read, whatever the version of the file."""
        self._shown = self._read = None

    def panel(self, own: StoredRecord) -> Panel | None:
        """Give the view of the conversation around a record; None where there can be none."""
        return Panel("Talk", self.view, partial(self._fill, own)) if own.has_lineage else None

    async def _fill(self, own: StoredRecord) -> None:
        is_turn = own.kind in _TURNS
        place = await (self._around_turn(own) if is_turn else self._around_evidence(own))
        if place is None:
            self._shown = None
            self.view.show_hint(_no_session() if is_turn else _no_evidence())
            return
        turns = await self._turns_of(place.session)
        found = _places_of({place.turn, *place.marked}, turns)
        if place.turn not in found:
            # A session that is no text is not found by its name; the turn is there all the same.
            turns, found = [place.turn], {place.turn: 0}
        await self.view.show_talk(
            _Turns(self._memory, turns),
            found[place.turn],
            keep_place=self._shown == place,
            marked=frozenset(found[each] for each in place.marked if each in found),
            mark=place.mark,
        )
        self._shown = place

    async def _around_turn(self, own: StoredRecord) -> _Place | None:
        here = (own.kind, own.key)
        session = await _session_of(own)
        return _Place(session, here, frozenset({here}), "in the list") if session else None

    async def _around_evidence(self, own: StoredRecord) -> _Place | None:
        """Say where the first turn stands that a pattern was made from and whose session is known.

        The turns of other sessions are one key away in the lineage.
        """
        store = self._memory.store
        lineage = await store.get_lineage("pattern", await own.public_id())
        places = [each.place for each in lineage.sources if each.kind == "interaction"]
        there = [(each.kind, each.key) for each in places if each is not None]
        for each in there[:_LOOKED_AT]:
            if session := await _session_of(StoredRecord(self._memory, each, None)):
                return _Place(session, each, frozenset(there), "evidence")
        return None

    async def _turns_of(self, session: str) -> Sequence[tuple[str, Any]]:
        """Give a session's turns, read anew only where something changed."""
        store = self._memory.store
        version = await store.get_data_version()
        if self._read != (session, version):
            self._turns = await store.history.get_turns(session)
            self._read = (session, version)
        return self._turns


def _places_of(
    wanted: Iterable[tuple[str, Any]], turns: Sequence[tuple[str, Any]]
) -> dict[tuple[str, Any], int]:
    """Say where turns stand; those that do not are left out."""
    places: dict[tuple[str, Any], int] = {}
    for each in wanted:
        # To go through a long session turn by turn takes longer than some searches in its keys.
        with contextlib.suppress(ValueError):
            places[each] = turns.index(each)
    return places


class _Turns:
    """The turns of a session as a source of rows, live ones and archived ones alike.

    Args:
        memory: Where they are.
        turns: Kind and key of each.
    """

    def __init__(self, memory: Memory, turns: Sequence[tuple[str, Any]]) -> None:
        self._memory = memory
        self.keys: Sequence[Hashable] = turns

    async def fetch(self, keys: Sequence[Any]) -> list[Row | None]:
        """Give the short rows of these turns."""
        store = self._memory.store
        live = [each for each in keys if each[0] == "interaction"]
        archived = [each for each in keys if each[0] != "interaction"]
        rows = await summaries(store, live, excerpt=SHOWN + 1)
        records = await store.get_records(ARCHIVED, [key for _, key in archived])
        found: dict[Any, Row | None] = dict(zip(live, rows, strict=True))
        found |= zip(archived, map(_archived_row, records), strict=True)
        return [found[each] for each in keys]


def _archived_row(record: Mapping[str, Any] | None) -> Row | None:
    """Make of an archived turn what the list of live ones has of its turns."""
    inner = None if record is None else record.get("record")
    if record is None or not isinstance(inner, Mapping):
        return None
    names = ("timestamp", "role", "action", "file_path")
    said = inner.get("content") or exact_text(inner.get("details"))
    return {
        **{name: inner.get(name) for name in names},
        "excerpt": str(said)[: SHOWN + 1],
        "archived": record.get("archive_reason"),
    }


async def _session_of(own: StoredRecord) -> str:
    await own.record_id()
    if own.kind == ARCHIVED:
        inner = (await own.record()).get("record")
        session = inner.get("session_id") if isinstance(inner, Mapping) else None
        return session if isinstance(session, str) else ""
    session = (own.row or {})["session_id"]
    if session is not None and len(str(session)) >= _CUT:
        session = (await own.record())["session_id"]
    return "" if session is None else str(session)


def _no_session() -> str:
    return (
        "This turn names no session, so that no conversation can be told around it. Fields"
        f" ({key_for('view')}) shows what it says; {key_for('edit')} gives it a session_id."
    )


def _no_evidence() -> str:
    return (
        "Nothing is left of the turns that this was made from, or they name no session, so that no"
        f" conversation can be told. Lineage ({key_for('why')}) shows what it was made from."
    )


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
    if row.get("archived") is not None:
        who.append(f"(archived as {safe_text(row['archived'], 60)})")
    heading = "  ".join([when, *who])
    said = what_of(row)
    if isinstance(said, str) and len(said) > SHOWN:
        more = f"\u2026 {key_for('follow')} goes to this turn, where all of it stands."
        return heading, Line(beginning(said, SHOWN)), Line(more, role="dim")
    return heading, Line(said), Line()
