"""The pretend contact centre as one object: requests and events go in, notices come out, time is told from outside.

Nothing here waits or touches the network. After every call, run `run_until` with the present time and take what it
published; `next_due` says when to come again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from finesse_simulator import api_errors
from finesse_simulator.engine import (
    calls,
    dialing,
    dialog_requests,
    ending,
    new_dialogs,
    outbound,
    presence,
    routing,
    state_requests,
)
from finesse_simulator.engine.action_checks import DialogRequest
from finesse_simulator.engine.messages import Messages
from finesse_simulator.engine.model import Agent, Call
from finesse_simulator.engine.state_requests import StateRequest
from finesse_simulator.engine.views import DialogView, UserView, view_dialog, view_user
from finesse_simulator.engine.world import Notice, World
from finesse_simulator.scenario import Scenario
from finesse_simulator.vocabulary import Action, Deployment, PartyState, Profile


class Engine:
    """Agents, calls and queues of a scenario.

    epoch: the date and time, with zone, of simulated second 0. publish: called with each notice at its time.
    """

    def __init__(self, scenario: Scenario, epoch: datetime, publish: Callable[[Notice], None]) -> None:
        self.scenario = scenario
        self.world = World(scenario, epoch, publish)
        self.messages = Messages(self.world, publish)
        self.world.route = lambda: routing.route(self.world)
        self._ids = {profile.id.casefold(): profile.id for profile in scenario.agents}
        self._names = {profile.name: profile.id for profile in scenario.agents}

    # ---- time

    @property
    def now(self) -> float:
        """The simulated time in seconds."""
        return self.world.clock.now

    def run_until(self, when: float) -> None:
        """Let time pass until this second; notices are published on the way."""
        self.world.clock.run_until(when)

    def next_due(self) -> float | None:
        """Say when something happens next."""
        return self.world.clock.next_due()

    # ---- who and what there is

    def agent(self, user_id: str) -> Agent | None:
        """Find an agent by id, without regard to case."""
        return self.world.agents.get(self._ids.get(user_id.casefold(), ""))

    def agent_named(self, name: str) -> Agent | None:
        """Find an agent by id or login name, as credentials give it."""
        return self.agent(user_id=name) or self.world.agents.get(self._names.get(name, ""))

    def user_in_path(self, user_id: str) -> Agent:
        """Find the user of an address: an id, or from UCCE 12.5 on a login name. Raise ApiFaultError when unknown."""
        agent = self.agent(user_id)
        by_name = self.scenario.deployment is Deployment.UCCE and self.scenario.profile is not Profile.V11_6
        if agent is None and by_name:
            agent = self.agent_named(user_id)
        if agent is None:
            raise api_errors.user_not_found(user_id)
        return agent

    def view_user(self, agent: Agent) -> UserView:
        """Show a user as it is now."""
        return view_user(agent, self.scenario)

    def dialogs_of(self, agent: Agent) -> list[DialogView]:
        """Show the user's collection of dialogs."""
        return [view_dialog(call, self.scenario) for call in self.world.calls.values() if agent in call.watchers]

    def dialog(self, dialog_id: str, asker: Agent | None) -> DialogView:
        """Show a dialog to who takes part in it or supervises who does; asker None is the administrator."""
        call = dialog_requests.find(self.world, dialog_id)
        if asker is not None and asker not in call.watchers:
            teams = {agent.profile.team for agent in call.watchers}
            if not teams & set(asker.profile.supervises):
                raise api_errors.other_user(asker.id)
        return view_dialog(call, self.scenario)

    # ---- requests: refused at once with ApiFaultError, or carried out a little later

    def request_state(self, agent: Agent, actor: Agent, request: StateRequest, request_id: str = "") -> None:
        """Take PUT User."""
        state_requests.check(self.world, agent, actor, request)
        self._soon(lambda: state_requests.apply(self.world, agent, actor, request, request_id))

    def request_call(self, agent: Agent, request: DialogRequest, request_id: str = "") -> None:
        """Take POST User/Dialogs."""
        new_dialogs.check(self.world, agent, request)
        if request.action == Action.MAKE_CALL:
            self.world.counts.calls_dialled[agent.id] += 1
        self._soon(lambda: new_dialogs.apply(self.world, agent, request, request_id))

    def request_action(self, agent: Agent, dialog_id: str, request: DialogRequest, request_id: str = "") -> None:
        """Take PUT Dialog."""
        dialog_requests.check(self.world, agent, dialog_id, request)
        self._soon(lambda: dialog_requests.apply(self.world, agent, dialog_id, request, request_id))

    def fail_later(self, agent: Agent, error: api_errors.ApiError, source: str, request_id: str) -> None:
        """Pretend to accept a request and let the CTI server refuse it. source: the address requested."""
        self._soon(lambda: self.world.tell_failure(agent, error, source, request_id))

    def _soon(self, task: Callable[[], None]) -> None:
        self.world.clock.after(self.scenario.timings.request, task)

    # ---- the world outside

    def customer_calls(self, number: str, destination: str, variables: Mapping[str, str]) -> Call:
        """Let a customer call a queue or an extension; number is empty when withheld."""
        return dialing.customer_calls(self.world, number, destination, variables)

    def customer_hangs_up(self, call_id: str) -> None:
        """Let the outside party of a call go; KeyError when there is no such call."""
        dialing.customer_hangs_up(self.world, self.call(call_id))

    def outside_answers(self, call_id: str) -> None:
        """Let the outside party that is being rung answer; KeyError when there is no such call."""
        dialing.outside_answers(self.world, self.call(call_id))

    def outbound_preview(self, who: str, customer: str, variables: Mapping[str, str]) -> Call:
        """Let the dialler offer a customer's record to an agent or, given a campaign's name, to its agents."""
        return outbound.start_preview(self.world, who, customer, variables)

    def progressive_call(self, who: str, customer: str, variables: Mapping[str, str]) -> Call:
        """Let the dialler bring a customer who has answered to an agent or, given a campaign's name, to its agents."""
        return outbound.start_progressive(self.world, who, customer, variables)

    def call(self, call_id: str) -> Call:
        """Find a call, KeyError when it is over."""
        return self.world.calls[int(call_id)]

    def phone_answers(self, extension: str) -> None:
        """Lift the receiver of a ringing phone."""
        for call, party in self.world.calls_at(extension):
            offered = call.outbound is not None and call.outbound.reservation
            if party.state is PartyState.ALERTING and not party.passive and not offered:
                calls.answer(self.world, call, party)
                return
        raise dialing.NotReachableError(f"phone {extension} does not ring")

    def phone_hangs_up(self, extension: str) -> None:
        """Put the receiver back."""
        found = [leg for leg in self.world.calls_at(extension) if leg[1].state is not PartyState.ALERTING]
        own = sorted((leg for leg in found if not leg[1].passive), key=lambda leg: leg[1].state is PartyState.HELD)
        if own:
            ending.drop(self.world, *own[0])
            return
        raise dialing.NotReachableError(f"phone {extension} is on no call")

    # ---- sessions and service

    def session_changed(self, agent: Agent, resource: str, *, available: bool, server: str = "A") -> None:
        """Hear that a notification session came or went at a server."""
        if available:
            presence.session_opened(agent, resource, server)
        else:
            presence.session_closed(self.world, agent, resource, server)

    def server_heard(self, server: str, *, heard: bool) -> None:
        """Hear that a server fell silent, with the sessions at it left open, or speaks again."""
        if heard:
            presence.server_found(self.world, server)
        else:
            presence.server_lost(self.world, server)

    def force_out(self, agent: Agent) -> bool:
        """Do to an agent what a server does that lost its presence; say whether it was signed in."""
        return presence.force_out(self.world, agent)

    def leave_service(self) -> None:
        """Lose the CTI server: from now on nobody is told anything."""
        self.world.in_service = False

    def return_to_service(self) -> None:
        """Find the CTI server again: the last state of every agent and call goes out, what ended meanwhile does not."""
        self.world.in_service = True
        for agent in self._known():
            self.world.tell_user(agent)
        for call in self.world.calls.values():
            self.world.tell_changed(call)

    def last_states(self) -> Iterator[Notice]:
        """Give the last state of every agent and call, as a server tells it that was out of service alone."""
        for agent in self._known():
            yield self.world.user_notice(agent)
        for call in self.world.calls.values():
            yield from self.world.call_notices(call)

    def _known(self) -> list[Agent]:
        """List who is signed in, or was: who signed out while nobody was told is told of now."""
        return [agent for agent in self.world.agents.values() if agent.changed is not None]
