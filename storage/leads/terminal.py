"""Text that tries to drive a terminal."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from storage.kinds import INTERACTION, public_id, tables_of
from storage.leads.beliefs import text_of
from storage.leads.model import Evidence, Found, Lead, Run, listed
from storage.rows import quote
from storage.view import View

RULE: Final = "terminal"

# What the text would do, and the id of the record.
_Hit = tuple[list[str], str]

_ROWS_PER_STEP: Final = 5000
_MOST_ROWS: Final = 200_000
_MOST_SHOWN: Final = 5
_MOST_PER_STEP: Final = 200
_LONGEST: Final = 20_000

# Colours and the like (CSI … m, CSI … K) stand in the output of many tools and harm nobody.
_ACTS: Final = (
    ("writes the clipboard", re.compile("(?:\x1b\\]|\x9d)52;")),
    ("sends commands to the terminal", re.compile("\x1b[PX^_]|[\x90\x98\x9e\x9f]")),
    ("sets a title or a link", re.compile("\x1b\\]|\x9d")),
    ("moves the cursor or clears the screen", re.compile("(?:\x1b\\[|\x9b)[0-9;?]*[A-HJSTfhlr]")),
    ("reverses the reading order", re.compile("[\u202d\u202e\u2066-\u2068]")),
)
_SUSPECTS: Final = ("char(27)", "char(144)", "char(152)", "char(155)", "char(157)", "char(158)",
                    "char(159)", "char(8237)", "char(8238)", "char(8294)", "char(8295)",
                    "char(8296)")  # fmt: skip
_GLOB: Final = f"'*[' || {' || '.join(_SUSPECTS)} || ']*'"


def _suspect(text: str) -> str:
    """Return the SQL of whether a text holds one; GLOB looks no further than to a NUL."""
    behind = " OR ".join(f"instr({text}, {each})" for each in _SUSPECTS)
    return f"({text} GLOB {_GLOB} OR instr({text}, char(0)) AND ({behind}))"


def _beginning(text: str) -> str:
    """Return the SQL of the first 20,000 characters; of all, where `substr` ends at a NUL."""
    return f"CASE WHEN instr({text}, char(0)) THEN {text} ELSE substr({text}, 1, {_LONGEST}) END"


async def find(run: Run) -> AsyncIterator[Found]:
    """Look at the texts of the newest 200,000 interactions for what a terminal would obey."""
    found: list[_Hit] = []
    last: int | None = None
    for rank in range(len(INTERACTION.tables)):
        looked, last = 0, None
        while True:
            part, last = await run(partial(_part, rank=rank, last=last))
            found += part
            looked += _ROWS_PER_STEP
            if last is None:
                break
            if looked >= _MOST_ROWS:
                yield f"control codes were looked for in the newest {_MOST_ROWS:,} interactions."
                break
    found.sort(key=lambda each: -len(each[0]))
    for acts, record_id in found[:_MOST_SHOWN]:
        yield _lead(acts, record_id)
    if rest := [record_id for _, record_id in found[_MOST_SHOWN:]]:
        yield f"control codes stand in {len(rest):,} more: {listed(rest)}."


def _part(
    view: View, *, rank: int, last: int | None
) -> tuple[list[tuple[list[str], str]], int | None]:
    name = INTERACTION.tables[rank]
    table = next((each for each in tables_of(view, INTERACTION) if each.name.lower() == name), None)
    if table is None:
        return [], None
    end = 2**63 - 1 if last is None else last
    numbers = view.fetch(
        f"SELECT min(n), max(n) FROM (SELECT rowid AS n FROM {quote(table.name)} WHERE rowid < ?"
        f" ORDER BY rowid DESC LIMIT {_ROWS_PER_STEP})",
        (end,),
    )[0]
    if numbers[0] is None:
        return [], None
    text = table.sql("user_query" if rank else "content")
    rows = view.fetch(
        f"SELECT rowid, {table.sql(INTERACTION.key)}, {_beginning(text)}"
        f" FROM {quote(table.name)} WHERE rowid BETWEEN ? AND ? AND {_suspect(text)}"
        f" LIMIT {_MOST_PER_STEP}",
        numbers,
    )
    part = [(acts, public_id(key, number)) for number, key, said in rows if (acts := acts_of(said))]
    return part, numbers[0]


def acts_of(value: object) -> list[str]:
    """Say what a text would make a terminal do; colours do not count."""
    text = text_of(value)
    return [name for name, pattern in _ACTS if pattern.search(text)]


def _lead(acts: list[str], record_id: str) -> Lead:
    return Lead(
        RULE,
        f"{record_id} holds text that {acts[0]}",
        f"Shown as it is by a careless program, {record_id} {', '.join(acts)}. Here it is only"
        " text.",
        "See where it came from; whoever wrote it may have tried to steer the agent, too.",
        Evidence("interaction", record_id, acts[0]),
        (Evidence("interaction", record_id, acts[0]),),
        weight=min(0.9, 0.5 + 0.1 * len(acts)),
    )
