"""A record as a small form: a line for each field, longer ones in the person's own editor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from tui.editing import ChangedMeanwhileError, Editable, Field, FieldError, changes_of
from tui.external_editor import EditorError, edit_text
from tui.lines import Line
from tui.screens.ask import Answer, Ask, answer_bindings
from tui.screens.modal import Modal
from tui.widgets.bar import Bar, Part
from tui.widgets.key_hints import KeyHints
from tui.widgets.line_input import LineInput
from tui.widgets.problem import Problem
from tui.wording import counted
from tui.work import begin

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Key

    from tui.memory import Memory

OVER: Final = "over"
ANEW: Final = "anew"
_EXCERPT: Final = 200


class LongField(Bar, can_focus=True):
    """A field that no line can hold: it says what is in it, and is edited elsewhere.

    Args:
        field: The name of the field.
    """

    def __init__(self, field: str) -> None:
        super().__init__(id=f"field-{field}")


class EditScreen(Modal[str]):
    """Edits one record; returns a sentence about what was changed, or None.

    Args:
        memory: The memory.
        editable: What is edited.
        record: How the record reads that it is in.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave as it is"),
        Binding("ctrl+s", "save", "Save", priority=True),
        # Before the line, which would go to its end.
        Binding("ctrl+e", "edit", "Editor", priority=True),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, memory: Memory, editable: Editable, record: Mapping[str, Any]) -> None:
        super().__init__()
        self._memory = memory
        self._editable = editable
        self._begin_with(record)
        self._is_saving = False
        self._leaves = False
        self._problem = Problem()

    def _begin_with(self, record: Mapping[str, Any]) -> None:
        self._record = record
        self._fields = self._editable.fields(record)
        # What came back from an editor; lines hold their own.
        self._edited: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Lay out a line for each field."""
        heading, keys = Bar(id="ask-title"), KeyHints(id="ask-answers")
        heading.show([Part(f" Edit {self._editable.title(self._record)[:100]}", "strong")])
        keys.show([
            Part(" Enter", "accent"), Part(" save  ", "text"),
            Part("Tab", "accent"), Part(" next  ", "text"),
            Part("Ctrl+e", "accent"), Part(" in your editor  ", "text"),
            Part("Esc", "accent"), Part(" leave as it is", "text"),
        ])  # fmt: skip
        with Vertical(classes="dialog short"):
            yield heading
            with Vertical(id="fields"):
                yield from self._rows()
            yield self._problem
            yield keys

    def _rows(self) -> Iterator[Horizontal]:
        for field in self._fields:
            label = Bar(classes="field-name")
            label.show([Part(f" {field.name}", "dim")])
            yield Horizontal(label, self._line(field), classes="field")

    def _line(self, field: Field) -> LineInput | LongField:
        if field.name not in self._edited and field.fits_a_line:
            return LineInput(field.text(), id=f"field-{field.name}", select_on_focus=False)
        line = LongField(field.name)
        line.show(self._about(field))
        return line

    def _about(self, field: Field) -> list[Part]:
        """Say what is in a field that no line can hold."""
        if field.name in self._edited:
            return [Part("edited: ", "accent"), Part(self._edited[field.name][:_EXCERPT])]
        if field.is_corrupt:
            return [
                Part(f"corrupt: {field.value.error}; ", "alert"),
                Part("Ctrl+e edits its text", "dim"),
            ]
        try:
            text = field.text()
        except FieldError as error:
            return [Part(str(error), "dim")]
        size = f"{counted(len(text), 'character')}, Ctrl+e edits them: "
        return [Part(size, "dim"), Part(text[:_EXCERPT])]

    def on_mount(self) -> None:
        """Begin with the first field."""
        self._focus_field(self._fields[0].name)

    def _focus_field(self, name: str) -> None:
        for line in self.query(f"#field-{name}"):
            line.focus()

    def _say(self, problem: str) -> None:
        self._problem.say(problem)

    # Editing

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._leaves = False
        self._say("")

    def action_edit(self) -> None:
        """Edit the field that has the focus in the person's own editor."""
        held = self.focused.id if self.focused is not None else None
        field = next((each for each in self._fields if held == f"field-{each.name}"), None)
        if field is None:
            return
        try:
            before = self._written().get(field.name)
            if before is None or before == field.text():
                before = field.text(roomy=True)
            edited = edit_text(self.app, before, ".json" if field.form == "json" else ".txt")
        except (EditorError, FieldError) as error:
            self._say(str(error))
            return
        if edited != before:
            begin(self, partial(self._take, field, edited), group="edit")
        else:
            # What an editor said the last time is over.
            self._changes()

    async def _take(self, field: Field, text: str) -> None:
        """Take over what came back from the editor, and say at once what is wrong with it."""
        self._edited[field.name] = text
        held = self.query_one(f"#field-{field.name}")
        parent = held.parent
        await held.remove()
        if isinstance(parent, Horizontal):
            await parent.mount(self._line(field))
        self._focus_field(field.name)
        self._changes()

    def _written(self) -> dict[str, str]:
        """Give what stands in the form, by field."""
        lines = {str(line.id).removeprefix("field-"): line.value for line in self.query(LineInput)}
        return {**lines, **self._edited}

    def _changes(self) -> dict[str, Any] | None:
        """Give what changed; where something is wrong with it, say that and give None."""
        try:
            changes = changes_of(self._fields, self._written())
        except FieldError as error:
            self._say(f"{error.field}: {error}")
            self._focus_field(error.field)
            return None
        self._say("")
        return changes

    # Saving, and leaving

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_save()

    def key_enter(self, event: Key) -> None:
        """Save from a field that is no line, too."""
        # What is bound to it is looked for after this, perhaps where the form no longer is.
        event.stop()
        self.action_save()

    def action_save(self) -> None:
        """Write what changed, unless something is wrong with it."""
        if self._is_saving:
            return
        changes = self._changes()
        if changes == {}:
            self.dismiss(None)
        elif changes is not None:
            self._begin_saving(changes)

    def _begin_saving(self, changes: Mapping[str, Any], *, over: bool = False) -> None:
        self._is_saving = True
        # What is typed while another process holds the lock would be let go of with the form.
        self.query_one("#fields").disabled = True
        self._say("Saving.")
        begin(self, partial(self._save, changes, over), group="change")

    async def _save(self, changes: Mapping[str, Any], over: bool) -> None:
        try:
            async with self._memory.changing():
                label = await self._editable.save(self._memory, self._record, changes, over=over)
        except ChangedMeanwhileError as error:
            self._say("")
            self._focus_field(error.fields[0])
            self._ask_about(error, changes)
        except Exception as error:  # noqa: BLE001 - said to the person; nothing was written
            self._say(str(error))
            self._focus_field(str(getattr(error, "field", "")) or self._fields[0].name)
        else:
            self.dismiss(label)
        finally:
            self._is_saving = False
            for fields in self.query("#fields"):
                fields.disabled = False

    def _ask_about(self, error: ChangedMeanwhileError, changes: Mapping[str, Any]) -> None:
        def answered(answer: str | None) -> None:
            if answer == OVER:
                self._begin_saving(changes, over=True)
            elif answer == ANEW:
                self._begin_with(error.now)
                begin(self, self._show_anew, group="edit")

        self.app.push_screen(ChangedScreen(error, changes), answered)

    async def _show_anew(self) -> None:
        await self.recompose()
        self._focus_field(self._fields[0].name)

    def action_leave(self) -> None:
        """Leave; where something was written, only when asked twice."""
        if self._is_saving:
            return
        try:
            is_clean = not changes_of(self._fields, self._written())
        except FieldError:
            is_clean = False
        if is_clean or self._leaves:
            self.dismiss(None)
        else:
            self._leaves = True
            self._say("Esc once more leaves, and lets go of what you wrote.")


class ChangedScreen(Ask):
    """Says what somebody else wrote into the same fields; returns `OVER`, `ANEW` or nothing.

    Args:
        error: What was found.
        changes: What the person wrote.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("escape,enter", "Go on editing", ""),
        Answer("n", "Begin anew from that", ANEW),
        Answer("o", "Write mine over it", OVER),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, error: ChangedMeanwhileError, changes: Mapping[str, Any]) -> None:
        lines = [Line(str(error), role="strong", full=True), Line()]
        for name in error.fields:
            lines += [
                Line(name, role="dim", full=True),
                Line(error.now.get(name), "  stands there", limit=500),
                Line(changes[name], "  yours", limit=500),
                Line(),
            ]
        lines.append(
            Line(
                "Nothing is lost: what you write over stays in the journal.", role="dim", full=True
            )
        )
        super().__init__("The record changed under you", lines)
