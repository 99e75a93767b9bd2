"""Hostile documents in Finesse's answers to what agents ask for.

An input: answers between RECORD bytes, each headed by a byte that chooses the operation that it answers.
"""

from __future__ import annotations

from agents.office import Office
from agents.people import ANN, BOB
from fuzz.healthy import everybody_is_idle, office_with_sue
from fuzz.source import headed, pick, records, text
from fuzz.watching import play
from generic_connector.finesse.door import Answer

ASKING = (
    ("user", "GetState", ""),
    ("dialogs", "refresh", ""),
    ("dialog", "GetDialogState", "16777300"),
    ("reason_codes", "reasoncodenotready", ""),
    ("wrap_up_reasons", "wrapupreasoncode", ""),
    ("queues", "GetQueueList", ""),
    ("phone_books", "GetPhonebooks", ""),
    ("phone_books", "GetPhonebookContacts", "1"),
    ("team", "GetTeamUsers", "5001"),
    ("team_phone_books", "GetTeamPhonebooks", "5001"),
    ("users", "GetAllAgents", ""),
    ("change_state", "MakeNotReadyWithReason", "1"),
    ("make_call", "MakeCall", "5551230001"),
)
"""An operation of finesse.requests, and the command that asks it."""


def one(data: bytes) -> None:
    """Let Ann and Bob ask for what the input answers."""

    async def script() -> None:
        async with office_with_sue() as office:
            for record in records(data):
                number, document = headed(record)
                for agent in (ANN, BOB):
                    _ask(office, agent, number, text(document))
                    await everybody_is_idle(office)
                    office.finesse._scripts.clear()  # what nobody asked for is not for Sue

    play(script)


def _ask(office: Office, agent: str, number: int, document: str) -> None:
    operation, command, body = pick(ASKING, number)
    office.finesse.script(operation, Answer(status=200, body=document))
    office.send(command, body, agent=agent)
