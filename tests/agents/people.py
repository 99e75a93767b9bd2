"""Made-up agents and calls, short to write: Ann at 4001 has a customer on the line, and Bob at 4002 as a colleague."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from generic_connector.agents.translate import Viewer
from generic_connector.finesse.model import Dialog, Participant, ReasonCode, Team, User

ANN, BOB, SUE = "1001", "1002", "2001"
EXTENSION, COLLEAGUE, DESK = "4001", "4002", "4100"
CUSTOMER, ROUTE_POINT = "5551230001", "801031"
CALL, OWN_CALL, CONSULTATION = "16777300", "16777301", "16777302"

ANNS_VIEW = Viewer(ANN, EXTENSION, "Ann Lee", UTC)
NOBODYS_VIEW = Viewer(ANN, "", "", UTC)

PERIPHERAL = tuple((f"callVariable{number}", "") for number in range(1, 11))


def at(second: int) -> str:
    """Give a moment as Finesse writes it."""
    return f"2026-01-02T03:04:{second:02}.678Z"


def told_at(second: int) -> str:
    """Give the same moment as a client in UTC reads it."""
    return f"2026-01-02 03:04:{second:02}"


def party(address: str, state: str, second: int = 1, *, cause: str = "", since: int | None = None) -> Participant:
    """Give a party of a call; since: when it came into the call, where its state changed later."""
    return Participant(
        media_address=address,
        media_address_type="" if address == CUSTOMER else "AGENT_DEVICE",
        state=state,
        state_cause=cause,
        start_time=at(second if since is None else since),
        state_change_time=at(second),
    )


def incoming(own: str, second: int = 1, *, other: str = "ACTIVE", **fields: Any) -> Dialog:
    """Give a queue's call for Ann, the customer listed first as Finesse may."""
    given = {
        "id": CALL,
        "from_address": CUSTOMER,
        "to_address": ROUTE_POINT,
        "state": own,
        "call_type": "PREROUTE_ACD_IN",
        "media_type": "Voice",
        "participants": (party(CUSTOMER, other), party(EXTENSION, own, second)),
    }
    return Dialog(**(given | fields))


def outgoing(own: str, second: int = 1, *, other: str = "", **fields: Any) -> Dialog:
    """Give a call that Ann makes."""
    parties = [party(EXTENSION, own, second)]
    if other:
        parties.append(party(CUSTOMER, other, second))
    given = {
        "id": OWN_CALL,
        "from_address": EXTENSION,
        "to_address": CUSTOMER,
        "state": own,
        "call_type": "OUT",
        "media_type": "Voice",
        "participants": tuple(parties),
    }
    return Dialog(**(given | fields))


def consultation(own: str, second: int = 1, *, other: str = "ALERTING", **fields: Any) -> Dialog:
    """Ann asking Bob about the customer's call."""
    given = {
        "id": CONSULTATION,
        "associated_dialog_id": CALL,
        "from_address": EXTENSION,
        "to_address": COLLEAGUE,
        "state": own,
        "call_type": "CONSULT",
        "media_type": "Voice",
        "participants": (party(EXTENSION, own, second), party(COLLEAGUE, other, second)),
    }
    return Dialog(**(given | fields))


def ann(state: str = "LOGOUT", second: int = 1, **fields: Any) -> User:
    """Ann, an agent of team T1."""
    given = {
        "login_id": ANN,
        "login_name": "ann",
        "first_name": "Ann",
        "last_name": "Lee",
        "state": state,
        "state_change_time": at(second),
        "extension": "" if state == "LOGOUT" else EXTENSION,
        "roles": ("Agent",),
        "team_id": "5000",
        "team_name": "T1",
        "wrap_up_on_incoming": "REQUIRED",
    }
    return User(**(given | fields))


def bob(state: str = "LOGOUT", second: int = 1, **fields: Any) -> User:
    """Bob, an agent of the same team."""
    given = {"login_id": BOB, "login_name": "bob", "first_name": "Bob", "last_name": "May"}
    given["extension"] = "" if state == "LOGOUT" else COLLEAGUE
    return ann(state, second, **(given | fields))


def sue(state: str = "LOGOUT", second: int = 1, **fields: Any) -> User:
    """Sue, who supervises T1 and T2."""
    given = {
        "login_id": SUE,
        "login_name": "sue",
        "first_name": "Sue",
        "last_name": "Ray",
        "extension": "" if state == "LOGOUT" else DESK,
        "roles": ("Agent", "Supervisor"),
        "teams": (Team(id="5000", name="T1"), Team(id="5001", name="T2")),
    }
    return ann(state, second, **(given | fields))


LUNCH = ReasonCode(id="49", code="27", label="Lunch", category="NOT_READY")
