"""What a change to the other node, or to another connector, does to an agent after the fact, and how it is undone.

The old node misses an agent's session up to three minutes after it is gone, when the agent is long signed in at the
new one, and then signs the agent out or makes the agent not ready. Nobody here asked for that; the reason that Finesse
tells with it says so. Source: finesse-notifications.md section 5.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from generic_connector.agents.signing import MOBILE, ask_for_sign_in, change_and_see
from generic_connector.agents.turn import Turn
from generic_connector.errors import CommandError
from generic_connector.finesse import model
from generic_connector.finesse.failures import OutOfService
from generic_connector.operations.metrics import LATE_LOGOUTS
from generic_connector.protocol.command import Command
from generic_connector.store.records import AgentRecord

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent

LOST_CONNECTION = frozenset({"255", "50001", "50002"})
"""Reason codes that Finesse and CTI give of themselves when a client's connection is missed. Older releases tell a
system's code as the id and nothing else (finesse-rest.md section 13)."""


class FailOver:
    """One agent's fail-overs."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._node = ""
        self._moved_at: float | None = None
        self._login: Command | None = None
        self._held_back: model.User | None = None  # the sign-out that is being undone
        self._signed_out_again = False

    def signed_in(self, login: Command) -> None:
        """Note how the client signed the agent in: the same way it is done again."""
        self.look()
        self._login = login

    @property
    def mobile(self) -> dict[str, str]:
        """The mode and dial_number that a mobile agent signed in with; empty for others."""
        arguments = self._login.arguments if self._login is not None else {}
        return {name: arguments[name] for name in MOBILE if name in arguments}

    def resume(self, record: AgentRecord) -> None:
        """Take over from another instance: its sessions end with it, as those at a node that is left."""
        if not (record.watched and record.extension):
            return
        name = "MobileAgentLogin" if record.mobile else "Login"
        arguments = {"password": record.credentials.secret, "extension": record.extension, **record.mobile}
        self.signed_in(Command(name=name, subject=record.id, arguments=arguments))
        self._moved_at = asyncio.get_running_loop().time()

    def look(self) -> None:
        """Note whether another node is in use than the last time."""
        before, self._node = self._node, self._agent.surroundings.finesse.node
        if before not in {"", self._node}:
            self._moved_at = asyncio.get_running_loop().time()

    def undoes(self, user: model.User) -> bool:
        """Take what Finesse says of the user, unasked; say whether it is being undone and is not to be told."""
        if not self._is_late(user):
            return False
        was_ready = self._agent.user.state == "READY" and self._agent.settings.ready_again_after_failover
        if user.state == "NOT_READY":
            if was_ready:
                self._agent.do_first("ready again", self._make_ready)
            return False
        if self._held_back is not None:
            if user.state_change_time != self._held_back.state_change_time:  # else it is the same once more
                self._signed_out_again = True
            return True
        self._held_back, self._signed_out_again = user, False
        self._agent.do_first("sign in again", lambda: self._sign_in_again(user, was_ready=was_ready))
        return True

    def _is_late(self, user: model.User) -> bool:
        """Say whether this is the old node's doing."""
        code = user.reason_code.code if user.reason_code is not None else user.reason_code_id
        if user.state not in {"LOGOUT", "NOT_READY"} or code not in LOST_CONNECTION:
            return False
        agent, loop = self._agent, asyncio.get_running_loop()
        if self._login is None or not agent.watched or not agent.mirror.is_signed_in:
            return False
        self.look()
        return self._moved_at is not None and loop.time() - self._moved_at < agent.settings.late_logout_grace

    async def _sign_in_again(self, user: model.User, *, was_ready: bool) -> None:
        agent, login = self._agent, self._login
        if login is None or agent.credentials is None or not agent.watched:
            self._held_back = None
            return
        arguments = {**login.arguments, "password": agent.credentials.secret}
        turn = self._turn(Command(name=login.name, subject=agent.id, arguments=arguments))
        try:
            await ask_for_sign_in(agent, turn)
        except OutOfService:  # whoever is back in service reads the state back, and comes here again
            LATE_LOGOUTS.labels("put off").inc()
        except CommandError as failure:
            agent.log.warning("signed out by a fail-over and not in again", code=failure.code, text=failure.text)
            LATE_LOGOUTS.labels("told").inc()
            agent.hearing.take_unasked(user)
        else:
            agent.log.warning("signed out by a fail-over, signed in again")
            LATE_LOGOUTS.labels("undone").inc()
            if was_ready:
                await self._make_ready()
            if self._signed_out_again:  # perhaps after the sign-in
                agent.look_again()
        finally:
            turn.ended = True
            self._held_back = None

    async def _make_ready(self) -> None:
        agent = self._agent
        if not agent.watched or agent.user.state != "NOT_READY":
            return
        turn = self._turn(Command(name="MakeReady", subject=agent.id))
        try:
            await change_and_see(agent, turn, "change_state", "READY", state="READY")
        except (CommandError, OutOfService) as failure:
            agent.log.warning("made not ready by a fail-over and not ready again", reason=str(failure))
        finally:
            turn.ended = True

    def _turn(self, command: Command) -> Turn:
        """Make a turn that answers nobody: what comes of it is told as what happened."""
        return Turn(command=command, client=self._agent.client, clients=self._agent.surroundings.clients)
