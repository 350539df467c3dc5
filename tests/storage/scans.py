"""Scanning a store for what is broken."""

from __future__ import annotations

from storage import HealthFinding, HealthProgress, SQLiteStore


async def scan(store: SQLiteStore) -> tuple[list[HealthFinding], list[HealthProgress]]:
    """Scan everything; return the findings, and what was told in between."""
    findings: list[HealthFinding] = []
    progress: list[HealthProgress] = []
    async for each in store.check_health():
        if isinstance(each, HealthFinding):
            findings.append(each)
        else:
            progress.append(each)
    return findings, progress


async def findings(store: SQLiteStore) -> list[HealthFinding]:
    """Scan everything; return the findings."""
    return (await scan(store))[0]
