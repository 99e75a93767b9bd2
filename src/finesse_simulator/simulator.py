"""The pretend Finesse as one object: start it, play with it, stop it.

async with Simulator(scenario.default(), RecordingServer()) as finesse:
    finesse.customer_call("5550188", "8800")
    await finesse.wait_for_agent("1001", "RESERVED")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from finesse_simulator.api_errors import ApiFaultError
from finesse_simulator.certificate import Certificate, self_signed
from finesse_simulator.chronicle import Chronicle, Due, Told
from finesse_simulator.cluster import Cluster
from finesse_simulator.control import ControlServer
from finesse_simulator.counters import counters_report
from finesse_simulator.engine.counts import Counts
from finesse_simulator.engine.engine import Engine
from finesse_simulator.engine.model import Agent
from finesse_simulator.engine.state_requests import StateRequest
from finesse_simulator.engine.world import Notice
from finesse_simulator.load import Load, LoadPlayer
from finesse_simulator.nodes import Nodes
from finesse_simulator.notifying import AccountsUnavailableError, NotificationServer
from finesse_simulator.own_server import own_server
from finesse_simulator.pacemaker import Pacemaker
from finesse_simulator.publishing import Publisher
from finesse_simulator.report import agent_report, call_report, server_report, state_report
from finesse_simulator.rest.access import same
from finesse_simulator.rest.failures import Failure
from finesse_simulator.rest.requests import ReceivedRequest
from finesse_simulator.scenario import Scenario
from finesse_simulator.servers import OUTAGE, Server
from finesse_simulator.tokens import Tokens

if TYPE_CHECKING:
    from finesse_simulator.statistics_feed import StatisticsFeed

_DEADLINE = 10.0


def certificate_for(scenario: Scenario) -> Certificate:
    """Make the self-signed certificate of a scenario's hosts."""
    second = scenario.second_server
    others = () if second is None else (second.host, second.domain)
    return self_signed(scenario.host, "localhost", "127.0.0.1", "::1", scenario.xmpp.domain, *others)


class Simulator:
    """A running pretend Finesse: one contact centre behind one server, A, or two, A and B.

    notification_server: that of server A. certificate: what the HTTPS ports show; made when not given.
    second_notification_server: that of server B, where the scenario has one; our own when not given.

    Methods that name an unknown agent, call or server raise KeyError; what cannot be (a customer calls a number that is
    nowhere, a silent phone answers) raises ValueError.
    """

    def __init__(
        self,
        scenario: Scenario,
        notification_server: NotificationServer,
        certificate: Certificate | None = None,
        second_notification_server: NotificationServer | None = None,
    ) -> None:
        self.scenario = scenario
        self.certificate = certificate or certificate_for(scenario)
        self.notification_server = notification_server
        self._chronicle = Chronicle()
        self.engine = Engine(scenario, datetime.now(UTC), self._publish)
        self._pacemaker = Pacemaker(self.engine)
        self._load = LoadPlayer(self.engine.world)
        self._nodes = Nodes(self.engine)
        self._tokens = Tokens(scenario, lambda: self.engine.now)
        notification_servers = [notification_server]
        if scenario.second_server is not None:
            own = own_server(scenario.second_server.xmpp, scenario.fidelity, self.certificate)
            notification_servers.append(second_notification_server or own)
        self._cluster = Cluster(self.engine, self._pacemaker, self._tokens, self, *notification_servers)
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
            await self._cluster.start(self.certificate.server_context())
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
        await self._cluster.stop()
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
        """The address of server A's REST interface by HTTPS, without a path; empty when there is none."""
        return self.servers[0].rest_url

    @property
    def http_url(self) -> str:
        """The address of server A's REST interface by HTTP; empty when there is none."""
        return self.servers[0].http_url

    @property
    def control_url(self) -> str:
        """The address of the control door; empty when it is not open."""
        return f"http://{self.scenario.control.host}:{self._control.port}" if self._control.port else ""

    # ---- accounts: what the servers' doors ask and tell

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

    def presence_changed(self, user_id: str, resource: str, *, available: bool, server: str = "A") -> None:
        """Hear that a session came or went; a minute after the last one went, the agent is signed out."""
        agent = self.engine.agent(user_id)
        if agent is not None:
            self._pacemaker.do(lambda: self.engine.session_changed(agent, resource, available=available, server=server))

    # ---- customers and phones

    def customer_call(self, number: str, destination: str, variables: Mapping[str, str] | None = None) -> str:
        """Let a customer call a queue or an extension; the number is empty when withheld. Return the call's id."""
        call = self._pacemaker.do(lambda: self.engine.customer_calls(number, destination, variables or {}))
        return str(call.id)

    def customer_hang_up(self, call_id: str) -> None:
        """Let the outside party of a call hang up."""
        self._pacemaker.do(lambda: self.engine.customer_hangs_up(call_id))

    def play_load(self, load: Load) -> int:
        """Let many customers call at planned times; give how many. See Load."""
        return self._pacemaker.do(lambda: self._load.play(load))

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
        self._pacemaker.do(lambda: self.publisher.queue_news.remove(queue_id))

    def assign_queue(self, queue_id: str, user_ids: Iterable[str]) -> None:
        """Change who serves a queue (UCCE); empty means everyone."""
        self._pacemaker.do(lambda: self.publisher.queue_news.assign(queue_id, user_ids))

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
        return self._cluster.service.in_service

    def go_out_of_service(self, reason: str = OUTAGE) -> None:
        """Lose the CTI server: SystemInfo says so, requests get 503, nobody is told of anything; at every server."""
        self._cluster.leave_service(reason)

    def go_into_service(self) -> None:
        """Find the CTI server again: SystemInfo says so, then the last state of every agent and call goes out."""
        self._cluster.return_to_service()

    @property
    def servers(self) -> tuple[Server, ...]:
        """Server A, and B where the scenario has it."""
        return self._cluster.servers

    def server(self, name: str) -> Server:
        """Give one of the servers, A or B; KeyError when there is none of that name."""
        return self._cluster.server(name)

    async def set_server_state(self, name: str, state: str) -> None:
        """Let something befall one server, or let it recover (`up`), and return when it has; see ServerState.

        Who comes back tells SystemInfo and the last state of every agent and call. KeyError for an unknown server,
        ValueError for an unknown state, OSError when its ports are taken.
        """
        await self._cluster.set_state(name, state)

    def force_logout(self, user_id: str | None = None, server: str = "A") -> list[str]:
        """Let a server that lost an agent's presence, or everybody's, act on it now, wherever they are; give whom.

        What it does is the scenario's `late_forced_logout`, and where that is off, what a lost presence does.
        """
        self.server(server)
        agents = list(self.engine.world.agents.values()) if user_id is None else [self._agent(user_id)]
        return self._pacemaker.do(lambda: [agent.id for agent in agents if self.engine.force_out(agent)])

    def fail(self, failure: Failure) -> None:
        """Let a failure wait for requests."""
        self._cluster.books.failures.add(failure)

    def failures(self) -> list[Failure]:
        """Give the failures that still wait."""
        return self._cluster.books.failures.waiting()

    def clear_failures(self) -> None:
        """Let nothing fail any more."""
        self._cluster.books.failures.clear()

    def disconnect(self, user_id: str | None = None) -> None:
        """Cut the notification sessions of one user, or of all, at every server."""
        for server in self.servers:
            server.notifications.disconnect(user_id)

    def set_web_application_available(self, *, available: bool) -> None:
        """Let the user finesse@domain be present or not, at every server."""
        for server in self.servers:
            server.notifications.set_web_application_available(available=available)

    def set_sessions_available(self, *, available: bool) -> None:
        """Let notification sessions be opened or not; those that are open stay."""
        self._sessions_available = available

    # ---- looking

    def requests(self) -> list[ReceivedRequest]:
        """Give the requests received, oldest first, without passwords."""
        return self._cluster.books.requests.all()

    def clear_requests(self) -> None:
        """Forget the requests received."""
        self._cluster.books.requests.clear()

    def notices(self, after: int = 0) -> list[Told]:
        """Give what was told of agents and calls after the notice of that number, 10,000 at a time."""
        return self._chronicle.after(after)

    def state(self) -> dict[str, Any]:
        """Describe everything as plain data."""
        servers = [server_report(each, self._cluster.service_of(each)) for each in self.servers]
        return {**state_report(self.engine, in_service=self.in_service, pace=self.pace), "servers": servers}

    def counters(self) -> dict[str, Any]:
        """Give what was counted since the beginning, or since it was cleared."""
        sessions = {server.name: server.sessions for server in self.servers}
        operations = {server.name: server.rest.operations for server in self.servers}
        return counters_report(self.engine.world.counts, sessions, operations)

    def clear_counters(self) -> None:
        """Count anew from now on; the sessions that are open stay counted as such."""
        self.engine.world.counts = Counts()
        for server in self.servers:
            server.sessions.clear()
            server.rest.operations.clear()

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
        self, method: str, path: str, *, user: str = "", server: str = "", after: int = 0, deadline: float = _DEADLINE
    ) -> ReceivedRequest:
        """Wait until a request of that method, to a path with that text in it, is answered; give the first one.

        user, server: by whom and where; empty for anybody and anywhere. after: the number of a request; only later ones
        count.
        """

        def found() -> list[ReceivedRequest]:
            return [
                request
                for request in self.requests()
                if request.method == method and path in request.path
                if user in {"", request.user} and server in {"", request.server}
                if request.status and request.number > after
            ]

        await self.wait_until(lambda: bool(found()), deadline)
        return found()[0]

    @property
    def publisher(self) -> Publisher:
        """The way of every notification."""
        return self._cluster.publisher

    def _publish(self, notice: Notice) -> None:
        agent = self.engine.agent(notice.user_id)
        due = Due(self.engine.world.clock.moment(), self._pacemaker.real_time(self.engine.now))
        self._chronicle.enter(notice, agent.extension if agent else "", due)
        self.publisher.publish(notice)

    def _agent(self, user_id: str) -> Agent:
        agent = self.engine.agent(user_id)
        if agent is None:
            raise KeyError(user_id)
        return agent
