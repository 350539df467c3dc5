"""Episodes about code: a fault is found and put right, a pull request is read, a chore is done."""

from __future__ import annotations

from pathlib import PurePosixPath

from tui.demo import tools
from tui.demo.data import issues, load
from tui.demo.turns import Pen, Turn, Voices


def fix(voices: Voices, area: str) -> list[Turn]:
    """A fault is reported, understood, shown by a test and put right."""
    issue = _next_fault(voices, area)
    pen, line = _issue_pen("fix", voices, issue)
    first = pen.user("again" if "where" in issue else "open")
    first.gist = "{title}: {cause}, so now we {fix} ({file})".format_map(pen.slots)
    if pen.dice.chance(0.55):
        pen.agent("plan", "plan")
    if pen.dice.chance(0.2):
        _look_elsewhere(pen, issue)
    _look(pen, issue, line)
    pen.agent("found").topic = f"issue:{issue['symbol']}"
    if pen.dice.chance(0.6):
        pen.exchange("why")
    _prove(pen, issue)
    _change(pen, issue, line)
    pen.agent("summary")
    _hand_over(pen, issue)
    return pen.turns


def _next_fault(voices: Voices, area: str) -> dict[str, str]:
    """Return a fault; one that was put right before turns up in another place."""
    issue = dict(voices.deck.deal(f"issues.{area}", issues()[area]))
    symbol = issue["symbol"]
    times = voices.seen[symbol]
    voices.seen[symbol] += 1
    if times:
        root = issue["path"].split("/")[0]
        places = load("happenings")["places"]
        choice = places.get(root, places["other"])
        where, folder = choice[(times + len(symbol)) % len(choice)]
        issue["where"] = where
        issue["title"] += f", in {where}"
        issue["path"] = f"{folder}/{PurePosixPath(issue['path']).name}"
    return issue


def _issue_pen(kind: str, voices: Voices, issue: dict[str, str]) -> tuple[Pen, int]:
    """Return a pen for a fault, and the line that it is in."""
    dice = voices.dice
    line = dice.number(12, 240)
    slots = {
        **issue,
        "file": PurePosixPath(issue["path"]).name,
        "test_path": tools.test_path(issue["path"]),
        "line": str(line),
        "commit": dice.hexadecimal(7),
        "ticket": f"LED-{dice.number(1180, 2940)}",
        "pr": str(dice.number(610, 1290)),
    }
    return Pen(kind, voices, slots), line


def _look(pen: Pen, issue: dict[str, str], line: int) -> None:
    if pen.dice.chance(0.75):
        pen.call("search", "search", query=issue["symbol"], within=pen.slots["area"])
        found = tools.hits(pen.dice, issue)
        pen.result(f"{found['count']} matches, the first in {found['matches'][0]['path']}", **found)
    pen.call("read_file", "read", issue["path"], path=issue["path"], around=line)
    held = tools.excerpt(pen.dice, issue, line)
    pen.result(held["text"], **held)


def _look_elsewhere(pen: Pen, issue: dict[str, str]) -> None:
    near = PurePosixPath(issue["path"])
    path = str(near.with_stem(pen.dice.pick(("common", "settings", "api"))))
    length = pen.dice.number(60, 420)
    pen.call("read_file", "elsewhere", path, path=path)
    pen.result(f"{path}: {length} lines", path=path, of=length)
    pen.agent("wrong")


def _prove(pen: Pen, issue: dict[str, str]) -> None:
    path = pen.slots["test_path"]
    if pen.dice.chance(0.8):
        pen.call("edit_file", "test_first", path, path=path)
        pen.result(f"{path}: test added", **tools.new_test(issue, path))
        pen.call("run_tests", "run_red", path, paths=[path], only=issue["test"])
        summary, details = tools.red(pen.dice, issue, path)
        pen.result(summary, ok=False, **details)


def _change(pen: Pen, issue: dict[str, str], line: int) -> None:
    path = pen.slots["test_path"]
    pen.call("edit_file", "edit", issue["path"], path=issue["path"])
    change = tools.diff(issue, line)
    pen.result(change["diff"], **change)
    pen.call("run_tests", "run_green", path, paths=[path])
    if pen.dice.chance(0.22):
        passed = pen.dice.number(3, 58)
        seconds = pen.dice.between(0.6, 6)
        pen.result(
            f"1 failed, {passed} passed in {seconds:.2f} s", ok=False, failed=1, passed=passed
        )
        pen.agent("broke")
        pen.call("run_tests", "run_green", path, paths=[path])
    summary, details = tools.green(pen.dice, 4, 60)
    pen.result(summary, **details)
    if pen.dice.chance(0.5):
        pen.call("run_tests", "run_all", paths=["tests"], workers=2)
        summary, details = tools.green(pen.dice, 1830, 2140)
        pen.result(summary, **details)


def _hand_over(pen: Pen, issue: dict[str, str]) -> None:
    if pen.dice.chance(0.35):
        pen.user("nit")
        pen.agent("nit_done", "edit_file")
    if pen.dice.chance(0.7):
        pen.call("commit", "commit", message=issue["title"])
        summary, details = tools.committed(pen.dice, issue["title"], issue["area"])
        pen.result(summary, **details)
    if pen.dice.chance(0.75):
        pen.user("thanks")


def review(voices: Voices, area: str) -> list[Turn]:
    """A colleague's pull request is read."""
    issue = voices.deck.deal(f"reviews.{area}", issues()[area])
    pen, line = _issue_pen("review", voices, issue)
    pen.user("open").gist = "review of #{pr} by {other}, {title}".format_map(pen.slots)
    pen.call("fetch", "read", pull_request=int(pen.slots["pr"]))
    change = tools.diff(issue, line)
    pen.result(f"#{pen.slots['pr']} {issue['title']}\n{change['diff']}", **change)
    remarks = [pen.deck.deal("remarks", load("happenings")["reviews"]) for _ in range(3)]
    first = pen.agent("first", "review")
    first.content += "".join(f"\n{number}. {text}" for number, text in enumerate(remarks, 1))
    pen.user("reply")
    pen.agent("posted", "review")
    if pen.dice.chance(0.6):
        pen.user("close")
        pen.agent("approve", "review")
    return pen.turns


def chore(voices: Voices, area: str) -> list[Turn]:
    """Something small is tidied up."""
    issue = voices.deck.deal(f"chores.{area}", issues()[area])
    held = voices.deck.deal("chores", load("happenings")["chores"])
    slots = {
        "task": held["task"].format_map(issue),
        "done": held["done"],
        "file": PurePosixPath(issue["path"]).name,
    }
    pen = Pen("chore", voices, slots)
    pen.user("open").gist = f"{slots['task']}: {slots['done']}"
    line = pen.dice.number(5, 90)
    if pen.dice.chance(0.6):
        pen.call("read_file", "read", issue["path"], path=issue["path"])
        excerpt = tools.excerpt(pen.dice, issue, line)
        pen.result(excerpt["text"], **excerpt)
    pen.call("edit_file", "edit", issue["path"], path=issue["path"])
    pen.result(f"{slots['file']}: changed", path=issue["path"], added=pen.dice.number(2, 40))
    pen.agent("done")
    pen.user("thanks")
    return pen.turns


def question(voices: Voices, area: str) -> list[Turn]:
    """Somebody asks how something works."""
    held = load("questions")[area]
    asked, answer = voices.deck.deal(f"questions.{area}", held["qa"])
    path = voices.dice.pick(held["paths"])
    file = PurePosixPath(path).name
    slots = {"question": asked, "answer": answer, "path": path, "file": file, "area": area}
    pen = Pen("question", voices, slots)
    pen.user("open").gist = f"{asked} {answer}"
    if pen.dice.chance(0.7):
        pen.call("read_file", "look", path, path=path)
        lines = pen.dice.number(40, 380)
        pen.result(f"{path}: {lines} lines", path=path, of=lines)
    pen.agent("answer")
    if pen.dice.chance(0.25):
        pen.exchange("more")
    elif pen.dice.chance(0.5):
        pen.user("follow")
    return pen.turns
