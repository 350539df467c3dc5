"""The detail view: one record in several views, each made when it is looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from textual import events, on
from textual.containers import Vertical
from textual.widget import Widget

from tui.faults import Sturdy
from tui.text import PAGE_LIMIT, safe_text
from tui.widgets.bar import Bar, Part, tabs
from tui.widgets.cells import cells_of, fit_middle
from tui.widgets.focusing import focus_now
from tui.work import begin

if TYPE_CHECKING:
    from tui.documents import Document
    from tui.widgets.columns import Column
    from tui.widgets.json_tree import JsonTree
    from tui.widgets.link_table import LinkTable
    from tui.widgets.pages import PageSource
    from tui.widgets.text_view import TextView

JSON: Final = "json"
LINEAGE: Final = "lineage"
HISTORY: Final = "history"
_TITLE: Final = 4
# Characters of the names of views, and cells of the record's for which that is short enough.
_WAYS: Final = ((None, 20), (4, 7), (3, 7), (2, 0))
_CLOSE: Final = 3
"""Names of so many characters stand with a single space between them."""


class View(NamedTuple):
    """One way to look at a record.

    Attributes:
        name: Its tab.
        document: Gives the text, at most that many characters of it.
    """

    name: str
    document: Callable[[int], Awaitable[Document]]


class Panel(NamedTuple):
    """A way to look at a record in a widget of its own.

    Attributes:
        name: Its tab.
        widget: Made once, and mounted when it is first looked at.
        fill: Shows the record in the widget.
    """

    name: str
    widget: Widget
    fill: Callable[[], Awaitable[None]]


class Links(NamedTuple):
    """The records that another one leads to, as a list to follow.

    Attributes:
        columns: How a row looks.
        read: Gives the rows; each key tells by `way` which side it is on.
        hint: What stands there when there are none.
        name: Its tab.
    """

    columns: Sequence[Column]
    read: Callable[[], Awaitable[PageSource]]
    hint: str
    name: str = "Lineage"


class Subject(NamedTuple):
    """A record to look at.

    Attributes:
        title: Gives what it is called, such as its id, once a view of it was read.
        views: Ways to look at it; the JSON tree comes before the last one.
        record: Gives all of it for the JSON tree, or None if it is gone.
        lineage: What it was made from and what became of it, if such a thing can be.
        history: What happened to it.
    """

    title: Callable[[], str]
    views: Sequence[View | Panel]
    record: Callable[[], Awaitable[Any]]
    lineage: Links | None = None
    history: View | None = None

    @property
    def tabs(self) -> list[tuple[str, str]]:
        """Target and label of each tab."""
        names = [(view.name.lower(), view.name) for view in self.views]
        last = [
            (each.name.lower(), each.name)
            for each in (self.lineage, self.history)
            if each is not None
        ]
        return [*names[:-1], (JSON, "JSON"), names[-1], *last]

    def view(self, name: str) -> View | Panel:
        """Give the view of this name, in lower case."""
        views = [*self.views, *([] if self.history is None else [self.history])]
        return next(each for each in views if each.name.lower() == name)


def named_views(
    title: str, items: Sequence[tuple[str, str]], active: str, width: int
) -> list[Part]:
    """Name a record and its views in a line.

    Where there is little space the names of the views that are not shown give way first, each to
    its beginning, then the middle of the record's.

    Args:
        title: The name of the record.
        items: Target and label of each view.
        active: Target of the one that is shown.
        width: Cells of the line.
    """
    for most, enough in _WAYS:
        short = [(target, label if target == active else label[:most]) for target, label in items]
        parts = tabs(short, active)
        if most is not None and most <= _CLOSE:
            parts = _closed_up(parts, active)
        room = width - sum(cells_of(part.text) for part in parts) - 2
        if room >= min(cells_of(title), enough):
            break
    return [Part(f" {fit_middle(title, max(room, _TITLE)).strip()} ", "strong"), *parts]


def _closed_up(parts: Sequence[Part], active: str) -> list[Part]:
    """Leave out the space behind each tab, unless the one in brackets follows it."""
    following = [*(part.target for part in parts[1:]), ""]
    return [
        part if active in {part.target, after} else part._replace(text=part.text.rstrip())
        for part, after in zip(parts, following, strict=True)
    ]


class RecordView(Sturdy, Vertical):
    """Shows a subject; the view that a person chose stays when the subject changes.

    Args:
        id: As for any widget.

    Attributes:
        chosen: The view that a person chose, whether or not the subject has it; empty for none.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._subject: Subject | None = None
        self.chosen = ""
        self._limit = PAGE_LIMIT
        self._is_other = False
        # Made when there is a record to show, the tree when it is wanted: starting must not wait.
        self._bar: Bar | None = None
        self._text: TextView | None = None
        self._tree: JsonTree | None = None
        self._links: LinkTable | None = None
        self._wanted_way = ""
        self._offered: tuple[Widget | None, bool] = (None, False)

    @property
    def view(self) -> str:
        """The view that is shown, in lower case."""
        names = [name for name, _ in self._subject.tabs] if self._subject else []
        return self.chosen if self.chosen in names else next(iter(names), "")

    def show(self, subject: Subject | None, *, is_same: bool = False) -> None:
        """Show another record, or none; the old one stays in view until the new one is read.

        Args:
            subject: The record.
            is_same: Whether it is the record that is shown already, read anew.
        """
        self._subject = subject
        self._limit = self._limit if is_same else PAGE_LIMIT
        # Until it is on screen, what is read anew of it stands where the one before was looked at.
        self._is_other = self._is_other or not is_same
        self._refill(keep_place=is_same)

    async def show_anew(self) -> None:
        """Show the same record once more, and come back when that is done."""
        shown = self._subject
        await self._fill(shown, True)
        if shown is not self._subject:
            # Another one came meanwhile, and may have been there first.
            self._refill(keep_place=True)

    def _refill(self, *, keep_place: bool = False) -> None:
        fill = partial(self._fill, self._subject, keep_place and not self._is_other)
        begin(self, fill, group="detail", exclusive=True)

    async def _fill(self, subject: Subject | None, keep_place: bool) -> None:
        from tui.lines import Line
        from tui.widgets.text_view import TextView

        if self._bar is None or self._text is None:
            self._bar, self._text = Bar(id="record-bar"), TextView(id="record-text")
            await self.mount(self._bar, self._text)
        view, text = self.view, self._text
        if subject is None:
            self._wanted_way = ""
            self._bar.show([])
            text.show([])
            return self._show_only(text)
        try:
            if view == JSON:
                self._show_only(await self._filled_tree(subject, keep_place))
            elif subject.lineage is not None and view == subject.lineage.name.lower():
                self._show_only(await self._filled_links(subject.lineage, keep_place))
            else:
                chosen = subject.view(view)
                if isinstance(chosen, Panel):
                    self._show_only(await self._filled_panel(chosen))
                else:
                    document = await chosen.document(self._limit)
                    text.show(
                        document.lines,
                        beside=document.beside,
                        has_more=document.has_more,
                        keep_place=keep_place,
                    )
                    self._show_only(text)
        except Exception as error:  # noqa: BLE001 - one bad record never hides the others
            text.show([Line("This record could not be read.", role="bad"), Line(error)])
            self._show_only(text)
        # Where the record has no such view, the wish is not kept for a later one that has it.
        self._wanted_way = ""
        self._is_other = self._is_other and subject is not self._subject
        return self._show_bar(subject, view)

    def _show_bar(self, subject: Subject, view: str) -> None:
        """Name the record and its views."""
        if self._bar is not None:
            title = safe_text(subject.title(), 100)
            parts = named_views(title, subject.tabs, view, self.size.width)
            if self.has_focus_within:
                parts[0] = parts[0]._replace(text=f"\u25b8{parts[0].text[1:]}")
            self._bar.show(parts)

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    @on(events.Resize)
    def _name_anew(self) -> None:
        """Say by a sign, too, whether keys go to the detail, and as much as there is space for."""
        if self._subject is not None:
            self._show_bar(self._subject, self.view)

    async def _filled_tree(self, subject: Subject, keep_place: bool) -> JsonTree:
        from tui.widgets.json_tree import JsonTree

        record = await subject.record()
        if self._tree is None:
            self._tree = JsonTree(id="record-tree")
            await self.mount(self._tree)
        self._tree.show(record, keep_place=keep_place)
        return self._tree

    async def _filled_panel(self, panel: Panel) -> Widget:
        if not panel.widget.is_attached:
            panel.widget.display = False
            await self.mount(panel.widget)
        await panel.fill()
        return panel.widget

    async def _filled_links(self, links: Links, keep_place: bool) -> LinkTable:
        from tui.widgets.link_table import LinkTable

        source = await links.read()
        if self._links is None:
            self._links = LinkTable(links.columns, id="record-links")
            await self.mount(self._links)
        self._links.set_hint(links.hint)
        await self._links.show(source, from_top=not keep_place)
        if not keep_place:
            self._links.fresh.forget()
        way, self._wanted_way = self._wanted_way, ""
        if way:
            ways = [getattr(key, "way", "") for key in source.keys]
            self._links.cursor = ways.index(way) if way in ways else 0
            self._show_only(self._links)
            # Whoever has gone elsewhere meanwhile, perhaps to type something, stays there.
            focused = self.screen.focused
            if focused is None or self.parent in focused.ancestors:
                self._links.focus()
        return self._links

    def _show_only(self, shown: Widget) -> None:
        had_focus = self.has_focus_within
        for each in self.children:
            if each is not self._bar:
                each.display = each is shown
        if had_focus:
            shown.focus()
        # What can be done here depends on these two, and asking each key for it takes a while.
        if (shown, self.has_more) != self._offered:
            self._offered = shown, self.has_more
            self.refresh_bindings()

    def focus_content(self) -> None:
        """Put the focus on what is shown."""
        for each in self.children:
            if each is not self._bar and each.display:
                focus_now(each)

    def next_view(self) -> None:
        """Show the record in the next view."""
        names = [name for name, _ in self._subject.tabs] if self._subject else []
        if names:
            self.choose(names[(names.index(self.view) + 1) % len(names)])

    def choose(self, view: str, way: str = "") -> None:
        """Show the record in this view.

        Args:
            view: Its name in lower case.
            way: Where it is a list of links, which side to go to.
        """
        self.chosen = view
        self._wanted_way = way
        self._limit = PAGE_LIMIT
        self._refill()

    @on(Bar.Pressed)
    def _tab_pressed(self, event: Bar.Pressed) -> None:
        event.stop()
        self.choose(event.target)

    @property
    def has_more(self) -> bool:
        """Whether the text is shown in part."""
        return self._text is not None and self._text.display and self._text.has_more

    def more(self) -> None:
        """Show the next part of a long text."""
        if self.has_more:
            self._limit += PAGE_LIMIT
            self._refill(keep_place=True)
