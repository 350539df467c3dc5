"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_library_examples_run_as_they_stand(tmp_path: Path) -> None:
    said = []
    for example in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        told = subprocess.run(
            [sys.executable, "-c", example], capture_output=True, text=True, cwd=tmp_path
        )
        assert told.returncode == 0, told.stderr
        said.append(told.stdout.rstrip())
    assert said[0].endswith("Use tabs. chat")
    assert said[1].endswith("Prefers tabs")


def test_every_file_that_it_names_is_there() -> None:
    root = Path(__file__).parent.parent
    named = re.findall(r"\b(?:tests|benchmarks|screenshots)/[\w./-]+\w", README)
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
        options = {each for option in takes.params for each in option.opts}
        assert {each for each in rest.split() if each.startswith("--")} <= options


def _shell_examples() -> list[str]:
    return re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
