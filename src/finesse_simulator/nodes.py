"""Which pub/sub nodes exist, and who may subscribe to them explicitly.

Source: finesse-notifications.md section 6. Finesse's own rules about who may subscribe are not known; these are ours.
"""

from __future__ import annotations

import re

from finesse_simulator.engine.engine import Engine
from finesse_simulator.scenario import Agent
from finesse_simulator.system_info import NODE

_USER = re.compile(r"/finesse/api/User/([^/]+)(/Dialogs|/Media|/Dialogs/Media|/Queues|/ClientLog)?")
_TEAM = re.compile(r"/finesse/api/Team/([^/]+)/(Users|TeamMessages)")
_QUEUE = re.compile(r"/finesse/api/Queue/([^/]+)")


class Nodes:
    """The nodes of a scenario."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._scenario = engine.scenario

    def exists(self, node: str) -> bool:
        """Say whether there is such a node."""
        return node == NODE or any(
            found is not None and known(found[1])
            for found, known in (
                (_USER.fullmatch(node), self._is_user),
                (_TEAM.fullmatch(node), self._is_team),
                (_QUEUE.fullmatch(node), self._is_queue),
            )
        )

    def may_subscribe(self, user_id: str, node: str) -> bool:
        """Users to their own nodes and their team's messages, supervisors to their teams', everybody to queues."""
        agent = self._engine.agent(user_id)
        if agent is None or not self.exists(node):
            return False
        if (found := _USER.fullmatch(node)) is not None:
            return self._concerns(agent.profile, found[1])
        if (found := _TEAM.fullmatch(node)) is not None:
            reads = found[2] == "TeamMessages" and found[1] == agent.profile.team
            return reads or found[1] in agent.profile.supervises
        return True

    def _concerns(self, agent: Agent, user_id: str) -> bool:
        member = self._engine.agent(user_id)
        return member is not None and (member.id == agent.id or member.profile.team in agent.supervises)

    def _is_user(self, user_id: str) -> bool:
        agent = self._engine.agent(user_id)
        return agent is not None and agent.id == user_id

    def _is_team(self, team_id: str) -> bool:
        return any(team.id == team_id for team in self._scenario.teams)

    def _is_queue(self, queue_id: str) -> bool:
        return not self._scenario.uccx and any(queue.id == queue_id for queue in self._engine.world.queues)
