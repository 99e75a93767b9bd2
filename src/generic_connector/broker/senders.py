"""Which destinations each sender may use: a pure table, asked by the hub and by the embedded broker.

A sender is the name under which a broker let a client in, as far as the broker proves it (CommandMessage.sender).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Senders:
    """patterns: sender to patterns of destinations (`*` and `?` as in file names), in place of the sender's default.

    Whoever is not in it may use the destinations NAME and NAME.anything. Nobody may use anything as "", the sender
    whom no broker has proved.
    """

    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def may_use(self, sender: str, destination: str) -> bool:
        """Say whether the sender may have events sent there, hear them, and act as the agents connected from there."""
        if not sender or not destination:
            return False
        chosen = self.patterns.get(sender)
        if chosen is None:
            return destination == sender or destination.startswith(f"{sender}.")
        return any(fnmatchcase(destination, pattern) for pattern in chosen)
