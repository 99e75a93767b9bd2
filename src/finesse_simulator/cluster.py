"""The servers before the contact centre, A alone or A and B: what befalls them, and what they say of it.

Sources: finesse-notifications.md section 9; finesse-rest.md section 3.
"""

from __future__ import annotations

import ssl

from finesse_simulator import system_info
from finesse_simulator.engine.engine import Engine
from finesse_simulator.notifying import NotificationServer
from finesse_simulator.pacemaker import Pacemaker
from finesse_simulator.publishing import Publisher
from finesse_simulator.rest.server import Books, RestServer
from finesse_simulator.scenario import Rest, Xmpp
from finesse_simulator.server_states import CONDITIONS, ServerState, server_state
from finesse_simulator.servers import OUTAGE, Accounts, Server
from finesse_simulator.system_info import ServiceState
from finesse_simulator.tokens import Tokens


class Cluster:
    """The servers of a scenario.

    notification_servers: of server A and, where the scenario has one, of server B. books: of requests and failures.
    """

    def __init__(
        self,
        engine: Engine,
        pacemaker: Pacemaker,
        tokens: Tokens,
        accounts: Accounts,
        *notification_servers: NotificationServer,
    ) -> None:
        scenario = engine.scenario
        self.books = Books()
        self.service = ServiceState()
        self._engine = engine
        self._pacemaker = pacemaker
        self._tokens = tokens
        self._accounts = accounts
        second = scenario.second_server
        places = [(scenario.rest, scenario.xmpp), *([(second.rest, second.xmpp)] if second is not None else [])]
        self.servers = tuple(
            self._make("AB"[number], rest, xmpp, notification_servers[number])
            for number, (rest, xmpp) in enumerate(places)
        )
        self.publisher = Publisher(engine, self.servers)

    def _make(self, name: str, rest: Rest, xmpp: Xmpp, notifications: NotificationServer) -> Server:
        door = RestServer(
            self._engine,
            self._pacemaker,
            name=name,
            settings=rest,
            system_info=lambda: self._system_info(name),
            in_service=lambda: self.service_of(self.server(name)).in_service,
            tokens=self._tokens,
            books=self.books,
        )
        return Server(name, xmpp, door, notifications, self._accounts)

    async def start(self, tls: ssl.SSLContext) -> None:
        """Open every port; OSError when one cannot be had."""
        for server in self.servers:
            await server.start(tls)

    async def stop(self) -> None:
        """Close every port."""
        for server in self.servers:
            await server.stop()

    def server(self, name: str) -> Server:
        """Give a server; KeyError when there is none of that name."""
        for server in self.servers:
            if server.name == name:
                return server
        raise KeyError(name)

    def service_of(self, server: Server) -> ServiceState:
        """Say whether a server is in service: the contact centre is, and the server reaches it."""
        return self.service if server.condition.in_service else ServiceState(in_service=False, reason=OUTAGE)

    # ---- what befalls them

    def leave_service(self, reason: str) -> None:
        """Lose the CTI server, all of them."""
        self.service = ServiceState(in_service=False, reason=reason)
        self._pacemaker.do(self._engine.leave_service)
        self._tell_service()

    def return_to_service(self) -> None:
        """Find the CTI server again, all of them."""
        self.service = ServiceState()
        self._tell_service()
        self.publisher.forget_told()
        self._pacemaker.do(self._engine.return_to_service)

    async def set_state(self, name: str, state: str) -> None:
        """Let something befall one server, or let it recover; see Simulator.set_server_state."""
        server, wanted = self.server(name), server_state(state)
        before = await server.enter(wanted)
        was_frozen, is_frozen = before is CONDITIONS[ServerState.FROZEN], wanted is ServerState.FROZEN
        if was_frozen != is_frozen:
            self._pacemaker.do(lambda: self._engine.server_heard(name, heard=not is_frozen))
        after = server.condition
        back = after.tells and not before.tells
        if back or (before.in_service and not after.in_service):
            self.publisher.publish_system_info(server, self.service_of(server))
        if back:
            self._pacemaker.do(lambda: self.publisher.publish_last_states(server))

    # ---- what they say

    def _tell_service(self) -> None:
        for server in self.servers:
            self.publisher.publish_system_info(server, self.service_of(server))

    def _system_info(self, name: str) -> str:
        server, now = self.server(name), self._pacemaker.do(self._engine.world.clock.moment)
        first, last, own = self.servers[0], self.servers[-1], self.servers.index(server)
        service = self.service_of(server)
        return system_info.answer(self._engine.scenario, service, first.ports, now, second=last.ports, own=own)
