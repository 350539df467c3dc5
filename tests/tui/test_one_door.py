"""No text of a memory reaches a widget or the terminal but through `tui.text`, as sources tell.

What this can see: which widgets are used at all, what they are given at the place where they are
made, who paints segments, and what is written to the terminal. What it cannot see, such as a value
that travels through an attribute, the hostile memories of `test_hostile.py` are for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TUI = Path(__file__).resolve().parents[2] / "tui"
SOURCES = sorted(path for path in TUI.rglob("*.py") if "demo" not in path.relative_to(TUI).parts)
DOOR = TUI / "text.py"

# These take Content or a text of ours; those that parse markup on their own are not used at all.
WIDGETS = {"Input", "OptionList", "Tree", "TreeNode", "Option"}
# What they return is safe: it came out of `safe_text`, or was written by us.
SAFE_CALLS = {"safe_text", "content", "rich_text", "spans", "quoted", "_said_by"}
SAFE_CALLS |= {"report_page", "sentence"}
# What a line to type in holds has been through `typeable` before.
SAFE_CALLS |= {"seen_joins"}
GIVEN_TEXT = {"Text", "Option", "Content", "Static", "Label", "Button"}
GIVEN_TEXT |= {"notify", "echo", "secho", "write"}
# What lays out a text for them takes each part of it through `safe_text`.
DOORS = ("safe_text", "pieces_of")
MADE_INSIDE = {"bar.py", "day_chart.py", "row_painter.py", "text_view.py"}


def names(node: ast.AST) -> str:
    """The last part of what is called: `notify` of `self.app.notify`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_safe(node: ast.expr, known: dict[str, bool]) -> bool:
    """Whether an expression can only be a text of ours, or came out of the door."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.JoinedStr):
        return all(is_safe(part, known) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        numeric = isinstance(node.format_spec, ast.JoinedStr) and "," in ast.unparse(
            node.format_spec
        )
        return numeric or is_safe(node.value, known)
    if isinstance(node, ast.Call):
        return names(node.func) in SAFE_CALLS
    if isinstance(node, ast.IfExp):
        return is_safe(node.body, known) and is_safe(node.orelse, known)
    if isinstance(node, ast.BinOp):
        return is_safe(node.left, known) and is_safe(node.right, known)
    return isinstance(node, ast.Name) and known.get(node.id, False)


def known_names(function: ast.AST) -> dict[str, bool]:
    """The local names of a function, and whether everything assigned to them is safe."""
    known: dict[str, bool] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            known[name] = known.get(name, True) and is_safe(node.value, known)
    return known


def unsafe_calls(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    functions: list[ast.AST] = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    for scope in functions or [tree]:
        known = known_names(scope)
        for node in ast.walk(scope):
            if isinstance(node, ast.Call) and names(node.func) in GIVEN_TEXT and node.args:
                if not is_safe(node.args[0], known):
                    yield f"{path.name}:{node.lineno}: {ast.unparse(node)}"
            elif isinstance(node, ast.Assign):
                target = node.targets[0]
                titled = names(target) in {"border_title", "border_subtitle", "tooltip"}
                if titled and not is_safe(node.value, known):
                    yield f"{path.name}:{node.lineno}: {ast.unparse(node)}"


@pytest.fixture(scope="module")
def read() -> dict[Path, list[ast.AST]]:
    """All that stands in each source."""
    return {path: list(ast.walk(ast.parse(path.read_text()))) for path in SOURCES}


def test_widgets_and_terminal_are_given_only_safe_text() -> None:
    calls = [call for path in SOURCES if path != DOOR for call in unsafe_calls(path)]
    assert not calls


def test_only_widgets_are_used_that_parse_no_markup(read: dict[Path, list[ast.AST]]) -> None:
    for path, nodes in read.items():
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("textual.widgets"):
                assert {alias.name for alias in node.names} <= WIDGETS, path


def test_nothing_is_read_as_markup(read: dict[Path, list[ast.AST]]) -> None:
    for path, nodes in read.items():
        for node in nodes:
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"from_markup", "from_ansi", "visualize"}, path
            if isinstance(node, ast.Call) and names(node.func) == "notify":
                given = {each.arg: ast.unparse(each.value) for each in node.keywords}
                assert given.get("markup") == "False", path


def test_segments_are_painted_in_few_places_and_all_of_them_use_the_door(
    read: dict[Path, list[ast.AST]],
) -> None:
    for path, nodes in read.items():
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        if any(names(node.func) == "Segment" for node in calls):
            assert path.name in MADE_INSIDE, path
            assert any(f"{door}(" in path.read_text() for door in DOORS), path


def test_this_test_sees_what_it_should(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    for line in (
        "Static(record['content'])",
        "Label(f'{name}')",
        "self.app.notify(str(error))",
        "Text('a' + value)",
        "click.echo(path)",
        "self.border_title = record['name']",
        "title = record['name']; Option(title)",
    ):
        bad.write_text(f"def f(record, name, error, value, path):\n    {line}\n")
        assert list(unsafe_calls(bad)), line
    bad.write_text(
        "def f(x):\n    t = safe_text(x)\n    Option(f'a {t} {len(x):,}')\n    Text('b')\n"
    )
    assert not list(unsafe_calls(bad))
