"""Following all rules, one after the other, in steps that leave the readers free in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

from storage.errors import CorruptDatabaseError
from storage.leads import broken, buried, contradicting, diverged, gone, rising, terminal, thin
from storage.leads.model import Found, Lead, LeadProgress, Run

Rule = Callable[[Run], AsyncIterator[Found]]

RULES: Final[Mapping[str, Rule]] = {
    thin.RULE: thin.find,
    rising.RULE: rising.find,
    contradicting.RULE: contradicting.find,
    buried.RULE: buried.find,
    gone.RULE: gone.find,
    diverged.RULE: diverged.find,
    terminal.RULE: terminal.find,
    broken.RULE: broken.find,
}
"""The rules over a memory as it stands, by name; near-duplicates need an index."""


async def find(run: Run, more: int = 0) -> AsyncIterator[Lead | LeadProgress]:
    """Follow the rules; yields leads as they are found, and progress in between.

    Each step is one read of a bounded part; whoever stops asking stops the work. What a rule leaves
    out of a big memory is told as the `limit` of a progress.

    Args:
        run: Runs a function on a reader and gives what it returns.
        more: Rules that the caller follows after these.
    """
    total = len(RULES) + more
    for done, (name, rule) in enumerate(RULES.items()):
        yield LeadProgress(done, total, name)
        try:
            async for found in rule(run):
                if isinstance(found, Lead):
                    yield found
                else:
                    yield LeadProgress(done, total, name, found)
        except CorruptDatabaseError:
            # One damaged table does not hide what the others tell.
            limit = f"the rule {name!r} met damage of the file, and looked at no more of it."
            yield LeadProgress(done, total, name, limit)
    if not more:
        yield LeadProgress(total, total, "")
