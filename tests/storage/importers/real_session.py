"""Writes a session with the OpenAI Agents SDK itself: `python real_session.py FILE COUNT PAUSE`.

A line for each item that is written: its number and the time at which it was.
"""

from __future__ import annotations

import asyncio
import sys
import time

from agents import SQLiteSession


async def main() -> None:
    path, count, pause = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    session = SQLiteSession("live", path)
    for number in range(count):
        await session.add_items([{"role": "user", "content": f"item {number}"}])
        print(number, time.time(), flush=True)
        await asyncio.sleep(pause)
    session.close()


if __name__ == "__main__":
    asyncio.run(main())
