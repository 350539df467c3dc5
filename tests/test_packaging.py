"""The wheel: what `pip install memglass` brings is all that the program needs."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has the wheel, and only the dependencies from this one."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", "--quiet",
         "--disable-pip-version-check", "--no-deps", "--no-index", wheel],
        check=True,
    )  # fmt: skip
    # A plain path: the .pth of the editable install over there is not followed.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def test_the_wheel_holds_both_packages_and_their_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"storage/__init__.py", "storage/py.typed", "tui/cli.py", "tui/py.typed"} <= names
    assert any(name.endswith(".tcss") for name in names)
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "screenshots"))]


def test_the_installed_program_runs_from_its_own_files(fresh: Path, tmp_path: Path) -> None:
    told = subprocess.run(
        [fresh / "bin/python", "-c", "import storage, tui; print(storage.__file__, tui.__file__)"],
        capture_output=True, text=True, cwd=tmp_path, check=True,
    ).stdout  # fmt: skip
    assert told.count(str(fresh)) == 2


def test_the_installed_program_makes_and_shows_the_demo(fresh: Path, tmp_path: Path) -> None:
    program = fresh / "bin/memglass"
    demo = tmp_path / "demo.db"
    made = subprocess.run(
        [program, "demo", "--path", demo],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert demo.exists()
    assert "s-" in _screen_of([program, demo], tmp_path, wanted="s-")


def _screen_of(command: Sequence[Path | str], folder: Path, *, wanted: str) -> str:
    """Return what a program writes to a terminal until `wanted` is there, then end it."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(
            command[0],
            list(map(str, command)),
            {**os.environ, "TERM": "xterm-256color", "LINES": "24"},
        )
    shown, deadline = b"", time.monotonic() + 60
    try:
        while wanted.encode() not in shown and time.monotonic() < deadline:
            if select.select([terminal], [], [], 1)[0]:
                try:
                    shown += os.read(terminal, 65536)
                except OSError:  # The program has ended.
                    break
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)
    return shown.decode("utf-8", "replace")
