"""Turns what the engine tells into notifications, and hands them to the servers that can tell anything.

Source: finesse-notifications.md sections 8 and 9.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from finesse_simulator import system_info, updates
from finesse_simulator.engine.engine import Engine
from finesse_simulator.engine.world import Notice
from finesse_simulator.fidelity import Distorter, style_of
from finesse_simulator.queue_news import QueueNews
from finesse_simulator.scenario import Fidelity
from finesse_simulator.servers import Server
from finesse_simulator.system_info import ServiceState
from finesse_simulator.team_watch import TeamWatch


class Publisher:
    """The way of every notification. overhear: called with each notice as it goes out."""

    def __init__(self, engine: Engine, servers: Sequence[Server]) -> None:
        scenario = engine.scenario
        self.queue_news = QueueNews(engine.world, self._send)
        self.overhear: Callable[[Notice], None] = lambda _: None
        self._engine = engine
        self._servers = servers
        self._distorter = Distorter(scenario.fidelity)
        self._style = style_of(scenario.fidelity)
        self._team_watch = TeamWatch(uccx=scenario.uccx)
        self._everybody = tuple(agent.id for agent in scenario.agents)

    def set_fidelity(self, switches: Fidelity) -> None:
        """Play other oddities of real servers from now on."""
        self._distorter.switches = switches
        self._style = style_of(switches)

    def publish(self, notice: Notice) -> None:
        """Publish what the engine tells, and what follows from it for teams and queues."""
        self._send(notice)
        for follower in self._team_watch.hear(notice):
            self._send(follower)
        self.queue_news.touch()

    def forget_told(self) -> None:
        """Tell teams everybody's state anew when it comes next."""
        self._team_watch.forget()

    def publish_last_states(self, server: Server) -> None:
        """Publish the last state of every agent and call at one server, as after a loss of its own."""
        team_watch = TeamWatch(uccx=self._engine.scenario.uccx)
        for notice in self._engine.last_states():
            for told in (notice, *team_watch.hear(notice)):
                self._hand_over(told, (server,))

    def publish_system_info(self, server: Server, service: ServiceState) -> None:
        """Say at one server whether it is in service."""
        own = self._servers.index(server)
        now, ports = self._engine.world.clock.moment(), [each.ports for each in self._servers]
        payload = system_info.update(
            self._engine.scenario, service, ports[0], now, self._style, second=ports[-1], own=own
        )
        server.notifications.publish(system_info.NODE, self._everybody, payload)

    def _send(self, notice: Notice) -> None:
        """Hand a notice over, at once or as late as the scenario's fidelity has it."""
        now = self._engine.now
        for planned in self._distorter.distort(notice, now):
            if planned.when > now:
                self._engine.world.clock.at(planned.when, partial(self._hand_over, planned.notice, self._servers))
            else:
                self._hand_over(planned.notice, self._servers)

    def _hand_over(self, notice: Notice, servers: Sequence[Server]) -> None:
        self.overhear(notice)
        telling = [server for server in servers if server.condition.tells]
        if not telling or not self._engine.world.in_service:
            return
        user_ids = (notice.user_id,) if notice.user_id else ()
        payload = updates.update(notice, self._style)
        for server in telling:
            server.notifications.publish(notice.node, user_ids, payload)
