"""What stands in the place of answers: what can be asked, or how to ask for less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui.question import chips
from tui.told_keys import key_for

if TYPE_CHECKING:
    from storage import IndexStatus

_EXAMPLES: Final = """\
deploy approval             either word, best if both
"just ship it"              exactly this
deploy -staging             without this word
roll*                       words that begin like this
kind:pattern type:workflow  patterns of this type
archived:yes reason:wrong   what was archived as wrong
session:s-91 after:7d       one session, the last week
tag:todo                    what you gave this tag

There are action: domain: and before: too."""


_SAYS: Final = {
    "kind": "kinds are interaction, pattern, entity, archived_interaction, archived_pattern",
    "archived": "archived is yes, no or all",
    **dict.fromkeys(("before", "after"), "a time is 2026-10-02, 2026-10, yesterday or 7d"),
}
_NAMED: Final = 2
_LONGEST: Final = 40


def nothing_asked(*, is_typing: bool) -> str:
    """Say what can be asked.

    Args:
        is_typing: Whether what is typed goes into the question.
    """
    how = "Type" if is_typing else f"Press {key_for('search')} and type"
    return (
        f"{how} what you are looking for; the answers come while you type.\n\n{_EXAMPLES}\n"
        f"After {key_for('answers')}, {key_for('filter')} offers what this memory has,"
        f" {key_for('way')} has words answer, meaning, or both,"
        f" and {key_for('saved')} asks a saved question again."
    )


def taken_as_words(asked: str, *, is_typing: bool = False) -> str:
    """Say what of a question looks like a filter and is none, and what would be one.

    Also where it holds nothing that can be looked for, such as signs alone.

    Args:
        asked: The question.
        is_typing: Whether its last word may still become one.

    Returns:
        It, without a full stop; empty where there is nothing to say.
    """
    from storage import parse_query

    query = parse_query(asked, is_typing=is_typing)
    unread = query.unread
    if not unread:
        # Who types may be about to begin a phrase, or what is to be left out.
        is_unfinished = is_typing and query.text.isascii()
        is_asked = query.terms or query.excluded or not query.text or is_unfinished
        return "" if is_asked else f"no words to look for in {_cut(query.text)}"
    named = ", ".join(_cut(each) for each in unread[:_NAMED])
    more = f" and {len(unread) - _NAMED:,} more" if len(unread) > _NAMED else ""
    names = dict.fromkeys(each.lstrip("-").partition(":")[0].lower() for each in unread)
    hints = dict.fromkeys(_SAYS.get(name, f"a value stands right behind {name}:") for name in names)
    return f"taken as words: {named}{more} ({'; '.join(hints)})"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026"


def nothing_found(asked: str, status: IndexStatus | None) -> str:
    """Say what could be loosened in a question that nothing answers."""
    from storage import parse_query

    query = parse_query(asked)
    advice: list[str] = []
    if chips(asked):
        advice.append(
            f"Let go of a filter: click it, or {key_for('clear')} in the list lets go of all."
        )
    if any(" " in term.text for term in query.terms):
        advice.append(
            "Ask with spaces alone, and no quotes, hyphens, dots or the like: the words may not"
            " stand side by side."
        )
    if query.excluded:
        advice.append("Take back what begins with a minus.")
    if query.terms and not any(term.prefix for term in query.terms):
        advice.append("Ask for the beginning of a word: roll* finds rollback and rolling.")
    if status is not None and status.state not in ("ready", "off") and status.done < status.total:
        advice.append(
            f"The index holds {status.done:,} of {status.total:,} records so far; what it finds"
            " more of will appear here."
        )
    return "\n".join(["Nothing here answers that.", "", *(f"- {each}" for each in advice)]).strip()
