"""What Finesse itself checks of an action before the CTI server sees it, and what a request is made of.

Sources: finesse-rest.md sections 2.2, 6.3, 8 and 14.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from finesse_simulator import api_errors
from finesse_simulator.engine import callbacks, supervising
from finesse_simulator.engine.actions import knows_direct_preview
from finesse_simulator.engine.model import Agent, Call
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import CALL_VARIABLES, Action, Deployment, PartyState

_NUMBER = re.compile(r"\+?[0-9*#]{1,40}", re.ASCII)
_VARIABLE_BYTES = 40
_WORDS = frozenset(Action)
_OUTCOMES = frozenset({"VOICE", "FAX", "ANS_MACHINE", "INVALID", "BUSY", "DO_NOT_CALL"})
_ELSEWHERE = frozenset(
    {(Action.PARTICIPANT_DROP, Deployment.UCCX), (Action.START_RECORDING, Deployment.UCCE)},
)
"""What only the other deployment has."""


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


def is_known(world: World, action: Action) -> bool:
    """Say whether the deployment and its release have the action."""
    if action is Action.RECLASSIFY:
        return knows_direct_preview(world.scenario)
    return (action, world.scenario.deployment) not in _ELSEWHERE


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


def _check_outcome(_: Call, __: Agent, request: DialogRequest) -> None:
    outcome = request.parameter("outboundClassification")
    if not outcome:
        raise api_errors.parameter_missing("outboundClassification")
    if outcome not in _OUTCOMES:
        raise api_errors.invalid_input("outboundClassification")


def _check_callback(_: Call, __: Agent, request: DialogRequest) -> None:
    time, number = request.parameter("callbackTime"), request.parameter("callbackNumber")
    if not time and not number:
        raise api_errors.parameter_missing("callbackTime")
    if time and callbacks.moment(time) is None:
        raise api_errors.invalid_input("callbackTime")
    if number and not _NUMBER.fullmatch(number):
        raise api_errors.invalid_input("callbackNumber")


_CHECKS: dict[Action, Callable[[Call, Agent, DialogRequest], None]] = {
    Action.CONSULT_CALL: _check_destination,
    Action.TRANSFER_SST: _check_destination,
    Action.PARTICIPANT_DROP: _check_victim,
    Action.SEND_DTMF: _check_digits,
    Action.START_RECORDING: _check_not_held,
    Action.RECLASSIFY: _check_outcome,
    Action.UPDATE_SCHEDULED_CALLBACK: _check_callback,
}


def check_details(call: Call, agent: Agent, action: Action, request: DialogRequest) -> None:
    """Raise ApiFaultError when what goes with the action is missing or impossible."""
    if action is Action.UPDATE_CALL_DATA:
        _check_call_data(request)
    elif not request.target:
        raise api_errors.parameter_missing("targetMediaAddress")
    if request.target and request.target != agent.extension and action is not Action.PARTICIPANT_DROP:
        raise api_errors.invalid_input("targetMediaAddress")
    if action in _CHECKS:
        _CHECKS[action](call, agent, request)
