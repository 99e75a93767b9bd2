"""Which actions a participant is offered: by its state, and by what kind of call it is.

Sources: finesse-rest.md sections 7.3, 8.9, 9.9 and 9.10; finesse-notifications.md section 8.2.
"""

from __future__ import annotations

from finesse_simulator.engine.model import Agent, Call, Outbound, Party
from finesse_simulator.scenario import Scenario
from finesse_simulator.vocabulary import OFFERED, RESERVATIONS, Action, CallType, Deployment, PartyState, Profile

_WAITING = frozenset({PartyState.INITIATING, PartyState.INITIATED})
_UNDECIDED = frozenset({PartyState.INITIATING, PartyState.ALERTING, PartyState.ACTIVE})
_RINGING = frozenset({PartyState.ALERTING})
_WITH_SOMEBODY = frozenset({Action.TRANSFER_SST, Action.CONSULT_CALL})
_DECISIONS = (Action.ACCEPT, Action.CLOSE, Action.REJECT)
_COMPLETIONS = (Action.TRANSFER, Action.CONFERENCE)
_FEW = 2


def offered(call: Call, party: Party, scenario: Scenario) -> tuple[Action, ...]:
    """Say what the participant may do now."""
    if party.passive:
        return ()
    if call.type is CallType.SUPERVISOR_MONITOR:
        return _to_listener(party)
    if call.type in RESERVATIONS:
        return _DECISIONS if party.agent is not None and party.state in _UNDECIDED else ()
    actions = OFFERED[party.state]
    if party.state is PartyState.HELD and consults(party):
        return (*actions, *_COMPLETIONS)
    if party.state is PartyState.ACTIVE:
        return _to_talker(call, party, scenario, actions)
    return actions


def consults(party: Party) -> bool:
    """Say whether the other call of a held party's agent is established."""
    if party.link is None:
        return False
    call, other = party.link
    answered = any(one.state in {PartyState.ACTIVE, PartyState.HELD} for one in call.parties if one is not other)
    return other.state is PartyState.ACTIVE and answered


def is_conference(call: Call) -> bool:
    """Say whether more than two are on the call."""
    return call.type is CallType.CONFERENCE and len(call.live_parties()) + call.hidden_caller > _FEW


def reclassifies(record: Outbound, scenario: Scenario) -> bool:
    """Say whether the outcome of such a call can be corrected: direct preview, on UCCE from 12.6 on (section 14.1)."""
    return record.direct and knows_direct_preview(scenario)


def knows_direct_preview(scenario: Scenario) -> bool:
    """Say whether the release has direct preview."""
    return scenario.uccx or scenario.profile is Profile.V12_6


def may_drop_others(call: Call, agent: Agent, scenario: Scenario) -> bool:
    """Say whether the agent may put a participant off a conference (section 8.9)."""
    if scenario.deployment is Deployment.UCCX:
        return False
    supervisor = bool(agent.profile.supervises)
    controller = call.controller is agent
    return {
        "supervisor_only": supervisor,
        "conference_controller_and_supervisor": supervisor or controller,
        "all": True,
    }[scenario.participant_drop]


def _to_listener(party: Party) -> tuple[Action, ...]:
    if party.state is PartyState.ACTIVE:
        return (Action.DROP, Action.BARGE_CALL)
    return (Action.DROP,) if party.state in _WAITING else ()


def _to_talker(call: Call, party: Party, scenario: Scenario, actions: tuple[Action, ...]) -> tuple[Action, ...]:
    agent = party.agent
    offer = list(actions)
    others = [one.state for one in call.live_parties() if one is not party]
    if others and set(others) <= _RINGING and not call.hidden_caller:
        offer = [action for action in offer if action not in _WITH_SOMEBODY]
    elif is_conference(call):
        offer.remove(Action.TRANSFER_SST)
        if agent is None or call.controller is not agent:
            offer.remove(Action.CONSULT_CALL)
        if agent is not None and may_drop_others(call, agent, scenario):
            offer.append(Action.PARTICIPANT_DROP)
    if agent is not None and scenario.uccx and party.link is None:
        offer.append(Action.START_RECORDING)
    if agent is not None and call.outbound is not None:
        offer += _about_record(call.outbound, scenario)
    return tuple(offer)


def _about_record(record: Outbound, scenario: Scenario) -> list[Action]:
    offer = [Action.UPDATE_SCHEDULED_CALLBACK]
    if record.callback is not None:
        offer.append(Action.CANCEL_SCHEDULED_CALLBACK)
    if reclassifies(record, scenario):
        offer.append(Action.RECLASSIFY)
    return offer
