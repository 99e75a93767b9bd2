"""A random walk through the whole product: what is done, what clients believe, and what must hold.

The walk does whatever comes to a seeded mind: commands of agents, customers, phones, cuts, failures. A listener reads
each event as a client would and keeps what it then believes. When the dust has settled, clients believe what is so.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import msgspec
from jsonschema import Draft202012Validator

from finesse_simulator.engine.dialing import NotReachableError
from finesse_simulator.engine.model import Agent as SimulatedAgent
from finesse_simulator.engine.model import Call
from finesse_simulator.engine.world import Notice
from finesse_simulator.rest.failures import Failure
from finesse_simulator.scenario import Agent, Device, Fidelity, OutsideNumber, Queue, Scenario, Team, Timings
from finesse_simulator.vocabulary import Profile, WrapUpMode
from generic_connector.agents.settings import AgentSettings, ClientSettings
from generic_connector.broker.door import CommandMessage, DoorState, EventMessage
from generic_connector.protocol import events, json_codec, text
from generic_connector.protocol.commands import COMMANDS
from generic_connector.protocol.formats import Format
from generic_connector.protocol.schemas import JSON_EVENTS, event_schema
from journeys.world import World, a_scenario

PACE = 20.0
SLOW = 0.02
RESULT_TIMEOUT = 0.7
OUTSIDE, BUSY, BAD, QUEUE = "5550188", "5550199", "777", "8800"
TEXT_CLIENTS, JSON_CLIENTS = ("CRM1", "CRM2"), ("WEB1", "WEB2")
CLIENTS = TEXT_CLIENTS + JSON_CLIENTS
HOMES = {
    "1001": "CRM1",
    "1002": "CRM1",
    "1003": "WEB1",
    "1004": "WEB1",
    "1005": "CRM2",
    "1006": "WEB2",
    "1007": "CRM1",
    "1008": "WEB2",
}
SUPERVISORS = ("1007", "1008")
SILENT = frozenset({"Connect", "SendDTMF"})
ASKING = frozenset({"GetState", "GetDialogState", "GetQueueList", "GetAllAgents", "GetTeamUsers", "reasoncodenotready"})
"""Commands that end at once. Others may hear what looks like their result before Finesse refuses them."""

OFFERED = "OFFERED"
"""What a client believes of a preview that it was told of, whatever the phone does."""

_JUDGES = {name: Draft202012Validator(event_schema(name)) for name in JSON_EVENTS}
_MODES = (WrapUpMode.OPTIONAL, WrapUpMode.REQUIRED, WrapUpMode.NOT_ALLOWED, WrapUpMode.REQUIRED_WITH_WRAP_UP_DATA)


def secret(agent_id: str) -> str:
    return f"agent-secret-{agent_id}"


def extension(agent_id: str) -> str:
    return f"4{agent_id[1:]}"


def walked_scenario(seed: int, *, uccx: bool) -> Scenario:
    """Give a contact centre of eight, of whom two supervise the others, at a Finesse of some kind."""
    pick = random.Random(seed).choice  # noqa: S311 - it only plays
    agents = [
        Agent(
            id=agent_id,
            password=secret(agent_id),
            login_name=f"name{agent_id}",
            first_name="First",
            last_name=agent_id,
            team="5002" if agent_id in {"1005", "1006"} else "5001",
            supervises={"1007": ("5001",), "1008": ("5001", "5002")}.get(agent_id, ()),
            wrap_up_on_incoming=_MODES[number % len(_MODES)],
            wrap_up_seconds=3.0,
            auto_answer=agent_id == "1004",
        )
        for number, agent_id in enumerate(HOMES)
    ]
    return a_scenario(
        uccx=uccx,
        pace=PACE,
        profile=pick(list(Profile)),
        ending=pick(["full", "short"]),
        logout_on_disconnect=pick([True, False]),
        participant_drop=pick(["supervisor_only", "all"]),
        timings=Timings(presence_loss=pick([1.0, 60.0])),
        fidelity=Fidelity(notify_before_answer=pick([True, False])),
        teams=(Team(id="5001", name="East"), Team(id="5002", name="West")),
        agents=tuple(agents),
        devices=tuple(Device(extension=extension(agent_id)) for agent_id in HOMES),
        queues=(Queue(number=QUEUE, id="5033", name="Sales", ring_seconds=4.0),),
        outside_numbers=(
            OutsideNumber(number=OUTSIDE, after=1.0),
            OutsideNumber(number=BUSY, outcome="busy"),
        ),
    )


AGENT_SETTINGS = AgentSettings(result_timeout=RESULT_TIMEOUT, reconnect_delay=0.05, reconnect_delay_max=0.2)
CLIENT_SETTINGS = ClientSettings(formats=(("WEB*", Format.JSON),))


# --- what clients hear and believe -----------------------------------------------------------------------------------


@dataclass
class Sent:
    """A command, who sent it, and what came back with its correlation id."""

    name: str
    agent_id: str
    message: CommandMessage
    answers: list[events.Event] = field(default_factory=list)
    excused: bool = False

    def __str__(self) -> str:
        body = re.sub(r"agent-secret-\d+", "***", self.message.body)
        return f"{self.message.correlation_id} {self.message.type} {body!r} reply={self.message.reply_to!r}"

    @property
    def errors(self) -> list[events.Event]:
        return [one for one in self.answers if isinstance(one, events.Error)]

    @property
    def about_a_member(self) -> bool:
        """Whether a supervisor may have sent it, who looks for the result now and then only."""
        return self.name in {"MakeReady", "MakeNotReady", "Logout"} and bool(self.message.reply_to)

    @property
    def in_vain(self) -> bool:
        """Whether Finesse accepted the request, and no result was seen. A sign-in may be undone at once."""
        told = [one.message for one in self.answers if isinstance(one, events.Error)]
        return self.name != "Login" and any("nothing came of it" in one for one in told)

    def fault(self) -> str:
        """Say what is wrong with how the command ended, "" when nothing is."""
        if len(self.errors) > 1:
            return "more than one Error"
        if not self.answers and self.name not in SILENT and not self.excused:
            return "no answer"
        if self.errors and len(self.answers) > 1 and self.name in ASKING:
            return "an Error beside events"
        return ""


@dataclass
class Belief:
    """What one client believes of one agent. calls: the state of each. rung: those told as new in their present life.

    whole: the client was told of every call, not only of the two that a DialogStatus tells. owned: the client has the
    agent; a client that has not may still be answered.
    """

    state: events.State | None = None
    calls: dict[str, str] = field(default_factory=dict)
    rung: set[str] = field(default_factory=set)
    whole: bool = True
    signing_in: bool = False
    owned: bool = False
    twice: str = ""

    def begin(self) -> None:
        self.calls.clear()
        self.rung.clear()
        self.whole = True


def call_of(event: events.Event) -> tuple[str, str] | None:
    """Give the call that an event tells, and its state."""
    match event:
        case events.NewOutboundPreviewCall():
            return event.dialog_id, OFFERED
        case events.NewInboundCall():
            return event.dialog_id, "ALERTING"
        case events.InboundCall() | events.ConsultCall():
            return event.dialog_id, event.state
        case events.InboundCallFailed() | events.ConsultCallFailed():
            return event.dialog_id, "FAILED"
        case _:
            return None


class Listener:
    """Reads every event as its client does."""

    def __init__(self, trace: list[str]) -> None:
        self.trace = trace
        self.faults: list[str] = []
        self.beliefs: defaultdict[tuple[str, str], Belief] = defaultdict(Belief)
        self.sent: dict[str, Sent] = {}
        self._read: defaultdict[str, int] = defaultdict(int)

    def fault(self, what: str, body: str = "") -> None:
        self.faults.append(f"{what}: {body}")
        self.trace.append(f"FAULT {what}")

    def listen(self, published: dict[str, list[EventMessage]]) -> bool:
        """Read what came since the last time; say whether anything did."""
        some = False
        for destination, messages in list(published.items()):
            new = messages[self._read[destination] :]
            self._read[destination] = len(messages)
            for message in new:
                some = True
                self._hear(destination, message)
        return some

    def _hear(self, destination: str, message: EventMessage) -> None:
        short = message.correlation_id if message.correlation_id in self.sent else "-"
        self.trace.append(f"    {destination} [{short}] {message.body}")
        try:
            event = self._event(destination, message.body)
        except ValueError as error:
            self.fault(f"unreadable event ({error})", message.body)
            return
        answered = self.sent.get(message.correlation_id)
        if answered is not None:
            answered.answers.append(event)
        agent_id = getattr(event, "agent_id", "")
        if not agent_id:
            return
        belief = self.beliefs[destination, agent_id]
        self._believe(belief, event, answered, message.body)

    def _event(self, destination: str, body: str) -> events.Event:
        if destination not in JSON_CLIENTS:
            return text.parse(body)
        event = json_codec.parse(body)
        content = msgspec.json.decode(body)
        if not _JUDGES[event.name].is_valid(content):
            self.fault(f"{event.name} breaks its schema", body)
        return event

    def _believe(self, belief: Belief, event: events.Event, answered: Sent | None, body: str) -> None:
        if answered is not None and answered.name == "Login" and isinstance(event, events.AgentInfo):
            belief.begin()
            belief.signing_in = belief.owned = True
        if not belief.owned:
            return
        twice, belief.twice = belief.twice, ""
        if twice and not (isinstance(event, events.Error) and event.code == "SESSION_INVALIDATED"):
            self.fault("State told twice", twice)
        match event:
            case events.State(supervisor_id=""):
                if event == belief.state and answered is None:
                    belief.twice = body  # which is right only where the client loses the agent: Error tells it next
                if event.state != "RE_LOGIN":
                    belief.state = event
            case events.DialogStatus():
                self._believe_status(belief, event)
            case events.Error(code="SESSION_INVALIDATED"):
                belief.owned = False
                self._excuse(event.agent_id)
            case _:
                self._believe_call(belief, event, body)

    def _excuse(self, agent_id: str) -> None:
        """Expect no answers any more to what was sent before the agent went to another client."""
        for sent in self.sent.values():
            sent.excused = sent.excused or sent.agent_id == agent_id

    def _believe_status(self, belief: Belief, event: events.DialogStatus) -> None:
        told = [one for one in (event.dialog, event.associated) if one is not None]
        if belief.signing_in:
            belief.signing_in, belief.whole = False, len(told) < 2
            belief.calls = {one.dialog_id: one.state for one in told}
            belief.rung = set()
            return
        for one in told:
            if one.dialog_id not in belief.calls and belief.whole:
                self.fault("DialogStatus knows a call that was not told", one.dialog_id)

    def _believe_call(self, belief: Belief, event: events.Event, body: str) -> None:
        call = call_of(event)
        if call is None:
            return
        dialog_id, state = call
        known = dialog_id in belief.calls
        if state == "DROPPED":
            if not known and belief.whole:
                self.fault("DROPPED for a call that was not told", body)
            belief.calls.pop(dialog_id, None)
            belief.rung.discard(dialog_id)
            return
        if isinstance(event, events.NewInboundCall):
            if dialog_id in belief.rung:
                self.fault("told twice as new", body)
            belief.rung.add(dialog_id)
        belief.calls[dialog_id] = state


# --- what is so ------------------------------------------------------------------------------------------------------


def true_calls(simulated: SimulatedAgent, calls: Sequence[Call]) -> dict[str, str]:
    """Give the agent's calls, as a client should believe them."""
    return {str(call.id): true_state(call, simulated.extension) for call in calls if simulated in call.watchers}


def true_state(call: Call, address: str) -> str:
    own = next((party for party in call.parties if party.address == address), None)
    if own is None or call.state == "FAILED":
        return str(call.state)
    if own.state == "INITIATED" and call.state == "ALERTING":
        return "ALERTING"
    return str(own.state)


def true_reason(simulated: SimulatedAgent) -> str:
    if simulated.state == "LOGOUT":
        return "-1"
    if simulated.state != "NOT_READY":
        return ""
    return str(simulated.reason.code) if simulated.reason is not None else "-1"


# --- the walk --------------------------------------------------------------------------------------------------------


class Walk:
    """One walk. fair: nothing is cut, goes out of service or fails, so that every accepted request shows a result."""

    def __init__(self, world: World, seed: int, *, fair: bool = False) -> None:
        self.world = world
        self.random = random.Random(seed)  # noqa: S311 - it only plays
        self.fair = fair
        self.trace: list[str] = []
        self._overhear()
        self.listener = Listener(self.trace)
        self.homes = dict(HOMES)
        self._outsiders = [OUTSIDE, BUSY, BAD, QUEUE, *map(extension, HOMES)]
        self._delivered: list[CommandMessage] = []
        self._deeds: list[tuple[int, Callable[[], None]]] = [
            (60, self._command),
            (8, self._customer),
            (4, self._customer_leaves),
            (4, self._outside_answers),
            (4, self._phone),
            (2, self._outbound),
            (2, self._come_back),
            (2, self._move),
            (2, self._repeat),
            (1, self._fidelity),
            (2, self._act_on_member),
        ]
        if not fair:
            self._deeds += [(2, self._cut_session), (2, self._service), (3, self._fail), (2, self._broker)]

    # --- running -----------------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        for client in CLIENTS:
            self.world.send(f"Hello#{client}")
        for agent_id in HOMES:
            self._connect(agent_id, self.homes[agent_id])
            self._login(agent_id)
        await self._all_ended()

    async def run(self, steps: int) -> None:
        weights, deeds = [weight for weight, _ in self._deeds], [deed for _, deed in self._deeds]
        for _ in range(steps):
            (deed,) = self.random.choices(deeds, weights)
            deed()
            await asyncio.sleep(self.random.choice([0.0, 0.0, 0.002, 0.005, 0.02]))
            self.listener.listen(self.world.door.events)

    async def settle(self) -> None:
        """Let everything be well again, and wait until nothing happens any more."""
        finesse, door = self.world.finesse, self.world.door
        self._note("settle")
        finesse.clear_failures()
        if not finesse.in_service:
            finesse.go_into_service()
        if door.state is not DoorState.OPEN:
            door.restore()
        await self._until(lambda: self.world.connector.finesse.in_service, "in service again")
        await self._all_ended()
        await self._until(self._is_calm, "calm")
        finesse.set_pace(SLOW)
        await self._until(lambda: not self.differences(), "agreement")
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0.05)
            quiet = 0 if self.listener.listen(door.events) else quiet + 1
        await self._until(lambda: not self.differences(), "agreement")
        await self._until(lambda: not self.leftovers(), "nothing left over")
        finesse.set_pace(PACE)

    def _overhear(self) -> None:
        """Write down what Finesse says, too."""

        def overheard(notice: Notice) -> None:
            self.trace.append(f"        ~ {notice}")

        self.world.finesse.publisher.overhear = overheard

    def _is_calm(self) -> bool:
        engine = self.world.finesse.engine
        due = engine.next_due()
        return due is None or due - engine.now > 0.5

    async def _all_ended(self) -> None:
        await self._until(lambda: not [one for one in self.listener.sent.values() if not self._has_ended(one)], "ends")
        await asyncio.sleep(0.05)
        self.listener.listen(self.world.door.events)

    def _has_ended(self, sent: Sent) -> bool:
        return bool(sent.answers) or sent.name in SILENT or sent.excused

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(6.0):
                while True:
                    self.listener.listen(self.world.door.events)
                    if condition():
                        return
                    await asyncio.sleep(0.01)
        except TimeoutError:
            self.listener.fault(f"in vain: {what}", "; ".join([*self.differences(), *self.leftovers()]))

    # --- what must hold ----------------------------------------------------------------------------------------------

    def differences(self) -> list[str]:
        """Say where a client believes what is not so."""
        found = []
        calls = list(self.world.finesse.engine.world.calls.values())
        for agent in self.world.connector.hub.agents.values():
            if agent.client is None or not agent.watched:
                continue
            simulated = self.world.finesse.engine.world.agents[agent.id]
            belief = self.listener.beliefs[agent.client.name, agent.id]
            told = belief.state
            so = (str(simulated.state), str(simulated.pending or ""), true_reason(simulated))
            if told is None or (told.state, told.pending_state, told.reason_code) != so:
                found.append(f"{agent.id} is {so}, told {told}")
            true = true_calls(simulated, calls)
            true |= {one: OFFERED for one, state in belief.calls.items() if state == OFFERED and one in true}
            if belief.calls != true and (belief.whole or not belief.calls.items() <= true.items()):
                found.append(f"{agent.id} has calls {true}, told {belief.calls}")
        return found

    def leftovers(self) -> list[str]:
        """Say what the connector keeps though nothing is going on."""
        found = []
        for agent in self.world.connector.hub.agents.values():
            if len(agent._requests._pending):
                found.append(f"{agent.id} has pending requests")
            if agent._active is not None or agent._inbox._work or agent._inbox._news:
                found.append(f"{agent.id} is at work")
            if not agent.link.is_up or agent.link._tasks:
                found.append(f"{agent.id} has no settled link")
            if not set(agent.hearing.dialled) <= {one for one in agent.hearing.dialled if one in agent.mirror.calls}:
                found.append(f"{agent.id} remembers calls that are over")
        return found

    def faults(self) -> list[str]:
        """Give everything that was wrong."""
        sent = self.listener.sent.values()
        ends = [f"{one}: {fault} {one.answers}" for one in sent if (fault := one.fault())]
        ends += [
            f"{one}: in vain {one.answers}" for one in sent if self.fair and one.in_vain and not one.about_a_member
        ]
        return self.listener.faults + ends

    # --- what is done ------------------------------------------------------------------------------------------------

    def _note(self, what: str) -> None:
        self.trace.append(f"{self.world.finesse.engine.now:9.3f} {what}")

    def _send(self, name: str, agent_id: str, body: str = "", *, reply_to: str = "", again: bool = False) -> None:
        tag = f"c{len(self.listener.sent) + 1}"
        sent = Sent(name, agent_id, CommandMessage(type=f"{name}#{agent_id}", body=body))
        self.listener.sent[tag] = sent
        sent.message = replace(sent.message, correlation_id=tag, reply_to=reply_to)
        self._note(f"> {sent}{' (again)' if again else ''}")
        message = self.world.door.deliver(
            sent.message.type, body, reply_to=reply_to, correlation_id=tag, redelivered=again
        )
        self._delivered.append(message)

    def _connect(self, agent_id: str, destination: str) -> None:
        self._send("Connect", agent_id, f"{destination},{secret(agent_id)}")

    def _login(self, agent_id: str) -> None:
        self._send("Login", agent_id, f"{secret(agent_id)},{extension(agent_id)}")

    def _anybody(self) -> str:
        return self.random.choice(list(HOMES))

    def _call_of(self, agent_id: str) -> str:
        world = self.world.finesse.engine.world
        own = [str(call.id) for call in world.calls.values() if world.agents[agent_id] in call.watchers]
        others = [str(number) for number in world.calls]
        chosen = own if self.random.random() < 0.93 else [*others, "16700000"]
        return self.random.choice(chosen or ["16700000"])

    def _number(self) -> str:
        return self.random.choice(self._outsiders)

    def _command(self) -> None:
        busy = [one for one in HOMES if self._has_call(one)]
        if busy and self.random.random() < 0.65:
            self._command_about_a_call(self.random.choice(busy))
        else:
            self._command_about_oneself(self._anybody())

    def _has_call(self, agent_id: str) -> bool:
        world = self.world.finesse.engine.world
        return any(world.agents[agent_id] in call.watchers for call in world.calls.values())

    def _command_about_oneself(self, agent_id: str) -> None:
        pick = self.random.choice
        name, body = pick(
            [
                ("MakeReady", ""),
                ("MakeReady", ""),
                ("MakeReady", ""),
                ("MakeReady", ""),
                ("MakeNotReady", ""),
                ("MakeNotReady", ""),
                ("MakeNotReadyWithReason", pick(["27", "28", "999", ""])),
                ("MakeWorkReady", ""),
                ("MakeWorkNotReady", ""),
                ("MakeCall", self._number()),
                ("MakeCall", self._number()),
                ("MakeCall", self._number()),
                ("GetState", ""),
                ("refresh", ""),
                ("Logout", ""),
                ("LogoutWithReason", pick(["12", "", "5"])),
                ("force_logout", ""),
                ("Login", f"{secret(agent_id)},{pick([extension(agent_id), '4099', 'x'])}"),
                ("reasoncodenotready", ""),
                ("wrapupreasoncode", ""),
                ("GetQueueList", ""),
                ("GetAllAgents", ""),
                ("GetTeamUsers", pick(["5001", "5002,true", "77"])),
                ("GetTeamUserState", self._anybody()),
                ("SilentMonitor", extension(self._anybody())),
            ],
        )
        if name == "SilentMonitor":
            agent_id = pick(SUPERVISORS)
        self._send(name, agent_id, body, reply_to=self.homes[agent_id] if self.random.random() < 0.3 else "")

    def _command_about_a_call(self, agent_id: str) -> None:
        pick, call = self.random.choice, self._call_of(agent_id)
        name, body = pick(
            [
                ("AnswerCall", call),
                ("AnswerCall", call),
                ("AnswerCall", call),
                ("AnswerCall", call),
                ("ReleaseCall", call),
                ("ReleaseCall", call),
                ("HoldCall", call),
                ("HoldCall", call),
                ("RetrieveCall", call),
                ("RetrieveCall", call),
                ("ConsultCall", f"{self._number()},{call}"),
                ("ConsultCall", f"{self._number()},{call}"),
                ("ConsultCall", f"{self._number()},{call}"),
                ("TransferCall", f"{self._number()},{call}"),
                ("TransferCall", f",{call}"),
                ("ConferenceCall", f"{self._number()},{call}"),
                ("ConferenceCall", f",{call}"),
                ("Transfer_sst", f"{self._number()},{call}"),
                ("Transfer_sst", f"{self._number()},{call}"),
                ("wrapup", pick([f"Billing,{call}", f",{call}", "Billing,"])),
                ("update_call_variable", f"{call},callVariable{pick('123')}={pick('abc')}"),
                ("update_call_variable", f"{call},callVariable{pick('123')}={pick('abc')}"),
                ("SendDTMF", f"{call},{pick(['12#', '*'])}"),
                ("GetDialogState", call),
                ("GetDialogStateControls", call),
                ("GetDialogParticipants", call),
                ("SilentMonitor", extension(agent_id)),
                ("SilentMonitor", extension(agent_id)),
                ("EndSilentMonitor", call),
                ("BargeIn", f"{self._monitored(agent_id)},{call}"),
                ("BargeIn", f"{self._monitored(agent_id)},{call}"),
                ("DropParticipant", f"{extension(self._anybody())},{call}"),
                ("AcceptOutboundPreview", f"{call},ACCEPT"),
                ("RejectOutboundPreview", f"{call},REJECT"),
                ("CloseOutboundPreview", f"{call},CLOSE"),
            ],
        )
        if name == "SilentMonitor":
            agent_id = pick(SUPERVISORS)
        self._send(name, agent_id, body, reply_to=self.homes[agent_id] if self.random.random() < 0.3 else "")

    def _monitored(self, agent_id: str) -> str:
        for call in self.world.finesse.engine.world.calls.values():
            if call.type == "SUPERVISOR_MONITOR" and call.from_address == extension(agent_id) and call.to_address:
                return call.to_address
        return extension(self._anybody())

    def _act_on_member(self) -> None:
        supervisor, member = self.random.choice(SUPERVISORS), self._anybody()
        name = self.random.choice(["MakeReady", "MakeNotReady", "Logout"])
        self._send(name, member, reply_to=self.homes[supervisor])

    def _come_back(self) -> None:
        agent_id = self._anybody()
        self._connect(agent_id, self.homes[agent_id])
        self._login(agent_id)

    def _move(self) -> None:
        agent_id = self._anybody()
        self.homes[agent_id] = self.random.choice(CLIENTS)
        self._come_back_as(agent_id)

    def _come_back_as(self, agent_id: str) -> None:
        if self.random.random() < 0.2:
            self._send("Connect", agent_id, f"{self.homes[agent_id]},wrong")
        self._connect(agent_id, self.homes[agent_id])
        if self.random.random() < 0.9:
            self._login(agent_id)

    def _repeat(self) -> None:
        if self.random.random() < 0.5:
            message = self.random.choice(self._delivered[-20:])
            self._note(f"redelivered {message.correlation_id}")
            self.world.door.redeliver(message)
            return
        agent_id = self._anybody()
        name = self.random.choice(["MakeReady", "MakeCall", "GetState", "MakeNotReady"])
        self._send(name, agent_id, self._number() if COMMANDS[name].arguments else "", again=True)

    # --- the world around --------------------------------------------------------------------------------------------

    def _try(self, what: str, deed: Callable[[], object]) -> None:
        with suppress(KeyError, ValueError, NotReachableError):
            deed()
            self._note(what)

    def _customer(self) -> None:
        number, called = self.random.choice(["5551", "5552", ""]), self.random.choice([QUEUE, QUEUE, self._number()])
        self._try(f"customer {number!r} calls {called}", lambda: self.world.finesse.customer_call(number, called))

    def _some_call(self) -> str:
        return str(self.random.choice(list(self.world.finesse.engine.world.calls) or [0]))

    def _customer_leaves(self) -> None:
        call = self._some_call()
        self._try(f"customer of {call} hangs up", lambda: self.world.finesse.customer_hang_up(call))

    def _outside_answers(self) -> None:
        call = self._some_call()
        self._try(f"outside answers {call}", lambda: self.world.finesse.outside_answer(call))

    def _phone(self) -> None:
        phone = extension(self._anybody())
        if self.random.random() < 0.6:
            self._try(f"phone {phone} answers", lambda: self.world.finesse.phone_answer(phone))
        else:
            self._try(f"phone {phone} hangs up", lambda: self.world.finesse.phone_hang_up(phone))

    def _outbound(self) -> None:
        agent_id = self._anybody()
        finesse = self.world.finesse
        offer = self.random.choice([finesse.outbound_preview, finesse.progressive_call])
        self._try(f"outbound for {agent_id}", lambda: offer(agent_id, OUTSIDE))

    def _cut_session(self) -> None:
        who = self.random.choice([*HOMES, None])
        self._note(f"sessions cut: {who}")
        self.world.finesse.disconnect(who)

    def _service(self) -> None:
        finesse = self.world.finesse
        if not finesse.in_service:
            self._note("in service")
            finesse.go_into_service()
        elif self.random.random() < 0.4:
            self._note("out of service")
            finesse.go_out_of_service()

    def _fail(self) -> None:
        pick = self.random.choice
        failure = Failure(
            kind=pick(["refuse", "refuse", "control_failure", "delay", "delay", "close"]),
            method=pick(["", "PUT", "GET", "POST"]),
            path=pick(["/User/", "/Dialog", "/User/"]),
            user=pick([*HOMES, *HOMES, ""]),
            times=pick([1, 1, 2]),
            status=pick([500, 400, 503, 404, 401]),
            seconds=pick([0.5, 2.0, 10.0]),
        )
        self._note(f"failure {failure}")
        self.world.finesse.fail(failure)

    def _fidelity(self) -> None:
        pick = self.random.choice
        fidelity = Fidelity(
            shuffle_participants=pick([True, False]),
            duplicates=pick([0.0, 0.5]),
            data_only=pick([0.0, 0.5]),
            double_logout=pick([True, False]),
            reorder_seconds=pick([0.0, 0.02, 0.1]),
            lower_case_events=pick([True, False]),
            capital_roots=pick([True, False]),
        )
        self._note(f"fidelity {fidelity}")
        self.world.finesse.publisher.set_fidelity(fidelity)

    def _broker(self) -> None:
        door = self.world.door
        if door.state is DoorState.OPEN:
            self._note("broker away")
            door.cut()
        else:
            self._note("broker back")
            door.restore()


class ErrorLog(logging.Handler):
    """Keeps every line of the standard library's log, for what libraries and asyncio complain of."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.lines.append(line)
        refused = record.name.startswith("slixmpp.features")  # it calls a wrong password an error
        if record.levelno >= logging.ERROR and not refused:
            self.errors.append(line)
