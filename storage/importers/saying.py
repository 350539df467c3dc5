"""Names and texts of sources, in words that can be kept and sent anywhere."""

from __future__ import annotations


def sayable(text: str) -> str:
    """Return a text that JSON can say: bytes that are no UTF-8 as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
