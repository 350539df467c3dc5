"""What every hit of a search has to be: the filters, typed or given, and how they go together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from storage.errors import ValidationError
from storage.moments import parse_moment, to_text
from storage.search.documents import KINDS


@dataclass(frozen=True, slots=True)
class Filters:
    """What every hit has to be. Of the values for one field any may do.

    Everywhere None is no condition, and an empty set is one that nothing fulfils.

    Attributes:
        kinds: Kinds of document, of `documents.KINDS`.
        actions: Actions of interactions.
        types: Types of patterns.
        domains: Domains of world models.
        reasons: Archive reasons.
        sessions: Session ids.
        archived: Whether it stands in the archive.
        after: From this moment on, in microseconds. What has no time is not after it.
        before: Before this moment, in microseconds. What has no time is not before it.
        tags: Of each of these sets its record has a tag.
        records: By kind of note and public id, what has those tags; `tagging.py` finds it.
        excluded: What no hit may be: whatever fulfils one of these.
    """

    kinds: frozenset[str] | None = None
    actions: frozenset[str] | None = None
    types: frozenset[str] | None = None
    domains: frozenset[str] | None = None
    reasons: frozenset[str] | None = None
    sessions: frozenset[str] | None = None
    archived: bool | None = None
    after: int | None = None
    before: int | None = None
    tags: tuple[frozenset[str], ...] = ()
    records: frozenset[tuple[str, str]] | None = None
    excluded: tuple[Filters, ...] = ()

    def both(self, other: Filters) -> Filters:
        """Return what asks for all that this and the other ask for."""
        kinds = _shared(self.kinds, other.kinds)
        archived = other.archived if self.archived is None else self.archived
        if other.archived not in (None, archived):
            archived, kinds = None, frozenset()
        return Filters(
            kinds=kinds,
            actions=_shared(self.actions, other.actions),
            types=_shared(self.types, other.types),
            domains=_shared(self.domains, other.domains),
            reasons=_shared(self.reasons, other.reasons),
            sessions=_shared(self.sessions, other.sessions),
            archived=archived,
            after=max(_given(self.after, other.after), default=None),
            before=min(_given(self.before, other.before), default=None),
            tags=self.tags + other.tags,
            excluded=tuple(dict.fromkeys(self.excluded + other.excluded)),
        )

    def either(self, other: Filters) -> Filters:
        """Return what asks for this or the other, where both are about the same field."""
        return Filters(
            kinds=_united(self.kinds, other.kinds),
            actions=_united(self.actions, other.actions),
            types=_united(self.types, other.types),
            domains=_united(self.domains, other.domains),
            reasons=_united(self.reasons, other.reasons),
            sessions=_united(self.sessions, other.sessions),
            archived=self.archived if self.archived == other.archived else None,
            after=min(_given(self.after, other.after), default=None),
            before=max(_given(self.before, other.before), default=None),
            tags=(frozenset().union(*self.tags, *other.tags),) if self.tags and other.tags else (),
        )


EVERYTHING: Final = Filters()
"""No condition."""


def _shared(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _united(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return None if one is None or other is None else one | other


def _given(*moments: int | None) -> list[int]:
    return [moment for moment in moments if moment is not None]


# Reading the values of filters, typed or given.

_KINDS: Final = {
    **{name: frozenset({name}) for name in KINDS},
    "interaction": frozenset({"interaction", "archived_interaction"}),
    "pattern": frozenset({"pattern", "archived_pattern"}),
}
_PLURALS: Final = {"entities": "entity"}
_ARCHIVED: Final = {
    **dict.fromkeys(("yes", "true", "only", "1"), True),
    **dict.fromkeys(("no", "false", "0"), False),
    **dict.fromkeys(("all", "any", "both"), None),
}
_PART_OF_DATE: Final = re.compile(r"\d{4}(?:[-/]\d\d?){0,2}", re.ASCII)
_AGO: Final = re.compile(
    r"(\d{1,4}) ?(h|hours?|d|days?|w|weeks?|m|months?|y|years?)(?: ago)?", re.ASCII
)
_WITHOUT_YEAR: Final = re.compile(r"\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?", re.ASCII)
_CLOCK: Final = re.compile(r"\d?\d:\d\d", re.ASCII)
_HOURS: Final = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}


def filters_of(
    kinds: str | Iterable[str] | None = None,
    archived: bool | None = None,
    session_id: str | Iterable[str] | None = None,
    action: str | Iterable[str] | None = None,
    pattern_type: str | Iterable[str] | None = None,
    archive_reason: str | Iterable[str] | None = None,
    domain: str | Iterable[str] | None = None,
    before: str | date | datetime | None = None,
    after: str | date | datetime | None = None,
    tag: str | Iterable[str] | None = None,
) -> Filters:
    """Make filters of what a caller gives; None is no condition.

    Args:
        kinds: Of `documents.KINDS`, in any case, the plural too. `interaction` and `pattern` are
            live and archived ones.
        archived: Whether a hit stands in the archive.
        session_id: One session or several.
        action: One action of interactions or several.
        pattern_type: One type of patterns or several.
        archive_reason: One archive reason or several.
        domain: One domain of world models or several.
        before: A time, or one as `parse_query()` reads it; without an offset it is in UTC.
        after: The same; this moment itself is after it.
        tag: One tag that a person put on a record, or several, of which it has any.

    Raises:
        ValidationError: A value is not what its field holds.
    """
    if archived not in (None, True, False):
        raise ValidationError("archived must be True, False or None.", field="archived")
    now = datetime.now(UTC)
    tags = _given_texts("tag", tag)
    return Filters(
        kinds=_given_kinds(kinds),
        actions=_given_texts("action", action),
        types=_given_texts("pattern_type", pattern_type),
        domains=_given_texts("domain", domain),
        reasons=_given_texts("archive_reason", archive_reason),
        sessions=_given_texts("session_id", session_id),
        archived=archived,
        after=_given_moment("after", after, now),
        before=_given_moment("before", before, now),
        tags=() if tags is None else (tags,),
    )


def _given_texts(name: str, value: object) -> frozenset[str] | None:
    if value is None:
        return None
    values = (value,) if isinstance(value, str) or not isinstance(value, Iterable) else value
    wanted: set[str] = set()
    for each in values:
        if not isinstance(each, str):
            kind = type(each).__name__
            raise ValidationError(f"{name} must be a string or several, not {kind}.", field=name)
        wanted.add(each)
    return frozenset(wanted)


def _given_kinds(value: object) -> frozenset[str] | None:
    names = _given_texts("kinds", value)
    if names is None:
        return None
    wanted: frozenset[str] = frozenset()
    for name in names:
        kinds = _kinds_of(name)
        if kinds is None:
            known = ", ".join(KINDS)
            raise ValidationError(
                f"kinds: {name[:40]!a} is no kind of record; give one of {known}.", field="kinds"
            )
        wanted |= kinds
    return wanted


def _given_moment(name: str, value: object, now: datetime) -> int | None:
    if value is None:
        return None
    if not isinstance(value, str | date | datetime):
        raise ValidationError(
            f"{name} must be a time (str, date or datetime), not {type(value).__name__}.",
            field=name,
        )
    try:
        return _moment(value, now)
    except ValueError as error:
        raise ValidationError(f"{name}: {error}", field=name) from error


def _kinds_of(name: str) -> frozenset[str] | None:
    plain = re.sub(r"[-\s]", "_", name.strip().lower())
    return _KINDS.get(_PLURALS.get(plain, plain)) or _KINDS.get(plain.removesuffix("s"))


def _moment(value: str | date | datetime, now: datetime) -> int:
    """Return the moment of a time, in microseconds.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, str):
        value = _relative(value.strip().lower(), now) or _whole_date(value.strip())
    return parse_moment(to_text(value))


def read_time(text: str, now: datetime) -> datetime:
    """Read a time as a person types it: `2026-10-02`, `10-02 14:05`, `3d`, `yesterday`.

    Args:
        text: A date with or without a time, or with its year or day left out, or how long ago.
        now: What relative times count from; its zone is that of times without one.

    Raises:
        ValidationError: It is no time.
    """
    given = text.strip()
    try:
        if (ago := _relative(given.lower(), now)) is not None:
            return ago
        if _WITHOUT_YEAR.fullmatch(given):
            given = f"{now.year}-{given}"
        elif _CLOCK.fullmatch(given):
            given = f"{now:%Y-%m-%d} {given:0>5}"
        moment = datetime.fromisoformat(_whole_date(given))
    except ValueError as error:
        raise ValidationError(
            f"{given[:20]} is no time; type 2026-10-02 14:05, 10-02, 3d or yesterday.",
            field="time",
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=now.tzinfo)


def _relative(text: str, now: datetime) -> datetime | None:
    if text in ("today", "yesterday"):
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=text == "yesterday")
    ago = _AGO.fullmatch(text)
    if ago is None:
        return None
    try:
        return now - timedelta(hours=int(ago[1]) * _HOURS[ago[2][0]])
    except OverflowError:
        raise ValueError(f"{text} ago is before the year 1; give a later time.") from None


def _whole_date(text: str) -> str:
    """Return the first day of a year or a month as a date; any other text as it is."""
    if not _PART_OF_DATE.fullmatch(text):
        return text
    year, month, day = (*re.split("[-/]", text), "1", "1")[:3]
    return f"{year}-{month:0>2}-{day:0>2}"


def read_filter(name: str, value: str, now: datetime) -> Filters | None:
    """Read a filter that was typed, or give None where it makes no sense.

    Args:
        name: One of `NAMES`.
        value: What stands behind the colon.
        now: What relative times count from.
    """
    return _READERS[name](value, now)


def _read_archived(value: str, _: datetime) -> Filters | None:
    known = value.strip().lower()
    return Filters(archived=_ARCHIVED[known]) if known in _ARCHIVED else None


def _read_moment(value: str, now: datetime) -> int | None:
    try:
        return _moment(value, now)
    except ValueError:
        return None


_READERS: Final[dict[str, Callable[[str, datetime], Filters | None]]] = {
    "kind": lambda value, _: _unless_none(Filters(kinds=_kinds_of(value))),
    "type": lambda value, _: _unless_none(Filters(types=_one(value))),
    "reason": lambda value, _: _unless_none(Filters(reasons=_one(value))),
    "session": lambda value, _: _unless_none(Filters(sessions=_one(value))),
    "action": lambda value, _: _unless_none(Filters(actions=_one(value))),
    "domain": lambda value, _: _unless_none(Filters(domains=_one(value))),
    "tag": lambda value, _: Filters(tags=(frozenset({value}),)) if value else None,
    "archived": _read_archived,
    "before": lambda value, now: _unless_none(Filters(before=_read_moment(value, now))),
    "after": lambda value, now: _unless_none(Filters(after=_read_moment(value, now))),
}
NAMES: Final = tuple(_READERS)
"""The names of the filters, as they are typed."""


def _one(value: str) -> frozenset[str] | None:
    return frozenset({value}) if value else None


def _unless_none(filters: Filters) -> Filters | None:
    return None if filters == EVERYTHING else filters
