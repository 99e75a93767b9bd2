"""Where a case plays: the client's ends of the broker, the control door, and what is known so far.

Waiting is for events, with a deadline; only what goes on in Finesse is looked at again and again.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from generic_connector.conformance import transcript
from generic_connector.conformance.broker import Broker
from generic_connector.conformance.cast import NUMBERS, ONE_TOO_MANY, PEOPLE, Person
from generic_connector.conformance.control import Control, ControlError
from generic_connector.protocol.events import Event
from generic_connector.protocol.formats import Format
from generic_connector.protocol.layout import UnreadableEventError

STRANGER = "stranger"
"""Whose client the connector does not know."""

LOOK_EVERY = 0.004
"""Seconds between looks at what Finesse does not tell a client."""


class CaseFailed(Exception):  # noqa: N818  the name says what happened
    """The case did not go as it must; the text says why."""


class Scene:
    """One client site, for one run. patience: seconds within which what must come has to come.

    values: what arguments may name in braces beside cast.NUMBERS, such as the id of the call. heard: the events at
    each destination; the destination of a person is named as the person. formats: where it is not the run's.
    """

    def __init__(
        self, broker: Broker, control: Control, event_format: Format, *, uccx: bool, prefix: str, patience: float
    ) -> None:
        self.broker = broker
        self.control = control
        self.format = event_format
        self.uccx = uccx
        self.patience = patience
        self.values: dict[str, str] = {}
        self.heard: dict[str, list[Event]] = {}
        self.formats: dict[str, Format] = {}
        self.starts: dict[str, int] = {}
        self.home: set[str] = set()
        self.forgiving = False
        self.failing = False
        self._prefix = prefix
        self._unreadable: list[str] = []
        self._places: dict[str, int] = {}
        self._calm_places: dict[str, int] = {}
        self._changed = asyncio.Event()
        self._numbers = itertools.count(1)
        self._stranger = STRANGER

    # --- destinations ------------------------------------------------------------------------------------------------

    def destination(self, name: str) -> str:
        """Give the topic of a person, or of whatever else is named so."""
        return f"{self._prefix}-{name}"

    async def meet_stranger(self) -> None:
        """Hear what comes to a destination that the connector cannot know; it is called `stranger` from now on."""
        self._stranger = f"stranger{next(self._numbers)}"
        self.values["stranger"] = self.destination(self._stranger)
        await self.listen(self._stranger)

    def resolve(self, name: str) -> str:
        """Give the name under which somebody's events are kept."""
        return self._stranger if name == STRANGER else name

    async def listen(self, name: str) -> None:
        """Hear what comes to a destination, if nobody does so yet."""
        if name in self.heard:
            return
        self.heard[name] = []
        await self.broker.listen(self.destination(name), lambda body: self._hear(name, body))

    def _hear(self, name: str, body: str) -> None:
        try:
            self.heard[name].append(transcript.read(body, self.formats.get(name, self.format)))
        except UnreadableEventError as error:
            self._unreadable.append(f"{name} heard what no {self.format} client can read: {error}")
        self._changed.set()

    # --- sending -----------------------------------------------------------------------------------------------------

    def fill(self, template: str, sender: str = "ann") -> str:
        """Put what is known into a template."""
        known = {"destination": self.destination(sender), "format": str(self.format)}
        if sender != STRANGER:
            person = person_named(sender)
            known |= {"id": person.id, "password": person.password, "extension": person.extension}
        return template.format_map({**NUMBERS, **known, **self.values})

    async def send(
        self, command: str, *arguments: str, sender: str = "ann", subject: str = "{id}", answers_to: str = ""
    ) -> None:
        """Send a command as a person."""
        reply_to = self.destination(answers_to) if answers_to else ""
        body = ",".join(self.fill(argument, sender) for argument in arguments)
        await self.broker.send(f"{command}#{self.fill(subject, sender)}", body, reply_to)

    @contextmanager
    def patient_for(self, seconds: float) -> Iterator[None]:
        """Have another patience for a while."""
        before, self.patience = self.patience, seconds
        try:
            yield
        finally:
            self.patience = before

    # --- waiting -----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Let a case begin: what was heard before does not count, what was learnt is forgotten."""
        self.values.clear()
        self._unreadable.clear()
        self.forgiving = False
        self.starts = {name: len(events) for name, events in self.heard.items()}
        self._places = dict(self.starts)

    def since_start(self, name: str) -> list[Event]:
        """Give what was heard at a destination since the case began."""
        return self.heard.get(name, [])[self.starts.get(name, 0) :]

    async def until(self, condition: Callable[[], bool], failure: Callable[[], str]) -> None:
        """Wait until something was heard; an error that nobody expects ends the wait. Raises CaseFailed."""
        try:
            async with asyncio.timeout(self.patience):
                while True:
                    self._changed.clear()
                    self.check()
                    if condition():
                        return
                    await self._changed.wait()
        except TimeoutError:
            raise CaseFailed(failure()) from None

    def check(self) -> None:
        """Raise CaseFailed for an error that nobody expects, and for what cannot be read."""
        if self._unreadable:
            raise CaseFailed(self._unreadable[0])
        for name in () if self.forgiving else self.heard:
            for error in transcript.errors_in(self.since_start(name)):
                raise CaseFailed(f"{name} heard Error {error.code}: {error.message}")

    async def hears(self, name: str, *expected: str, call: str = "") -> Event:
        """Wait until these events came, in order, after those waited for before; give the last of them.

        call: the id of the call that they are about, "" for any.
        """
        place = self._places.get(name, 0)
        for one in expected:
            place = await self._next(name, place, one, call)
        self._places[name] = place
        return self.heard[name][place - 1]

    async def _next(self, name: str, place: int, expected: str, call: str) -> int:
        def fits(event: Event) -> bool:
            return transcript.fits(expected, event) and call in {"", transcript.call_of(event)}

        def found() -> int:
            events = self.heard.get(name, [])
            return next((at + 1 for at in range(place, len(events)) if fits(events[at])), 0)

        await self.until(
            lambda: bool(found()),
            lambda: f"{name} waited for {expected} and heard {transcript.shown(self.heard.get(name, [])[place:])}",
        )
        return found()

    async def until_finesse(self, condition: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Look at Finesse until a condition holds. Raises CaseFailed."""
        state: dict[str, Any] = {}
        try:
            async with asyncio.timeout(self.patience):
                while not condition(state := await self.control.state()):  # noqa: ASYNC110 - it does not tell of itself
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise CaseFailed(f"{what}: Finesse has {_in_brief(state)}") from None
        return state

    # --- agents ------------------------------------------------------------------------------------------------------

    async def present(self, *names: str) -> None:
        """Let people be connected and signed in, not ready."""
        for name in names:
            if name not in self.home:
                await self.away(name)
                self._calm_places[name] = len(self.heard[name])
                await self.connect(name)
                await self.send("Login", "{password}", "{extension}", sender=name)
                await self.hears(name, "DialogStatus")
                self.home.add(name)

    async def connect(self, name: str) -> None:
        """Say hello, in the format of the run, and connect; success is silent."""
        await self.listen(name)
        await self.send("Hello", str(self.format), sender=name, subject="{destination}")
        await self.hears(name, "System IN_SERVICE")
        await self.send("Connect", "{destination}", "{password}", sender=name)

    async def away(self, name: str) -> None:
        """Let a person be unknown to the connector, and signed out of Finesse."""
        await self.listen(name)
        self.home.discard(name)
        await self.send("Hello", str(self.format), sender=name, subject="{destination}")
        await self.hears(name, "System IN_SERVICE")
        answer = await self._answer_of(name)
        if not transcript.fits("State RE_LOGIN", answer):
            if transcript.errors_in([answer]):  # whatever a case before has left: the right password helps
                await self.send("Connect", "{destination}", "{password}", sender=name)
            await self.send("force_logout", sender=name, answers_to=name)
            await self.send("GetState", sender=name, answers_to=name)
            await self.hears(name, "State RE_LOGIN")
        person = person_named(name)
        if agent_in(await self.control.state(), person)["state"] != "LOGOUT":  # the connector did not have the agent
            with suppress(ControlError):
                await self.control.agent_goes(person.id, "LOGOUT", person.logout_id)
            await self.until_finesse(
                lambda state: agent_in(state, person)["state"] == "LOGOUT", f"{name} stays signed in"
            )

    async def _answer_of(self, name: str) -> Event:
        """Give what the connector says to GetState: a State, or an Error, which does not count."""
        place, before = len(self.heard[name]), self.forgiving
        self.forgiving = True
        await self.send("GetState", sender=name, answers_to=name)

        def answers() -> list[Event]:
            heard = self.heard[name][place:]
            return [one for one in heard if transcript.fits("State", one) or transcript.fits("Error", one)]

        await self.until(lambda: bool(answers()), lambda: f"GetState was not answered to {name}")
        self.forgiving = before
        if transcript.errors_in(answers()):
            self.starts[name] = len(self.heard[name])
        self._places[name] = self.heard[name].index(answers()[0], place) + 1
        return answers()[0]

    def leave(self, names: Iterable[str]) -> None:
        """Know that the sessions of these people are not as they were."""
        self.home.difference_update(names)

    # --- afterwards --------------------------------------------------------------------------------------------------

    async def tidy(self) -> None:
        """Bring everybody back to not ready, without calls and failures. Raises CaseFailed for what does not end."""
        self.forgiving = True
        if self.failing:
            await self.control.clear_failures()
            await self.control.return_to_service()
            await self.control.allow_sessions(allowed=True)
            self.failing = False
        state = await self.until_finesse(lambda state: state["inService"], "Finesse does not come back")
        at_rest = not state["calls"] and all(one["state"] in ("LOGOUT", "NOT_READY") for one in state["agents"])
        if not at_rest:
            await self._end_calls()
        await self._calm()

    async def _end_calls(self) -> None:
        asked: set[str] = set()
        state: dict[str, Any] = {}
        try:
            async with asyncio.timeout(self.patience):
                while True:
                    state = await self.control.state()
                    busy = [one for one in state["agents"] if one["state"] not in ("LOGOUT", "NOT_READY")]
                    if not state["calls"] and not busy:
                        return
                    for call in state["calls"]:
                        await self._hang_up(call)
                    for agent in busy:
                        await self._rest(agent, asked)
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            raise CaseFailed(f"not tidy: Finesse has {_in_brief(state)}") from None

    async def _hang_up(self, call: dict[str, Any]) -> None:
        live = [party for party in call["parties"] if party["state"] not in ("DROPPED", "WRAP_UP", "FAILED")]
        for party in live or call["parties"]:
            with suppress(ControlError):  # the call may be over by now
                if party["device"]:
                    await self.control.phone_hangs_up(party["address"])
                else:
                    await self.control.outside_hangs_up(call["id"])
        if call["queue"] and not live:
            with suppress(ControlError):
                await self.control.outside_hangs_up(call["id"])

    async def _rest(self, agent: dict[str, Any], asked: set[str]) -> None:
        person = next((one for one in PEOPLE.values() if one.id == agent["id"]), None)
        if person is None or agent["state"] not in ("READY", "WORK", "WORK_READY"):
            return
        if f"{person.name} {agent['state']}" in asked:
            return
        asked.add(f"{person.name} {agent['state']}")
        with suppress(ControlError):
            await self.control.agent_goes(person.id, "NOT_READY", person.not_ready_id)

    async def _calm(self) -> None:
        """Wait until the clients, too, were told that everything is over."""
        for name in sorted(self.home):
            await self.until(partial(self._is_calm, name), partial(self._unrest, name))
            self._calm_places[name] = len(self.heard[name])

    def _is_calm(self, name: str) -> bool:
        return not self._open_calls(name) and transcript.last_state(self.heard[name], PEOPLE[name].id) == "NOT_READY"

    def _open_calls(self, name: str) -> set[str]:
        return transcript.open_calls(self.heard[name][self._calm_places.get(name, 0) :])

    def _unrest(self, name: str) -> str:
        state = transcript.last_state(self.heard[name], PEOPLE[name].id)
        return f"afterwards {name} was left in state {state}, with the calls {sorted(self._open_calls(name)) or 'none'}"


def person_named(name: str) -> Person:
    """Give a person of the cast, also the one too many."""
    return ONE_TOO_MANY if name == ONE_TOO_MANY.name else PEOPLE[name]


def agent_in(state: dict[str, Any], person: Person) -> dict[str, Any]:
    """Find an agent in what the control door says."""
    return next(dict(agent) for agent in state["agents"] if agent["id"] == person.id)


def _in_brief(state: dict[str, Any]) -> str:
    agents: Sequence[str] = [f"{one['id']} {one['state']}" for one in state.get("agents", ())]
    calls = [
        f"call {one['id']} ({', '.join(party['address'] + ' ' + party['state'] for party in one['parties'])})"
        for one in state.get("calls", ())
    ]
    return ", ".join([*agents, *calls])
