"""Whether the senders of mode bound can be proved, checked before anything starts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from generic_connector.broker.senders import Senders


def faults_of_activemq(queues: Collection[str], queue_senders: Mapping[str, str], *, bound: bool) -> Iterator[str]:
    """Say which queues and senders do not fit together."""
    for queue in sorted(set(queue_senders) - set(queues)):
        yield f"broker.activemq.queue_senders names {queue}, which is not among broker.activemq.queues"
    for queue in (queue for queue in queues if bound and not queue_senders.get(queue)):
        yield (
            f"clients.access is bound, but nobody is proved to send by {queue}: give broker.activemq.queue_senders, "
            "or close broker.activemq"
        )


def faults_of_embedded(users: Collection[str], *, anonymous: bool) -> Iterator[str]:
    """Say why users of the embedded broker cannot be told apart, where clients.access is bound."""
    if not users:
        yield "clients.access is bound, but broker.embedded.users names nobody: give users, or close broker.embedded"
    if anonymous:
        yield "clients.access is bound, which broker.embedded.allow_anonymous would defeat: set it to false"


def faults_of_names(patterns: Mapping[str, tuple[str, ...]], known: Collection[str]) -> Iterator[str]:
    """Say which of the known senders would have another's destination by default, for their names begin alike."""
    senders = Senders(patterns)
    for one in sorted(set(known) - set(patterns)):
        for other in sorted(other for other in known if other != one and senders.may_use(one, other)):
            yield f"{one} may use {one}.* by default, and with it what is {other}'s: list both in clients.senders"
