"""One agent as a CRM plays it: hears events, and decides by what it was told which command comes next. Pure.

At most one command at a time is without an answer. An error is an answer: the agent looks at what it knows and asks
again later. Silence is not: the agent then waits for ever, and the accounting finds it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from chaos.due import answers
from chaos.states import ASKS_TO_SIGN_IN
from chaos.transcript import ENDED, Heard, Sent

AFTER_ERROR = 1.0
"""Seconds until an agent asks again after an error."""

WRAPPED_UP = "WRAP_UP"
"""A call that is over for the agent, but for the work after it."""

RINGING_OUT = frozenset({"INITIATING", "INITIATED", "ALERTING"})
NOT_TO_BE_ANSWERED = 15.0
"""Seconds after which an agent gives up a number that it dialled."""

REASONS = ("27", "28")
"""What a prober gives as its reason, in turn."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command to be sent: its name, what it is about, and its body."""

    name: str
    target: str = ""
    body: str = ""


@dataclass(slots=True)
class Call:
    """The call that an agent has, as it was told. since: when its present state was told."""

    dialog: str
    state: str
    since: float
    inbound: bool
    was_held: bool = False


@dataclass(slots=True)
class Agent:
    """What the CRM knows of an agent. prober: takes no calls, and changes its reason when it is asked to (probe)."""

    id: str
    destination: str
    prober: bool = False
    extension: str = ""
    password: str = ""
    signed_in: bool = False
    state: str = ""
    call: Call | None = None
    waits_for: Sent | None = None
    not_before: float = 0.0
    refresh: bool = False
    number: str = ""
    probe: bool = False
    probed_at: float = 0.0
    working: bool = True
    _reason: int = 0
    _chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.extension = self.extension or str(int(self.id) + 3000)
        self.password = self.password or f"agent-secret-{self.id}"
        self._chance.seed(self.id)

    @property
    def idle(self) -> bool:
        """Whether nothing is going on with the agent."""
        return self.signed_in and self.call is None and self.waits_for is None and not self.refresh

    def __str__(self) -> str:
        return f"{self.id} {self.state} {self.call} waits for {self.waits_for}"

    # -- hearing

    def hear(self, heard: Heard) -> None:
        """Take an event that is the agent's, or its destination's and answers its command."""
        if self.waits_for is not None and answers(self.waits_for, heard):
            self._answered(self.waits_for, heard)
        if heard.agent == self.id:
            self._learn(heard)

    def _answered(self, sent: Sent, heard: Heard) -> None:
        self.waits_for = None
        refused = heard.name in {"Error", "System"}
        self.not_before = heard.at + (AFTER_ERROR if refused else 0.0)
        if sent.name == "MakeNotReadyWithReason" and not refused:
            self.probe, self.probed_at = False, heard.at

    def _learn(self, heard: Heard) -> None:
        if heard.name == "State":
            self._learn_state(heard)
        elif heard.about_a_call:
            self._learn_call(heard)
        elif heard.name == "AgentInfo":
            self.signed_in = True
        elif heard.name == "DialogStatus":
            self._learn_snapshot(heard)
        elif heard.name == "Error" and heard.state == "SESSION_INVALIDATED":
            self.sign_in_again(heard.at)

    def _learn_state(self, heard: Heard) -> None:
        if heard.state in {ASKS_TO_SIGN_IN, "LOGOUT"}:
            self.sign_in_again(heard.at)
        else:
            self.state = heard.state
            pause = 0.5 if heard.state != "RESERVED" else 0.0
            self.not_before = max(self.not_before, heard.at + pause * self._chance.random())

    def _learn_call(self, heard: Heard) -> None:
        if heard.state == ENDED:
            self.call = None
        elif self.call is None or self.call.dialog != heard.dialog:
            self.call = Call(heard.dialog, heard.state, heard.at, inbound=heard.name == "NewInboundCall")
        elif self.call.state != heard.state:
            self.call.state, self.call.since = heard.state, heard.at

    def _learn_snapshot(self, heard: Heard) -> None:
        if self.waits_for is None or self.waits_for.name != "refresh":
            self.refresh = False
        if not heard.shown:
            self.call = None
            return
        dialog, state = heard.shown[0]
        if self.call is None or self.call.dialog != dialog:
            self.call = Call(dialog, state, heard.at, inbound=state == "ALERTING")
        elif self.call.state != state:
            self.call.state, self.call.since = state, heard.at

    def sign_in_again(self, at: float) -> None:
        """Forget the sign-in: the connector does not have the agent."""
        self.signed_in = False
        self.not_before = max(self.not_before, at + AFTER_ERROR * self._chance.random())

    def was_cut_off(self) -> None:
        """Note that events may have passed by, answers among them: look at the state before anything else."""
        self.waits_for = None
        self.refresh = self.signed_in

    # -- acting

    def next(self, now: float) -> Order | None:
        """Give the command that is due now, None when there is none."""
        if self.waits_for is not None or now < self.not_before:
            return None
        if not self.signed_in:
            return Order("Login", body=f"{self.password},{self.extension}")
        if self.refresh:
            self.refresh = False
            return Order("refresh")
        if self.call is not None and self.call.state != WRAPPED_UP:
            return self._with_call(self.call, now)
        return self._without_call()

    def _without_call(self) -> Order | None:
        if self.prober:
            return self._next_probe() if self.probe else None
        if self.number and self.state in {"READY", "NOT_READY"}:
            number, self.number = self.number, ""
            return Order("MakeCall", number, number)
        if self.state in {"NOT_READY", "WORK", "WORK_READY"} and self.working:
            return Order("MakeReady")
        return None

    def _next_probe(self) -> Order:
        self._reason = 1 - self._reason
        return Order("MakeNotReadyWithReason", body=REASONS[self._reason])

    def _with_call(self, call: Call, now: float) -> Order | None:
        age = now - call.since
        if call.state == "ALERTING" and call.inbound:
            return Order("AnswerCall", call.dialog, call.dialog)
        if call.state == "HELD":
            return Order("RetrieveCall", call.dialog, call.dialog) if age > 1 + self._chance.random() else None
        if call.state in RINGING_OUT:
            return Order("ReleaseCall", call.dialog, call.dialog) if age > NOT_TO_BE_ANSWERED else None
        if call.state == "ACTIVE":
            return self._talking(call, age)
        return Order("ReleaseCall", call.dialog, call.dialog) if call.state == "FAILED" else None

    def _talking(self, call: Call, age: float) -> Order | None:
        if not call.was_held and age > 1 and hash(call.dialog) % 4 == 0:
            call.was_held = True
            return Order("HoldCall", call.dialog, call.dialog)
        return Order("ReleaseCall", call.dialog, call.dialog) if age > 2 + 2 * self._chance.random() else None
