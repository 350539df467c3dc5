"""Faults of the program itself: one of them is told where it happens, and does not end the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from textual.message import Message


@runtime_checkable
class TellsFaults(Protocol):
    """A program that goes on after a fault."""

    def tell_fault(self, error: Exception) -> None:
        """Say what went wrong."""


class Sturdy(MessagePump):
    """A widget or screen that goes on after a message that it could not handle.

    Textual stops handling the messages of such a widget for good, and then ends the program.
    """

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            if not isinstance(self.app, TellsFaults):
                raise
            self.app.tell_fault(error)
