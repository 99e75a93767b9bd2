"""An engine with the clock in one's hand and a transcript: to try scenes without network or waiting."""

from __future__ import annotations

from datetime import UTC, datetime

from finesse_simulator.engine.action_checks import DialogRequest
from finesse_simulator.engine.engine import Engine
from finesse_simulator.engine.model import Agent
from finesse_simulator.engine.state_requests import StateRequest
from finesse_simulator.engine.world import Notice
from finesse_simulator.scenario import Scenario

EPOCH = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
"""The simulated second 0 of every rehearsal."""

_LONG_ENOUGH = 0.5


class Rehearsal:
    """An engine whose notices are kept. Requests settle for half a second, less than any phone rings."""

    def __init__(self, scenario: Scenario) -> None:
        self.notices: list[Notice] = []
        self.times: list[float] = []
        self.engine = Engine(scenario, EPOCH, self._keep)

    def _keep(self, notice: Notice) -> None:
        self.notices.append(notice)
        self.times.append(round(self.engine.now, 6))

    def wait(self, seconds: float = _LONG_ENOUGH) -> None:
        """Let simulated time pass."""
        self.engine.run_until(self.engine.now + seconds)

    def told(self) -> list[str]:
        """Give the notices since the last time, one line each."""
        lines = [str(notice) for notice in self.notices]
        self.notices.clear()
        self.times.clear()
        return lines

    def agent(self, user_id: str) -> Agent:
        """Find an agent who must be there."""
        agent = self.engine.agent(user_id)
        if agent is None:
            raise KeyError(user_id)
        return agent

    # ---- what agents do

    def state(
        self, user_id: str, state: str, *, reason: str = "", extension: str = "", request_id: str = "", by: str = ""
    ) -> None:
        """Ask for a state, as the agent or by a supervisor, and settle."""
        request = StateRequest(state, extension, reason)
        self.engine.request_state(self.agent(user_id), self.agent(by or user_id), request, request_id)
        self.wait()

    def sign_in(self, user_id: str, *, ready: bool = False) -> None:
        """Sign in on the extension that goes with the id, 3000 above it, and forget what was told of it."""
        self.state(user_id, "LOGIN", extension=str(int(user_id) + 3000))
        if ready:
            self.state(user_id, "READY")
        self.told()

    def make_call(self, user_id: str, number: str, *, request_id: str = "") -> str:
        """Dial, settle, and give the call's id; empty when there is no call."""
        extension = self.agent(user_id).extension
        request = DialogRequest("MAKE_CALL", from_address=extension, to_address=number)
        self.engine.request_call(self.agent(user_id), request, request_id)
        self.wait()
        dialogs = self.engine.dialogs_of(self.agent(user_id))
        return dialogs[-1].id if dialogs else ""

    def act(
        self,
        user_id: str,
        dialog_id: str,
        action: str,
        *,
        to: str = "",
        target: str = "",
        request_id: str = "",
        **parameters: str,
    ) -> None:
        """Do something to a call and settle. target: somebody else's extension; parameters: the actionParams."""
        agent = self.agent(user_id)
        chosen = target or agent.extension
        request = DialogRequest(action, chosen, to_address=to, parameters=tuple(parameters.items()))
        self.engine.request_action(agent, dialog_id, request, request_id)
        self.wait()

    def consult(self, user_id: str, dialog_id: str, number: str, *, request_id: str = "") -> str:
        """Consult somebody, settle, and give the consultation's id; empty when there is none."""
        before = {view.id for view in self.engine.dialogs_of(self.agent(user_id))}
        self.act(user_id, dialog_id, "CONSULT_CALL", to=number, request_id=request_id)
        after = [view.id for view in self.engine.dialogs_of(self.agent(user_id))]
        return next((dialog for dialog in after if dialog not in before), "")

    def supervise(self, user_id: str, extension: str, *, barge_into: str = "", request_id: str = "") -> str:
        """Overhear an agent, or come into the call that is overheard; settle, and give the last dialog's id."""
        action = "BARGE_CALL" if barge_into else "SILENT_MONITOR"
        associated = f"/finesse/api/Dialog/{barge_into}" if barge_into else ""
        agent = self.agent(user_id)
        request = DialogRequest(action, "", agent.extension, extension, associated=associated)
        self.engine.request_call(agent, request, request_id)
        self.wait()
        dialogs = self.engine.dialogs_of(agent)
        return dialogs[-1].id if dialogs else ""

    def update(
        self,
        user_id: str,
        dialog_id: str,
        *variables: tuple[str, str],
        wrap_up_reason: str | None = None,
        request_id: str = "",
    ) -> None:
        """Change a call's data and settle."""
        request = DialogRequest("UPDATE_CALL_DATA", variables=variables, wrap_up_reason=wrap_up_reason, media=True)
        self.engine.request_action(self.agent(user_id), dialog_id, request, request_id)
        self.wait()

    # ---- what customers do

    def customer_call(self, destination: str, number: str = "5550188") -> str:
        """Call a queue or an extension, settle, and give the call's id."""
        call = self.engine.customer_calls(number, destination, {})
        self.wait()
        return str(call.id)

    def customer_hang_up(self, call_id: str) -> None:
        """Hang up and settle."""
        self.engine.customer_hangs_up(call_id)
        self.wait()
