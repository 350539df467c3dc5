"""Putting records in order, marking what one thinks of them, and taking them elsewhere."""

from __future__ import annotations

from typing import Final

from tui.actions.model import FILTERED, LIVE, PANES, SIDES, Action

ACTIONS: Final = (
    Action(
        "edit",
        "e",
        "Edit",
        "Edit the fields of this record, here or in your own editor.",
        (*LIVE, "search"),
        "curate('edit')",
        shown=True,
    ),
    Action(
        "merge",
        "M",
        "Merge",
        "Merge the selected patterns, or near-duplicates of this one.",
        ("patterns", "search"),
        "curate('merge')",
    ),
    Action(
        "tag",
        "t",
        "Tag",
        "Put a tag on the selected records, or take it off.",
        FILTERED,
        "curate('tag')",
    ),
    Action(
        "note", "c", "Note", "Write a note on the selected records.", FILTERED, "curate('note')"
    ),
    Action(
        "copy",
        "y",
        "Copy",
        "Copy text, JSON or a field of the selected records.",
        FILTERED,
        "curate('copy')",
    ),
    Action(
        "finding",
        "Y",
        "Copy finding",
        "Copy this record as Markdown, with its evidence and a link.",
        (*PANES, "health"),
        "curate('finding')",
    ),
    Action(
        "export",
        "x",
        "Export",
        "Export what is selected, or the whole list; or stop that.",
        FILTERED,
        "curate('export')",
    ),
    Action(
        "source",
        "equals_sign",
        "In the source",
        "In a mirror: what the source says of this, and how to change it there.",
        SIDES,
        "curate('source')",
    ),
    Action(
        "mask",
        "X",
        "Mask secrets",
        "Mask keys, tokens and passwords on screen, or show them again.",
        SIDES,
        "curate('mask')",
    ),
    Action(
        "picture",
        "P",
        "Picture",
        "Write what is on screen to a picture (SVG), secrets masked.",
        SIDES,
        "curate('picture')",
    ),
)
