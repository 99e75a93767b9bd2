"""What each address of the REST interface answers: pure functions, listed in a table.

Sources: finesse-rest.md sections 3, 4.2, 8 and 12.
"""

from __future__ import annotations

from finesse_simulator import api_errors, payloads
from finesse_simulator.engine.state_requests import reasons_for
from finesse_simulator.rest import phone_books, queues, team_messages, teams
from finesse_simulator.rest.bodies import read_dialog, read_user
from finesse_simulator.rest.incoming import ACCEPTED, Answer, Incoming, Row

# ---- users


def get_user(incoming: Incoming) -> Answer:
    """Give a user."""
    user = incoming.visible_user()
    return Answer(200, payloads.user_answer(incoming.engine.view_user(user)))


def get_users(incoming: Incoming) -> Answer:
    """Give every user, to the administrator."""
    incoming.only_administrator()
    engine = incoming.engine
    return Answer(200, payloads.users_answer(engine.view_user(agent) for agent in engine.world.agents.values()))


def put_user(incoming: Incoming) -> Answer:
    """Sign in or out, or change the state."""
    request = read_user(incoming.body)
    user, actor = incoming.user(), incoming.principal.agent
    if actor is None:
        raise api_errors.other_user(incoming.path["user"])
    incoming.engine.request_state(user, actor, request, incoming.request_id)
    return ACCEPTED


# ---- dialogs


def get_dialogs(incoming: Incoming) -> Answer:
    """Give the dialogs of a user."""
    return Answer(200, payloads.dialogs_answer(incoming.engine.dialogs_of(incoming.visible_user())))


def post_dialogs(incoming: Incoming) -> Answer:
    """Make a call."""
    request = read_dialog(incoming.body)
    if incoming.principal.administrator:
        raise api_errors.not_supervisor(incoming.principal.name)
    incoming.engine.request_call(incoming.own_user(), request, incoming.request_id)
    return ACCEPTED


def get_dialog(incoming: Incoming) -> Answer:
    """Give a dialog."""
    return Answer(
        200, payloads.dialog_answer(incoming.engine.dialog(incoming.path["dialog"], incoming.principal.agent))
    )


def put_dialog(incoming: Incoming) -> Answer:
    """Do something to a dialog."""
    request = read_dialog(incoming.body)
    agent = incoming.principal.agent
    if agent is None:
        raise api_errors.other_user(incoming.principal.name)
    incoming.engine.request_action(agent, incoming.path["dialog"], request, incoming.request_id)
    return ACCEPTED


# ---- reasons


def get_reason_codes(incoming: Incoming) -> Answer:
    """Give the reason codes of a category that a user may choose from."""
    user, category = incoming.own_user(), teams.category_of(incoming)
    reasons = reasons_for(incoming.engine.world, user, category)
    return Answer(200, payloads.reason_codes_answer(reasons, category, incoming.engine.scenario.profile))


def get_reason_code(incoming: Incoming) -> Answer:
    """Give one reason code."""
    if "user" in incoming.path:
        incoming.own_user()
    number = incoming.path["reason"]
    reason = incoming.engine.world.reason(int(number)) if number.isascii() and number.isdigit() else None
    if reason is None:
        raise api_errors.NOT_FOUND
    return Answer(200, payloads.reason_code_answer(reason, incoming.engine.scenario.profile))


def get_wrap_up_reasons(incoming: Incoming) -> Answer:
    """Give the wrap-up reasons that a user may choose from."""
    user = incoming.own_user()
    rows = incoming.engine.scenario.wrap_up_reasons
    mine = [row for row in rows if row.for_all or user.profile.team in row.teams]
    return Answer(200, payloads.wrap_up_reasons_answer(user.id, mine))


def get_wrap_up_reason(incoming: Incoming) -> Answer:
    """Give one wrap-up reason."""
    user = incoming.own_user()
    rows = (row for row in incoming.engine.scenario.wrap_up_reasons if str(row.id) == incoming.path["reason"])
    row = next(rows, None)
    if row is None:
        raise api_errors.NOT_FOUND
    return Answer(200, payloads.wrap_up_reason_answer(user.id, row))


# ---- the rest


def not_implemented(incoming: Incoming) -> Answer:
    """Say that the resource exists in Finesse, but not here."""
    raise api_errors.not_implemented(incoming.path.get("what", "resource"))


RESOURCES: tuple[Row, ...] = (
    ("GET", "/User/{user}", get_user),
    ("PUT", "/User/{user}", put_user),
    ("GET", "/Users", get_users),
    ("GET", "/User/{user}/Dialogs", get_dialogs),
    ("POST", "/User/{user}/Dialogs", post_dialogs),
    ("GET", "/Dialog/{dialog}", get_dialog),
    ("PUT", "/Dialog/{dialog}", put_dialog),
    ("GET", "/User/{user}/ReasonCodes", get_reason_codes),
    ("GET", "/User/{user}/ReasonCode/{reason}", get_reason_code),
    ("GET", "/ReasonCode/{reason}", get_reason_code),
    ("GET", "/User/{user}/WrapUpReasons", get_wrap_up_reasons),
    ("GET", "/User/{user}/WrapUpReason/{reason}", get_wrap_up_reason),
    *teams.ROWS,
    *phone_books.ROWS,
    *queues.ROWS,
    *team_messages.ROWS,
    ("GET", "/User/{user}/{what:MediaPropertiesLayouts?|Workflows}", not_implemented),
    ("GET", "/TeamResource/{team}/{what:MediaPropertiesLayouts|Workflows}", not_implemented),
)
"""Method, address below /finesse/api, and who answers. SystemInfo stands apart: it needs no credentials."""
