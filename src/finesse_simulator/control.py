"""The control door: an HTTP port with JSON to play customers, phones and failures, and to look.

`GET /` lists the operations. They are those of Simulator; mistakes are answered with 400 or 404 and `{"error": ...}`.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from aiohttp import web

from finesse_simulator.chronicle import Told
from finesse_simulator.listening import Listener
from finesse_simulator.load import Load
from finesse_simulator.rest.failures import Failure
from finesse_simulator.rest.requests import ReceivedRequest
from finesse_simulator.scenario import Scenario
from finesse_simulator.server_states import ServerState


class Controlled(Protocol):
    """What the control door does its work with: see Simulator."""

    scenario: Scenario

    @property
    def pace(self) -> float:
        """See Simulator."""

    def customer_call(self, number: str, destination: str, variables: Mapping[str, str] | None = None) -> str:
        """See Simulator."""

    def customer_hang_up(self, call_id: str) -> None:
        """See Simulator."""

    def play_load(self, load: Load) -> int:
        """See Simulator."""

    def outside_answer(self, call_id: str) -> None:
        """See Simulator."""

    def outbound_preview(self, who: str, customer: str, variables: Mapping[str, str] | None = None) -> str:
        """See Simulator."""

    def progressive_call(self, who: str, customer: str, variables: Mapping[str, str] | None = None) -> str:
        """See Simulator."""

    def phone_answer(self, extension: str) -> None:
        """See Simulator."""

    def phone_hang_up(self, extension: str) -> None:
        """See Simulator."""

    def set_agent_state(self, user_id: str, state: str, *, extension: str = "", reason_code_id: str = "") -> None:
        """See Simulator."""

    def issue_token(self, user_id: str) -> dict[str, str]:
        """See Simulator."""

    def expire_tokens(self, user_id: str | None = None) -> None:
        """See Simulator."""

    def remove_queue(self, queue_id: str) -> None:
        """See Simulator."""

    def assign_queue(self, queue_id: str, user_ids: Iterable[str]) -> None:
        """See Simulator."""

    def set_pace(self, pace: float) -> None:
        """See Simulator."""

    def go_out_of_service(self, reason: str = ...) -> None:
        """See Simulator."""

    def go_into_service(self) -> None:
        """See Simulator."""

    def fail(self, failure: Failure) -> None:
        """See Simulator."""

    def failures(self) -> list[Failure]:
        """See Simulator."""

    def clear_failures(self) -> None:
        """See Simulator."""

    async def set_server_state(self, name: str, state: str) -> None:
        """See Simulator."""

    def force_logout(self, user_id: str | None = None, server: str = "A") -> list[str]:
        """See Simulator."""

    def counters(self) -> dict[str, Any]:
        """See Simulator."""

    def clear_counters(self) -> None:
        """See Simulator."""

    def disconnect(self, user_id: str | None = None) -> None:
        """See Simulator."""

    def set_web_application_available(self, *, available: bool) -> None:
        """See Simulator."""

    def set_sessions_available(self, *, available: bool) -> None:
        """See Simulator."""

    def requests(self) -> list[ReceivedRequest]:
        """See Simulator."""

    def clear_requests(self) -> None:
        """See Simulator."""

    def notices(self, after: int = 0) -> list[Told]:
        """See Simulator."""

    def state(self) -> dict[str, Any]:
        """See Simulator."""

    def agent(self, user_id: str) -> dict[str, Any]:
        """See Simulator."""

    def call(self, call_id: str) -> dict[str, Any]:
        """See Simulator."""

    def calls(self) -> list[dict[str, Any]]:
        """See Simulator."""


# ---- bodies


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No body is needed."""


class CustomerCall(msgspec.Struct, forbid_unknown_fields=True):
    """A customer's call; from is empty when the number is withheld."""

    to: str
    from_: str = msgspec.field(default="", name="from")
    variables: dict[str, str] = {}


class CampaignCall(msgspec.Struct, forbid_unknown_fields=True):
    """A customer whom the dialler calls. for: an agent's id or a campaign's name."""

    for_: str = msgspec.field(name="for")
    customer: str
    variables: dict[str, str] = {}


class WantedState(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A state that an agent asks for at another desktop."""

    state: str
    extension: str = ""
    reason_code_id: str = ""


class Account(msgspec.Struct, forbid_unknown_fields=True):
    """Who gets a token."""

    user: str


class Assignment(msgspec.Struct, forbid_unknown_fields=True):
    """Who serves a queue; empty means everyone."""

    agents: list[str] = []


class Pace(msgspec.Struct, forbid_unknown_fields=True):
    """Simulated seconds per real second."""

    pace: float


class Outage(msgspec.Struct, forbid_unknown_fields=True):
    """Why the server is out of service."""

    reason: str = "CTI server is not connected"


class Victim(msgspec.Struct, forbid_unknown_fields=True):
    """Whose notification sessions are cut; without a user, everybody's."""

    user: str | None = None


class WantedServerState(msgspec.Struct, forbid_unknown_fields=True):
    """What befalls a server."""

    state: ServerState


class LostPresence(msgspec.Struct, forbid_unknown_fields=True):
    """Whose presence a server lost; without a user, everybody's."""

    user: str | None = None
    server: str = "A"


class Availability(msgspec.Struct, forbid_unknown_fields=True):
    """Whether what the operation is about is there."""

    available: bool


# ---- operations


@dataclass(frozen=True, slots=True)
class Operation:
    """A row of the control door. run gets the simulator, the variable parts of the path, and the body.

    What it gives may have to be awaited.
    """

    method: str
    path: str
    summary: str
    run: Callable[[Controlled, Mapping[str, str], Any], object]
    body: type = Nothing


OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/state", "agents, calls, pace and service", lambda s, _, __: s.state()),
    Operation("GET", "/agents/{id}", "one agent", lambda s, p, _: s.agent(p["id"])),
    Operation(
        "PUT",
        "/agents/{id}/state",
        "an agent asks for a state at another desktop: {state, extension, reasonCodeId}",
        lambda s, p, b: s.set_agent_state(p["id"], b.state, extension=b.extension, reason_code_id=b.reason_code_id),
        WantedState,
    ),
    Operation("GET", "/calls", "every call", lambda s, _, __: s.calls()),
    Operation("GET", "/calls/{id}", "one call", lambda s, p, _: s.call(p["id"])),
    Operation(
        "POST",
        "/calls",
        "a customer calls a queue or an extension: {from, to, variables}; gives {id}",
        lambda s, _, b: {"id": s.customer_call(b.from_, b.to, b.variables)},
        CustomerCall,
    ),
    Operation(
        "POST",
        "/load",
        "customers call at planned times: {callsPerSecond, seconds, talkSeconds, to, variables}; gives {calls}",
        lambda s, _, b: {"calls": s.play_load(b)},
        Load,
    ),
    Operation(
        "POST",
        "/outbound/preview",
        "the dialler offers a customer's record: {for, customer, variables}; for: an agent or a campaign; gives {id}",
        lambda s, _, b: {"id": s.outbound_preview(b.for_, b.customer, b.variables)},
        CampaignCall,
    ),
    Operation(
        "POST",
        "/outbound/progressive",
        "the dialler brings a customer to an agent: {for, customer, variables}; gives {id}",
        lambda s, _, b: {"id": s.progressive_call(b.for_, b.customer, b.variables)},
        CampaignCall,
    ),
    Operation("POST", "/calls/{id}/hang-up", "the outside party hangs up", lambda s, p, _: s.customer_hang_up(p["id"])),
    Operation("POST", "/calls/{id}/answer", "the outside party answers", lambda s, p, _: s.outside_answer(p["id"])),
    Operation(
        "POST",
        "/phones/{extension}/answer",
        "a ringing phone is lifted",
        lambda s, p, _: s.phone_answer(p["extension"]),
    ),
    Operation(
        "POST", "/phones/{extension}/hang-up", "a phone is put back", lambda s, p, _: s.phone_hang_up(p["extension"])
    ),
    Operation(
        "POST",
        "/tokens",
        "hand out a token of single sign-on: {user}; gives {token, refresh_token}",
        lambda s, _, b: s.issue_token(b.user),
        Account,
    ),
    Operation(
        "POST", "/tokens/expire", "let tokens run out: {user}, or all", lambda s, _, b: s.expire_tokens(b.user), Victim
    ),
    Operation("DELETE", "/queues/{id}", "take a queue away (UCCE)", lambda s, p, _: s.remove_queue(p["id"])),
    Operation(
        "PUT",
        "/queues/{id}",
        "change who serves a queue (UCCE): {agents}",
        lambda s, p, b: s.assign_queue(p["id"], b.agents),
        Assignment,
    ),
    Operation("PUT", "/pace", "simulated seconds per real second: {pace}", lambda s, _, b: s.set_pace(b.pace), Pace),
    Operation("GET", "/requests", "the REST requests received", lambda s, _, __: s.requests()),
    Operation("DELETE", "/requests", "forget the requests received", lambda s, _, __: s.clear_requests()),
    Operation(
        "GET",
        "/notices/{after}",
        "what was told of agents and calls after the notice of that number (0: from the beginning), 10,000 at a time",
        lambda s, p, _: s.notices(int(p["after"])),
    ),
    Operation("GET", "/failures", "the failures that wait for requests", lambda s, _, __: s.failures()),
    Operation(
        "POST",
        "/failures",
        "let requests fail: {kind: refuse|control_failure|delay|hang|close, method, path, user, times, status, "
        "errorType, errorMessage, errorData, code, seconds}",
        lambda s, _, b: s.fail(b),
        Failure,
    ),
    Operation("DELETE", "/failures", "let nothing fail any more", lambda s, _, __: s.clear_failures()),
    Operation(
        "POST",
        "/out-of-service",
        "lose the CTI server: {reason}",
        lambda s, _, b: s.go_out_of_service(b.reason),
        Outage,
    ),
    Operation("POST", "/in-service", "find the CTI server again", lambda s, _, __: s.go_into_service()),
    Operation(
        "PUT",
        "/servers/{name}",
        f"what befalls server A or B: {{state: {'|'.join(ServerState)}}}",
        lambda s, p, b: s.set_server_state(p["name"], b.state),
        WantedServerState,
    ),
    Operation(
        "POST",
        "/forced-logout",
        "a server that lost presence acts on it now: {user, or all, server}; gives {users}",
        lambda s, _, b: {"users": s.force_logout(b.user, b.server)},
        LostPresence,
    ),
    Operation("GET", "/counters", "what was counted", lambda s, _, __: s.counters()),
    Operation("DELETE", "/counters", "count anew", lambda s, _, __: s.clear_counters()),
    Operation(
        "POST", "/disconnect", "cut notification sessions: {user}, or all", lambda s, _, b: s.disconnect(b.user), Victim
    ),
    Operation(
        "PUT",
        "/web-application",
        "presence of finesse@domain: {available}",
        lambda s, _, b: s.set_web_application_available(available=b.available),
        Availability,
    ),
    Operation(
        "PUT",
        "/sessions",
        "whether notification sessions can be opened: {available}",
        lambda s, _, b: s.set_sessions_available(available=b.available),
        Availability,
    ),
)
"""Every operation of the control door."""


class ControlServer:
    """The port of the control door."""

    def __init__(self, simulator: Controlled) -> None:
        self._simulator = simulator
        self._listener = Listener(self._application)
        self.port = 0

    def _application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/", self._menu)
        for operation in OPERATIONS:
            application.router.add_route(operation.method, operation.path, self._answered_by(operation))
        return application

    async def start(self) -> None:
        """Open the port of the scenario; after a stop, that of before."""
        control = self._simulator.scenario.control
        await self._listener.start()
        self.port = await self._listener.listen(control.host, self.port or control.port)

    async def stop(self) -> None:
        """Close the port."""
        await self._listener.stop()

    async def _menu(self, _: web.Request) -> web.Response:
        return _json(200, {f"{operation.method} {operation.path}": operation.summary for operation in OPERATIONS})

    def _answered_by(self, operation: Operation) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            text = await request.read() or b"{}"
            try:
                body: Any = msgspec.json.decode(text, type=operation.body)
                result = operation.run(self._simulator, request.match_info, body)
                if inspect.isawaitable(result):
                    result = await result
            except KeyError as error:
                return _json(404, {"error": f"there is no {error.args[0]}"})
            except ValueError as error:  # msgspec's errors are ValueErrors as well
                return _json(400, {"error": str(error)})
            except OSError as error:  # a server that cannot come back
                return _json(500, {"error": str(error)})
            return _json(200, {} if result is None else result)

        return answer


def _json(status: int, content: object) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")
