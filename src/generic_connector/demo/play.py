"""Playing a story over any broker: send, listen, compare."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from generic_connector.demo.story import DIALOG, Step, describe
from generic_connector.protocol import events, json_codec, text
from generic_connector.protocol.formats import Format


class Conversation(Protocol):
    """The client's end of a broker."""

    async def send(self, command_type: str, body: str) -> None:
        """Put a command on the connector's queue."""

    async def receive(self) -> str:
        """Wait for the next event at the client's destination and give its body."""


@dataclass(slots=True)
class Difference:
    """A step that did not go as it should."""

    step: Step
    expected: tuple[str, ...]
    heard: tuple[str, ...]

    def __str__(self) -> str:
        expected, heard = ", ".join(self.expected) or "nothing", ", ".join(self.heard) or "nothing"
        return f"{self.step.title}: expected {expected}; heard {heard}"


@dataclass(slots=True)
class Player:
    """Plays the client's part.

    customer_calls: lets the customer call. step_begins, heard: told what happens, for people to read along. patience:
    seconds within which the events of a step have to come.
    """

    conversation: Conversation
    customer_calls: Callable[[], Awaitable[None]]
    event_format: Format = Format.TEXT
    step_begins: Callable[[Step], None] = lambda _: None
    heard: Callable[[str], None] = lambda _: None
    patience: float = 5.0
    transcript: list[str] = field(default_factory=list)
    _dialog: str = ""

    async def play(self, steps: Sequence[Step]) -> list[Difference]:
        """Play the steps one after another; give those that went wrong, and stop at the first of them."""
        for step in steps:
            self.step_begins(step)
            if step.command:
                await self.conversation.send(step.command, step.body.replace(DIALOG, self._dialog))
            else:
                await self.customer_calls()
            heard = await self._listen(len(step.hears))
            if tuple(heard) != step.hears:
                return [Difference(step, step.hears, tuple(heard))]
        return []

    async def _listen(self, count: int) -> list[str]:
        heard: list[str] = []
        try:
            async with asyncio.timeout(self.patience):
                while len(heard) < count:
                    body = await self.conversation.receive()
                    self.heard(body)
                    self.transcript.append(body)
                    heard.append(self._understand(body))
        except TimeoutError:
            pass  # what is missing shows in the comparison
        return heard

    def _understand(self, body: str) -> str:
        event = json_codec.parse(body) if self.event_format is Format.JSON else text.parse(body)
        if isinstance(event, events.NewInboundCall):
            self._dialog = event.dialog_id
        return describe(event)
