"""What every part of the engine shares: the scenario, the clock, agents, calls, and the notices waiting to go out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from finesse_simulator.api_errors import ApiError
from finesse_simulator.cti_codes import SYSTEM_REASONS
from finesse_simulator.engine.clock import Clock, Task
from finesse_simulator.engine.counts import Counts
from finesse_simulator.engine.history import History
from finesse_simulator.engine.model import NOBODY, Agent, Call, Leg, Origin, Party, Reason
from finesse_simulator.engine.summaries import MemberView, MessageView, QueuesView, QueueView, Summary
from finesse_simulator.engine.views import DialogView, UserView, view_dialog, view_user, without
from finesse_simulator.scenario import Scenario
from finesse_simulator.vocabulary import AgentState, Event, PartyState


@dataclass(frozen=True, slots=True)
class Notice:
    """One Update to be published. body: what changed, or the error.

    user_id: the owner of the node; empty when only those get it who subscribed to the node.
    """

    user_id: str
    node: str
    event: Event
    source: str
    request_id: str
    body: UserView | DialogView | ApiError | Summary

    def __str__(self) -> str:
        echo = f" [{self.request_id}]" if self.request_id else ""
        return f"{_KINDS[type(self.body)]}({self.user_id}) {self.event} {self.body}{echo}"


_KINDS: dict[type, str] = {
    UserView: "U",
    DialogView: "D",
    ApiError: "E",
    MemberView: "T",
    QueueView: "Q",
    QueuesView: "QQ",
    MessageView: "M",
}


class World:
    """The shared state. publish: called with each notice at its time; route: called when an agent became free."""

    def __init__(self, scenario: Scenario, epoch: datetime, publish: Callable[[Notice], None]) -> None:
        self.scenario = scenario
        self.clock = Clock(epoch)
        self.agents = {profile.id: Agent(profile) for profile in scenario.agents}
        self.phones: dict[str, Agent] = {}
        self.devices = {device.extension: device for device in scenario.devices}
        self.calls: dict[int, Call] = {}
        self.waiting: list[Call] = []
        self.queues = list(scenario.queues)
        self.history = History(self.clock.moment)
        self.in_service = True
        self.lost_servers: set[str] = set()
        self.counts = Counts()
        self.route: Task = lambda: None
        self._publish = publish
        self._not_before: dict[str, float] = {}
        self._next_id = scenario.first_dialog_id

    # ---- finding

    def is_device(self, address: str) -> bool:
        """Say whether this is a phone of the contact centre."""
        return address in self.devices

    def calls_at(self, address: str) -> list[tuple[Call, Party]]:
        """Find the calls that a phone or number takes part in now."""
        found = ((call, call.party_at(address)) for call in self.calls.values())
        return [(call, party) for call, party in found if party is not None and party.live]

    def legs(self, agent: Agent) -> list[Leg]:
        """Find the calls that the agent takes part in, not those in which the agent is merely overheard."""
        return [
            (call, party)
            for call in self.calls.values()
            for party in call.parties
            if party.agent is agent and party.live and not party.passive
        ]

    def busy_addresses(self) -> set[str]:
        """Give the phones and numbers in use; the phone of a reserved agent is."""
        parties = (party for call in self.calls.values() for party in call.parties)
        busy = {party.address for party in parties if party.live and not party.passive}
        return busy | {call.reserved.extension for call in self.calls.values() if call.reserved}

    def busy(self, address: str) -> bool:
        """Say whether a phone is in use."""
        return address in self.busy_addresses()

    def engaged(self, agent: Agent) -> bool:
        """Say whether the agent has a call: reserved for it, ringing, talking or on hold."""
        return bool(self.legs(agent)) or any(call.reserved is agent for call in self.calls.values())

    # ---- calls

    def add(self, call: Call) -> Call:
        """Take a new call into the books."""
        self.calls[call.id] = call
        return call

    def new_id(self) -> int:
        """Give the next dialog id: decimal, growing."""
        self._next_id += 1
        return self._next_id - 1

    def party(self, address: str, state: PartyState) -> Party:
        """Make a participant; device and agent are looked up by the address."""
        now = self.clock.moment()
        return Party(address, state, now, now, device=self.is_device(address), agent=self.phones.get(address))

    def later(self, call: Call, delay: float, task: Task) -> None:
        """Do something to a call, unless its timers are cancelled before."""
        call.timers.append(self.clock.after(delay, task))

    # ---- reasons

    def reason(self, reason_id: int) -> Reason | None:
        """Find a configured reason code by its database id."""
        row = next((row for row in self.scenario.reason_codes if row.id == reason_id), None)
        return Reason(row.id, row.code, row.label, row.category, row.for_all) if row else None

    def system_reason(self, occasion: str, category: AgentState) -> Reason:
        """Give the reason that Finesse itself supplies. Its id is its code."""
        code, label = SYSTEM_REASONS[self.scenario.deployment][occasion]
        return Reason(code, code, label, category, system=True)

    # ---- telling

    def tell_user(self, agent: Agent, origin: Origin = NOBODY, *, delay: float = 0.0) -> None:
        """Announce the user's present state. delay: seconds after the last notice of this user."""
        self._send(self.user_notice(agent, origin), delay)

    def user_notice(self, agent: Agent, origin: Origin = NOBODY) -> Notice:
        """Make the notice of a user's present state."""
        node = f"/finesse/api/User/{agent.id}"
        return Notice(agent.id, node, Event.PUT, node, _echo(agent, origin), view_user(agent, self.scenario))

    def tell_entered(self, call: Call, agent: Agent, origin: Origin = NOBODY, *, delay: float = 0.0) -> None:
        """Put the call into the agent's collection of dialogs."""
        call.watchers.append(agent)
        node = f"/finesse/api/User/{agent.id}/Dialogs"
        view = view_dialog(call, self.scenario)
        self._send(Notice(agent.id, node, Event.POST, node, _echo(agent, origin), view), delay)

    def tell_changed(
        self, call: Call, origin: Origin = NOBODY, *, delay: float = 0.0, only: Iterable[Agent] | None = None
    ) -> None:
        """Announce the call's present state to every agent on it, or to those given."""
        for notice in self.call_notices(call, origin, only):
            self._send(notice, delay)

    def call_notices(
        self, call: Call, origin: Origin = NOBODY, only: Iterable[Agent] | None = None
    ) -> Iterator[Notice]:
        """Make the notices of a call's present state, for every agent on it or for those given."""
        view = view_dialog(call, self.scenario)
        for agent in call.watchers if only is None else only:
            node = f"/finesse/api/User/{agent.id}/Dialogs"
            yield Notice(agent.id, node, Event.PUT, call.uri, _echo(agent, origin), view)

    def tell_left(self, call: Call, agent: Agent, origin: Origin = NOBODY, *, delay: float = 0.0) -> None:
        """Take the call out of the agent's collection; it shows the agent as dropped."""
        call.watchers.remove(agent)
        node = f"/finesse/api/User/{agent.id}/Dialogs"
        party = call.party_of(agent)
        address = party.address if party else agent.extension
        view = without(view_dialog(call, self.scenario), address, self.clock.moment())
        self._send(Notice(agent.id, node, Event.DELETE, node, _echo(agent, origin), view), delay)

    def tell_state_error(self, asker: Agent, error: ApiError, origin: Origin, *, about: Agent) -> None:
        """Refuse a state request late, on the node of who asked."""
        node, source = f"/finesse/api/User/{asker.id}", f"/finesse/api/User/{about.id}"
        self._send(Notice(asker.id, node, Event.ERROR, source, origin.request_id, error), 0.0)

    def tell_call_error(self, agent: Agent, error: ApiError, origin: Origin, source: str = "") -> None:
        """Refuse a call request late. source: the dialog's address, the collection's when there is no dialog."""
        node = f"/finesse/api/User/{agent.id}/Dialogs"
        self._send(Notice(agent.id, node, Event.ERROR, source or node, origin.request_id, error), 0.0)

    def refuse(self, party: Party, error: ApiError, origin: Origin, call: Call) -> None:
        """Refuse what a participant asked of a call."""
        if party.agent is not None:
            self.tell_call_error(party.agent, error, origin, call.uri)

    def tell_failure(self, agent: Agent, error: ApiError, source: str, request_id: str) -> None:
        """Refuse any request late: on the User node when its source is a user, else on the Dialogs node."""
        about_user = source.startswith("/finesse/api/User/") and not source.endswith("/Dialogs")
        node = f"/finesse/api/User/{agent.id}" + ("" if about_user else "/Dialogs")
        self._send(Notice(agent.id, node, Event.ERROR, source, request_id, error), 0.0)

    def _send(self, notice: Notice, delay: float) -> None:
        """Publish after the user's earlier notices; out of service, nothing is published and nothing kept."""
        if not self.in_service:
            return
        when = max(self.clock.now, self._not_before.get(notice.user_id, 0.0)) + delay
        self._not_before[notice.user_id] = when
        self.clock.at(when, lambda: self._publish(notice))


def _echo(agent: Agent, origin: Origin) -> str:
    return origin.request_id if origin.user_id == agent.id else ""
