"""Transcripts of Claude Code, which is not made to change them: where a line stands."""

from __future__ import annotations

from storage.importers.recipes.model import Case, HowTo


def how_to(case: Case) -> HowTo:
    """Say where the line is."""
    if case.theirs is None:
        return HowTo("", "", ("The source does not have that line any more.",))
    where = f"it is line {case.line:,} of {case.path}" if case.line else f"it is in {case.path}"
    return HowTo(
        "",
        "",
        (
            f"Claude Code has no call for that; {where}.",
            "A line that is taken out leaves those below it without the one above them.",
        ),
    )
