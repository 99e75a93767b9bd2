"""What clients ask for with POST Dialogs: a call, a silent monitor, a barge. First checked, then carried out.

Sources: finesse-rest.md sections 2.2, 8.1, 8.7 and 8.8.
"""

from __future__ import annotations

from finesse_simulator import api_errors
from finesse_simulator.engine import dialing, supervising
from finesse_simulator.engine.action_checks import (
    DialogRequest,
    check_action,
    check_number,
    check_variables,
    known_names,
    trimmed_variables,
)
from finesse_simulator.engine.model import Agent, Call, Origin
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import Action, CallType

_PLACING = frozenset({Action.MAKE_CALL, Action.SILENT_MONITOR, Action.BARGE_CALL})
_DIALOG = "/finesse/api/Dialog/"


def check(world: World, agent: Agent, request: DialogRequest) -> None:
    """Raise ApiFaultError when Finesse refuses a new dialog at once."""
    action = check_action(request.action)
    if action not in _PLACING:
        raise api_errors.invalid_input("requestedAction")
    if not request.from_address:
        raise api_errors.parameter_missing("fromAddress")
    if not request.to_address:
        raise api_errors.parameter_missing("toAddress")
    if request.from_address == request.to_address:
        raise api_errors.SAME_DESTINATION
    _check_caller(agent, request)
    if action is Action.MAKE_CALL:
        _check_new_media(world, request)
    else:
        _check_supervision(world, agent, request, action)


def _check_caller(agent: Agent, request: DialogRequest) -> None:
    if not agent.signed_in:
        raise api_errors.invalid_state("The user is not signed in")
    if request.from_address != agent.extension:
        raise api_errors.invalid_input("fromAddress")
    check_number(request.to_address)


def _check_new_media(world: World, request: DialogRequest) -> None:
    if request.media and (world.scenario.uccx or request.wrap_up_reason is not None):
        raise api_errors.invalid_input("mediaProperties")
    check_variables(request)


def _check_supervision(world: World, supervisor: Agent, request: DialogRequest, action: Action) -> None:
    if not supervisor.profile.supervises:
        raise api_errors.unauthorized(supervisor.id)
    agent = world.phones.get(request.to_address)
    if agent is None:
        raise api_errors.invalid_destination("toAddress")
    if agent.profile.team not in supervisor.profile.supervises:
        raise api_errors.invalid_supervisor(agent.id)
    if action is Action.SILENT_MONITOR:
        if world.engaged(supervisor):
            raise api_errors.invalid_state("The supervisor is on a call")
        return
    if not request.associated:
        raise api_errors.parameter_missing("associatedDialogUri")
    fault = supervising.barge_fault(world, _monitor(world, supervisor, agent, request))
    if fault is not None:
        raise fault


def _monitor(world: World, supervisor: Agent, agent: Agent, request: DialogRequest) -> Call:
    """Find the supervisor's monitoring of the agent that the request names."""
    number = request.associated.removeprefix(_DIALOG)
    call = world.calls.get(int(number)) if number.isascii() and number.isdigit() else None
    parties = [supervisor, agent]
    if call is None or call.type is not CallType.SUPERVISOR_MONITOR or None in map(call.party_of, parties):
        raise api_errors.invalid_input("associatedDialogUri")
    return call


def apply(world: World, agent: Agent, request: DialogRequest, request_id: str) -> None:
    """Place the call."""
    origin = Origin(agent.id, request_id)
    if not agent.signed_in:
        world.tell_call_error(agent, api_errors.WRONG_STATE, origin)
    elif request.action == Action.SILENT_MONITOR:
        supervising.silent_monitor(world, agent, request.to_address, origin)
    elif request.action == Action.BARGE_CALL:
        _barge(world, agent, request, origin)
    elif not known_names(request):
        world.tell_call_error(agent, api_errors.INVALID_CALL_DATA, origin)
    else:
        dialing.make_call(world, agent, request.to_address, trimmed_variables(request), origin)


def _barge(world: World, supervisor: Agent, request: DialogRequest, origin: Origin) -> None:
    monitor = world.calls.get(int(request.associated.removeprefix(_DIALOG)))
    if monitor is None:
        world.tell_call_error(supervisor, api_errors.NO_ACTIVE_CALL, origin)  # ended since the check
    else:
        supervising.barge(world, supervisor, monitor, origin)
