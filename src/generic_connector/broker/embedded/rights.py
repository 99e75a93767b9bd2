"""What a client of the embedded broker may do where, as a table. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from generic_connector.broker.mapping import TOPIC
from generic_connector.broker.senders import Senders


class Operation(StrEnum):
    """What may be allowed or not."""

    SEND = "send"
    SUBSCRIBE = "subscribe"


class Rights(StrEnum):
    """How much is looked at.

    EQUAL: all may do all. LISTENERS: only the connector sends events. BOUND: each user hears its own topics and sends
    commands, and nothing else.
    """

    EQUAL = "equal"
    LISTENERS = "listeners"
    BOUND = "bound"


class Place(StrEnum):
    """What a destination is to the connector."""

    COMMANDS = "command queue"
    QUEUE = "another queue"
    TOPIC = "topic"


class Verdict(StrEnum):
    """Who may: everybody who was let in; users with their own topics, or with a name; nobody."""

    ALL = "all"
    OWN = "own"
    NAMED = "named"
    NOBODY = "nobody"


TABLE: dict[tuple[Operation, Place], tuple[Verdict, Verdict, Verdict]] = {
    # what, where                           EQUAL           LISTENERS       BOUND
    (Operation.SEND, Place.COMMANDS): (Verdict.ALL, Verdict.ALL, Verdict.NAMED),
    (Operation.SEND, Place.QUEUE): (Verdict.ALL, Verdict.ALL, Verdict.NOBODY),
    (Operation.SEND, Place.TOPIC): (Verdict.ALL, Verdict.NOBODY, Verdict.NOBODY),
    (Operation.SUBSCRIBE, Place.COMMANDS): (Verdict.NOBODY, Verdict.NOBODY, Verdict.NOBODY),
    (Operation.SUBSCRIBE, Place.QUEUE): (Verdict.ALL, Verdict.ALL, Verdict.NOBODY),
    (Operation.SUBSCRIBE, Place.TOPIC): (Verdict.ALL, Verdict.ALL, Verdict.OWN),
}
"""Nobody takes commands away from the connector, in no mode."""


def place_of(destination: str, command_destinations: Collection[str]) -> Place:
    """Say what a destination is; one that is none at all counts as another queue, and the broker refuses it later."""
    if destination in command_destinations:
        return Place.COMMANDS
    return Place.TOPIC if destination.startswith(TOPIC) else Place.QUEUE


def verdict_on(rights: Rights, operation: Operation, place: Place) -> Verdict:
    """Look into the table."""
    return TABLE[operation, place][list(Rights).index(rights)]


def is_among(verdict: Verdict, senders: Senders, user: str, destination: str) -> bool:
    """Say whether a user ("" for anonymous) is one of those who may."""
    match verdict:
        case Verdict.ALL:
            return True
        case Verdict.NAMED:
            return user != ""
        case Verdict.OWN:
            return senders.may_use(user, destination.removeprefix(TOPIC))
        case _:
            return False
