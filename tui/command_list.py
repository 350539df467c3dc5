"""The list of all commands. The program knows them by it, and imports only the one that is run."""

from __future__ import annotations

from typing import Final, NamedTuple


class CommandEntry(NamedTuple):
    """One command of the program.

    Attributes:
        name: What is typed.
        home: The module in `tui`, and the name of the click command in it, as `module:attribute`.
        help: What it does, in a few words, for the list of all.
    """

    name: str
    home: str
    help: str


GROUPS: Final = (
    (
        "Look",
        (
            CommandEntry(
                "search",
                "search_command:search_command",
                "Search a memory by words and by meaning.",
            ),
            CommandEntry("show", "show_command:show_command", "Show one record, whole."),
            CommandEntry("log", "log_command:log_command", "Show who changed what, and why."),
            CommandEntry(
                "world",
                "world_command:world_command",
                "Show the world model through time, and what changed.",
            ),
            CommandEntry(
                "history",
                "history_command:history_command",
                "Say what became of an entity or a record.",
            ),
            CommandEntry(
                "diverged",
                "diverged_command:diverged_command",
                "List what was changed here and not in its source.",
            ),
            CommandEntry(
                "stats",
                "stats_command:stats_command",
                "Say how much a memory holds, and of what.",
            ),
            CommandEntry(
                "diff",
                "diff_command:diff_command",
                "Compare two memories, or a memory with a mark.",
            ),
        ),
    ),
    (
        "Change",
        (
            CommandEntry(
                "archive",
                "archive_command:archive_command",
                "Move records into the archive, with a reason.",
            ),
            CommandEntry(
                "restore",
                "restore_command:restore_command",
                "Bring records back from the archive.",
            ),
            CommandEntry(
                "undo",
                "undo_command:undo_command",
                "Take a change back, or all since a point.",
            ),
            CommandEntry(
                "redo",
                "undo_command:redo_command",
                "Do again what undo took back last.",
            ),
            CommandEntry(
                "repair",
                "repair_command:repair_command",
                "Show broken JSON, and mend it.",
            ),
        ),
    ),
    (
        "Files",
        (
            CommandEntry(
                "import",
                "import_command:import_command",
                "Bring another agent's memory into one.",
            ),
            CommandEntry(
                "export",
                "export_command:export_command",
                "Write records or a report to a file.",
            ),
            CommandEntry(
                "backup",
                "backup_command:backup_command",
                "Copy a memory to a file of its own.",
            ),
            CommandEntry(
                "mark",
                "mark_command:mark_command",
                "Keep a named copy, to compare with later.",
            ),
            CommandEntry(
                "vacuum",
                "vacuum_command:vacuum_command",
                "Give free space back to the file system.",
            ),
            CommandEntry(
                "doctor",
                "doctor_command:doctor_command",
                "Look whether machine and memory are sound.",
            ),
            CommandEntry(
                "index",
                "index_command:index_command",
                "Build or catch up the index that search needs.",
            ),
        ),
    ),
    (
        "More",
        (
            CommandEntry(
                "open",
                "open_command:open_command",
                "Open a memory (this is what `memglass FILE` does).",
            ),
            CommandEntry(
                "demo",
                "demo_command:demo_command",
                "Make a memory to try things on, and open it.",
            ),
            CommandEntry(
                "serve",
                "serve_command:serve_command",
                "Show a memory in a browser.",
            ),
            CommandEntry(
                "config",
                "config_command:config_command",
                "Print every option, its meaning and its value.",
            ),
            CommandEntry(
                "completion",
                "completion_command:completion_command",
                "Have your shell complete what you type.",
            ),
        ),
    ),
)
"""Headings of the help, and the commands under each."""

COMMANDS: Final = {entry.name: entry for _, entries in GROUPS for entry in entries}
"""Every command by its name."""


def nearest(name: str) -> str | None:
    """Return the command that somebody meant who typed something like its name."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, COMMANDS, n=1, cutoff=0.7)), None)
