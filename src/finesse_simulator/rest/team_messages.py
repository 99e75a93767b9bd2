"""Messages to teams.

Source: finesse-rest.md section 10.2. The lists' addresses are inferred there; the answer to a creation, the object
itself, is ours. From 12.5 on.
"""

from __future__ import annotations

from finesse_simulator import api_errors, team_payloads
from finesse_simulator.engine.messages import Creator
from finesse_simulator.rest.bodies import TeamMessageRequest, read_team_message
from finesse_simulator.rest.incoming import Answer, Incoming, Row
from finesse_simulator.vocabulary import Profile

_LONGEST = 255


def post_message(incoming: Incoming) -> Answer:
    """Send a message to teams: 207 when the asking one does not supervise all of them."""
    _refuse_before_12(incoming)
    request = read_team_message(incoming.body)
    duration = _duration(request)
    asker = incoming.principal.agent
    if asker is not None and not asker.profile.supervises:
        raise api_errors.unauthorized(incoming.principal.name)
    known = {team.id for team in incoming.engine.scenario.teams}
    own = known if asker is None else known & set(asker.profile.supervises)
    teams = tuple(team for team in request.teams if team in own)
    if not teams:
        raise api_errors.invalid_supervisor(",".join(request.teams))
    view = incoming.engine.messages.create(_creator(incoming), request.content, duration, teams, incoming.request_id)
    return Answer(200 if teams == request.teams else 207, team_payloads.message_answer(view))


def _duration(request: TeamMessageRequest) -> int:
    """Check a request and give how many seconds the message is to stand."""
    for name, value in (("content", request.content), ("duration", request.duration), ("teams", request.teams)):
        if not value:
            raise api_errors.parameter_missing(name)
    if len(request.content) > _LONGEST:
        raise api_errors.invalid_input("content")
    text = request.duration
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):  # noqa: PLR2004  fits any clock
        raise api_errors.invalid_input("duration")
    return int(text)


def _creator(incoming: Incoming) -> Creator:
    agent = incoming.principal.agent
    if agent is None:
        return Creator(incoming.principal.name)
    return Creator(agent.id, agent.profile.first_name, agent.profile.last_name)


def get_team_messages(incoming: Incoming) -> Answer:
    """Give the messages that stand for a team, to its members and supervisors."""
    _refuse_before_12(incoming)
    team, asker = incoming.path["team"], incoming.principal.agent
    if all(team != one.id for one in incoming.engine.scenario.teams):
        raise api_errors.NOT_FOUND
    if asker is not None and team not in {asker.profile.team, *asker.profile.supervises}:
        raise api_errors.unauthorized(incoming.principal.name)
    return Answer(200, team_payloads.messages_answer(incoming.engine.messages.to(team)))


def get_user_messages(incoming: Incoming) -> Answer:
    """Give the standing messages that a user has sent."""
    _refuse_before_12(incoming)
    return Answer(200, team_payloads.messages_answer(incoming.engine.messages.by(incoming.own_user().id)))


def delete_message(incoming: Incoming) -> Answer:
    """Take a message back, as its creator or the administrator."""
    _refuse_before_12(incoming)
    messages, asker = incoming.engine.messages, incoming.principal.agent
    view = messages.find(incoming.path["message"])
    if view is None:
        raise api_errors.NOT_FOUND
    if asker is not None and asker.id != view.creator_id:
        raise api_errors.unauthorized(incoming.principal.name)
    messages.delete(view.id, incoming.request_id)
    return Answer(200)


def _refuse_before_12(incoming: Incoming) -> None:
    if incoming.engine.scenario.profile is Profile.V11_6:
        raise api_errors.NOT_FOUND


ROWS: tuple[Row, ...] = (
    ("POST", "/{_:TeamMessages?}", post_message),
    ("GET", "/Team/{team}/TeamMessages", get_team_messages),
    ("GET", "/User/{user}/TeamMessages", get_user_messages),
    ("DELETE", "/TeamMessage/{message}", delete_message),
)
