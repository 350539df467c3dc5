"""What is wrong with what was written in a dialog: a sentence of two lines at most."""

from __future__ import annotations

from tui.lines import Line
from tui.widgets.text_view import TextView


class Problem(TextView, can_focus=False):
    """Says what is wrong, or nothing."""

    def say(self, problem: str) -> None:
        """Say what is wrong, and what to do; an empty text says nothing."""
        self.show([Line(problem, role="bad", full=True)] if problem else [])
