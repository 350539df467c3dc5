"""Episodes of all the other work: upgrades, flaky tests, red pipelines, alarms, docs, releases."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from tui.demo import tools
from tui.demo.data import issues, load
from tui.demo.turns import Pen, Turn, Voices


def _happening(kind: str, group: str, voices: Voices) -> tuple[Pen, dict[str, str]]:
    held: dict[str, str] = voices.deck.deal(group, load("happenings")[group])
    slots = dict(held)
    if "path" in held:
        slots["file"] = PurePosixPath(held["path"]).name
    slots["minutes"] = str(voices.dice.number(11, 58))
    return Pen(kind, voices, slots), held


def upgrade(voices: Voices, _area: str) -> list[Turn]:
    """A library is raised to a new version."""
    pen, held = _happening("upgrade", "upgrades", voices)
    pen.user("open").gist = "{name} {to}: {broke}; we {remedy}".format_map(held)
    pen.agent("plan", "plan")
    pen.call("fetch", "notes", url=f"https://{held['name']}.invalid/changes/{held['to']}")
    pen.result(f"{held['name']} {held['to']}\n- {held['broke']}\n- fixes and speed")
    pen.agent("warn")
    pen.call("edit_file", "bump", "ledger.lock", name=held["name"], version=held["to"])
    pen.result("ledger.lock: 1 package changed", added=3, removed=3)
    pen.call("run_tests", "run", paths=["tests"])
    failed = pen.dice.number(2, 14)
    pen.result(f"{failed} failed, {pen.dice.number(1800, 2100)} passed", ok=False, failed=failed)
    pen.agent("failed")
    pen.call("edit_file", "edit", held["path"], path=held["path"])
    pen.result(f"{held['path']}: changed", added=pen.dice.number(2, 20))
    _green(pen, "run")
    pen.agent("done")
    pen.user("thanks")
    return pen.turns


def _green(pen: Pen, act: str) -> None:
    pen.call("run_tests", act, paths=["tests"])
    summary, details = tools.green(pen.dice, 1830, 2140)
    pen.result(summary, **details)


def flaky(voices: Voices, area: str) -> list[Turn]:
    """A test that fails now and then is made to fail no more."""
    pen, held = _happening("flaky", "flaky", voices)
    pen.slots["area"] = area
    pen.user("open").gist = "flaky {test}: {cause}; we {remedy}".format_map(held)
    if pen.dice.chance(0.6):
        pen.agent("plan", "plan")
    pen.call("run_command", "loop", held["path"], command=f"repeat 200 {held['test']}")
    red = pen.dice.number(2, 16)
    pen.result(f"{200 - red} passed, {red} failed", ok=False, passed=200 - red, failed=red)
    pen.agent("seen")
    pen.agent("found")
    pen.call("edit_file", "edit", held["path"], path=held["path"])
    pen.result(f"{held['path']}: changed", added=pen.dice.number(1, 9))
    pen.call("run_command", "again", held["path"], command=f"repeat 500 {held['test']}")
    pen.result("500 passed", passed=500, failed=0)
    pen.agent("done")
    if pen.dice.chance(0.4):
        pen.exchange("more")
    else:
        pen.user("thanks")
    return pen.turns


def pipeline(voices: Voices, _area: str) -> list[Turn]:
    """The pipeline is red, and somebody has to read its log."""
    pen, held = _happening("pipeline", "pipelines", voices)
    pen.user("open").gist = "{job} was red: {cause}; we {remedy}".format_map(held)
    pen.call("run_command", "look", command=f"pipeline log {held['job']} --tail 40")
    pen.result(f"...\n{held['line']}\njob failed", output=held["line"], lines=40)
    pen.agent("found")
    pen.call("edit_file", "edit", held["path"], path=held["path"])
    pen.result(f"{held['path']}: changed", added=pen.dice.number(1, 12))
    pen.call("run_command", "rerun", command=f"pipeline run {held['job']}")
    pen.result(f"{held['job']}: passed", runner=f"runner{pen.dice.number(1, 4)}")
    pen.agent("done")
    pen.user("thanks")
    return pen.turns


def alarm(voices: Voices, _area: str) -> list[Turn]:
    """Somebody was paged, and the agent looks with them."""
    pen, held = _happening("alarm", "alarms", voices)
    pen.user("open").gist = "alarm {alarm}: {cause}; we {remedy}".format_map(held)
    pen.agent("first")
    pen.call("run_command", "logs", command=f"logs {held['where']} --since 10m")
    pen.result(f"{held['where']}: {held['seen']}", lines=pen.dice.number(80, 900))
    pen.agent("seen")
    pen.exchange("ask")
    pen.user("go")
    pen.call("run_command", "act", command=f"on {held['where']}: {held['remedy']}")
    pen.result("done", machine=held["where"])
    pen.agent("done")
    pen.exchange("after")
    return pen.turns


def docs(voices: Voices, _area: str) -> list[Turn]:
    """A page of the documentation is put right."""
    pen, held = _happening("docs", "docs", voices)
    page = held["page"]
    pen.user("open").gist = "{page}, {topic}: rewritten, because {lack}".format_map(held)
    pen.call("read_file", "read", page, path=page)
    pen.result(f"{page}: {pen.dice.number(30, 210)} lines", path=page)
    pen.call("edit_file", "draft", page, path=page)
    pen.result(f"{page}: changed", added=pen.dice.number(6, 50), removed=pen.dice.number(6, 90))
    pen.user("remark")
    pen.agent("done", "edit_file")
    return pen.turns


def count(voices: Voices, _area: str) -> list[Turn]:
    """Somebody needs a number."""
    held: dict[str, Any] = voices.deck.deal("counts", load("happenings")["counts"])
    number = voices.dice.number(held["low"], held["high"])
    before = voices.dice.number(held["low"], held["high"])
    slots = {"ask": held["ask"], "unit": held["unit"], "n": f"{number:,}", "m": f"{before:,}"}
    pen = Pen("count", voices, slots)
    pen.user("open").gist = f"{held['ask']} {number:,}"
    pen.call("run_command", "query", sql=held["sql"], on="db3")
    pen.result(f"{number}", rows=[[number]])
    pen.agent("answer")
    pen.user("thanks")
    return pen.turns


def staging(voices: Voices, area: str) -> list[Turn]:
    """A branch is put on staging, which needs nobody's word."""
    pen = Pen("staging", voices, {"version": f"{voices.version}-{area}"})
    pen.user("open")
    pen.call("deploy", "act", environment="staging", version=pen.slots["version"])
    pen.result(f"staging {pen.slots['version']} ok", environment="staging")
    pen.agent("done")
    pen.user("thanks")
    return pen.turns


def release(voices: Voices, _area: str) -> list[Turn]:
    """A release goes out, after Mara's approval."""
    pen = Pen("release", voices, {"version": voices.version})
    pen.user("open").gist = f"{voices.version} deployed to production after Mara's approval"
    pen.agent("ask")
    pen.user("approve", who="Mara")
    pen.call("deploy", "act", environment="production", version=voices.version, approval="Mara")
    pen.result(tools.machines(voices.version), environment="production")
    pen.agent("done")
    pen.user("thanks")
    return pen.turns


def standup(voices: Voices, area: str) -> list[Turn]:
    """Somebody wants to know where things stand."""
    first, second = (voices.deck.deal(f"standup.{area}", issues()[area])["title"] for _ in range(2))
    pen = Pen("standup", voices, {"a": first, "b": second})
    pen.user("open")
    pen.agent("answer")
    pen.user("thanks")
    return pen.turns


def small(voices: Voices, area: str) -> list[Turn]:
    """A word between two pieces of work."""
    pen = Pen("small", voices, {"area": area})
    pen.exchange("talk")
    return pen.turns
