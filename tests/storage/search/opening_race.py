"""Threads that open, make and delete one index at the same time, in a process that may die of it.

Run as `python opening_race.py INDEX SECONDS`.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from storage import driver
from storage.search import index_opening, searcher

THREADS = 6


def run(path: Path, until: float, *, deletes: bool) -> None:
    """Open the index again and again."""
    while time.monotonic() < until:
        with suppress(OSError):
            index = index_opening.open_first([path], "memory", "embedder", print)
            with suppress(driver.Error):
                searcher.connect(path).close()
            index.close()
        if deletes:
            index_opening.delete(path)


def main() -> None:
    """Start the threads, and say that all of them came to their end."""
    path, until = Path(sys.argv[1]), time.monotonic() + float(sys.argv[2])
    threads = [
        threading.Thread(target=run, args=(path, until), kwargs={"deletes": number % 2 == 0})
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("survived")


if __name__ == "__main__":
    main()
