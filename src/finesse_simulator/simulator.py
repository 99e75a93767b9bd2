"""The pretend Finesse as one object: start it, play with it, stop it.

async with Simulator(scenario.default(), RecordingServer()) as finesse:
    finesse.customer_call("5550188", "8800")
    await finesse.wait_for_agent("1001", "RESERVED")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from finesse_simulator import system_info, updates
from finesse_simulator.api_errors import ApiFaultError
from finesse_simulator.certificate import Certificate, self_signed
from finesse_simulator.chronicle import Chronicle, Told
from finesse_simulator.control import ControlServer
from finesse_simulator.engine.engine import Engine
from finesse_simulator.engine.model import Agent
from finesse_simulator.engine.state_requests import StateRequest
from finesse_simulator.engine.world import Notice
from finesse_simulator.fidelity import Distorter, style_of
from finesse_simulator.nodes import Nodes
from finesse_simulator.notifying import AccountsUnavailableError, NotificationServer
from finesse_simulator.pacemaker import Pacemaker
from finesse_simulator.queue_news import QueueNews
from finesse_simulator.report import agent_report, call_report, state_report
from finesse_simulator.rest.access import same
from finesse_simulator.rest.failures import Failure
from finesse_simulator.rest.requests import ReceivedRequest
from finesse_simulator.rest.server import RestServer
from finesse_simulator.scenario import Scenario
from finesse_simulator.system_info import Ports, ServiceState
from finesse_simulator.team_watch import TeamWatch
from finesse_simulator.tokens import Tokens

if TYPE_CHECKING:
    from finesse_simulator.statistics_feed import StatisticsFeed

_DEADLINE = 10.0


def certificate_for(scenario: Scenario) -> Certificate:
    """Make the self-signed certificate of a scenario's host."""
    return self_signed(scenario.host, "localhost", "127.0.0.1", "::1", scenario.xmpp.domain)


class Simulator:
    """A running pretend Finesse. It is also the Directory of its notification server.

    certificate: what the HTTPS port shows; made when not given. Methods that name an unknown agent or call raise
    KeyError; what cannot be (a customer calls a number that is nowhere, a silent phone answers) raises ValueError.
    """

    def __init__(
        self, scenario: Scenario, notification_server: NotificationServer, certificate: Certificate | None = None
    ) -> None:
        self.scenario = scenario
        self.certificate = certificate or certificate_for(scenario)
        self.notification_server = notification_server
        self._chronicle = Chronicle()
        self.engine = Engine(scenario, datetime.now(UTC), self._publish)
        self._pacemaker = Pacemaker(self.engine)
        self._service = ServiceState()
        self._nodes = Nodes(self.engine)
        self._tokens = Tokens(scenario, lambda: self.engine.now)
        self._distorter, self._style = Distorter(scenario.fidelity), style_of(scenario.fidelity)
        self._team_watch = TeamWatch(uccx=scenario.uccx)
        self._queue_news = QueueNews(self.engine.world, self._send)
        self._everybody = tuple(agent.id for agent in scenario.agents)
        self._rest = RestServer(
            self.engine,
            self._pacemaker,
            system_info=self._system_info,
            in_service=lambda: self._service.in_service,
            tokens=self._tokens,
        )
        self._sessions_available = True
        self._control = ControlServer(self)
        self._statistics: StatisticsFeed | None = None

    # ---- life

    async def start(self) -> None:
        """Open every port; when one cannot be opened, OSError, and none stays open.

        After a stop, the same ports are opened again, and agents and calls are as they were: a node that comes back.
        """
        try:
            self._pacemaker.start()
            await self.notification_server.start(self)
            await self._rest.start(self.certificate.server_context())
            await self._control.start()
            await self._start_statistics()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close every port and stop the clock."""
        feed, self._statistics = self._statistics, None
        if feed is not None:
            await feed.stop()
        await self._control.stop()
        await self._rest.stop()
        await self.notification_server.stop()
        self._pacemaker.stop()

    async def _start_statistics(self) -> None:
        if self.scenario.statistics_database.url:
            from finesse_simulator.statistics_feed import StatisticsFeed  # noqa: PLC0415  loads SQLAlchemy

            self._statistics = StatisticsFeed(self.engine, self._pacemaker)
            await self._statistics.start()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def rest_url(self) -> str:
        """The address of the REST interface by HTTPS, without a path; empty when it is not open."""
        return _url("https", self.scenario.rest.host, self._rest.https_port)

    @property
    def http_url(self) -> str:
        """The address of the REST interface by HTTP; empty when it is not open."""
        return _url("http", self.scenario.rest.host, self._rest.http_port)

    @property
    def control_url(self) -> str:
        """The address of the control door; empty when it is not open."""
        return _url("http", self.scenario.control.host, self._control.port)

    # ---- directory: what the notification server asks and tells

    def check_password(self, user_id: str, password: str) -> bool:
        """Say whether this is the agent's password, or a valid token of an agent of single sign-on."""
        if not self._sessions_available:
            raise AccountsUnavailableError
        agent = self.engine.agent(user_id)
        if agent is not None and self._tokens.needed_by(agent.profile):
            return self._pacemaker.do(lambda: self._tokens.owner(password)) == agent.id
        return agent is not None and same(password, agent.profile.password)

    def node_exists(self, node: str) -> bool:
        """Say whether there is such a node."""
        return self._nodes.exists(node)

    def may_subscribe(self, user_id: str, node: str) -> bool:
        """Say whether the user may subscribe to the node explicitly."""
        return self._nodes.may_subscribe(user_id, node)

    def presence_changed(self, user_id: str, resource: str, *, available: bool) -> None:
        """Hear that a session came or went; a minute after the last one went, the agent is signed out."""
        agent = self.engine.agent(user_id)
        if agent is not None:
            self._pacemaker.do(lambda: self.engine.session_changed(agent, resource, available=available))

    # ---- customers and phones

    def customer_call(self, number: str, destination: str, variables: Mapping[str, str] | None = None) -> str:
        """Let a customer call a queue or an extension; the number is empty when withheld. Return the call's id."""
        call = self._pacemaker.do(lambda: self.engine.customer_calls(number, destination, variables or {}))
        return str(call.id)

    def customer_hang_up(self, call_id: str) -> None:
        """Let the outside party of a call hang up."""
        self._pacemaker.do(lambda: self.engine.customer_hangs_up(call_id))

    def outside_answer(self, call_id: str) -> None:
        """Let the outside party that an agent calls answer."""
        self._pacemaker.do(lambda: self.engine.outside_answers(call_id))

    def outbound_preview(self, who: str, customer: str, variables: Mapping[str, str] | None = None) -> str:
        """Let the dialler offer a customer's record (preview, on UCCX direct preview). Return the reservation's id.

        who: an agent's id, or a campaign's name, whose agent who has been ready longest gets it; ValueError when nobody
        is ready. variables: call variables, the record's own (BAAccountNumber ...) among them.
        """
        return str(self._pacemaker.do(lambda: self.engine.outbound_preview(who, customer, variables or {})).id)

    def progressive_call(self, who: str, customer: str, variables: Mapping[str, str] | None = None) -> str:
        """Let the dialler bring a customer who has answered to an agent; see outbound_preview. Return the call's id."""
        return str(self._pacemaker.do(lambda: self.engine.progressive_call(who, customer, variables or {})).id)

    def phone_answer(self, extension: str) -> None:
        """Lift the receiver of a ringing phone."""
        self._pacemaker.do(lambda: self.engine.phone_answers(extension))

    def phone_hang_up(self, extension: str) -> None:
        """Put the receiver of a phone back."""
        self._pacemaker.do(lambda: self.engine.phone_hangs_up(extension))

    def set_agent_state(self, user_id: str, state: str, *, extension: str = "", reason_code_id: str = "") -> None:
        """Let an agent ask for a state (LOGIN, READY, NOT_READY, LOGOUT) as if at another desktop.

        It takes effect as a request does, a little later; ValueError when Finesse refuses it at once.
        """
        agent = self._agent(user_id)
        request = StateRequest(state, extension, reason_code_id)
        try:
            self._pacemaker.do(lambda: self.engine.request_state(agent, agent, request))
        except ApiFaultError as fault:
            raise ValueError(str(fault)) from fault

    async def write_statistics(self) -> None:
        """Write the numbers of this moment into the statistics database (UCCX) and not only every few seconds."""
        if self._statistics is not None:
            await self._statistics.write()

    # ---- single sign-on

    def issue_token(self, user_id: str) -> dict[str, str]:
        """Hand out a `token` and a `refresh_token` for an agent, as if the identity provider had."""
        user_id = self._agent(user_id).id
        grant = self._pacemaker.do(lambda: self._tokens.issue(user_id))
        return {"token": grant.token, "refresh_token": grant.refresh_token}

    def expire_tokens(self, user_id: str | None = None) -> None:
        """Let the access tokens of one agent, or of all, run out now; refresh tokens stay good."""
        self._pacemaker.do(lambda: self._tokens.expire(user_id))

    # ---- configuration that changes

    def remove_queue(self, queue_id: str) -> None:
        """Take a queue away (UCCE): its users and subscribers are told, and nobody can call it any more."""
        self._pacemaker.do(lambda: self._queue_news.remove(queue_id))

    def assign_queue(self, queue_id: str, user_ids: Iterable[str]) -> None:
        """Change who serves a queue (UCCE); empty means everyone."""
        self._pacemaker.do(lambda: self._queue_news.assign(queue_id, user_ids))

    # ---- time, service, failures

    @property
    def pace(self) -> float:
        """Simulated seconds per real second."""
        return self._pacemaker.pace

    def set_pace(self, pace: float) -> None:
        """Change how fast time passes; ValueError unless it is greater than 0."""
        self._pacemaker.set_pace(pace)

    @property
    def in_service(self) -> bool:
        """Whether Finesse is in service."""
        return self._service.in_service

    def go_out_of_service(self, reason: str = "CTI server is not connected") -> None:
        """Lose the CTI server: SystemInfo says so, requests get 503, nobody is told of anything."""
        self._service = ServiceState(in_service=False, reason=reason)
        self._pacemaker.do(self.engine.leave_service)
        self._publish_system_info()

    def go_into_service(self) -> None:
        """Find the CTI server again: SystemInfo says so, then the last state of every agent and call goes out."""
        self._service = ServiceState()
        self._publish_system_info()
        self._team_watch.forget()
        self._pacemaker.do(self.engine.return_to_service)

    def fail(self, failure: Failure) -> None:
        """Let a failure wait for requests."""
        self._rest.failures.add(failure)

    def failures(self) -> list[Failure]:
        """Give the failures that still wait."""
        return self._rest.failures.waiting()

    def clear_failures(self) -> None:
        """Let nothing fail any more."""
        self._rest.failures.clear()

    def disconnect(self, user_id: str | None = None) -> None:
        """Cut the notification sessions of one user, or of all."""
        self.notification_server.disconnect(user_id)

    def set_web_application_available(self, *, available: bool) -> None:
        """Let the user finesse@domain be present or not."""
        self.notification_server.set_web_application_available(available=available)

    def set_sessions_available(self, *, available: bool) -> None:
        """Let notification sessions be opened or not; those that are open stay."""
        self._sessions_available = available

    # ---- looking

    def requests(self) -> list[ReceivedRequest]:
        """Give the requests received, oldest first, without passwords."""
        return self._rest.requests.all()

    def clear_requests(self) -> None:
        """Forget the requests received."""
        self._rest.requests.clear()

    def notices(self, after: int = 0) -> list[Told]:
        """Give what was told of agents and calls after the notice of that number, 10,000 at a time."""
        return self._chronicle.after(after)

    def state(self) -> dict[str, Any]:
        """Describe everything as plain data."""
        return state_report(self.engine, in_service=self.in_service, pace=self.pace)

    def agent(self, user_id: str) -> dict[str, Any]:
        """Describe an agent as plain data."""
        return agent_report(self.engine, self._agent(user_id))

    def call(self, call_id: str) -> dict[str, Any]:
        """Describe a call as plain data; KeyError when it is over."""
        return call_report(self.engine.call(call_id))

    def calls(self) -> list[dict[str, Any]]:
        """Describe the calls there are."""
        return [call_report(call) for call in self.engine.world.calls.values()]

    async def wait_until(self, condition: Callable[[], bool], deadline: float = _DEADLINE) -> None:
        """Wait until a condition on this object holds; TimeoutError with the state after so many real seconds."""
        try:
            await self._pacemaker.wait_until(condition, deadline)
        except TimeoutError as error:
            raise TimeoutError(f"the condition does not hold after {deadline} s: {self.state()}") from error

    async def wait_for_agent(self, user_id: str, state: str, deadline: float = _DEADLINE) -> None:
        """Wait until an agent is in a state."""
        agent = self._agent(user_id)
        await self.wait_until(lambda: agent.state == state, deadline)

    async def wait_for_call(self, call_id: str, state: str, deadline: float = _DEADLINE) -> None:
        """Wait until a call is in a dialog state; DROPPED also when it is over."""
        calls, number = self.engine.world.calls, int(call_id)
        await self.wait_until(lambda: (calls[number].state if number in calls else "DROPPED") == state, deadline)

    async def wait_for_session(self, user_id: str, deadline: float = _DEADLINE) -> None:
        """Wait until an agent has a notification session."""
        agent = self._agent(user_id)
        await self.wait_until(lambda: bool(agent.sessions), deadline)

    async def wait_for_request(
        self, method: str, path: str, *, user: str = "", after: int = 0, deadline: float = _DEADLINE
    ) -> ReceivedRequest:
        """Wait until a request of that method, to a path with that text in it, is answered; give the first one.

        after: the number of a request; only later ones count.
        """

        def found() -> list[ReceivedRequest]:
            return [
                request
                for request in self.requests()
                if request.method == method and path in request.path and user in {"", request.user}
                if request.status and request.number > after
            ]

        await self.wait_until(lambda: bool(found()), deadline)
        return found()[0]

    def _agent(self, user_id: str) -> Agent:
        agent = self.engine.agent(user_id)
        if agent is None:
            raise KeyError(user_id)
        return agent

    # ---- telling

    def _publish(self, notice: Notice) -> None:
        """Publish what the engine tells, and what follows from it for teams and queues."""
        agent = self.engine.agent(notice.user_id)
        self._chronicle.enter(notice, agent.extension if agent else "", self.engine.world.clock.moment())
        self._send(notice)
        for follower in self._team_watch.hear(notice):
            self._send(follower)
        self._queue_news.touch()

    def _send(self, notice: Notice) -> None:
        """Hand a notice over, at once or as late as the scenario's fidelity has it."""
        now = self.engine.now
        for planned in self._distorter.distort(notice, now):
            if planned.when > now:
                self.engine.world.clock.at(planned.when, partial(self._hand_over, planned.notice))
            else:
                self._hand_over(planned.notice)

    def _hand_over(self, notice: Notice) -> None:
        if self.engine.world.in_service:
            user_ids = (notice.user_id,) if notice.user_id else ()
            self.notification_server.publish(notice.node, user_ids, updates.update(notice, self._style))

    def _publish_system_info(self) -> None:
        now = self.engine.world.clock.moment()
        payload = system_info.update(self.scenario, self._service, self._ports(), now, self._style)
        self.notification_server.publish(system_info.NODE, self._everybody, payload)

    def _system_info(self) -> str:
        now = self._pacemaker.do(self.engine.world.clock.moment)
        return system_info.answer(self.scenario, self._service, self._ports(), now)

    def _ports(self) -> Ports:
        plain = getattr(self.notification_server, "plain_port", None)
        secure = getattr(self.notification_server, "tls_port", None)
        return Ports(https=self._rest.https_port, xmpp=plain or 0, xmpp_secure=secure or 0)


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{host}:{port}" if port else ""
