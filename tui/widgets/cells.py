"""Cutting and wrapping text by the cells it takes: wide characters take two, marks none."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, get_character_cell_size, set_cell_size

from tui.unlike import alike_up_to

ELLIPSIS = "\u2026"


def cells_of(text: str) -> int:
    """Say how many cells a text takes."""
    return cell_len(text)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Cut or pad `text` to exactly `width` cells; what is cut ends in an ellipsis.

    Args:
        text: Safe text of one line.
        width: Cells to fill, 0 or more.
        right: Whether padding goes before the text.
    """
    # No character but a mark takes less than a cell, so that the rest can never be seen.
    text = text[: 4 * width + 8]
    length = cell_len(text)
    if length <= width:
        pad = " " * (width - length)
        return pad + text if right else text + pad
    if width <= 0:
        return ""
    cut = _beginning(text, width - 1) + ELLIPSIS
    return cut + " " * (width - cell_len(cut))


def fit_apart(text: str, other: str, width: int) -> str:
    """Cut or pad `text` as `fit` does, but so that it can be told from another one.

    Where what fits of both reads the same, something is left out before they differ.

    Args:
        text: Safe text of one line.
        other: What it is to be told from.
        width: Cells to fill, 0 or more.
    """
    shown = fit(text, width)
    if text == other or shown != fit(other, width):
        return shown
    head, at = _beginning(text, width // 3), alike_up_to(text, other)
    spare = width - cell_len(head) - 1 - (max(len(text), len(other)) - at)
    start = max(len(head), at - max(width // 6, spare))
    return fit(f"{head}{ELLIPSIS}{text[start:]}", width)


def _beginning(text: str, width: int) -> str:
    """Give what of a longer text fits into `width` cells, without half a wide character."""
    cut = set_cell_size(text, width)
    return cut if text.startswith(cut) else cut[:-1]


def fit_middle(text: str, width: int) -> str:
    """Shorten `text` to at most `width` cells, keeping its beginning and its end."""
    if cell_len(text) <= width:
        return text
    tail = max(0, (width - 1) // 2)
    end = text[len(text) - tail :] if tail else ""
    while cell_len(end) > tail:
        end = end[1:]
    return _beginning(text, max(0, width - 1 - cell_len(end))) + ELLIPSIS + end


def wrap(text: str, width: int) -> Iterator[str]:
    """Break one line into pieces of at most `width` cells, at spaces where there are any.

    Joined together the pieces give the text again, nothing left out. No piece is only what a text
    is indented by.
    """
    width = max(width, 2)
    if text.isascii():
        yield from _wrap_ascii(text, width)
        return
    start = space = cells = 0
    has_words = False
    for index, char in enumerate(text):
        size = get_character_cell_size(char)
        if cells + size > width:
            end = space if space > start else index
            yield text[start:end]
            start = end
            cells = cell_len(text[start:index])
            has_words = start < index
        cells += size
        if char != " ":
            has_words = True
        elif has_words:
            space = index + 1
    yield text[start:]


def _wrap_ascii(text: str, width: int) -> Iterator[str]:
    start, length = 0, len(text)
    while length - start > width:
        piece = text[start : start + width]
        words = start + len(piece) - len(piece.lstrip(" "))
        end = text.rfind(" ", words, start + width) + 1
        if end <= start:
            end = start + width
        yield text[start:end]
        start = end
    yield text[start:]
