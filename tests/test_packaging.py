"""What is distributed: the wheel has all that the program needs, the sources all that tests do."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.terminal import ROOT, running


def build(what: str, folder: Path) -> Path:
    """Build a distribution of one kind, and return its file."""
    built = subprocess.run(
        [sys.executable, "-m", "build", f"--{what}", "--no-isolation", "--outdir", folder, ROOT],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    [made] = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


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


def test_the_source_distribution_holds_all_that_its_tests_read(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as source:
        paths = [Path(*Path(name).parts[1:]) for name in source.getnames()]
    folders = {path.parts[0] for path in paths if len(path.parts) > 1}
    assert folders == {"storage", "tui", "tests", "benchmarks", "screenshots", "docs"}
    assert {"README.md", "Makefile", "pyproject.toml"} <= {str(path) for path in paths}


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
    with running([program, demo], folder=tmp_path) as terminal:
        assert terminal.read_until(b"s-")
