"""What a text says as far as plain rules can tell: its words, objections in it, doubt in it.

The words looked for are English; in other languages the rules that rest on them find less, and
never anything wrong.
"""

from __future__ import annotations

import re
from typing import Final

from storage.search.spaceless import is_spaceless
from storage.search.spelling import WORD, composed, spelled_out

MACHINES: Final = frozenset(
    {"assistant", "agent", "ai", "model", "bot", "tool", "function", "system", "developer"}
)
"""Roles of those who are no person, in lower case."""

_MOST_CHARACTERS: Final = 4000
_WORD: Final = rf"(?:{WORD})(?:['\u2019](?:{WORD}))?"
_STOP: Final = frozenset(
    # A text to be split, because ruff would make a list of a word a line.
    """
    a about after again all also an and any are as at be because been before being but by can
    could did do does doing done for from get go had has have he her here him his how i if in
    into is it its just let like make me more most my no not now of off on once one only or our
    out over own please same say see she should so some still such than that the their them then
    there these they this those through to too under until up us use very was we were what when
    where which while who why will with would yes you your it's don't i'm that's i'll
    """.split()  # noqa: SIM905
)
_ENDINGS: Final = {
    **dict.fromkeys(("ations", "ation", "ments", "ment", "ings", "ing"), ""),
    **dict.fromkeys(("ies", "ied"), "y"),
    **dict.fromkeys(("als", "al", "ers", "er", "ed", "es", "ly", "s", "e"), ""),
}
_LEAST_STEM: Final = 3


def stems(text: str) -> frozenset[str]:
    """Give the stems of the words of a text that say something; of a long text its beginning.

    Where no spaces are between words, each letter is one.
    """
    words = re.findall(_WORD, spelled_out(composed(text[:_MOST_CHARACTERS].lower())))
    return frozenset(_stem(word) for word in words if _says_something(word) and word not in _STOP)


def _says_something(word: str) -> bool:
    return len(word) > 1 or is_spaceless(word)


def _stem(word: str) -> str:
    """Cut the commonest endings, so that `deploys`, `deployed` and `deploying` are one.

    >>> [_stem(word) for word in ("deploys", "deployed", "approval", "approvals", "tests")]
    ['deploy', 'deploy', 'approv', 'approv', 'test']
    """
    for ending, instead in _ENDINGS.items():
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word[: -len(ending)] + instead
    return word


# How people object to what an agent did or believes; each is another reason to take it seriously.
_OBJECTIONS: Final = {
    "takes back": re.compile(
        r"^\W*(?:stop|no|wrong|wait)\b[!,.:]|\b(?:that|this|it) (?:is|was) (?:not|wrong|never)\b"
        r"|\b(?:that|this|it)(?:'s| is| was) [^.!?]{0,40}, not (?:an?|the|my|our)\b"
        r"|\bnot what (?:i|we) (?:said|meant|asked|wanted)\b|\b(?:i|we) (?:never|did(?:n't| not))"
        r" (?:said?|meant?|asked?|agreed?|approved?)\b|\byou (?:are|were) (?:wrong|mistaken)\b"
        r"|\b(?:was|is) (?:sarcasm|sarcastic|irony|ironic|a joke|a mistake|an error)\b",
        re.IGNORECASE | re.MULTILINE,
    ),
    "forbids or demands": re.compile(
        r"\bnever\b(?! mind)|\balways\b|\b(?:do not|don't|must not|mustn't|may not|shall not)"
        r" (?!know|think|see|worry|care|need|mind|have)\w+|\bplease no\b|\bmust\b|\bneeds? my\b"
        r"|\b(?:only|not) without\b|\bno longer\b|\binstead of\b|\bfrom now on\b|\bever again\b",
        re.IGNORECASE,
    ),
    "asks to remember": re.compile(
        r"\b(?:please |do )?remember (?:that|this|it)\b|\bkeep (?:that|this|it) in mind\b"
        r"|\b(?:don't|do not|never) forget\b|\bnote (?:that|this) down\b|\bfor the future\b"
        r"|\bcorrect (?:that|this|it|your)\b|\bi (?:already )?told you\b",
        re.IGNORECASE,
    ),
}  # fmt: skip

_DOUBTS: Final = {
    "reads as irony": re.compile(
        r"^\W*(?:oh |well |yeah |yes )?(?:sure|fine|great|brilliant|wonderful|whatever|right)\b"
        r",? *(?:just|go ahead|why not|whatever|of course|right|then)\b"
        r"|\bwhat (?:could|can) (?:possibly )?go wrong\b|\byeah,? right\b|(?:^|\s)/s\W*$"
        r"|\bas if\b[^.?]*!|\bgood luck with that\b",
        re.IGNORECASE,
    ),
    "is said with doubt": re.compile(
        r"\b(?:maybe|perhaps|probably|presumably|possibly|i guess|i suppose|i think so|not sure"
        r"|unsure|might be|could be|afaik|iirc|if i remember|as far as i know|no idea)\b",
        re.IGNORECASE,
    ),
    "is a question": re.compile(r"\?\W*\Z"),
}  # fmt: skip


def objections(text: str) -> list[str]:
    """Say in what ways a person objects in a text, such as `forbids or demands`."""
    head = text[:_MOST_CHARACTERS]
    return [name for name, found in _OBJECTIONS.items() if found.search(head)]


def doubts(text: str) -> list[str]:
    """Say why a text is weak evidence, such as `is a question`."""
    head = text[:_MOST_CHARACTERS]
    return [name for name, found in _DOUBTS.items() if found.search(head)]


def is_person(role: object) -> bool:
    """Whether what has this role was said by a person; without a role nobody knows."""
    return isinstance(role, str) and bool(role.strip()) and role.strip().lower() not in MACHINES


def quoted(text: str, most: int = 90) -> str:
    """Cut a text for a sentence."""
    line = " ".join(text[: 4 * most].split())
    return f"“{line}”" if len(line) <= most else f"“{line[: most - 1]}…”"
