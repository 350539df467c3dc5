"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import mypy.api
import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
PROGRAMS = [example for example in EXAMPLES if "asyncio.run" in example]


def with_framework(name: str) -> dict[str, Any]:
    """What the example of a framework defines."""
    pytest.importorskip(name, reason="make adapters installs the frameworks")
    [example] = [each for each in EXAMPLES if f"from {name}" in each]
    defined: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), defined)  # noqa: S102 - it is our own page
    return defined


def test_the_library_examples_run_as_they_stand(tmp_path: Path) -> None:
    said = []
    for example in PROGRAMS:
        told = subprocess.run(
            [sys.executable, "-c", example], capture_output=True, text=True, cwd=tmp_path
        )
        assert told.returncode == 0, told.stderr
        said.append(told.stdout.rstrip())
    assert said[0].endswith("Use tabs. chat")
    assert said[1].splitlines()[-1].startswith("I remember:")
    assert "Prefers tabs" in said[1]
    assert len(EXAMPLES) == len(PROGRAMS) + 2


async def test_an_agent_of_the_agents_sdk_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ask = with_framework("agents")["ask"]
    agents, testing = pytest.importorskip("agents"), pytest.importorskip("agents.testing")
    agents.set_tracing_disabled(True)
    model = testing.ScriptedModel([[testing.assistant_message(text)] for text in ("Yes?", "Ada.")])
    agent = agents.Agent(name="kestrel", model=model)
    assert await ask(agent, "I am Ada.") == "Yes?"
    assert await ask(agent, "Who am I?") == "Ada."
    assert len(model.calls[-1].input) == 3


async def test_a_graph_of_langgraph_remembers_what_it_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pytest.importorskip("langgraph.graph")
    example = with_framework("langgraph")
    run, graph_class = example["run"], example["StateGraph"]

    async def node(state: dict[str, Any]) -> dict[str, Any]:
        store = pytest.importorskip("langgraph.config").get_store()
        found = await store.asearch(("users",), query=state["question"], limit=1)
        await store.aput(("users", "ada"), "asked", {"text": state["question"]})
        return {"answer": found[0].value["text"] if found else "nothing yet"}

    builder = graph_class(dict)
    builder.add_node("node", node)
    builder.set_entry_point("node")
    builder.set_finish_point("node")
    assert await run(builder, "green tea?") == "nothing yet"
    assert await run(builder, "tea again?") == "green tea?"


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=["store", "search", "agents", "langgraph"])
def test_the_examples_pass_a_strict_type_checker(tmp_path: Path, example: str) -> None:
    for name in re.findall(r"^(?:from|import) (\w+)", example, re.MULTILINE):
        pytest.importorskip(name)
    file = tmp_path / "example.py"
    file.write_text(example)
    told, _, status = mypy.api.run(["--strict", str(file)])
    assert status == 0, told


def test_every_file_that_it_names_is_there() -> None:
    root = Path(__file__).parent.parent
    named = re.findall(r"\b(?:tests|benchmarks|screenshots|docs)/[\w./-]+\w", README)
    assert named
    assert [name for name in named if not (root / name).exists()] == []


def test_every_command_that_it_shows_takes_the_options_that_stand_there() -> None:
    from tui.command_list import COMMANDS

    shown = re.findall(r"memglass (\w+) ([^|#\n`]*)", "".join(_shell_examples()))
    assert len(shown) > 8
    for name, rest in shown:
        assert name in COMMANDS
        command = import_module(f"tui.{COMMANDS[name].home.partition(':')[0]}")
        takes = getattr(command, COMMANDS[name].home.partition(":")[2])
        options = {each for one in takes.params for each in (*one.opts, *one.secondary_opts)}
        assert {each for each in rest.split() if each.startswith("--")} <= options


def _shell_examples() -> list[str]:
    return re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
