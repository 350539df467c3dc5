"""The tree and the text of the detail view, on their own."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget

from storage import CorruptJSON
from tests.tui.conftest import lines, press, screen
from tests.tui.waiting import settled
from tui.documents import Document
from tui.lines import Line
from tui.widgets.bar import Bar, Part
from tui.widgets.json_tree import JsonTree
from tui.widgets.record_view import RecordView, Subject, View, named_views
from tui.widgets.text_view import TextView


class Holder(App[None]):
    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget


async def tree_lines(value: Any, *keys: str) -> list[str]:
    tree = JsonTree()
    async with Holder(tree).run_test(size=(80, 30)) as pilot:
        tree.show(value)
        await settled(pilot)
        await press(pilot, *keys)
        return [line.rstrip() for line in lines(pilot) if line.strip()]


async def test_scalars_are_spelled_as_json() -> None:
    shown = await tree_lines({"a": "1", "b": 1, "c": None, "d": True, "e": 1.5})
    assert [line.removeprefix("\u25b8").split() for line in shown] == [
        ["a", '"1"'], ["b", "1"], ["c", "null"], ["d", "true"], ["e", "1.5"],
    ]  # fmt: skip


async def test_a_sign_stands_before_the_line_of_the_cursor_wherever_the_tree_is_scrolled() -> None:
    tree = JsonTree()
    async with Holder(tree).run_test(size=(30, 6)) as pilot:
        tree.show({f"key{number}": number for number in range(30)})
        await settled(pilot)
        for key, name in (("j", "key1 "), ("G", "key29 "), ("k", "key28 "), ("g", "key0 ")):
            await press(pilot, key)
            [line] = [line for line in lines(pilot) if line.startswith("\u25b8")]
            assert name in line
        pilot.app.screen.set_focus(None)
        await settled(pilot)
        assert lines(pilot)[0].startswith("\u25b9")
        tree.scroll_to(y=10, animate=False)
        await settled(pilot)
        assert not any(line.startswith("\u25b9") for line in lines(pilot))


async def test_small_branches_are_open_and_large_ones_closed() -> None:
    shown = "\n".join(await tree_lines({"small": {"x": 1}, "large": list(range(50))}))
    assert "x  1" in shown
    assert "large  [50]" in shown
    assert "49" not in shown


async def test_a_huge_list_opens_in_hundreds() -> None:
    shown = await tree_lines({"list": list(range(1_000_000))}, "enter")
    assert "list  [1,000,000]" in shown[0]
    assert "0 … 9,999" in shown[1]
    assert "10,000 … 19,999" in shown[2]


async def test_a_chunk_opens_down_to_its_items() -> None:
    shown = await tree_lines({"list": list(range(10_000))}, "enter", "j", "enter")
    assert "0 … 99" in shown[1]
    assert shown[2].split()[-2:] == ["0", "0"]


async def test_nesting_of_any_depth_can_be_looked_at() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    tree = JsonTree()
    async with Holder(tree).run_test(size=(80, 30)) as pilot:
        tree.show(deep)
        await settled(pilot)
        await press(pilot, "enter", "j", "enter", "j", "enter")
        tree.show(deep)
        assert "[1]" in screen(pilot)


async def test_a_corrupt_field_shows_error_place_and_raw_text() -> None:
    corrupt = CorruptJSON(b'{"a": \xff}', "is no UTF-8", 6)
    shown = await tree_lines({"details": corrupt})
    assert "corrupt: is no UTF-8 at byte 6" in shown[0]
    assert r'{"a": ⟪⟫\xff}' in shown[1]


async def test_keys_and_texts_are_only_text() -> None:
    shown = "\n".join(await tree_lines({"[red]\x1b[2J": "[@click=app.quit]x\u202e"}))
    assert r"[red]␛[2J" in shown
    assert r'"[@click=app.quit]x\u202e"' in shown


async def test_a_long_text_is_cut_with_its_length() -> None:
    tree = JsonTree()
    async with Holder(tree).run_test(size=(80, 30)):
        tree.show({"a": "x" * 10_000_000})
        label = str(tree.root.children[0].label)
        assert len(label) < 500
        assert label.endswith("(10,000,000 characters)")


async def test_what_a_record_became_stays_as_it_was_opened_with_the_cursor_on_its_line() -> None:
    tree = JsonTree()
    value: dict[str, Any] = {"list": [[each] for each in range(50)], "seen": 1, "end": {"at": "x"}}
    async with Holder(tree).run_test(size=(40, 12)) as pilot:
        tree.show(value)
        await settled(pilot)
        await press(pilot, "enter", *"jjj", "enter", *"jjjjjjjjjjj")
        before = lines(pilot)
        assert any(line.startswith("\u25b8") and " 12 " in line for line in before)
        tree.show({**value, "seen": 2}, keep_place=True)
        await settled(pilot)
        assert lines(pilot) == before
        tree.show({"new": 1, **value}, keep_place=True)
        await settled(pilot)
        # But for the scrollbar, which knows of the line above.
        assert [line[:38] for line in lines(pilot)] == [line[:38] for line in before]
        await press(pilot, "G", "k", "enter")
        assert not tree.root.children[-1].is_expanded
        tree.show(value, keep_place=True)
        await settled(pilot)
        assert not tree.root.children[-1].is_expanded


async def test_another_record_is_shown_from_its_first_line() -> None:
    tree = JsonTree()
    async with Holder(tree).run_test(size=(40, 12)) as pilot:
        tree.show({f"key{number}": number for number in range(50)})
        await settled(pilot)
        await press(pilot, "G")
        tree.show({f"name{number}": number for number in range(50)})
        await settled(pilot)
        assert lines(pilot)[0].startswith("\u25b8name0 ")


async def test_the_same_value_shown_again_stays_as_it_was_opened() -> None:
    tree = JsonTree()
    async with Holder(tree).run_test(size=(80, 30)) as pilot:
        tree.show({"list": list(range(50))})
        await settled(pilot)
        await press(pilot, "enter")
        before = lines(pilot)
        tree.show({"list": list(range(50))})
        await settled(pilot)
        assert lines(pilot) == before
        assert tree.root.children[0].is_expanded


async def text_lines(given: list[Line], size: tuple[int, int] = (40, 20)) -> list[str]:
    view = TextView()
    async with Holder(view).run_test(size=size) as pilot:
        view.show(given)
        await settled(pilot)
        return [line.rstrip() for line in lines(pilot)]


async def test_labels_stand_in_a_column_and_text_wraps_beside_them() -> None:
    shown = await text_lines(
        [Line("one two three four five six seven", "name"), Line("x", "longer")]
    )
    assert shown[0] == " name    one two three four five six"
    assert shown[1] == "         seven"
    assert shown[2] == " longer  x"


async def test_a_label_that_is_too_long_stands_above_its_text() -> None:
    shown = await text_lines([Line("x", "a_label_that_is_too_long"), Line("y", "b")])
    assert shown[0] == " a_label_that_is_too_long"
    assert shown[1].strip() == "x"
    assert shown[2].startswith(" b ")


async def test_line_breaks_of_a_text_stay() -> None:
    shown = await text_lines([Line("one\ntwo", "name")])
    assert shown[:2] == [" name  one", "       two"]


@pytest.mark.parametrize("other", ["as short", "word " * 30, ""])
@pytest.mark.parametrize("size", [(40, 20), (80, 20)])
async def test_a_line_that_is_replaced_reads_as_if_it_had_always_stood_there(
    other: str, size: tuple[int, int]
) -> None:
    given = [Line("one", "name"), Line("word " * 12, full=True), Line("three", "longer")]
    wanted = [given[0], Line(other, role="accent"), given[2]]
    beside = [Line("beside")]
    view = TextView()
    async with Holder(view).run_test(size=size) as pilot:
        view.show(given, beside=beside)
        view.replace(1, wanted[1])
        await settled(pilot)
        replaced = lines(pilot), [view.top_of(number) for number in range(5)]
        view.show(wanted, beside=beside)
        await settled(pilot)
        assert (lines(pilot), [view.top_of(number) for number in range(5)]) == replaced


async def test_a_resize_wraps_anew() -> None:
    view = TextView()
    async with Holder(view).run_test(size=(60, 10)) as pilot:
        view.show([Line("word " * 20)])
        await settled(pilot)
        before = view.virtual_size.height
        await pilot.resize_terminal(30, 10)
        await settled(pilot)
        assert view.virtual_size.height > before


async def test_the_mouse_selects_text() -> None:
    view = TextView()
    async with Holder(view).run_test(size=(40, 10)) as pilot:
        view.show([Line("select me")])
        await settled(pilot)
        await pilot.mouse_down(view, offset=(1, 0))
        await pilot.hover(view, offset=(7, 0))
        await pilot.mouse_up(view, offset=(7, 0))
        assert pilot.app.screen.get_selected_text() == "select "


async def test_another_record_begins_at_its_top_also_where_it_is_read_twice() -> None:
    async def document(_: int) -> Document:
        return Document([Line(f"line {number}") for number in range(50)])

    async def record() -> None: ...

    def subject(name: str) -> Subject:
        return Subject(lambda: name, [View("Fields", document), View("Raw", document)], record)

    view = RecordView()
    async with Holder(view).run_test(size=(60, 10)) as pilot:
        view.show(subject("one"))
        await settled(pilot)
        view.focus_content()
        await press(pilot, "G")
        view.show(subject("one"), is_same=True)
        await settled(pilot)
        assert "line 49" in screen(pilot)
        view.show(subject("two"))
        view.show(subject("two"), is_same=True)
        await settled(pilot)
        assert "two" in lines(pilot)[0]
        assert "line 0" in lines(pilot)[1]


def test_the_views_give_way_before_the_name_of_the_record() -> None:
    items = [(name.lower(), name) for name in ("Fields", "Talk", "Raw", "Lineage", "History")]

    def line(title: str, width: int) -> str:
        return "".join(part.text for part in named_views(title, items, "lineage", width))

    assert line("int-0029", 60) == " int-0029  Fields  Talk  Raw [Lineage] History "
    assert line("int-0029", 46) == " int-0029  Fiel  Talk  Raw [Lineage] Hist "
    assert line("a-rather-long-name-of-a-pattern", 60).startswith(" a-rather-l\u2026-a-pattern ")
    assert line("int-0029", 38) == " int-0029  Fie Tal Raw [Lineage] His"
    assert line("int-0029", 32) == " int-0029  Fi Ta Ra [Lineage] Hi"
    assert line("a-rather-long-name-of-a-pattern", 20).startswith(" a-\u2026n  Fi Ta ")
    assert [part.target for part in named_views("x", items, "raw", 10)][1:] == [
        target for target, _ in items
    ]


async def test_what_is_cut_on_the_left_of_a_bar_does_not_run_into_the_right() -> None:
    bar = Bar()
    async with Holder(bar).run_test(size=(20, 3)) as pilot:
        bar.show([Part("consolidated_to_working 13", target="all")], [Part("69  UTC")])
        await settled(pilot)
        assert lines(pilot)[0] == "consolidate… 69  UTC"


async def test_a_name_with_its_number_is_whole_in_a_bar_or_not_there() -> None:
    bar = Bar()
    by_reason = [
        Part(" newest first "),
        *(Part(" working", target="1"), Part(" 1,914", target="1")),
        *(Part(" episodic", target="2"), Part(" 311", target="2")),
    ]
    async with Holder(bar).run_test(size=(60, 3)) as pilot:
        bar.show(by_reason, [Part("2,529")])
        for width, shown in (
            (47, " newest first  working 1,914 episodic 311 2,529"),
            (46, " newest first  working 1,914 \u2026           2,529"),
            (36, " newest first  working 1,914 \u2026 2,529"),
            (35, " newest first  \u2026              2,529"),
        ):
            await pilot.resize_terminal(width, 3)
            await settled(pilot)
            assert lines(pilot)[0] == shown


async def test_what_has_no_space_left_shows_in_what_stands_before_it() -> None:
    bar = Bar()
    async with Holder(bar).run_test(size=(20, 3)) as pilot:
        for name, shown in (
            ("t14", " t14 15"),
            ("t1499", " t1499\u2026"),
            ("t14999", " t1499\u2026"),
        ):
            bar.show([Part(f" {name}"), Part(" 15")], [Part("2,950  UTC  ")])
            await settled(pilot)
            assert lines(pilot)[0] == f"{shown:<8}2,950  UTC  ", name
