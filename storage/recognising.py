"""Whether a file is a memory that opens in place, found out at the start of a program: in no time.

The first bytes are looked at before the tables, nothing is locked, and no importer is loaded.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from storage import driver
from storage.errors import StorageError
from storage.importers.sqlite_file import SqliteFile, is_sqlite
from storage.inspection import format_of


def is_foreign(path: str | os.PathLike[str]) -> bool:
    """Say whether something other than a memory of ours stands at `path`, which can be imported.

    That is a folder, a file that is no SQLite database, or a database with other tables. What is
    missing, empty or cannot be read is left to whoever opens it to refuse.
    """
    path = Path(path)
    try:
        there = path.stat()
        if stat.S_ISDIR(there.st_mode):
            return True
        if not stat.S_ISREG(there.st_mode) or not there.st_size:
            return False
        if not is_sqlite(path):
            return True
        with SqliteFile(path) as file:
            return format_of(file.names()) == "other"
    except (OSError, ValueError, StorageError, driver.Error):
        return False
