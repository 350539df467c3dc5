"""A process that writes messages as an agent does, and never waits for a lock.

Called with a file, a journal mode and how many messages; prints how often it was kept waiting.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time

path, mode, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
raw = sqlite3.connect(path, timeout=0, isolation_level=None)
raw.execute(f"PRAGMA journal_mode={mode}")
busy = 0
for number in range(count):
    data = json.dumps({"role": "user", "content": f"live {number}"})
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
            raw.execute(
                "INSERT INTO agent_messages (session_id, message_data) VALUES ('s', ?)", (data,)
            )
            raw.execute("COMMIT")
            break
        except sqlite3.OperationalError:
            busy += 1
            if raw.in_transaction:
                raw.execute("ROLLBACK")
    time.sleep(0.002)
raw.close()
print(busy)
