"""The sections of a report, each with as much of its subject as is shown, and how much there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tui.lead_documents import RULES
from tui.moments import long_time, short_time
from tui.report.drawing import course, share
from tui.report.html import Html, join, tag
from tui.wording import confidence, counted, sentence

if TYPE_CHECKING:
    from storage import HealthFinding, Lead
    from tui.report.gathering import Believed, Domain, Left, Part

_ROWS: Final = 24
_DIFF: Final = 40
_VALUE: Final = 240
_KINDS: Final = {
    "": "gone",
    "interaction": "turn",
    "archived_interaction": "turn, archived",
    "pattern": "pattern",
    "archived_pattern": "pattern, archived",
}


def section(name: str, title: str, lead: str, *children: object) -> Html:
    """Give a section with its heading, and a sentence on what it holds."""
    head = tag("h2", title)
    return tag("section", head, tag("p", lead, class_="lede"), *children, id=name)


def of(part: Part, noun: str, plural: str = "") -> str:
    """Say how many there are, and how many of them are shown: `showing 60 of 1,204 patterns`."""
    many = (
        counted(part.total, noun) if not plural or part.total == 1 else f"{part.total:,} {plural}"
    )
    return many if len(part.shown) >= part.total else f"showing {len(part.shown):,} of {many}"


def leads(part: Part) -> Html:
    """Give what is suspicious."""
    if not part.total:
        return section("leads", "Leads", "By general rules, nothing in this memory is suspicious.")
    told = f"What is suspicious by general rules, the weightiest first: {of(part, 'lead')}."
    return section("leads", "Leads", told, *(_lead(each) for each in part.shown))


def _lead(lead: Lead) -> Html:
    evidence = [
        tag("li", _id(each.record_id), " ", tag("span", each.note, class_="dim"))
        for each in lead.evidence[:_ROWS]
    ]
    if len(lead.evidence) > _ROWS:
        evidence.append(tag("li", f"and {len(lead.evidence) - _ROWS:,} more", class_="dim"))
    return tag(
        "article",
        tag("p", tag("span", RULES.get(lead.rule, lead.rule), class_="tag warm"), class_="over"),
        tag("h3", lead.title),
        tag("p", lead.why),
        tag("p", lead.advice, class_="dim"),
        tag("ul", *evidence, class_="ids") if evidence else Html(""),
        class_="card",
    )


def patterns(part: Part) -> Html:
    """Give what was learned, by type, each with what it was made from."""
    if not part.total:
        return section("patterns", "Patterns", "Nothing was learned yet.")
    told = f"What the agent has learned, the most confident first: {of(part, 'pattern')}."
    by_type: dict[str, list[Believed]] = {}
    for each in part.shown:
        by_type.setdefault(str(each.record.get("pattern_type") or ""), []).append(each)
    groups = [
        join(tag("h3", name or "(no type)", class_="group"), *(_pattern(each) for each in members))
        for name, members in by_type.items()
    ]
    return section("patterns", "Patterns", told, *groups)


def _pattern(each: Believed) -> Html:
    record = each.record
    sure = record.get("confidence")
    drawn = share(sure) if isinstance(sure, int | float) else Html("")
    name = str(record.get("name") or record.get("id"))
    description = record.get("description")
    more = each.sources - len(each.evidence)
    evidence = [_evidence(row) for row in each.evidence]
    if more > 0:
        evidence.append(tag("li", f"and {more:,} more", class_="dim"))
    times = [f"seen {counted(record['frequency'], 'time')}"] if _is_count(record) else []
    times += [f"last on {short_time(record['last_seen'])}"] if record.get("last_seen") else []
    return tag(
        "article",
        tag(
            "div",
            tag("h4", name),
            tag("span", drawn, confidence(sure), class_="sure"),
            class_="row",
        ),
        tag("p", _id(record.get("id")), " ", tag("span", ", ".join(times), class_="dim")),
        tag("p", description) if description and description != name else Html(""),
        tag("ul", *evidence, class_="evidence") if evidence else _no_evidence(),
        class_="card",
    )


def _is_count(record: Mapping[str, Any]) -> bool:
    return isinstance(record.get("frequency"), int) and not isinstance(record["frequency"], bool)


def _no_evidence() -> Html:
    return tag("p", "It names nothing that it was made from.", class_="dim")


def _evidence(row: Mapping[str, Any]) -> Html:
    if not row["kind"]:
        told = tag("span", "neither live nor archived any more", class_="bad")
        return tag("li", _id(row["id"]), " ", told)
    when = short_time(row.get("timestamp") or row.get("archived_at") or row.get("last_seen"))
    who = " ".join(str(row[name]) for name in ("role", "action") if row.get(name))
    head = (_id(row["id"]), " ", tag("span", f"{when} {who}".strip(), class_="dim"))
    gone = tag("span", "archived", class_="tag") if "archived" in row["kind"] else Html("")
    return tag("li", *head, " ", gone, tag("q", row.get("excerpt") or "", class_="said"))


def archive(part: Part) -> Html:
    """Give what left, by the reason why."""
    if not part.total:
        return section("archive", "Archive", "Nothing is archived.")
    most = max(each.interactions + each.patterns for each in part.shown)
    told = f"What left the memory, by reason: {of(part, 'reason')}. All of it can be restored."
    rows = [_reason(each, most) for each in part.shown]
    return section("archive", "Archive", told, *rows)


def _reason(each: Left, most: int) -> Html:
    total = each.interactions + each.patterns
    both = ((each.interactions, "interaction"), (each.patterns, "pattern"))
    counts = [counted(n, noun) for n, noun in both if n]
    newest = [
        tag(
            "li",
            _id(row.get("interaction_id") or row.get("pattern_id")),
            " ",
            tag("span", short_time(row.get("archived_at")), class_="dim"),
            tag("q", row.get("name") or row.get("excerpt") or "", class_="said"),
        )
        for row in each.newest
    ]
    head = tag(
        "div",
        tag("h4", each.reason or "(no reason)"),
        tag("span", share(total / most), f"{total:,}", class_="sure"),
        class_="row",
    )
    told = tag("p", " and ".join(counts), ", the newest of them:" if newest else "", class_="dim")
    return tag("article", head, told, tag("ul", *newest, class_="evidence"), class_="card")


def domains(part: Part) -> Html:
    """Give what the agent believes of each domain, and what changed last."""
    if not part.total:
        return section("world", "World model", "The agent has no world model yet.")
    told = f"What the agent believes about its world now: {of(part, 'domain')}."
    return section("world", "World model", told, *(_domain(each) for each in part.shown))


def _domain(each: Domain) -> Html:
    record = each.record
    sure = record.get("domain_confidence", record.get("confidence"))
    line = course(each.points, "how the confidence went")
    since = long_time(record.get("updated_at"))
    told = f"{counted(each.snapshots, 'snapshot')}, as of {since}"
    return tag(
        "article",
        tag(
            "div",
            tag("h3", record.get("domain") or "(no domain)"),
            tag("span", line, confidence(sure), class_="sure"),
            class_="row",
        ),
        tag("p", told, class_="dim"),
        _beliefs(record),
        _last_diff(each),
        class_="card",
    )


def _beliefs(record: Mapping[str, Any]) -> Html:
    """Give the entities and relations of a state, as far as they are shown."""
    from storage import diff_world_models
    from tui.world.rows import spelled_key, told

    everything = diff_world_models({}, record)
    entities, links = list(everything.entities), list(everything.relations)
    rows = [
        tag("tr", tag("th", spelled_key(each.key)), tag("td", told(each.new, each.key)))
        for each in entities[:_ROWS]
    ]
    relations = [
        tag("li", spelled_key(each.key), " ", tag("span", told(each.new, each.key), class_="dim"))
        for each in links[:_ROWS]
    ]
    left = [
        f"{len(every) - _ROWS:,} more {noun}"
        for every, noun in ((entities, "entities"), (links, "relations"))
        if len(every) > _ROWS
    ]
    return join(
        tag("table", tag("tbody", *rows), class_="facts"),
        tag("ul", *relations, class_="ids relations") if relations else "",
        tag("p", f"and {' and '.join(left)}", class_="dim") if left else "",
    )


def _last_diff(each: Domain) -> Html:
    from tui.world.rows import diff_rows

    if each.new is None or each.diff is None:
        return Html("")
    rows = diff_rows(each.diff)
    by = f" by {each.new['trigger_event']}" if each.new.get("trigger_event") else ""
    is_first = each.old is None
    when = short_time(each.new.get("snapshot_time"))
    head = f"{'First seen' if is_first else 'Last changed'} {when}{by}"
    if is_first:
        return tag("p", head, class_="dim")
    lines = [_diff_line(row.sign, row.name, row.old, row.new) for row in rows[:_DIFF]]
    if len(rows) > _DIFF:
        lines.append(tag("li", f"and {len(rows) - _DIFF:,} more changes", class_="dim"))
    if not rows:
        lines.append(tag("li", "nothing changed", class_="dim"))
    return join(tag("p", head, class_="dim"), tag("ul", *lines, class_="diff"))


def _diff_line(sign: str, name: str, old: str, new: str) -> Html:
    kinds = {"+": "added", "-": "removed"}
    if sign in kinds:
        told: Sequence[object] = (name, " ", tag("span", old or new, class_="dim"))
    else:
        told = (name, " ", tag("del", old), " \u2192 ", tag("ins", new))
    return tag("li", tag("b", sign), " ", *told, class_=kinds.get(sign, "changed"))


def broken(part: Part) -> Html:
    """Give the fields that cannot be read."""
    title = "Broken fields"
    if not part.total:
        told = "Every JSON field can be read, and the file itself is sound."
        return section("broken", title, told)
    told = f"What cannot be read, kept byte for byte: {of(part, 'field or reference', _FIELDS)}."
    head = tag("tr", *(tag("th", each) for each in ("record", "field", "what is wrong", "text")))
    rows = [_finding(each) for each in part.shown]
    return section("broken", title, told, _table(head, rows))


_FIELDS: Final = "fields and references"


def _finding(each: HealthFinding) -> Html:
    from storage import CorruptJSON
    from tui.values import corrupt_window

    at = "" if each.offset is None else f", at byte {each.offset:,}"
    around = corrupt_window(CorruptJSON(each.raw, each.message, each.offset))[0] if each.raw else ""
    return tag(
        "tr",
        tag("td", _id(each.record_id), tag("div", each.table, class_="dim")),
        tag("td", each.column),
        tag("td", f"{each.message}{at}"),
        tag("td", tag("code", around, class_="raw") if around else ""),
    )


def changes(part: Part) -> Html:
    """Give what was changed last, by whom and why."""
    from tui.history_wording import state, what, why

    if not part.total:
        told = "Nothing was changed through memglass yet."
        return section("changes", "Recent changes", told)
    told = f"Who changed what, the newest first: {of(part, 'change')}. Each can be undone."
    head = tag("tr", *(tag("th", each) for each in ("when", "who", "what", "why")))
    rows = [
        tag(
            "tr",
            tag("td", short_time(each["at"]), class_="when"),
            tag("td", each["actor"]),
            tag("td", sentence(what(each)), " ", tag("span", state(each), class_="dim")),
            tag("td", why(each)),
        )
        for each in part.shown
    ]
    return section("changes", "Recent changes", told, _table(head, rows))


def _table(head: Html, rows: Iterable[Html]) -> Html:
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="list")
    return tag("div", table, class_="wide")


def _id(value: object) -> Html:
    return tag("code", "" if value is None else str(value), class_="id")
