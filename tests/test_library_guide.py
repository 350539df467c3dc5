"""The examples of docs/library.md, pasted one after the other, print what stands behind them."""

from __future__ import annotations

import ast
import asyncio
import codeop
import contextlib
import inspect
import io
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import storage

GUIDE = (Path(__file__).parent.parent / "docs" / "library.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
EXPECTED = re.compile(r"^\s*print\(.*\)  # (.*)$", re.MULTILINE)


def is_possible(example: str) -> bool:
    """Whether what the example needs is installed."""
    return "MemglassStore" not in example or find_spec("langgraph") is not None


async def paste(example: str, there: dict[str, Any]) -> list[str]:
    """Run an example as `python -m asyncio` does, line by line; give the lines that it prints."""
    compiler = codeop.CommandCompiler()
    compiler.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    pasted: list[str] = []
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for line in [*example.splitlines(), ""]:
            pasted.append(line)
            if code := compiler("\n".join(pasted), "docs/library.md"):
                pasted.clear()
                running = eval(code, there)  # noqa: S307 - it is our own guide
                if inspect.isawaitable(running):
                    await running
    assert pasted == []
    return printed.getvalue().splitlines()


async def test_the_examples_print_what_stands_behind_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # What is no print is not shown.
    monkeypatch.setattr(sys, "displayhook", lambda _: None)
    there: dict[str, Any] = {"asyncio": asyncio}
    said, expected = [], []
    try:
        for example in filter(is_possible, EXAMPLES):
            said += await paste(example, there)
            expected += EXPECTED.findall(example)
    finally:
        await there["store"].close()
    assert said == expected


def test_the_guide_names_every_error() -> None:
    public = {name for name in storage.__all__ if name.endswith("Error")}
    assert public <= set(re.findall(r"`(\w+Error)`", GUIDE))
