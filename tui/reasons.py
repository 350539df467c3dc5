"""The usual reasons for archiving. There is no default: a reason that nobody chose says nothing."""

from __future__ import annotations

from typing import Final

AGENTS: Final = ("consolidated_to_working", "consolidated_to_episodic", "promoted_to_semantic")
"""What an agent archives for."""

PERSONS: Final = ("manual", "corrupt", "duplicate", "wrong")
"""What a person archives for, mostly."""
