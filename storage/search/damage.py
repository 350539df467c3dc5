"""What an index says of itself when its bytes were changed."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage import driver
from storage.errors import StorageError

log = logging.getLogger("storage")


class IndexDamagedError(Exception):
    """What SQLite says of an index, told apart from what it says of the database.

    Attributes:
        error: What it says.
    """

    def __init__(self, error: driver.Error) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def damage_as_error() -> Iterator[None]:
    """Name what is met in an index whose bytes were changed, but not so that SQLite notices.

    Raises:
        DatabaseError: A value makes no sense.
    """
    try:
        yield
    except StorageError:
        raise
    except (ValueError, TypeError, LookupError, OverflowError, MemoryError) as error:
        # A mistake of ours would look the same. What it says may hold content.
        where = traceback.extract_tb(error.__traceback__)[-1]
        log.info(
            "index: %s at %s:%s", type(error).__name__, Path(where.filename).name, where.lineno
        )
        raise driver.DatabaseError(f"a value makes no sense ({type(error).__name__})") from error
