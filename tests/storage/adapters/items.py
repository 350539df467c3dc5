"""What tests of the adapters ask of items that were found."""

from __future__ import annotations

from typing import Any


def keys(found: Any) -> list[str]:
    return [item.key for item in found]
