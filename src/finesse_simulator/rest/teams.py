"""Teams, and what is set up for a team: reasons, wrap-up reasons, phone books.

Sources: finesse-rest.md sections 10.1 and 10.3. Who may read is not documented: the supervisors of a team, its members
what is set up for it, and the administrator.
"""

from __future__ import annotations

from finesse_simulator import api_errors, payloads, team_payloads
from finesse_simulator.engine.state_requests import reasons_of
from finesse_simulator.engine.summaries import MemberView
from finesse_simulator.rest.incoming import Answer, Incoming, Row
from finesse_simulator.rest.phone_books import books_for
from finesse_simulator.scenario import Team
from finesse_simulator.team_watch import media_state
from finesse_simulator.vocabulary import Profile


def get_team(incoming: Incoming) -> Answer:
    """Give a team with its members, to its supervisors and the administrator."""
    team, asker = _team(incoming, api_errors.NOT_FOUND), incoming.principal.agent
    if asker is not None and not asker.profile.supervises:
        raise api_errors.unauthorized(incoming.principal.name)
    if asker is not None and team.id not in asker.profile.supervises:
        raise api_errors.invalid_supervisor(team.id)
    engine = incoming.engine
    members = [agent for agent in engine.world.agents.values() if agent.profile.team == team.id]
    uccx = engine.scenario.uccx
    views = [
        MemberView(engine.view_user(agent), media_state(busy=bool(engine.dialogs_of(agent))) if uccx else None)
        for agent in members
    ]
    return Answer(200, team_payloads.team_answer(team, views))


def get_teams(incoming: Incoming) -> Answer:
    """Give every team, to the administrator."""
    incoming.only_administrator()
    return Answer(200, team_payloads.teams_answer(incoming.engine.scenario.teams))


def get_reason_codes(incoming: Incoming) -> Answer:
    """Give the reason codes of a category that members of the team may choose from."""
    team, scenario = _resource(incoming), incoming.engine.scenario
    category = category_of(incoming)
    reasons = reasons_of(incoming.engine.world, team.id, category)
    return Answer(200, payloads.reason_codes_answer(reasons, category, scenario.profile))


def get_wrap_up_reasons(incoming: Incoming) -> Answer:
    """Give the wrap-up reasons that members of the team may choose from."""
    team = _resource(incoming)
    rows = incoming.engine.scenario.wrap_up_reasons
    mine = [row for row in rows if row.for_all or team.id in row.teams]
    return Answer(200, payloads.wrap_up_reasons_answer("", mine))


def get_phone_books(incoming: Incoming) -> Answer:
    """Give the phone books of a team; from 12.6 on without a range as well."""
    team = _resource(incoming)
    optional = incoming.engine.scenario.profile is Profile.V12_6
    return books_for(incoming, team.id, largest=6000, range_optional=optional)


def category_of(incoming: Incoming) -> str:
    """Read which reason codes are wanted."""
    category = incoming.query.get("category", "")
    if category not in {"NOT_READY", "LOGOUT"}:
        raise api_errors.ApiFaultError(400, api_errors.ApiError("Bad Request", "Invalid category", "category"))
    return category


def _team(incoming: Incoming, missing: api_errors.ApiFaultError) -> Team:
    found = (team for team in incoming.engine.scenario.teams if team.id == incoming.path["team"])
    team = next(found, None)
    if team is None:
        raise missing
    return team


def _resource(incoming: Incoming) -> Team:
    """Find the team of the address, to which the asking one belongs."""
    if incoming.engine.scenario.profile is Profile.V11_6:
        raise api_errors.NOT_FOUND  # there from 12.5 on
    team = _team(incoming, api_errors.team_not_found(incoming.path["team"]))
    asker = incoming.principal.agent
    if asker is not None and team.id not in {asker.profile.team, *asker.profile.supervises}:
        raise api_errors.other_user(team.id)
    return team


ROWS: tuple[Row, ...] = (
    ("GET", "/Team/{team}", get_team),
    ("GET", "/Teams", get_teams),
    ("GET", "/TeamResource/{team}/ReasonCodes", get_reason_codes),
    ("GET", "/TeamResource/{team}/WrapUpReasons", get_wrap_up_reasons),
    ("GET", "/TeamResource/{team}/PhoneBooks", get_phone_books),
)
