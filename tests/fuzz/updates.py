"""Hostile Update documents, through the parser, to agents of both formats.

An input: Update documents between RECORD bytes, each headed by a byte: odd for a team's node, even for the user's own.
"""

from __future__ import annotations

from agents.office import Office
from agents.people import ANN, BOB
from finesse.updates import TEAM_NODE
from fuzz.healthy import everybody_is_idle, office_with_sue
from fuzz.source import headed, records, text
from fuzz.watching import play
from generic_connector.finesse.failures import PayloadError
from generic_connector.finesse.payloads import parse_updates

_NODES = {ANN: "/finesse/api/User/1001", BOB: "/finesse/api/User/1002"}


def one(data: bytes) -> None:
    """Notify Ann and Bob of the documents of one input."""

    async def script() -> None:
        async with office_with_sue() as office:
            for record in records(data):
                number, document = headed(record)
                for agent, node in _NODES.items():
                    notify(office, agent, text(document), TEAM_NODE if number % 2 else node)
            await everybody_is_idle(office)
            for agent in _NODES:
                office.send("GetDialogState", "16777300", agent=agent)
                office.send("GetState", agent=agent)

    play(script)


def notify(office: Office, agent: str, document: str, node: str) -> None:
    try:
        notifications = parse_updates(document, node=node)
    except PayloadError:
        return
    for notification in notifications:
        if agent in office.finesse.open_sessions():
            office.finesse.session(agent).notify(notification)
