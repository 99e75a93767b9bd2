"""Snapshots of users and dialogs, as a client sees them at one moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from finesse_simulator.engine.actions import offered
from finesse_simulator.engine.model import Agent, Call, Mobile, Party, Reason
from finesse_simulator.scenario import Scenario, Team
from finesse_simulator.vocabulary import Action, AgentState, PartyState, Profile


@dataclass(frozen=True, slots=True)
class UserView:
    """A user. reason_id: None where the element is left out of a notification (finesse-rest.md section 4.1).

    skill_target_id: empty where the release or the deployment does not show it.
    """

    id: str
    login_name: str
    first_name: str
    last_name: str
    extension: str
    mobile: Mobile | None
    state: str
    pending_state: str
    state_changed: datetime | None
    reason: Reason | None
    reason_id: str | None
    last_reason_id: str
    roles: tuple[str, ...]
    wrap_up_on_incoming: str
    wrap_up_on_outgoing: str | None
    team: Team | None
    supervised: tuple[Team, ...]
    skill_target_id: str
    profile: Profile

    def __str__(self) -> str:
        pending = f" then {self.pending_state}" if self.pending_state else ""
        reason = f" reason {self.reason.code}" if self.reason else ""
        return f"{self.state}{reason}{pending}"


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """A participant of a dialog."""

    address: str
    address_type: str
    state: PartyState
    cause: str
    started: datetime
    changed: datetime
    actions: tuple[Action, ...]

    def __str__(self) -> str:
        return f"{self.address}:{self.state}" + (f"/{self.cause}" if self.cause else "")


@dataclass(frozen=True, slots=True)
class DialogView:
    """A dialog."""

    id: str
    type: str
    from_address: str
    to_address: str
    dialed_number: str
    dnis: str
    state: str
    participants: tuple[ParticipantView, ...]
    variables: tuple[tuple[str, str], ...]
    wrap_up_reason: str | None
    associated_id: str
    secondary_id: str
    queue_id: str
    queue_name: str
    profile: Profile
    uccx: bool
    classification: str = ""
    callback: tuple[str, str] | None = None
    callback_number: str = ""

    def __str__(self) -> str:
        return " ".join([self.id, self.state, *map(str, self.participants)])


_FIRST_SKILL_TARGET = 7000
_WITH_REASON = frozenset({AgentState.NOT_READY, AgentState.LOGOUT})


def view_user(agent: Agent, scenario: Scenario) -> UserView:
    """Take a snapshot of a user."""
    teams = {team.id: team for team in scenario.teams}
    reason = agent.reason if agent.state in _WITH_REASON else None
    return UserView(
        id=agent.id,
        login_name=agent.profile.name,
        first_name=agent.profile.first_name,
        last_name=agent.profile.last_name,
        extension=agent.extension,
        mobile=agent.mobile,
        state=agent.state,
        pending_state=agent.pending or "",
        state_changed=agent.changed,
        reason=_shown(reason, scenario.profile),
        reason_id=_reason_id(agent, reason, scenario.profile),
        last_reason_id=agent.last_reason_id,
        roles=("Agent", "Supervisor") if agent.profile.supervises else ("Agent",),
        wrap_up_on_incoming=agent.profile.wrap_up_on_incoming,
        wrap_up_on_outgoing=agent.profile.wrap_up_on_outgoing,
        team=teams.get(agent.profile.team),
        supervised=tuple(teams[team] for team in agent.profile.supervises),
        skill_target_id=_skill_target_id(agent, scenario),
        profile=scenario.profile,
    )


def _skill_target_id(agent: Agent, scenario: Scenario) -> str:
    """Give the id in UCCE's database, from 12.6 on: by the agent's place in the scenario."""
    if scenario.uccx or scenario.profile is not Profile.V12_6:
        return ""
    return str(_FIRST_SKILL_TARGET + scenario.agents.index(agent.profile))


def _shown(reason: Reason | None, profile: Profile) -> Reason | None:
    """Leave out system reasons where the release does not know systemCode (section 13.2)."""
    if reason is not None and reason.system and profile is Profile.V11_6:
        return None
    return reason


def _reason_id(agent: Agent, reason: Reason | None, profile: Profile) -> str | None:
    if agent.state not in _WITH_REASON:
        return None
    signed_out_by_system = agent.state is AgentState.LOGOUT and profile is Profile.V11_6
    if reason is None or (reason.system and signed_out_by_system):
        return "-1"
    return str(reason.id)


def view_dialog(call: Call, scenario: Scenario) -> DialogView:
    """Take a snapshot of a dialog."""
    newer = scenario.profile is not Profile.V11_6
    queue = call.queue if newer and not scenario.uccx else None
    return DialogView(
        id=str(call.id),
        type=call.type,
        from_address=call.from_address,
        to_address=call.to_address,
        dialed_number=call.dialed_number,
        dnis=call.dnis,
        state=call.state,
        participants=tuple(_view_party(call, party, scenario) for party in call.parties),
        variables=tuple(call.variables.items()),
        wrap_up_reason=call.wrap_up_reason,
        associated_id="" if call.associated_id is None else str(call.associated_id),
        secondary_id=str(call.secondary_id) if call.secondary_id is not None and newer else "",
        queue_id=queue.id if queue else "",
        queue_name=queue.name if queue else "",
        profile=scenario.profile,
        uccx=scenario.uccx,
        classification=call.outbound.classification if call.outbound else "",
        callback=call.outbound.callback if call.outbound else None,
        callback_number=_callback_number(call, scenario),
    )


def _callback_number(call: Call, scenario: Scenario) -> str:
    """Give the customer's number without prefix, as direct preview on UCCE shows it (section 6.2)."""
    record = call.outbound
    return record.customer if record is not None and record.direct and not scenario.uccx else ""


def _view_party(call: Call, party: Party, scenario: Scenario) -> ParticipantView:
    return ParticipantView(
        address=party.address,
        address_type="AGENT_DEVICE" if party.device else "",
        state=party.state,
        cause=party.cause,
        started=party.started,
        changed=party.changed,
        actions=offered(call, party, scenario),
    )


def without(view: DialogView, address: str, now: datetime) -> DialogView:
    """Show the participant as dropped and all else as it was: the form of a DELETE (section 7.1)."""
    parties = tuple(
        replace(party, state=PartyState.DROPPED, changed=now, actions=())
        if party.address == address and party.state is not PartyState.DROPPED
        else party
        for party in view.participants
    )
    return replace(view, participants=parties)
