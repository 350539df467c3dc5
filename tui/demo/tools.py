"""What the demo's tools answer: hits, excerpts, diffs, runs of tests, commits and logs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from tui.demo.dice import Dice

_ABOVE: Final = {
    ".py": ("from ledger.db import session", "log = get_logger(__name__)", "", "@traced"),
    ".ts": ("import { state } from 'loomjs';", "", "export const name = 'ledger';", ""),
}
_BELOW: Final = {
    ".py": ("", "def _key(row: Row) -> tuple[int, str]:", "\treturn row.day, row.id"),
    ".ts": ("", "function key(row: Row): string {", "\treturn `${row.day}-${row.id}`;", "}"),
}
_OTHER: Final = ("# changed together with its neighbours", "")


def test_path(path: str) -> str:
    """Return where the tests of a file are."""
    file = PurePosixPath(path)
    if file.suffix == ".ts":
        return f"web/test/{file.stem}.test.ts"
    area = file.parent.name if file.parent.name not in (".", "") else "other"
    return f"tests/{area}/test_{file.stem}.py"


def hits(dice: Dice, issue: Mapping[str, str]) -> dict[str, Any]:
    """Return what a search for the symbol of a fault finds."""
    path, symbol = issue["path"], issue["symbol"]
    found = [
        {"path": path, "line": dice.number(8, 60), "text": _definition(path, symbol)},
        {"path": path, "line": dice.number(61, 190), "text": issue["before"]},
    ]
    for other in ("api.py", "views.py", "tasks.py")[: dice.number(0, 3)]:
        where = str(PurePosixPath(path).with_name(other))
        found.append({"path": where, "line": dice.number(5, 300), "text": f"{symbol}(row)"})
    found.append({"path": test_path(path), "line": dice.number(5, 80), "text": f"# {symbol}"})
    return {"matches": found, "count": len(found)}


def excerpt(dice: Dice, issue: Mapping[str, str], line: int) -> dict[str, Any]:
    """Return the lines of a file around the fault, numbered."""
    path = issue["path"]
    suffix = PurePosixPath(path).suffix
    body = [
        *_ABOVE.get(suffix, _OTHER),
        _definition(path, issue["symbol"]),
        *(f"\t{text}" for text in issue["before"].splitlines()),
        *_BELOW.get(suffix, _OTHER),
    ]
    first = max(1, line - len(_ABOVE.get(suffix, _OTHER)) - 1)
    text = "\n".join(f"{first + number:>4}  {held}" for number, held in enumerate(body))
    return {
        "path": path,
        "from": first,
        "to": first + len(body) - 1,
        "of": line + dice.number(20, 400),
        "text": text,
    }


def diff(issue: Mapping[str, str], line: int) -> dict[str, Any]:
    """Return the change that removes a fault."""
    old, new = issue["before"].splitlines(), issue["after"].splitlines()
    lines = [f"@@ -{line},{len(old)} +{line},{len(new)} @@"]
    lines += [f"-\t{text}" for text in old] + [f"+\t{text}" for text in new]
    return {"path": issue["path"], "diff": "\n".join(lines), "added": len(new), "removed": len(old)}


def new_test(issue: Mapping[str, str], path: str) -> dict[str, Any]:
    """Return the test that shows a fault, as a change."""
    failure = issue["failure"]
    body = failure if failure.startswith("assert") else f"# today: {failure}"
    lines = [
        "@@ -1,0 +1,4 @@",
        f"+def {issue['test']}(ledger):",
        "+\tcase = ledger.example()",
        f"+\t{body}",
    ]
    if path.endswith(".ts"):
        lines = [
            "@@ -1,0 +1,3 @@",
            f"+it('{issue['test']}', async () => {{",
            f"+\t// today: {failure}",
            "+});",
        ]
    return {"path": path, "diff": "\n".join(lines), "added": len(lines) - 1, "removed": 0}


def red(dice: Dice, issue: Mapping[str, str], path: str) -> tuple[str, dict[str, Any]]:
    """Return the summary and the details of a run in which the test of a fault fails."""
    passed = dice.number(3, 60)
    summary = f"1 failed, {passed} passed in {dice.between(0.8, 9):.2f} s"
    output = f"FAILED {path}::{issue['test']} - {issue['failure']}\n{summary}"
    return f"{issue['failure']}\n{summary}", {"failed": 1, "passed": passed, "output": output}


def green(dice: Dice, low: int, high: int) -> tuple[str, dict[str, Any]]:
    """Return the summary and the details of a run in which `low` to `high` tests pass."""
    passed = dice.number(low, high)
    skipped = dice.number(0, 4)
    summary = f"{passed} passed"
    if skipped:
        summary += f", {skipped} skipped"
    summary += f" in {passed * dice.between(0.03, 0.12):.2f} s"
    return summary, {"passed": passed, "failed": 0, "skipped": skipped, "output": summary}


def committed(dice: Dice, title: str, area: str) -> tuple[str, dict[str, Any]]:
    """Return the summary and the details of a commit."""
    commit = dice.hexadecimal(7)
    files, added, removed = dice.number(2, 5), dice.number(9, 80), dice.number(2, 30)
    branch = f"{area}/{'-'.join(title.split()[:3]).lower()}"
    counts = f"{files} files changed, {added} insertions(+), {removed} deletions(-)"
    summary = f"[{branch} {commit}] {title}\n {counts}"
    return summary, {"commit": commit, "branch": branch, "files": files, "output": summary}


def machines(version: str) -> str:
    """Return what a deploy says of each machine."""
    return "\n".join(
        f"{name} {version} ok" for name in ("web1", "web2", "worker1", "worker2", "mail1", "edge1")
    )


def _definition(path: str, symbol: str) -> str:
    if path.endswith(".ts"):
        return f"export function {symbol}(row: Row) {{"
    if path.endswith(".py"):
        return f"class {symbol}:" if symbol[:1].isupper() else f"def {symbol}(row: Row) -> Result:"
    return f"{symbol}:"
