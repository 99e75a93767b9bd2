"""What clients ask of a dialog that exists, with PUT Dialog. First checked, then carried out.

Sources: finesse-rest.md sections 2, 6.3, 7.3 and 8.
"""

from __future__ import annotations

from collections.abc import Callable

from finesse_simulator import api_errors
from finesse_simulator.engine import callbacks, calls, consulting, ending, outbound, single_step, supervising
from finesse_simulator.engine.action_checks import (
    DialogRequest,
    check_action,
    check_details,
    is_known,
    known_names,
    trimmed_variables,
)
from finesse_simulator.engine.actions import is_conference, offered
from finesse_simulator.engine.model import Agent, Call, Origin, Party
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import Action, PartyState

_UCCX_DIGITS = frozenset("0123456789*#")
_UCCE_DIGITS = _UCCX_DIGITS | frozenset("ABCD")


def find(world: World, dialog_id: str) -> Call:
    """Find a dialog that some agent sees, or raise ApiFaultError."""
    call = world.calls.get(int(dialog_id)) if dialog_id.isascii() and dialog_id.isdigit() else None
    if call is None or not call.watchers:
        raise api_errors.dialog_not_found(dialog_id)
    return call


def check(world: World, agent: Agent, dialog_id: str, request: DialogRequest) -> None:
    """Raise ApiFaultError when Finesse refuses an action at once."""
    call = find(world, dialog_id)
    action = check_action(request.action)
    if agent not in call.watchers:
        raise api_errors.other_user(agent.id)
    if action not in _APPLY or not is_known(world, action):
        raise api_errors.not_implemented(action)
    check_details(call, agent, action, request)


def apply(world: World, agent: Agent, dialog_id: str, request: DialogRequest, request_id: str) -> None:
    """Carry out a checked action; a refusal goes out as an error notification."""
    origin = Origin(agent.id, request_id)
    call = world.calls.get(int(dialog_id))
    party = call.party_of(agent) if call else None
    if call is None or party is None or agent not in call.watchers:
        source = f"/finesse/api/Dialog/{dialog_id}"
        world.tell_call_error(agent, api_errors.NO_ACTIVE_CALL, origin, source)  # ended since the check
        return
    if request.action not in offered(call, party, world.scenario):
        world.refuse(party, _not_offered(world, call, party, Action(request.action)), origin, call)
        return
    _APPLY[Action(request.action)](world, call, party, request, origin)


def _not_offered(world: World, call: Call, party: Party, action: Action) -> api_errors.ApiError:
    """Word the refusal: others than the controller cannot add parties, not everybody can drop others."""
    conferring = is_conference(call) and party.state is PartyState.ACTIVE
    if conferring and action in {Action.CONSULT_CALL, Action.CONFERENCE}:
        return api_errors.not_controller(uccx=world.scenario.uccx)
    if conferring and action is Action.PARTICIPANT_DROP:
        return api_errors.DROP_NOT_ENABLED
    return api_errors.invalid_action(action, party.address)


_Deed = Callable[[World, Call, Party, DialogRequest, Origin], None]


def _simple(deed: Callable[[World, Call, Party, Origin], None]) -> _Deed:
    return lambda world, call, party, _, origin: deed(world, call, party, origin)


def _dialled(deed: Callable[[World, Call, Party, str, Origin], None]) -> _Deed:
    return lambda world, call, party, request, origin: deed(world, call, party, request.to_address, origin)


def _update(world: World, call: Call, party: Party, request: DialogRequest, origin: Origin) -> None:
    if not known_names(request):
        world.refuse(party, api_errors.INVALID_CALL_DATA, origin, call)
        return
    call.variables.update(trimmed_variables(request))
    if request.wrap_up_reason is not None:
        call.wrap_up_reason = request.wrap_up_reason
    world.tell_changed(call, origin)


def _send_digits(world: World, call: Call, party: Party, request: DialogRequest, origin: Origin) -> None:
    """Send tones: nobody is told (section 8.6)."""
    digits = request.parameter("dtmfString")
    alphabet = _UCCX_DIGITS if world.scenario.uccx else _UCCE_DIGITS
    if set(digits) <= alphabet:
        call.digits += digits
    else:
        world.refuse(party, api_errors.INVALID_DIGITS, origin, call)


def _record(_: World, call: Call, __: Party, ___: Origin) -> None:
    call.recorded = True


def _drop_participant(world: World, call: Call, party: Party, request: DialogRequest, origin: Origin) -> None:
    supervising.drop_participant(world, call, party, request.target, origin)


def _reclassify(world: World, call: Call, party: Party, request: DialogRequest, origin: Origin) -> None:
    outbound.reclassify(world, call, party, request.parameter("outboundClassification"), origin)


def _arrange_callback(world: World, call: Call, party: Party, request: DialogRequest, origin: Origin) -> None:
    wish = (request.parameter("callbackTime"), request.parameter("callbackNumber"))
    callbacks.arrange(world, call, party, wish, origin)


_APPLY: dict[Action, _Deed] = {
    Action.ANSWER: _simple(calls.answer),
    Action.HOLD: _simple(calls.hold),
    Action.RETRIEVE: _simple(calls.retrieve),
    Action.DROP: _simple(ending.drop),
    Action.UPDATE_CALL_DATA: _update,
    Action.CONSULT_CALL: _dialled(consulting.consult),
    Action.TRANSFER: _simple(consulting.transfer),
    Action.CONFERENCE: _simple(consulting.conference),
    Action.TRANSFER_SST: _dialled(single_step.transfer),
    Action.SEND_DTMF: _send_digits,
    Action.START_RECORDING: _simple(_record),
    Action.PARTICIPANT_DROP: _drop_participant,
    Action.ACCEPT: _simple(outbound.accept),
    Action.REJECT: _simple(outbound.reject),
    Action.CLOSE: _simple(outbound.close),
    Action.RECLASSIFY: _reclassify,
    Action.UPDATE_SCHEDULED_CALLBACK: _arrange_callback,
    Action.CANCEL_SCHEDULED_CALLBACK: _simple(callbacks.cancel),
}
