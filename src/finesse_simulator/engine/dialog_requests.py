"""What clients ask of a dialog that exists, with PUT Dialog. First checked, then carried out.

Sources: finesse-rest.md sections 2, 6.3, 7.3 and 8.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from finesse_simulator import api_errors
from finesse_simulator.engine import calls, consulting, ending, single_step, supervising
from finesse_simulator.engine.actions import is_conference, offered
from finesse_simulator.engine.model import Agent, Call, Origin, Party
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import CALL_VARIABLES, Action, Deployment, PartyState

_NUMBER = re.compile(r"\+?[0-9*#]{1,40}", re.ASCII)
_VARIABLE_BYTES = 40
_WORDS = frozenset(Action)
_UCCX_DIGITS = frozenset("0123456789*#")
_UCCE_DIGITS = _UCCX_DIGITS | frozenset("ABCD")
_ELSEWHERE = frozenset(
    {(Action.PARTICIPANT_DROP, Deployment.UCCX), (Action.START_RECORDING, Deployment.UCCE)},
)
"""What only the other deployment has (section 14.1)."""


@dataclass(frozen=True, slots=True)
class DialogRequest:
    """The body of POST Dialogs or PUT Dialog; what it leaves out is empty.

    media: whether it has mediaProperties. associated: associatedDialogUri. parameters: the actionParams.
    """

    action: str = ""
    target: str = ""
    from_address: str = ""
    to_address: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    wrap_up_reason: str | None = None
    media: bool = False
    associated: str = ""
    parameters: tuple[tuple[str, str], ...] = ()

    def parameter(self, name: str) -> str:
        """Give an action parameter, empty when it is not there."""
        return dict(self.parameters).get(name, "")


# ---- parts of the checks


def check_action(action: str) -> Action:
    """Raise ApiFaultError unless this is an action."""
    if not action:
        raise api_errors.parameter_missing("requestedAction")
    if action not in _WORDS:
        raise api_errors.invalid_input("requestedAction")
    return Action(action)


def check_number(number: str) -> None:
    """Raise ApiFaultError unless this can be dialled."""
    if not _NUMBER.fullmatch(number):
        raise api_errors.invalid_input("toAddress")


def check_variables(request: DialogRequest) -> None:
    """Refuse the outbound option's variables and names given twice (section 6.3)."""
    names = [name for name, _ in request.variables]
    for name in names:
        if name.startswith("BA") or names.count(name) > 1:
            raise api_errors.invalid_input(name)


def known_names(request: DialogRequest) -> bool:
    """Say whether all variables are such as the CTI server has."""
    return all(name in CALL_VARIABLES or name.startswith("user.") for name, _ in request.variables)


def trimmed_variables(request: DialogRequest) -> dict[str, str]:
    """Cut peripheral variables to what the CTI server holds, as it does without a word."""
    return {name: _cut(value) if name in CALL_VARIABLES else value for name, value in request.variables}


def _cut(value: str) -> str:
    return value.encode("utf-8", "replace")[:_VARIABLE_BYTES].decode("utf-8", "ignore")


# ---- an existing dialog


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
    if action not in _APPLY or (action, world.scenario.deployment) in _ELSEWHERE:
        raise api_errors.not_implemented(action)
    if action is Action.UPDATE_CALL_DATA:
        _check_call_data(request)
    elif not request.target:
        raise api_errors.parameter_missing("targetMediaAddress")
    if request.target and request.target != agent.extension and action is not Action.PARTICIPANT_DROP:
        raise api_errors.invalid_input("targetMediaAddress")
    if action in _CHECKS:
        _CHECKS[action](call, agent, request)


def _check_call_data(request: DialogRequest) -> None:
    if not request.media:
        raise api_errors.parameter_missing("mediaProperties")
    check_variables(request)


def _check_destination(_: Call, agent: Agent, request: DialogRequest) -> None:
    if not request.to_address:
        raise api_errors.parameter_missing("toAddress")
    if request.to_address == agent.extension:
        raise api_errors.SAME_DESTINATION
    check_number(request.to_address)


def _check_victim(call: Call, _: Agent, request: DialogRequest) -> None:
    if supervising.droppable(call, request.target) is None:
        raise api_errors.invalid_destination("targetMediaAddress")


def _check_digits(call: Call, agent: Agent, request: DialogRequest) -> None:
    if not request.parameter("dtmfString"):
        raise api_errors.parameter_missing("dtmfString")
    _check_not_held(call, agent, request)


def _check_not_held(call: Call, agent: Agent, request: DialogRequest) -> None:
    party = call.party_of(agent)
    if party is not None and party.state is PartyState.HELD:
        raise api_errors.wrong_moment(request.action)


_CHECKS: dict[Action, Callable[[Call, Agent, DialogRequest], None]] = {
    Action.CONSULT_CALL: _check_destination,
    Action.TRANSFER_SST: _check_destination,
    Action.PARTICIPANT_DROP: _check_victim,
    Action.SEND_DTMF: _check_digits,
    Action.START_RECORDING: _check_not_held,
}


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
}
