"""One agent: one inbox, one state, one task.

Commands and notifications of an agent meet here. Notifications are taken at once; commands one after another, each in
a task of its own, so that a slow request holds up the agent's next command but never a notification, and never
another agent.

Source: client-protocol.md sections 3 and 6; finesse-notifications.md sections 8 to 10 for the races.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog

from generic_connector.agents.asking import Asking
from generic_connector.agents.calls import voice_calls
from generic_connector.agents.clients import Client, Clients
from generic_connector.agents.fail_over import FailOver
from generic_connector.agents.hearing import Hearing
from generic_connector.agents.inbox import Inbox
from generic_connector.agents.kept_lists import KeptLists
from generic_connector.agents.link import Link
from generic_connector.agents.mirror import Mirror
from generic_connector.agents.seats import Seats
from generic_connector.agents.sessions import Sessions
from generic_connector.agents.settings import AgentSettings
from generic_connector.agents.turn import Turn
from generic_connector.broker.door import DoorState
from generic_connector.errors import CommandError
from generic_connector.finesse import model, payloads
from generic_connector.finesse.door import Finesse
from generic_connector.finesse.failures import NotAuthorised, OutOfService, command_error
from generic_connector.finesse.model import Credentials, Notification
from generic_connector.operations.hiding import hiding
from generic_connector.operations.metrics import NOTIFICATION_OVERFLOWS, NOTIFICATIONS
from generic_connector.protocol import events
from generic_connector.recording.door import Recorder
from generic_connector.statistics.door import Statistics
from generic_connector.store.door import Key
from generic_connector.store.records import AgentRecord, Kind

log = structlog.get_logger()

Document = TypeVar("Document")
_UserAndDialogs = tuple[model.User, tuple[model.Dialog, ...]]


@dataclass(frozen=True, slots=True)
class Chore:
    """Work that nobody commanded: reading back, looking after a result."""

    name: str
    run: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all agents share.

    sessions: keeps what whoever takes over has to know. agents: all who are connected. lists: what one of them asked
    for on behalf of others, too. carry_out: carries out one command and ends it; it does not raise. retired: hears that
    an agent is gone, with the commands that still waited and, where the agent never came to be, the error in which they
    all end.
    """

    finesse: Finesse
    statistics: Statistics
    recorder: Recorder
    settings: AgentSettings
    clients: Clients
    seats: Seats
    sessions: Sessions
    agents: Mapping[str, Agent]
    lists: KeptLists
    carry_out: Callable[[Agent, Turn], Awaitable[None]]
    retired: Callable[[Agent, Sequence[Turn], CommandError | None], None]


class Agent:
    """An agent who is, or is about to be, connected.

    client: the destination that has the agent. mirror: what Finesse says of the agent. watched: the client signed the
    agent in here, so it is told what happens.
    """

    def __init__(self, agent_id: str, surroundings: Surroundings) -> None:
        self.id = agent_id
        self.log = log.bind(agent=agent_id)
        self.surroundings = surroundings
        self.settings = surroundings.settings
        self.seats = surroundings.seats
        self.client: Client | None = None
        self.credentials: Credentials | None = None
        self.mirror = Mirror(agent_id, self.settings.time_zone)
        self.watched = False
        self.retired = False
        self.link = Link(
            surroundings.finesse,
            self.settings,
            heard=self._notified,
            restored=self._restored,
            refused=self._session_refused,
        )
        self.fail_over = FailOver(self)
        self._held = False
        self._reads_back_soon = False
        self.asking = Asking(self)
        self._requests = self.asking.requests
        self.hearing = Hearing(self, self._requests)
        self._inbox: Inbox[Turn | Chore, Notification] = Inbox(
            work_limit=self.settings.inbox_limit,
            news_limit=self.settings.notification_limit,
        )
        self._active: asyncio.Task[None] | None = None
        self._under_way: Turn | None = None
        self._unhurried: asyncio.Task[_UserAndDialogs] | None = None  # a read-back that lets others' commands pass
        self._farewell: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        link = "linked" if self.link.is_up else "not linked"
        return f"<Agent {self.id} {self.user.state or 'unknown'}, {link}, {len(self.mirror.calls)} calls>"

    @property
    def user(self) -> model.User:
        """The user as Finesse said last."""
        return self.mirror.user

    @property
    def is_uccx(self) -> bool:
        """Whether the site is UCCX; else it is UCCE."""
        return self.surroundings.finesse.system_info.deployment_type == "UCCX"

    # --- what outlives this process --------------------------------------------------------------------------------

    @property
    def key(self) -> Key:
        """What its record is called (sessions.Subject)."""
        return Key(Kind.AGENT, self.id)

    def record(self) -> AgentRecord | None:
        """Give what whoever takes over has to know; None while the agent is not connected."""
        if self.client is None or self.credentials is None or self.retired:
            return None
        return AgentRecord(
            id=self.id,
            destination=self.client.name,
            credentials=self.credentials,
            extension=self.mirror.extension,
            watched=self.watched,
            user=self.user,
            told=self.mirror.told,
            calls=self.mirror.calls.records(),
            nodes=tuple(sorted(self.link.nodes)),
            mobile=self.fail_over.mobile,
        )

    def door_state(self) -> DoorState:
        """Say whether the events told so far have gone out."""
        return self.client.door.state if self.client is not None else DoorState.OPEN

    def resume(self, record: AgentRecord, client: Client) -> None:
        """Take over from somebody who had the agent: open the session again, read back, tell the differences."""
        self.client, self.credentials, self.watched = client, record.credentials, record.watched
        client.agents.add(self.id)
        self.mirror.uccx = self.is_uccx
        self.mirror.resume(record)
        self.fail_over.resume(record)
        if self.mirror.is_signed_in:
            self.look_at_user()
        else:
            self.may_leave()
        self.link.resume(record.credentials, record.nodes)

    @property
    def is_idle(self) -> bool:
        """Whether no command is under way, waits, or is still to end by what Finesse will tell."""
        return self._active is None and not self._inbox.has_work and not self._requests.awaits_results

    # --- from outside: nothing here waits --------------------------------------------------------------------------

    def submit(self, turn: Turn) -> bool:
        """Queue a command; say whether there was room in the inbox."""
        taken = self._inbox.put_work(turn)
        if taken and self._unhurried is not None:  # now somebody waits for it
            self._unhurried.cancel()
        return taken

    def unfinished(self) -> list[Turn]:
        """Give the commands that wait for the agent, oldest first; before them the one under way."""
        waiting = [work for work in self._inbox.waiting() if isinstance(work, Turn)]
        return waiting if self._under_way is None else [self._under_way, *waiting]

    def secrets(self, *turns: Turn) -> list[str]:
        """Give what the agent, and commands to it, must not let into the log."""
        known = [self.credentials.secret] if self.credentials is not None else []
        return known + [turn.command.arguments.get("password", "") for turn in turns]

    def look_again(self) -> None:
        """Read the agent's state back soon: something may have been missed."""
        if not self.retired and not self._reads_back_soon:
            self._reads_back_soon = True
            self.do_first("read back", self.read_back)

    def do_first(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Queue work that nobody commanded before all that waits."""
        self._inbox.put_work_first(Chore(name, run))

    def retire(self, failure: CommandError | None = None) -> None:
        """End this agent's life here. failure: why it never came to be; the commands that wait end in it."""
        if self.retired:
            return
        self.retired = True
        self.surroundings.sessions.gone(self.key)
        self.seats.release(self.id)
        self._inbox.ring()
        waiting = [work for work in iter(self._inbox.take_work, None) if isinstance(work, Turn)]
        self.surroundings.retired(self, [*self._requests.give_up(), *waiting], failure)

    async def run(self) -> None:
        """Live until retired. Cancel it to end at once."""
        try:
            while not self.retired:
                await self._inbox.wait()
                self._take_news()
                self._start_work()
        finally:
            await self._end()

    # --- the loop --------------------------------------------------------------------------------------------------

    def _take_news(self) -> None:
        if self._inbox.overflowed:
            self._inbox.overflowed = False
            NOTIFICATION_OVERFLOWS.inc()
            self.log.warning("notifications dropped: too many waited")
            self.look_again()
        while not self._held and (notification := self._inbox.take_news()) is not None:
            try:
                self.hearing.hear(notification)
            except Exception:  # one notification that we cannot digest must not end the agent
                with hiding(*self.secrets()):
                    self.log.exception("notification failed", source=notification.source)
                self.look_again()
            self._keep()

    def _start_work(self) -> None:
        if self._active is not None or self.retired:
            return
        work = self._inbox.take_work()
        if work is not None:
            self._under_way = work if isinstance(work, Turn) else None
            job = self._carry_out(work) if isinstance(work, Turn) else work.run()
            self._active = asyncio.get_running_loop().create_task(_carried_out(job))
            self._active.add_done_callback(self._work_done)

    async def _carry_out(self, turn: Turn) -> None:
        await self.surroundings.carry_out(self, turn)
        turn.settle()  # only now: a connector that dies on the way leaves the command with the broker

    def _work_done(self, task: asyncio.Task[None]) -> None:
        self._active = self._under_way = None
        if not task.cancelled() and (error := task.exception()) is not None:
            with hiding(*self.secrets()):
                self.log.error("work failed", exc_info=error)
        self._keep()
        self._inbox.ring()

    def _keep(self) -> None:
        if not self.retired:
            self.surroundings.sessions.changed(self)

    async def _end(self) -> None:
        if self._farewell is not None:
            self._farewell.cancel()
        try:
            if self._active is not None:
                if not self.retired:
                    self._active.cancel()
                await asyncio.gather(self._active, return_exceptions=True)
        finally:
            await self.link.close()

    # --- telling the client ----------------------------------------------------------------------------------------

    def tell(self, event: events.Event, turn: Turn | None = None) -> None:
        """Tell the agent's client; turn: the command that the event answers."""
        if turn is not None:
            turn.answered = True
            turn.last_state = event.state if isinstance(event, events.State) else turn.last_state
        if self.client is not None:
            self.surroundings.clients.tell(self.client, event, turn.correlation_id if turn is not None else "")

    def tell_state(self, turn: Turn | None = None) -> bool:
        """Tell the agent's client the state if it is news; say whether it was. turn: what it is the answer to."""
        event = self.mirror.state()
        if not self.mirror.is_news(event):
            return False
        self.mirror.was_told(event)
        self.tell(event, turn)
        return True

    def answer_with_state(self, turn: Turn) -> None:
        """Answer a command with the state, whether it is news or not."""
        event = self.mirror.state()
        if turn.client is self.client:
            self.mirror.was_told(event)
        turn.tell(event)

    def hand_over(self) -> None:
        """Tell the client that has the agent that it has it no more (section 3, rule 6)."""
        self.tell(self.mirror.farewell())
        self.hearing.forget_ended()
        error = CommandError("SESSION_INVALIDATED")
        self.tell(events.Error(agent_id=self.id, code=error.code, message=error.text))
        self.watched = False
        self.link.unsubscribe_all()  # the next client has not asked for these

    # --- hearing Finesse -------------------------------------------------------------------------------------------

    def _notified(self, notification: Notification) -> None:
        NOTIFICATIONS.labels(type(notification.content).__name__).inc()
        self._inbox.put_news(notification)

    def _restored(self) -> None:
        self.fail_over.look()
        self.look_again()

    def take_user(self, user: model.User) -> None:
        """Take a user that was asked for."""
        self.mirror.read_user(user)
        self.look_at_user()

    def look_at_user(self) -> None:
        """Draw the consequences of the user's state: seats are for those who are signed in."""
        if self.mirror.is_signed_in:
            self.stay()
            if self.watched:
                self.seats.keep(self.id)
        elif self.user.state == "LOGOUT" and self.watched:
            self.seats.release(self.id)
            self.may_leave()

    def may_leave(self) -> None:
        """Retire after a while, unless the agent signs in."""
        if self._farewell is None and not self.mirror.is_signed_in:
            loop = asyncio.get_running_loop()
            self._farewell = loop.call_later(self.settings.keep_signed_out, self.retire)

    def stay(self) -> None:
        """Retire no more on account of having signed out."""
        if self._farewell is not None:
            self._farewell.cancel()
            self._farewell = None

    def _session_refused(self, failure: NotAuthorised) -> None:
        self.credentials_refused(command_error(failure, "user"))

    def credentials_refused(self, error: CommandError) -> None:
        """Tell the client to connect again: the password does not hold any more."""
        self.tell(events.Error(agent_id=self.id, code=error.code, message=error.text))
        self.retire()

    # --- reading back ----------------------------------------------------------------------------------------------

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let notifications wait: nothing may be told before what is told now."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self._inbox.ring()

    async def read(self, *, background: bool = False) -> _UserAndDialogs:
        """Ask Finesse for the user and the user's calls, for take_read_back(). Raises as ask() does.

        Notifications are told meanwhile: a ringing phone does not wait for a slow answer.
        """
        self.mirror.begin_reading()
        user = await self.asking.ask("user", payloads.parse_user, background=background, user_id=self.id)
        dialogs = await self.asking.ask("dialogs", payloads.parse_dialogs, background=background, user_id=self.id)
        return user, voice_calls(dialogs)

    async def _read_without_hurry(self) -> _UserAndDialogs:
        """Read as read() does, in the background until a command waits behind it."""
        if not self._inbox.has_work:
            self._unhurried = asyncio.get_running_loop().create_task(self.read(background=True))
            try:
                return await self._unhurried
            except asyncio.CancelledError:
                current = asyncio.current_task()
                if current is not None and current.cancelling():
                    raise
            finally:
                self._unhurried = None
        return await self.read()

    async def read_back(self) -> None:
        """After a gap: tell every difference that arose meanwhile, then DialogStatus (section 3, rule 8)."""
        self._reads_back_soon = False
        try:
            self.hearing.take_read_back(*await self._read_without_hurry())
        except (CommandError, OutOfService) as failure:
            if isinstance(failure, CommandError) and failure.code == "SUBSCRIPTION_FAILED":
                self.credentials_refused(failure)
                return
            self.log.warning("read-back failed, trying again", reason=str(failure))
            asyncio.get_running_loop().call_later(self.settings.reconnect_delay_max, self.look_again)
            return
        if self.watched:
            self.tell(self.mirror.calls.status(self.mirror.viewer))


async def _carried_out(job: Awaitable[None]) -> None:
    await job
