"""Connecting an agent, signing in, and signing out by force.

Source: client-protocol.md section 3 (rules 2, 3 and 6) and section 4; finesse-rest.md sections 4.2 and 5.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from generic_connector.agents import translate
from generic_connector.agents.choices import LOGOUT, NOT_READY, first_choice
from generic_connector.agents.mirror import SIGNED_OUT_STATES
from generic_connector.errors import CommandError
from generic_connector.finesse import model, payloads
from generic_connector.finesse.failures import FinesseError, NotAuthorised
from generic_connector.finesse.model import Credentials
from generic_connector.protocol import events

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent
    from generic_connector.agents.clients import Client
    from generic_connector.agents.turn import Turn

SIGNED_IN_STATES = ("NOT_READY", "READY", "RESERVED", "TALKING", "HOLD", "WORK", "WORK_READY")
"""States in which an agent can be right after a sign-in: it does not end what is going on."""

MOBILE = ("mode", "dial_number")
"""Arguments that only a mobile agent signs in with."""


# --- Connect -------------------------------------------------------------------------------------------------------


async def connect(agent: Agent, turn: Turn) -> None:
    """Open the agent's notification session for the destination that asks; success is silent.

    Nothing of an agent who is connected changes before the credentials have proved good: a stranger with a wrong
    password must not throw anybody out.
    """
    arguments = turn.command.arguments
    wanted = Credentials(user_id=agent.id, secret=arguments["password"], sso="sso" in arguments)
    try:
        if not agent.link.is_up or agent.credentials != wanted:
            await _open(agent, wanted)
    except CommandError as error:
        turn.fail(error)
        if agent.client is None:
            agent.client = turn.client  # whom the commands behind this one are answered to
            agent.retire(error)
        return
    agent.credentials = wanted
    agent.stay()
    if turn.client is not None:
        _belong_to(agent, turn.client)
    if agent.settings.connect_status:
        turn.tell(events.ConnectStatus(agent_id=agent.id))


async def _open(agent: Agent, credentials: Credentials) -> None:
    try:
        await agent.link.open(credentials)
    except FinesseError as failure:
        code = "SUBSCRIPTION_FAILED" if isinstance(failure, NotAuthorised) else "UNABLE_TO_SUBSCRIBE_TO_FINESSE"
        agent.log.info("connect failed", code=code, reason=failure.reason)
        raise CommandError(code) from failure


def _belong_to(agent: Agent, client: Client) -> None:
    """Let the agent belong to this client; one that had the agent before is told that it has it no more."""
    former = agent.client
    if former is not None and former is not client:
        agent.hand_over()
        former.agents.discard(agent.id)
    agent.surroundings.clients.prove(client)
    agent.client = client
    client.agents.add(agent.id)


# --- Login ---------------------------------------------------------------------------------------------------------


async def sign_in(agent: Agent, turn: Turn) -> None:
    """Sign the agent in and tell AgentInfo, State and DialogStatus, in this order."""
    if not agent.seats.take(agent.id):
        raise CommandError("LICENSES_EXCEEDED")
    agent.stay()
    was_watched = agent.watched
    agent.watched = was_watched and agent.mirror.is_signed_in  # who signs in is told nothing before AgentInfo
    was_told = agent.watched
    try:
        await ask_for_sign_in(agent, turn)
        with agent.held():  # what rings meanwhile is told after DialogStatus
            user, dialogs = await agent.read()
            _begin(agent, turn, user, dialogs)
    except BaseException:
        agent.watched = was_watched
        if not was_watched or not agent.mirror.is_signed_in:
            agent.seats.release(agent.id)
        if was_watched:
            agent.may_leave()
        if was_watched and not was_told and agent.mirror.is_signed_in:  # it went through, though we do not know how
            agent.mirror.calls.clear()
            agent.look_again()
        raise


async def ask_for_sign_in(agent: Agent, turn: Turn) -> None:
    """Sign the agent in as the command says and wait until it is so. Raises CommandError and OutOfService."""
    arguments = turn.command.arguments
    sso = agent.credentials is not None and agent.credentials.sso
    rights = Credentials(user_id=agent.id, secret=arguments["password"], sso=sso)
    extension = arguments["extension"]
    with turn.waiting() as outcome:
        mobile = {name: arguments[name] for name in MOBILE if name in arguments}
        await agent.asking.change_user(turn, "sign_in", *SIGNED_IN_STATES, rights=rights, extension=extension, **mobile)
        if not await _is_signed_in(agent, extension):
            await _wait_for_sign_in(agent, outcome)
    agent.credentials = rights
    agent.mirror.extension = extension
    agent.fail_over.signed_in(turn.command)


async def _wait_for_sign_in(agent: Agent, outcome: asyncio.Future[None]) -> None:
    """Wait for Finesse's word. Raises CommandError when it is no, or when there is none and the agent is not in."""
    try:
        async with asyncio.timeout(agent.settings.result_timeout):
            await outcome
            while not await _is_signed_in(agent):  # noqa: ASYNC110 - LOGIN is transient, and Finesse has to be asked
                await asyncio.sleep(0.1)
    except TimeoutError:
        if not await _is_signed_in(agent):
            raise CommandError("GENERAL_ERROR", "Finesse accepted the sign-in, but nothing came of it") from None


async def _is_signed_in(agent: Agent, extension: str = "") -> bool:
    user = await _read_user(agent)
    return user.state not in SIGNED_OUT_STATES and (not extension or user.extension == extension)


async def _read_user(agent: Agent) -> model.User:
    return await agent.asking.ask("user", payloads.parse_user, user_id=agent.id)


def _begin(agent: Agent, turn: Turn, user: model.User, dialogs: tuple[model.Dialog, ...]) -> None:
    agent.hearing.take_read_back(user, dialogs)
    agent.watched = True
    agent.seats.keep(agent.id)
    turn.ended = True
    turn.tell(translate.agent_info_event(agent.user, agent.id))
    agent.answer_with_state(turn)
    turn.tell(agent.mirror.calls.status(agent.mirror.viewer))
    if agent.user.is_supervisor and agent.settings.team_info:
        teams, full_name = translate.teams(agent.user), agent.user.full_name
        turn.tell(events.TeamInfoIds(agent_id=agent.id, teams=teams, full_name=full_name))
        turn.tell(events.TeamInfoNames(agent_id=agent.id, teams=teams, full_name=full_name))


# --- force_logout --------------------------------------------------------------------------------------------------


async def force_logout(agent: Agent, turn: Turn) -> None:
    """Sign the agent out whatever the state, then close the session here.

    Where Finesse refuses (a call is up), the client is told why; the session is closed all the same, and Finesse signs
    the agent out when it misses the session (finesse-notifications.md section 5).
    """
    elsewhere = turn.client is not agent.client
    try:
        user = await _read_user(agent)
        if user.state not in SIGNED_OUT_STATES and user.state != "NOT_READY":
            reason = await first_choice(agent, NOT_READY)
            await change_and_see(agent, turn, "change_state", "NOT_READY", state="NOT_READY", reason_code_id=reason)
        if user.state not in SIGNED_OUT_STATES:
            reason = await first_choice(agent, LOGOUT)
            await change_and_see(agent, turn, "sign_out", "LOGOUT", reason_code_id=reason)
        agent.take_user(await _read_user(agent))
        told = agent.tell_state(turn) or turn.last_state == "LOGOUT"
        if elsewhere or not told:
            agent.answer_with_state(turn)
        turn.ended = True
    finally:
        agent.retire()


async def change_and_see(agent: Agent, turn: Turn, operation: str, becomes: str, **values: Any) -> None:
    """Make a request on the user and wait for its result. Raises CommandError and OutOfService."""
    with turn.waiting() as outcome:
        await agent.asking.change_user(turn, operation, becomes, **values)
        try:
            async with asyncio.timeout(agent.settings.result_timeout):
                await outcome
        except TimeoutError:
            agent.log.warning("accepted, but no result seen", command=turn.command.name)
