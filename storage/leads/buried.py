"""A run of archiving whose product says little of what its sources said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from storage import archive_reading
from storage.json_utils import decode
from storage.kinds import INTERACTION, LEGACY, PATTERN
from storage.kinds import find as find_rows
from storage.leads import said
from storage.leads.beliefs import text_of
from storage.leads.model import Evidence, Found, Lead, Run
from storage.leads.said import Said
from storage.leads.texts import is_person, objections, quoted, stems
from storage.rows import bindable, quote, tolerant_text
from storage.view import StoredRow, View

RULE: Final = "buried"

_ROWS_PER_STEP: Final = 500
_MOST_ROWS: Final = 50_000
_MOST_WORDS: Final = 3000
_MOST_OBJECTIONS: Final = 20
_MANY: Final = 20
_WORDS_A_SOURCE: Final = 0.25
_HELD: Final = 0.6
_CERTAIN: Final = 2


@dataclass(slots=True)
class Burial:
    """What was archived for one reason into one product.

    Attributes:
        target: The id of the product.
        reason: Why it was archived.
        count: How many interactions.
        words: Stems of what they said, up to 3,000.
        objections: What persons objected in them, with the ways in which they did.
    """

    target: str
    reason: str
    count: int = 0
    words: set[str] = field(default_factory=set)
    objections: list[tuple[list[str], Said]] = field(default_factory=list)

    @property
    def told(self) -> str:
        """How many interactions, in words."""
        return f"{self.count:,} interaction{'' if self.count == 1 else 's'}"

    @property
    def was(self) -> str:
        """The verb that goes with it."""
        return "was" if self.count == 1 else "were"


async def find(run: Run) -> AsyncIterator[Found]:
    """Look at what was archived last, up to 50,000 interactions, by product.

    It fires where a product says less than one word for four sources of at least twenty, and
    where a person objected in a source in at least two ways (takes back, forbids, asks to
    remember) and neither the product nor another pattern holds it.

    Objections are known by English phrases (`texts.py`): what was objected in another language is
    found only where the product says too little as a whole.
    """
    burials: dict[tuple[str, str], Burial] = {}
    last, looked = None, 0
    while True:
        part, last = await run(partial(_part, last=last))
        for target, reason, turn in part:
            key = (target, reason)
            _add(burials.setdefault(key, Burial(target, reason)), turn)
        looked += _ROWS_PER_STEP
        if last is None:
            break
        if looked >= _MOST_ROWS:
            yield f"buried sources were looked for in the newest {_MOST_ROWS:,} archived."
            break
    for burial in burials.values():
        if lead := await run(partial(_judge, burial=burial)):
            yield lead


def _part(view: View, *, last: int | None) -> tuple[list[tuple[str, str, Said]], int | None]:
    table = view.layout.get(INTERACTION.archive)
    if table is None or not table.has("consolidated_to"):
        return [], None
    found = view.fetch(
        f"SELECT rowid, {table.sql('consolidated_to')}, {table.sql('archive_reason')},"
        f" {table.sql('interaction_id')}, {table.sql('original_id')}, {table.sql('data')}"
        f" FROM {quote(table.name)} WHERE rowid < ? ORDER BY rowid DESC LIMIT {_ROWS_PER_STEP}",
        (2**63 - 1 if last is None else last,),
    )
    part = []
    for _, target, reason, key, original, data in found:
        if target not in (None, "", b""):
            part.append((text_of(target), text_of(reason), _turn(key, original, data)))
    return part, found[-1][0] if len(found) == _ROWS_PER_STEP else None


def _turn(key: Any, original: Any, data: Any) -> Said:
    row = decode(data, dict)
    record = row if isinstance(row, dict) else {}
    if "user_query" in record:
        record = {"content": record["user_query"], "role": "user", **record}
    archived = {"record": record, "original_id": original}
    return said.archived(text_of(key) or f"{LEGACY}{text_of(original)}", archived)


def _add(burial: Burial, turn: Said) -> None:
    burial.count += 1
    if len(burial.words) < _MOST_WORDS:
        burial.words |= stems(turn.text)
    ways = objections(turn.text) if is_person(turn.role) else []
    if len(ways) >= _CERTAIN and len(burial.objections) < _MOST_OBJECTIONS:
        burial.objections.append((ways, turn))


def _judge(view: View, *, burial: Burial) -> Lead | None:
    product = _product(view, burial.target)
    if product is None:
        return _nowhere(burial)
    words = stems(product)
    lost = [
        (ways, turn)
        for ways, turn in burial.objections
        if not _is_held(turn, words) and not _is_cited(view, turn.id, burial.target)
    ]
    lost.sort(key=lambda each: (-len(each[0]), each[1].rowid or 0))
    is_thin = burial.count >= _MANY and len(words) < _WORDS_A_SOURCE * burial.count
    if not lost and not is_thin:
        return None
    return _lead(burial, words, lost, is_thin)


def _product(view: View, target: str) -> str | None:
    """Return all that a pattern says, live or archived; None if it is nowhere."""
    rows: Sequence[StoredRow] = find_rows(view, PATTERN, [target]).get(target, [])
    if rows:
        return " ".join(text_of(rows[0].value(name)) for name in _SAYING)
    archived = archive_reading.newest(view, PATTERN, [target])
    if not archived:
        return None
    row = decode(archived[0].value("data"), dict)
    return " ".join(text_of(row.get(name)) for name in _SAYING) if isinstance(row, dict) else ""


_SAYING: Final = ("name", "description", "sequence")


def _is_held(turn: Said, words: frozenset[str]) -> bool:
    own = stems(turn.text)
    return bool(own) and len(own & words) >= _HELD * len(own)


def _is_cited(view: View, record_id: str, product: str) -> bool:
    """Say whether another live pattern was made from this interaction too."""
    table = view.layout.get(PATTERN.tables[0])
    if table is None or not table.has("metadata"):
        return False
    mark, other = bindable(product)
    found = view.fetch(
        f"SELECT 1 FROM {quote(table.name)} WHERE instr({table.sql('metadata')}, ?)"
        f" AND {table.sql('id')} IS NOT {mark} LIMIT 1",
        (f'"{tolerant_text(record_id.encode("utf-8", "replace"))}"', other),
    )
    return bool(found)


def _nowhere(burial: Burial) -> Lead:
    return Lead(
        RULE,
        f"{burial.told} became {burial.target}, which is nowhere",
        f"{burial.told} {burial.was} archived as {burial.reason} into {burial.target}, and"
        " there is no pattern of that id, neither live nor archived.",
        "Restore from the archive what is needed of it.",
        Evidence("pattern", burial.target, "what they became"),
        tuple(Evidence("interaction", turn.id, "an objection") for _, turn in burial.objections),
        weight=0.6,
    )


def _lead(
    burial: Burial, words: frozenset[str], lost: Sequence[tuple[list[str], Said]], is_thin: bool
) -> Lead:
    told = len(burial.words & words)
    why = (
        f"{burial.told} {burial.was} archived as {burial.reason} into {burial.target}. It"
        f" holds {told:,} of the {len(burial.words):,}"
        f"{'+' if len(burial.words) >= _MOST_WORDS else ''} words that they said."
    )
    title = f"{burial.told} became {burial.target}, which says little of them"
    advice = "Look at what was archived; restore what is missing."
    first = None
    if lost:
        ways, turn = lost[0]
        first = Evidence("interaction", turn.id, f"maybe lost: {', '.join(ways)}")
        title = f"{burial.told} became {burial.target}; maybe lost: {turn.id}"
        why += f" Not in it, nor in another pattern: {turn.id} ({', '.join(ways)}), "
        why += f"{quoted(turn.text, 160)}"
        advice = f"Read {turn.id} and restore it if it still counts."
    others = [Evidence("interaction", turn.id, ", ".join(ways)) for ways, turn in lost[1:]]
    product = Evidence("pattern", burial.target, "what they became")
    return Lead(
        RULE,
        title,
        why,
        advice,
        product,
        tuple(each for each in (first, *others, product) if each is not None),
        weight=min(0.96, 0.5 + 0.13 * len(lost[0][0] if lost else ()) + 0.12 * is_thin),
        lost=first,
    )
