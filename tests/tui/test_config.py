"""Configuration: each option works, is documented, and a bad file is a sentence and no end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.conftest import Browse, lines, press, screen, toasts
from tests.tui.waiting import settled
from tui.actions import ACTIONS, find, key_name
from tui.app import MemglassApp
from tui.config import OPTIONS, PANES, Config, apply_to_process, config_file, load_config
from tui.config_reading import read_config
from tui.config_text import as_markdown, as_toml
from tui.memory import Memory
from tui.moments import long_time, zone_name
from tui.own_keys import spelled

FILE = Path("/somewhere/config.toml")


def read(text: str) -> Config:
    return read_config(text.encode(), FILE)


def test_without_a_file_everything_is_as_usual() -> None:
    assert load_config() == Config()
    assert not config_file().exists()


def test_the_file_stands_at_the_usual_place_or_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert config_file() == tmp_path / "memglass" / "config.toml"
    monkeypatch.setenv("MEMGLASS_CONFIG", str(tmp_path / "mine.toml"))
    assert "mine.toml, which MEMGLASS_CONFIG names, does not exist" in load_config().problems[0]
    (tmp_path / "mine.toml").write_text('start = "archive"\n')
    assert load_config().start == "archive"
    (tmp_path / "mine.toml").unlink()
    (tmp_path / "mine.toml").mkdir()
    assert "cannot be read" in load_config().problems[0]


def test_every_option_can_be_set_and_only_to_what_it_takes() -> None:
    for option in OPTIONS:
        good = {
            "start": '"archive"',
            "time_zone": '"UTC"',
            "looks_every": "5",
            "mask_secrets": "true",
            "reader": "true",
        }.get(option.name, "false" if option.default is True else '"other"')
        config = read(f"{option.name} = {good}")
        assert not config.problems
        assert getattr(config, option.name) != option.default, option.name
        for bad in ("[1]", "{}", "nan", '"a\\u0007b"'):
            config = read(f"# first\n{option.name} = {bad}")
            assert config == Config(problems=config.problems)
            assert config.problems[0].startswith(f"{FILE}, line 2: {option.name} has to be ")


@pytest.mark.parametrize("zone", ["", "Nowhere/Else", "../../etc/passwd", "a" * 300])
def test_a_zone_that_there_is_not_is_refused(zone: str) -> None:
    assert "Europe/Berlin" in read(f'time_zone = "{zone}"').problems[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('them = "x"', "line 1: there is no option them; did you mean theme?"),
        ("\n\nqqqq = 1", "line 3: there is no option qqqq; memglass config lists them."),
        ("a = 1\na = 2\n", "line 2: this is no TOML (Cannot overwrite a value)"),
        ("a = ", "line 1: this is no TOML (Invalid value)"),
        ("keys = 1", "line 1: keys has to be a table"),
        ('[keys]\n"archive" = ""', "line 2: archive needs a key, and '' is none"),
        ("[keys]\narchive = [1]", 'line 2: archive needs keys like "d"'),
        ('[keys]\n\narchiv = "d"', "line 3: there is no action archiv;"),
        ('keys.archive = "cntrl+d"', "line 1: archive needs a key, and 'cntrl+d' is none"),
        ('keys = {archive = "nope"}', "line 1: archive needs a key"),
        ('[keys]\narchive = "ctrl+i"', "line 2: archive cannot have Ctrl+i: terminals send it as"),
        ('[keys]\narchive = "ctrl+q"', "line 2: archive cannot have Ctrl+q: it always calls quit."),
        ('[keys]\nundo = "ctrl+\\\\"', ": it always calls palette."),
        ('[keys]\narchive = "j"', "line 2: archive clashes with down, which has j already."),
        ('[keys]\nquit = "V"', "line 2: quit clashes with range, which has V already."),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_option(text: str, said: str) -> None:
    config = read(text)
    assert len(config.problems) == 1
    assert said in config.problems[0]
    assert config == Config(problems=config.problems)


@given(
    st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace"))
)
def test_no_file_can_keep_the_program_from_starting(data: bytes) -> None:
    config = read_config(data, FILE)
    assert all(problem.startswith(str(FILE)) for problem in config.problems)


def test_what_an_editor_puts_in_front_of_a_text_is_no_part_of_it() -> None:
    assert read_config(b'\xef\xbb\xbfstart = "health"\r\n', FILE) == Config(start="health")


def test_keys_may_be_exchanged_and_shared_by_panes_that_are_never_seen_together() -> None:
    exchanged = read('[keys]\ntag = "c"\nnote = "t"')
    assert exchanged.keys == {"tag": "c", "note": "t"}
    # Restore is for the archive, the index for the search; archiving is for both.
    assert read('[keys]\nopen = "f8"\narchive = ["f9", "ctrl+x"]').keys["archive"] == "f9,ctrl+x"


def test_an_action_that_gets_its_keys_back_is_seen_by_the_others() -> None:
    config = read('[keys]\nfilter = "z"\narchive = "f"')
    assert config.keys == {}
    assert len(config.problems) == 2


def test_without_vim_keys_only_letters_stop_moving_and_are_free() -> None:
    config = read('vim_keys = false\n[keys]\narchive = "j"')
    assert not config.problems
    assert config.keymap["down"] == "down"
    assert config.keymap["archive"] == "j"
    for action in ACTIONS:
        if action.keys not in {"j", "k", "g", "G"}:
            assert config.keymap.get(action.id, action.keys)
    assert "clashes with down" in read('[keys]\narchive = "j"').problems[0]


@given(st.characters(codec="utf-8"))
def test_keys_are_named_as_the_program_hears_them(char: str) -> None:
    from textual.keys import _character_to_key

    if char.isprintable() and (char.isascii() or char.isalnum()):
        assert char == " " or key_name(spelled(char)) == char
        assert spelled(char) == _character_to_key(char)
    else:
        # A sign that is none of a keyboard is refused, or else as good as any other.
        config = read(f"[keys]\narchive = {json.dumps(char, ensure_ascii=False)}")
        if not config.problems:
            assert config.keys["archive"] == _character_to_key(char)
            assert key_name(config.keys["archive"]) == char


@pytest.mark.parametrize("sign", [*"§°€£¨¿“«¦…·", "😀"])
def test_a_sign_of_any_keyboard_can_be_a_key(sign: str) -> None:
    config = read(f'[keys]\narchive = "{sign}"')
    assert not config.problems
    assert key_name(config.keys["archive"]) == sign


def test_what_the_command_prints_is_a_configuration_that_says_the_same() -> None:
    config = read(
        'theme = "memglass-light"\nmouse = false\neditor = "vi -c \\"x\\""\n[keys]\nundo = "f9"'
    )
    assert not config.problems
    assert read(as_toml(config, FILE)) == config
    plain = as_toml(Config(), FILE)
    assert read(plain) == Config()
    # With every option and key uncommented it is still what is usual.
    full = re.sub(r"^# (?=\w+ = )", "", plain, flags=re.MULTILINE)
    assert {*tomllib.loads(full)} == {*(option.name for option in OPTIONS), "keys"}
    assert read(full).problems == ()
    assert {*tomllib.loads(full)["keys"]} == {action.id for action in ACTIONS}


def test_the_documentation_is_what_the_options_say() -> None:
    page = Path(__file__).parents[2] / "docs" / "configuration.md"
    assert page.read_text() == as_markdown(), "make docs/configuration.md writes it anew"
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    for option in OPTIONS:
        assert f"`{option.name}`" in readme
        assert option.meaning.endswith((".", "…"))


def test_the_commands_of_the_page_said_again_keep_what_is_set(tmp_path: Path) -> None:
    [shown] = re.findall(r"```bash\n(.*?)```", as_markdown(), re.DOTALL)
    file = tmp_path / "folder" / "config.toml"
    # The program that these tests test, whatever else is called so.
    run = f'memglass() {{ "{sys.executable}" -m tui.cli "$@"; }}\n{shown}'
    environment = {**os.environ, "MEMGLASS_CONFIG": str(file)}
    subprocess.run(["sh", "-ec", run], check=True, env=environment)
    file.write_text(file.read_text().replace("# mouse = true", "mouse = false"))
    subprocess.run(["sh", "-ec", run], check=True, env=environment)
    assert tomllib.loads(file.read_text())["mouse"] is False


def test_the_command_prints_to_a_shell_and_fails_on_a_bad_file(tmp_path: Path) -> None:
    def run(*args: str, config: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tui.cli", "config", *args],
            capture_output=True,
            text=True,
            check=False,
            env={"MEMGLASS_CONFIG": str(config), "PATH": ""},
        )

    file = tmp_path / "bad\x1b[2J.toml"
    file.write_text('theme = "mine"\nmouse = 7\n')
    done = run(config=file)
    assert done.returncode == 2
    assert 'theme = "mine"' in done.stdout.splitlines()
    assert "line 2: mouse has to be true or false, not 7; until then it is true." in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert run("--path", config=tmp_path / "none.toml").stdout.strip().endswith("none.toml")


@pytest.fixture
def _zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    # The variable first: what it still says here would stay the zone of all later tests.
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_zone")
def test_times_are_shown_in_the_zone_that_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui.moments import local

    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("VISUAL", "")
    local.cache_clear()
    apply_to_process(Config(time_zone="Asia/Tokyo", editor="vi -n"))
    assert long_time("2026-01-01T00:00:00+00:00") == "2026-01-01 09:00:00"
    assert zone_name() == "UTC+9"
    from tui.external_editor import editor_command

    assert editor_command() == ["vi", "-n"]
    local.cache_clear()


async def test_the_program_begins_as_it_is_configured_and_says_what_is_wrong(
    memory_file: Path,
) -> None:
    config = read('theme = "no-such"\nstart = "patterns"\nanimations = false\nmouse = 1')
    app = MemglassApp(Memory(memory_file), config=config)
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await settled(pilot)
        assert "[3 Patterns]" in lines(pilot)[0]
        assert app.theme == "memglass-dark"
        assert app.animation_level == "none"
        assert "mouse has to be true or false" in toasts(pilot)
        assert "(1 more: memglass config)" in toasts(pilot)


async def test_messages_name_the_keys_that_a_person_chose(memory_file: Path) -> None:
    config = read('[keys]\nundo = "ctrl+z"\npane_8 = "f8"')
    app = MemglassApp(Memory(memory_file), config=config)
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await settled(pilot)
        await press(pilot, "ctrl+z")
        assert "Ctrl+z takes back" in toasts(pilot)
        assert "F8 shows every change" in " ".join(toasts(pilot).split())


async def test_pane_and_theme_are_remembered(memory_file: Path) -> None:
    app = MemglassApp(Memory(memory_file))
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "4")
        app.theme = "memglass-contrast"
        await settled(pilot)
    again = MemglassApp(Memory(memory_file))
    async with again.run_test() as pilot:
        await settled(pilot)
        assert "[4 Archive]" in lines(pilot)[0]
        assert again.theme == "memglass-contrast"
    named = MemglassApp(
        Memory(memory_file), config=Config(theme="memglass-light", start="patterns")
    )
    assert named.theme == "memglass-light"


async def test_a_theme_chosen_against_the_configuration_is_said_to_hold_for_now(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, config=Config(theme="memglass-light")) as pilot:
        pilot.app.theme = "nord"
        await pilot.pause()
        assert "still begins with memglass-light" in toasts(pilot)
        assert "turn 29" in screen(pilot)


def test_every_pane_of_the_configuration_is_one_of_the_program_or_falls_back() -> None:
    from tui.screens.browser import PANES as SHOWN

    assert set(SHOWN) <= set(PANES)
    assert find("archive") is not None
