"""What clients ask of calls: dial, answer, hold, retrieve, drop, change the data. First checked, then carried out.

Sources: finesse-rest.md sections 2, 6.3, 7.3 and 8.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from finesse_simulator import api_errors
from finesse_simulator.engine import calls, dialing
from finesse_simulator.engine.model import Agent, Call, Origin, Party
from finesse_simulator.engine.views import offered_actions
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import CALL_VARIABLES, Action

_NUMBER = re.compile(r"\+?[0-9*#]{1,40}", re.ASCII)
_VARIABLE_BYTES = 40
_WORDS = frozenset(Action)


@dataclass(frozen=True, slots=True)
class DialogRequest:
    """The body of POST Dialogs or PUT Dialog; what it leaves out is empty. media: whether it has mediaProperties."""

    action: str = ""
    target: str = ""
    from_address: str = ""
    to_address: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    wrap_up_reason: str | None = None
    media: bool = False


# ---- MAKE_CALL


def check_new(world: World, agent: Agent, request: DialogRequest) -> None:
    """Raise ApiFaultError when Finesse refuses a new dialog at once."""
    action = _check_action(request.action)
    if action in {Action.SILENT_MONITOR, Action.BARGE_CALL}:
        raise api_errors.not_implemented(action)
    if action is not Action.MAKE_CALL:
        raise api_errors.invalid_input("requestedAction")
    if not request.from_address:
        raise api_errors.parameter_missing("fromAddress")
    if not request.to_address:
        raise api_errors.parameter_missing("toAddress")
    if request.from_address == request.to_address:
        raise api_errors.SAME_DESTINATION
    _check_numbers(agent, request)
    _check_new_media(world, request)


def _check_action(action: str) -> Action:
    if not action:
        raise api_errors.parameter_missing("requestedAction")
    if action not in _WORDS:
        raise api_errors.invalid_input("requestedAction")
    return Action(action)


def _check_numbers(agent: Agent, request: DialogRequest) -> None:
    if not agent.signed_in:
        raise api_errors.invalid_state("The user is not signed in")
    if request.from_address != agent.extension:
        raise api_errors.invalid_input("fromAddress")
    if not _NUMBER.fullmatch(request.to_address):
        raise api_errors.invalid_input("toAddress")


def _check_new_media(world: World, request: DialogRequest) -> None:
    if request.media and (world.scenario.uccx or request.wrap_up_reason is not None):
        raise api_errors.invalid_input("mediaProperties")
    _check_variables(request)


def _check_variables(request: DialogRequest) -> None:
    """Refuse the outbound option's variables and names given twice (section 6.3)."""
    names = [name for name, _ in request.variables]
    for name in names:
        if name.startswith("BA") or names.count(name) > 1:
            raise api_errors.invalid_input(name)


def apply_new(world: World, agent: Agent, request: DialogRequest, request_id: str) -> None:
    """Place the call."""
    origin = Origin(agent.id, request_id)
    if not agent.signed_in:
        world.tell_call_error(agent, api_errors.WRONG_STATE, origin)
    elif not _known_names(request):
        world.tell_call_error(agent, api_errors.INVALID_CALL_DATA, origin)
    else:
        dialing.make_call(world, agent, request.to_address, _variables(request), origin)


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
    action = _check_action(request.action)
    if agent not in call.watchers:
        raise api_errors.other_user(agent.id)
    if action not in _APPLY:
        raise api_errors.not_implemented(action)
    if action is Action.UPDATE_CALL_DATA:
        _check_call_data(request)
    elif not request.target:
        raise api_errors.parameter_missing("targetMediaAddress")
    if request.target and request.target != agent.extension:
        raise api_errors.invalid_input("targetMediaAddress")


def _check_call_data(request: DialogRequest) -> None:
    if not request.media:
        raise api_errors.parameter_missing("mediaProperties")
    _check_variables(request)


def apply(world: World, agent: Agent, dialog_id: str, request: DialogRequest, request_id: str) -> None:
    """Carry out a checked action; a refusal goes out as an error notification."""
    origin = Origin(agent.id, request_id)
    call = world.calls.get(int(dialog_id))
    party = call.party_of(agent) if call else None
    if call is None or party is None or agent not in call.watchers:
        source = f"/finesse/api/Dialog/{dialog_id}"
        world.tell_call_error(agent, api_errors.NO_ACTIVE_CALL, origin, source)  # ended since the check
        return
    if request.action not in offered_actions(party):
        error = api_errors.invalid_action(request.action, party.address)
        world.tell_call_error(agent, error, origin, call.uri)
        return
    _APPLY[Action(request.action)](world, call, party, request, origin)


_Deed = Callable[[World, Call, Party, DialogRequest, Origin], None]


def _simple(deed: Callable[[World, Call, Party, Origin], None]) -> _Deed:
    return lambda world, call, party, _, origin: deed(world, call, party, origin)


def _update(world: World, call: Call, party: Party, request: DialogRequest, origin: Origin) -> None:
    if not _known_names(request):
        if party.agent is not None:
            world.tell_call_error(party.agent, api_errors.INVALID_CALL_DATA, origin, call.uri)
        return
    call.variables.update(_variables(request))
    if request.wrap_up_reason is not None:
        call.wrap_up_reason = request.wrap_up_reason
    world.tell_changed(call, origin)


def _known_names(request: DialogRequest) -> bool:
    return all(name in CALL_VARIABLES or name.startswith("user.") for name, _ in request.variables)


def _variables(request: DialogRequest) -> dict[str, str]:
    """Cut peripheral variables to what the CTI server holds, as it does without a word."""
    return {name: _cut(value) if name in CALL_VARIABLES else value for name, value in request.variables}


def _cut(value: str) -> str:
    return value.encode("utf-8", "replace")[:_VARIABLE_BYTES].decode("utf-8", "ignore")


_APPLY: dict[Action, _Deed] = {
    Action.ANSWER: _simple(calls.answer),
    Action.HOLD: _simple(calls.hold),
    Action.RETRIEVE: _simple(calls.retrieve),
    Action.DROP: _simple(calls.drop),
    Action.UPDATE_CALL_DATA: _update,
}
