"""Whatever happens in whatever order, the engine keeps its word."""

from collections import Counter
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finesse_simulator.api_errors import ApiError, ApiFaultError
from finesse_simulator.engine.action_checks import DialogRequest
from finesse_simulator.engine.dialing import NotReachableError
from finesse_simulator.engine.model import Agent
from finesse_simulator.engine.state_requests import StateRequest
from finesse_simulator.engine.views import DialogView, UserView
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import OutsideNumber, Scenario, many_agents
from finesse_simulator.updates import update
from finesse_simulator.vocabulary import Deployment, Event, WrapUpMode

USERS = ("1001", "1002", "1003")
NUMBERS = ("4001", "4002", "4003", "8800", "5550188", "5550199", "777")
IN_CALL = {"TALKING", "HOLD", "RESERVED", "RESERVED_OUTBOUND", "RESERVED_OUTBOUND_PREVIEW"}
PARAMETERS = (
    ("dtmfString", "1#"),
    ("outboundClassification", "BUSY"),
    ("callbackTime", "2026-01-02T03:05"),
    ("callbackNumber", "5550188"),
)
CHOICES = [f"{choice} {number}" for choice in range(9) for number in NUMBERS]

user = st.sampled_from(USERS)
steps = st.one_of(
    st.tuples(st.just("state"), user, st.sampled_from(["LOGIN", "LOGOUT", "READY", "NOT_READY"])),
    st.tuples(st.just("supervise"), user, st.sampled_from(["LOGOUT", "READY", "NOT_READY"])),
    st.tuples(st.just("dial"), user, st.sampled_from(NUMBERS)),
    st.tuples(st.just("act"), user, st.sampled_from(["ANSWER", "HOLD", "RETRIEVE", "DROP", "UPDATE_CALL_DATA"])),
    st.tuples(st.just("act"), user, st.sampled_from(["TRANSFER", "CONFERENCE", "ANSWER", "SEND_DTMF"])),
    st.tuples(st.just("offered"), user, st.sampled_from(CHOICES)),
    st.tuples(st.just("offered"), user, st.sampled_from(CHOICES)),
    st.tuples(st.just("CONSULT_CALL"), user, st.sampled_from(NUMBERS)),
    st.tuples(st.just("TRANSFER_SST"), user, st.sampled_from(NUMBERS)),
    st.tuples(st.just("PARTICIPANT_DROP"), user, st.sampled_from(["4001", "4002", "4003", "5550188"])),
    st.tuples(st.just("SILENT_MONITOR"), st.just("1003"), st.sampled_from(["4001", "4002"])),
    st.tuples(st.just("preview"), user, st.sampled_from(["5550188", "777"])),
    st.tuples(st.just("progressive"), user, st.sampled_from(["5550188", "777"])),
    st.tuples(st.just("BARGE_CALL"), st.just("1003"), st.sampled_from(["4001", "4002"])),
    st.tuples(st.just("customer"), st.sampled_from(["5551", ""]), st.sampled_from(NUMBERS)),
    st.tuples(st.just("hang up"), st.integers(0, 5), st.just("")),
    st.tuples(st.just("answer"), st.integers(0, 5), st.just("")),
    st.tuples(st.just("phone"), user, st.sampled_from(["answer", "hang up"])),
    st.tuples(st.just("session"), user, st.sampled_from(["open", "close"])),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.005, 0.1, 1.0, 20.0, 70.0]), st.just("")),
    st.tuples(st.just("wait"), st.sampled_from([0.02, 0.25, 0.5]), st.just("")),
    st.tuples(st.just("wait"), st.sampled_from([0.02, 0.25, 0.5]), st.just("")),
    st.tuples(st.just("wait"), st.sampled_from([0.02, 0.25, 0.5]), st.just("")),
)
Step = tuple[str, object, str]


class Play:
    """Carries out steps; what is refused is fine."""

    def __init__(self, scenario: Scenario) -> None:
        self.stage = Rehearsal(scenario)
        self.engine = self.stage.engine

    def step(self, step: Step) -> None:
        kind, who, what = step
        try:
            self._do(kind, who, what)
        except (ApiFaultError, NotReachableError):
            return

    def _do(self, kind: str, who: object, what: str) -> None:
        if kind == "wait":
            assert isinstance(who, float)
            self.stage.wait(who)
        elif kind == "customer":
            self.engine.customer_calls(str(who), what, {})
        elif kind in {"hang up", "answer"}:
            self._outside(kind, who)
        else:
            self._agent(kind, str(who), what)

    def _outside(self, kind: str, who: object) -> None:
        calls = list(self.engine.world.calls)
        if not calls:
            return
        assert isinstance(who, int)
        call = str(calls[who % len(calls)])
        if kind == "hang up":
            self.engine.customer_hangs_up(call)
        else:
            self.engine.outside_answers(call)

    def _agent(self, kind: str, user_id: str, what: str) -> None:
        agent = self.stage.agent(user_id)
        engine, extension = self.engine, str(int(user_id) + 3000)
        deeds: dict[str, Callable[[], object]] = {
            "state": lambda: engine.request_state(agent, agent, StateRequest(what, extension), "r"),
            "supervise": lambda: engine.request_state(agent, self.stage.agent("1003"), StateRequest(what), "r"),
            "dial": lambda: engine.request_call(agent, DialogRequest("MAKE_CALL", "", extension, what), "r"),
            "act": lambda: self._each(agent, what, extension),
            "offered": lambda: self._offered(agent, what),
            "CONSULT_CALL": lambda: self._each(agent, kind, extension, what),
            "TRANSFER_SST": lambda: self._each(agent, kind, extension, what),
            "PARTICIPANT_DROP": lambda: self._each(agent, kind, what),
            "SILENT_MONITOR": lambda: self._supervise(agent, kind, what),
            "BARGE_CALL": lambda: self._supervise(agent, kind, what),
            "preview": lambda: engine.outbound_preview(user_id, what, {}),
            "progressive": lambda: engine.progressive_call(user_id, what, {}),
            "phone": lambda: (engine.phone_answers if what == "answer" else engine.phone_hangs_up)(extension),
            "session": lambda: engine.session_changed(agent, "one", available=what == "open"),
        }
        deeds[kind]()

    def _offered(self, agent: Agent, what: str) -> None:
        """Do one of the things that the agent is offered, with a number to go with it."""
        choice, number = what.split()
        offers = [
            (view.id, action)
            for view in self.engine.dialogs_of(agent)
            for party in view.participants
            for action in party.actions
            if party.address == agent.extension and action not in {"BARGE_CALL", "DROP"}
        ]
        if offers:
            dialog, action = offers[int(choice) % len(offers)]
            target = number if action == "PARTICIPANT_DROP" else agent.extension
            request = DialogRequest(action, target, to_address=number, media=True, parameters=PARAMETERS)
            self.engine.request_action(agent, dialog, request, "r")
        self.stage.wait(0.3)

    def _each(self, agent: Agent, action: str, target: str, number: str = "") -> None:
        request = DialogRequest(action, target, to_address=number, media=True, parameters=PARAMETERS)
        for view in self.engine.dialogs_of(agent):
            self.engine.request_action(agent, view.id, request, "r")

    def _supervise(self, agent: Agent, kind: str, what: str) -> None:
        monitors = [view.id for view in self.engine.dialogs_of(agent) if view.type == "SUPERVISOR_MONITOR"]
        associated = f"/finesse/api/Dialog/{monitors[0]}" if monitors else ""
        self.engine.request_call(agent, DialogRequest(kind, "", agent.extension, what, associated=associated), "r")

    def settle(self) -> None:
        """Hang up everything and let every timer run out."""
        self.stage.wait(2)
        for turn in range(20):
            if turn > 1 and not self.engine.world.calls:
                return
            for call_id in list(self.engine.world.calls):
                if call_id in self.engine.world.calls:
                    self.engine.customer_hangs_up(str(call_id))
            for user_id in USERS:
                self.step(("phone", user_id, "hang up"))
            self.stage.wait(200)


def scenario_for(deployment: Deployment, ending: str, mode: WrapUpMode) -> Scenario:
    scenario = many_agents(3, deployment=deployment)
    agents = [msgspec.structs.replace(agent, wrap_up_on_incoming=mode) for agent in scenario.agents]
    agents[2] = msgspec.structs.replace(agents[2], supervises=("5000",), wrap_up_on_outgoing=WrapUpMode.REQUIRED)
    outside = (OutsideNumber(number="5550188", after=1), OutsideNumber(number="5550199", outcome="busy"))
    return msgspec.structs.replace(scenario, agents=tuple(agents), outside_numbers=outside, ending=ending)


@pytest.mark.parametrize("deployment", list(Deployment))
@settings(max_examples=100, deadline=None)
@given(
    steps=st.lists(steps, min_size=10, max_size=60),
    ready=st.booleans(),
    ending=st.sampled_from(["full", "short"]),
    mode=st.sampled_from(list(WrapUpMode)),
)
def test_no_sequence_breaks_the_engine(
    deployment: Deployment, *, steps: list[Step], ready: bool, ending: str, mode: WrapUpMode
) -> None:
    play = Play(scenario_for(deployment, ending, mode))
    for user_id in USERS:
        play.step(("state", user_id, "LOGIN"))
    play.stage.wait()
    if ready:
        for user_id in USERS:
            play.step(("state", user_id, "READY"))
    for step in steps:
        play.step(step)
        check_present(play, deployment)
    play.settle()
    check_present(play, deployment)
    assert not play.engine.world.calls, "every call comes to an end"
    check_history(play)


def check_present(play: Play, deployment: Deployment) -> None:
    """States and calls fit together at every moment."""
    world = play.engine.world
    for agent in world.agents.values():
        assert (agent.extension == "") == (agent.state == "LOGOUT")
        assert world.phones.get(agent.extension) is (agent if agent.extension else None)
        if agent.state in IN_CALL:
            assert world.engaged(agent), f"{agent} without a call"
        if agent.state in {"WORK", "WORK_READY"}:
            assert agent.work is not None
        if deployment is Deployment.UCCX:
            assert agent.state not in {"HOLD", "WORK_READY"}
    due = world.clock.next_due()
    settled = due is None or due > world.clock.now
    if world.waiting and settled:
        busy = world.busy_addresses()
        free = [agent for agent in world.agents.values() if agent.state == "READY" and agent.extension not in busy]
        assert not free, f"{free} could serve {world.waiting}"
    for call in world.waiting:
        assert not call.ended
        assert call.id in world.calls


def check_history(play: Play) -> None:
    """Each dialog enters a collection before it leaves it, leaves as often as it entered, and is told between only."""
    inside: Counter[tuple[str, str]] = Counter()
    for notice in play.stage.notices:
        assert update(notice)
        if isinstance(notice.body, (UserView, ApiError)):
            continue
        assert isinstance(notice.body, DialogView)
        key = (notice.user_id, notice.body.id)
        inside[key] += {Event.POST: 1, Event.DELETE: -1}.get(notice.event, 0)
        assert inside[key] == (0 if notice.event is Event.DELETE else 1), f"{notice} out of place"
    assert not +inside
