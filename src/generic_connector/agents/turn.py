"""One command's turn: from the inbox to the events or the one error that end it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from generic_connector.agents.clients import Client, Clients
from generic_connector.errors import CommandError
from generic_connector.finesse.model import Credentials
from generic_connector.operations.metrics import ERRORS, UNANSWERABLE
from generic_connector.protocol import events
from generic_connector.protocol.command import Command

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Turn:
    """A command, whom to answer, and whether it has ended.

    client: where answers go; None until the agent's own client is known. actor: the supervisor whose rights are used
    where it is not the agent itself that acts. moved: the call that it is about was heard of again, with nothing new.
    answered: something was told that bears its id; last_state: the agent's state that was told last so. correlation_id:
    what the client gave its message, "" when it gave nothing. message_id: what tells the message from every other one.
    settle: tells the broker that it is dealt with. sender: who sent it, as far as the broker proves it; on_trial: it is
    let through only for the sake of a Connect before it that has not succeeded yet. before, after: events that belong
    to the result of the request under way, told around it.
    """

    command: Command
    client: Client | None
    clients: Clients
    correlation_id: str = ""
    message_id: str = ""
    settle: Callable[[], None] = field(default=lambda: None, repr=False)
    actor: Credentials | None = None
    sender: str = ""
    on_trial: bool = False
    ended: bool = False
    answered: bool = False
    moved: bool = False
    last_state: str = ""
    before: tuple[events.Event, ...] = ()
    after: tuple[events.Event, ...] = ()
    _outcome: asyncio.Future[None] | None = field(default=None, repr=False)

    @property
    def is_waiting(self) -> bool:
        """Whether the command waits for its result itself, and answers the client itself."""
        return self._outcome is not None

    @property
    def repeats_data(self) -> bool:
        """Whether it may have set what was set already, of which Finesse tells nothing."""
        return self.command.name in {"wrapup", "update_call_variable"}

    @property
    def subject(self) -> str:
        """The agent whom the command is about."""
        return self.command.subject

    def tell(self, event: events.Event) -> None:
        """Answer the client with an event."""
        self.answered = True
        if self.client is None:
            UNANSWERABLE.inc()
            log.warning("nobody to answer", agent=self.subject, command=self.command.name, answer=event.name)
            return
        self.clients.tell(self.client, event, self.correlation_id)

    def take_before(self) -> tuple[events.Event, ...]:
        """Give the events that come before the result, once."""
        before, self.before = self.before, ()
        return before

    def take_after(self) -> tuple[events.Event, ...]:
        """Give the events that come after the result, once."""
        after, self.after = self.after, ()
        return after

    @contextmanager
    def waiting(self) -> Iterator[asyncio.Future[None]]:
        """Wait for the result in the command itself: the future ends with it, or raises the CommandError of it."""
        self._outcome = asyncio.get_running_loop().create_future()
        try:
            yield self._outcome
        finally:
            if not self._outcome.cancel() and not self._outcome.cancelled():
                self._outcome.exception()  # looked at, so that nobody misses it
            self._outcome = None

    def succeeded(self) -> None:
        """Hear that the result was seen."""
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(None)

    def refused(self, error: CommandError) -> None:
        """Hear that Finesse refused what it had accepted."""
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_exception(error)
        else:
            self.fail(error)

    def fail(self, error: CommandError) -> None:
        """End the command with its one error."""
        if self.ended:
            return
        self.ended = True
        ERRORS.labels(error.code).inc()
        log.info(
            "command failed",
            agent=self.subject,
            destination=self.client.shown if self.client is not None else "",
            command=self.command.name,
            code=error.code,
            blame=error.blame.value,
            text=error.text,
        )
        self.tell(
            events.Error(agent_id=self.subject, code=error.code, message=error.text, command=self.command.name),
        )

    def out_of_service(self) -> None:
        """End the command by telling that Finesse is out of service (client-protocol.md section 3, rule 1)."""
        if not self.ended:
            self.ended = True
            self.tell(events.System(status="OUT_OF_SERVICE"))
