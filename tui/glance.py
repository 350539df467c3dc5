"""What the panels of the overview say: each a few lines of parts with a style."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from tui.aloud import is_read_aloud
from tui.divergences import DIVERGED
from tui.moments import local, short_time
from tui.text import safe_text
from tui.told_keys import key_for
from tui.widgets.cells import fit
from tui.wording import confidence, in_bytes

Line = Sequence[tuple[str, str]]

QUIET: Final = "$quiet"
STRONG: Final = "bold"
_NAME: Final = 22
_BAR: Final = 10
_ROWS: Final = 12
_SPANS: Final = {"day": 1, "week": 7, "month": 30}
_STEPS: Final = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
_BLOCK: Final = "\u2588"
_NOTHING: Final = "\u00b7"
_COURSE: Final = 16
_DAMAGED: Final = "A damaged table cannot be counted."
_KINDS: Final = {
    "interaction": "interaction",
    "pattern": "pattern",
    "archived_interaction": "archived interaction",
    "archived_pattern": "archived pattern",
    "world_model_state": "world model",
    "snapshot": "snapshot",
    "change": "change",
}


def _named(kind: str, count: int | None) -> str:
    """Name records of a kind, so many of them; None for nobody knows how many."""
    plural = "" if count in (1, -1) else "s"
    return f"{_KINDS[kind]}{plural}{' in the journal' if kind == 'change' else ''}"


class Told(NamedTuple):
    """How sure a snapshot was.

    Attributes:
        at: When, as it is stored.
        confidence: The confidence then.
        key: The key of the snapshot in its list, where that is known.
    """

    at: str
    confidence: float
    key: Any = None


class Course(NamedTuple):
    """How the confidence in a domain went.

    Attributes:
        domain: The domain.
        points: What its snapshots say, oldest first.
    """

    domain: str
    points: Sequence[Told]


def courses(snapshots: Iterable[Mapping[str, Any] | None]) -> list[Course]:
    """Sort the short rows of snapshots, newest first, by domain; the most told of comes first."""
    found: dict[str, list[Told]] = {}
    for row in snapshots:
        if row is None or not isinstance(row["domain"], str):
            continue
        value = row["confidence"]
        if isinstance(value, int | float) and 0 <= value <= 1 and local(row["snapshot_time"]):
            told = Told(row["snapshot_time"], float(value), row.get("key"))
            found.setdefault(row["domain"], []).append(told)
    every = [Course(domain, points[::-1]) for domain, points in found.items()]
    return sorted(every, key=lambda course: (-len(course.points), course.domain))


def silent(snapshots: Iterable[Mapping[str, Any] | None], every: Iterable[Course]) -> list[str]:
    """Name the domains of which no snapshot says a confidence that can be drawn."""
    names = {row["domain"] for row in snapshots if row is not None}
    return sorted({each for each in names if isinstance(each, str)} - {one.domain for one in every})


def amounts(counts: Mapping[str, int | None], days: Mapping[date, int]) -> list[Line]:
    """Say how much there is, and how fast it grew lately.

    Args:
        counts: How many there are of each kind; None where that cannot be told.
        days: Of each day, how many interactions are of it, live and archived: it grew by all.
    """
    lines: list[Line] = [
        [(f"{'?':>11}", STRONG), (f"  {_named(kind, None)}, in a damaged table", "")]
        if count is None
        else [(f"{count:>11,}", STRONG), (f"  {_named(kind, count)}", "")]
        for kind, count in counts.items()
    ]
    for span, grown in growth(days).items() if days else ():
        name = {"day": f"day, to {max(days)}", "week": "7 days", "month": "30 days"}[span]
        told = (f"{f'+{grown:,}':>11}", STRONG)
        lines.append([told, (f"  {_named('interaction', grown)} in its last {name}", QUIET)])
    return lines


def growth(days: Mapping[date, int]) -> dict[str, int]:
    """Count the interactions of the last `day`, `week` and `month` (30 days) that there are.

    Args:
        days: How many there were on each day.
    """
    if not days:
        return dict.fromkeys(_SPANS, 0)
    last = max(days).toordinal()
    return {
        name: sum(count for day, count in days.items() if day.toordinal() > last - span)
        for name, span in _SPANS.items()
    }


def news(before: Mapping[str, Any], counts: Mapping[str, int | None]) -> list[Line]:
    """Say what is new since a visit before.

    Args:
        before: What was kept of that visit: `at`, and `counts` by kind. Empty if there was none.
        counts: What there is now, by kind; None where that cannot be told.
    """
    then = before.get("counts")
    if not isinstance(then, Mapping):
        return [[("This is your first visit.", QUIET)]]
    lines: list[Line] = []
    for kind, count in counts.items():
        old = then.get(kind)
        if isinstance(old, int) and count is not None and old != count:
            grown = count - old
            lines.append([(f"{grown:>+11,}", STRONG), (f"  {_named(kind, grown)}", "")])
    since = short_time(before.get("at"))
    if not lines:
        return [[(f"Nothing is new since {since}.", QUIET)]]
    return [[(f"Since {since}:", QUIET)], *lines]


def types(spreads: Sequence[Any] | None) -> list[Line]:
    """Show pattern types with their counts and how confidences are spread from 0 to 1.

    Args:
        spreads: What `get_overview()` gives as `types`; None where that cannot be told.
    """
    if spreads is None:
        return [[(_DAMAGED, QUIET)]]
    if not spreads:
        return [[("No patterns yet.", QUIET)]]
    scale = "" if is_read_aloud() else f"0{'':8}1"
    head = f"{'':<{_NAME}} {'count':>6}  mean  {scale}"
    lines: list[Line] = [[(head, QUIET)]]
    lines += [
        [
            (fit(safe_text(each.pattern_type or "(none)", _NAME * 2), _NAME), ""),
            (f" {each.count:>6,}", STRONG),
            (f"  {confidence(each.mean):>4}  ", ""),
            (spread(each.tenths), STRONG),
        ]
        for each in spreads[:_ROWS]
    ]
    return [*lines, *_more(len(spreads))]


def reasons(statistics: Mapping[str, Mapping[str, int]] | None) -> list[Line]:
    """Show how much was archived for which reason; None where that cannot be told."""
    if statistics is None:
        return [[(_DAMAGED, QUIET)]]
    sums: dict[str, int] = {}
    for name in ("interactions", "patterns"):
        for reason, count in statistics[name].items():
            sums[reason] = sums.get(reason, 0) + count
    if not sums:
        return [[("Nothing is archived.", QUIET)]]
    most = max(sums.values())
    ordered = sorted(sums.items(), key=lambda each: (-each[1], each[0]))
    lines: list[Line] = [
        [
            (fit(safe_text(reason or "(none)", 60), _NAME + 2), ""),
            (f" {count:>7,} ", STRONG),
            ("" if is_read_aloud() else _BLOCK * max(1, count * _BAR // most), ""),
        ]
        for reason, count in ordered[:_ROWS]
    ]
    return [*lines, *_more(len(ordered))]


def domains(every: Sequence[Course], others: Sequence[str] = ()) -> list[Line]:
    """Show the domains: how the confidence in each went, and what it is now.

    Args:
        every: The domains that say a confidence.
        others: The names of those that say none.
    """
    if not every and not others:
        return [[("No world model yet.", QUIET)]]
    names = ", ".join(safe_text(name, 40) for name in others[:_ROWS])
    untold: list[Line] = [[(f"without a confidence: {names}", QUIET)]] if others else []
    if not every:
        return untold
    lines: list[Line] = [[(f"{'':<{_NAME - 6}}  confidence over its snapshots", QUIET)]]
    for course in every[:_ROWS]:
        last = course.points[-_COURSE:]
        drawn = course_of([each.confidence for each in last])
        lines.append(
            [
                (fit(safe_text(course.domain, 60), _NAME - 6), ""),
                (f"  {drawn:<{_COURSE}} ", STRONG),
                (f"{confidence(last[-1].confidence):>4}", STRONG),
                (f"  {short_time(last[-1].at)}", QUIET),
            ]
        )
    return [*lines, *_more(len(every)), *untold]


def file(size: Mapping[str, Any], name: str) -> list[Line]:
    """Say how large the file is, and what VACUUM would win."""
    free = size["free_bytes"]
    return [
        [(f"{in_bytes(size['bytes']):>11}", STRONG), (f"  {safe_text(name, 60)}", "")],
        [(f"{in_bytes(size['wal_bytes']):>11}", STRONG), ("  not yet taken into it (-wal)", "")],
        [(f"{in_bytes(free):>11}", STRONG), ("  free, which VACUUM would win", "")],
    ]


def health(
    broken: Sequence[str], differing: Sequence[str], limits: Sequence[str], *, is_done: bool
) -> list[Line]:
    """Say what a first look found, and what it left out.

    Args:
        broken: Titles of the leads about what is broken.
        differing: Titles of those about what is other than in its source.
        limits: Sentences on what was left out.
        is_done: Whether the look is over.
    """
    if broken:
        lines: list[Line] = [[(f"! {each}", STRONG)] for each in broken]
    elif is_done:
        lines = [[("Nothing broken was found at a first look.", "")]]
    else:
        lines = [[("Looking\u2026", QUIET)]]
    lines += [[(f"{DIVERGED} {each}", STRONG)] for each in differing]
    lines += [[(f"{each[:1].upper()}{each[1:]}", QUIET)] for each in limits]
    return [*lines, [(f"The Health pane ({key_for('pane_7')}) looks at everything.", QUIET)]]


def course_of(values: Sequence[float]) -> str:
    """Draw how confidences followed one another; or say it to a screen reader."""
    if is_read_aloud():
        low, high = (confidence(each) for each in (min(values), max(values)))
        return f"from {confidence(values[0])}, between {low} and {high}, now"
    return "".join(_STEPS[min(7, int(value * 8))] for value in values)


def spread(tenths: Sequence[int]) -> str:
    """Draw how many there are in each tenth, none as a dot; or say it to a screen reader."""
    if is_read_aloud():
        return f"{sum(tenths[:5]):,} below .50, {sum(tenths[5:]):,} from there on"
    most = max(tenths, default=0)
    return "".join(_STEPS[count * 7 // most] if count else _NOTHING for count in tenths)


def _more(total: int) -> list[Line]:
    return [[(f"and {total - _ROWS:,} more", QUIET)]] if total > _ROWS else []
