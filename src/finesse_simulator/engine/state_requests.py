"""What clients ask of a user: sign in, sign out, ready, not ready. First checked at once, then carried out.

Sources: finesse-rest.md sections 2.2, 4.2, 5 and 14.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from finesse_simulator import api_errors
from finesse_simulator.engine import agents, wrap_up
from finesse_simulator.engine.model import Agent, Mobile, Origin, Reason
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import ON_CALL, SETTABLE, WRAPPING_UP, AgentState, MobileMode

_UCCE_EXTENSION = re.compile(r"[0-9]{1,20}", re.ASCII)
_UCCX_EXTENSION = re.compile(r"\+?[0-9]{1,14}", re.ASCII)
_DIAL_NUMBER = re.compile(r"\+?[0-9]{1,32}", re.ASCII)
_MOBILE_MODES = frozenset(MobileMode)


@dataclass(frozen=True, slots=True)
class StateRequest:
    """The body of PUT User; what the body leaves out is empty, mobile_mode None without mobileAgent."""

    state: str = ""
    extension: str = ""
    reason_code_id: str = ""
    mobile_mode: str | None = None
    dial_number: str = ""


@dataclass(frozen=True, slots=True)
class _Wish:
    """A checked request on its way."""

    agent: Agent
    actor: Agent
    request: StateRequest
    reason: Reason | None
    origin: Origin

    @property
    def by_supervisor(self) -> bool:
        return self.actor is not self.agent


# ---- what Finesse itself checks


def check(world: World, agent: Agent, actor: Agent, request: StateRequest) -> None:
    """Raise ApiFaultError when Finesse refuses the request at once."""
    if not request.state:
        raise api_errors.parameter_missing("state")
    if request.state not in SETTABLE:
        raise api_errors.UNKNOWN_STATE
    if actor is not agent:
        _check_supervisor(agent, actor, request)
    if request.state == AgentState.LOGIN:
        _check_sign_in(world, request)
    elif not agent.signed_in:
        raise api_errors.invalid_state("The user is not signed in")
    elif actor is agent:
        _check_reason(world, agent, request)


def _check_supervisor(agent: Agent, actor: Agent, request: StateRequest) -> None:
    if not actor.profile.supervises:
        raise api_errors.other_user(agent.id)
    if agent.profile.team not in actor.profile.supervises:
        raise api_errors.invalid_supervisor(agent.id)
    if request.state == AgentState.LOGIN:
        raise api_errors.invalid_state("A supervisor cannot sign in an agent")
    if request.reason_code_id:
        raise api_errors.invalid_input("reasonCodeId")


def _check_sign_in(world: World, request: StateRequest) -> None:
    if not request.extension:
        raise api_errors.parameter_missing("extension")
    pattern = _UCCX_EXTENSION if world.scenario.uccx else _UCCE_EXTENSION
    if not pattern.fullmatch(request.extension):
        raise api_errors.BAD_REQUEST
    if request.mobile_mode is not None:
        _check_mobile(world, request)


def _check_mobile(world: World, request: StateRequest) -> None:
    if world.scenario.uccx:
        raise api_errors.invalid_input("mobileAgent")
    if not request.mobile_mode:
        raise api_errors.parameter_missing("mode")
    if request.mobile_mode not in _MOBILE_MODES:
        raise api_errors.invalid_input("mode")
    if not request.dial_number:
        raise api_errors.parameter_missing("dialNumber")
    if not _DIAL_NUMBER.fullmatch(request.dial_number):
        raise api_errors.invalid_input("dialNumber")


def _check_reason(world: World, agent: Agent, request: StateRequest) -> None:
    if request.state == AgentState.READY:
        return
    offered = {str(reason.id) for reason in reasons_for(world, agent, request.state)}
    if not request.reason_code_id:
        if offered:
            raise api_errors.REASON_REQUIRED
    elif request.reason_code_id not in offered:
        raise api_errors.invalid_input("reasonCodeId")


def reasons_for(world: World, agent: Agent, category: str) -> list[Reason]:
    """List the reasons of a category, NOT_READY or LOGOUT, that an agent may give: everyone's and the team's."""
    return reasons_of(world, agent.profile.team, category)


def reasons_of(world: World, team: str, category: str) -> list[Reason]:
    """List the reasons of a category that members of a team may give."""
    rows = [row for row in world.scenario.reason_codes if row.category == category]
    mine = [row for row in rows if row.for_all or team in row.teams]
    return [Reason(row.id, row.code, row.label, row.category, row.for_all) for row in mine]


# ---- what the CTI server does with it


def apply(world: World, agent: Agent, actor: Agent, request: StateRequest, request_id: str) -> None:
    """Carry out a checked request; a refusal goes out as an error notification to who asked."""
    reason = world.reason(int(request.reason_code_id)) if request.reason_code_id else None
    if actor is not agent:
        reason = _supervisor_reason(world, request.state)
    wish = _Wish(agent, actor, request, reason, Origin(agent.id, request_id))
    if request.state != AgentState.LOGIN and not agent.signed_in:
        _refuse(world, wish, api_errors.WRONG_STATE)  # signed out since the check
        return
    _APPLY[AgentState(request.state)](world, wish)


def _supervisor_reason(world: World, state: str) -> Reason | None:
    if state == AgentState.READY:
        return None
    occasion = "supervisor_logout" if state == AgentState.LOGOUT else "supervisor_not_ready"
    return world.system_reason(occasion, AgentState(state))


def _refuse(world: World, wish: _Wish, error: api_errors.ApiError) -> None:
    world.tell_state_error(wish.actor, error, Origin(wish.actor.id, wish.origin.request_id), about=wish.agent)


def _sign_in(world: World, wish: _Wish) -> None:
    agent, extension = wish.agent, wish.request.extension
    error = _sign_in_error(world, wish)
    if error is not None:
        _refuse(world, wish, error)
    elif agent.signed_in:
        world.tell_user(agent, wish.origin)  # forced sign-in keeps the state
    else:
        world.counts.sign_ins += 1
        agent.extension, agent.mobile = extension, _mobile(wish.request)
        world.phones[extension] = agent
        agents.enter(world, agent, AgentState.NOT_READY, origin=wish.origin)


def _mobile(request: StateRequest) -> Mobile | None:
    return Mobile(MobileMode(request.mobile_mode), request.dial_number) if request.mobile_mode else None


def _sign_in_error(world: World, wish: _Wish) -> api_errors.ApiError | None:
    agent, extension = wish.agent, wish.request.extension
    allowed = agent.profile.extensions
    holder = world.phones.get(extension)
    if wish.request.mobile_mode is not None and wish.request.mobile_mode not in agent.profile.mobile_modes:
        return api_errors.MODE_NOT_ALLOWED
    if extension not in world.devices or (allowed and extension not in allowed):
        return api_errors.INVALID_DEVICE
    if not world.devices[extension].in_service:
        return api_errors.DEVICE_OUT_OF_SERVICE
    if holder is not None and holder is not agent:
        return api_errors.DEVICE_BUSY
    if agent.signed_in and agent.extension != extension:
        return api_errors.ALREADY_SIGNED_ON
    return None


def _go_ready(world: World, wish: _Wish) -> None:
    agent = wish.agent
    if _is_bound(world, agent):
        _refuse(world, wish, api_errors.BOUND_BY_DIALER)
    elif agent.state in ON_CALL:
        if world.scenario.uccx:
            _refuse(world, wish, api_errors.INVALID_WORKMODE)
        else:
            agents.make_pending(world, agent, AgentState.READY, origin=wish.origin)
    elif world.scenario.uccx and world.engaged(agent):
        _refuse(world, wish, api_errors.RESOURCE_BUSY)
    else:
        _go_idle(world, wish, AgentState.READY)


def _is_bound(world: World, agent: Agent) -> bool:
    """Say whether the dialler has the agent and no request gets it away (UCCX, section 5)."""
    return world.scenario.uccx and agent.state is AgentState.RESERVED_OUTBOUND


def _go_not_ready(world: World, wish: _Wish) -> None:
    agent = wish.agent
    if _is_bound(world, agent):
        _refuse(world, wish, api_errors.BOUND_BY_DIALER)
        return
    if agent.state not in ON_CALL:
        if wish.by_supervisor and agent.state is AgentState.NOT_READY:
            _refuse(world, wish, api_errors.WRONG_STATE)
            return
        _go_idle(world, wish, AgentState.NOT_READY)
    elif wish.by_supervisor:
        _refuse(world, wish, api_errors.WRONG_STATE)
    elif world.scenario.uccx and agent.pending is AgentState.NOT_READY:
        _refuse(world, wish, api_errors.INVALID_WORKMODE)
    else:
        agents.make_pending(world, agent, AgentState.NOT_READY, wish.reason, wish.origin)


def _go_idle(world: World, wish: _Wish, state: AgentState) -> None:
    agent = wish.agent
    if agent.state not in WRAPPING_UP:
        agents.enter(world, agent, state, reason=wish.reason, origin=wish.origin)
    elif wrap_up.data_missing(agent):
        _refuse(world, wish, api_errors.WRAP_UP_DATA_REQUIRED)
    else:
        wrap_up.finish(world, agent, state, wish.reason, wish.origin)


def _sign_out(world: World, wish: _Wish) -> None:
    agent = wish.agent
    if wish.by_supervisor:
        force_out(world, agent, wish.reason, wish.origin)
        return
    from_ready = world.scenario.uccx and agent.state is AgentState.READY
    if agent.state is not AgentState.NOT_READY and not from_ready:
        _refuse(world, wish, api_errors.WRONG_STATE)
    elif world.engaged(agent):
        _refuse(world, wish, api_errors.RESOURCE_BUSY)
    else:
        agents.sign_out(world, agent, wish.reason, wish.origin)


def force_out(world: World, agent: Agent, reason: Reason | None, origin: Origin) -> None:
    """Sign an agent out from any state; during a call, after it."""
    if world.engaged(agent):
        agents.make_pending(world, agent, AgentState.LOGOUT, reason, origin)
        return
    wrap_up.leave_call(world, agent)
    agents.sign_out(world, agent, reason, origin)


_APPLY: dict[AgentState, Callable[[World, _Wish], None]] = {
    AgentState.LOGIN: _sign_in,
    AgentState.LOGOUT: _sign_out,
    AgentState.READY: _go_ready,
    AgentState.NOT_READY: _go_not_ready,
}
