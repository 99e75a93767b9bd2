"""The seats that the licence allows: one for each agent who is signed in."""

from __future__ import annotations

from generic_connector.operations.metrics import SIGNED_IN


class Seats:
    """Who holds a seat. limit 0 means any number."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._holders: set[str] = set()

    def take(self, agent_id: str) -> bool:
        """Give the agent a seat; say whether there was one (the agent may hold it already)."""
        if agent_id not in self._holders and 0 < self._limit <= len(self._holders):
            return False
        self._holders.add(agent_id)
        SIGNED_IN.set(len(self._holders))
        return True

    def keep(self, agent_id: str) -> None:
        """Count an agent who is signed in already, whatever the limit: nobody is thrown out."""
        self._holders.add(agent_id)
        SIGNED_IN.set(len(self._holders))

    def release(self, agent_id: str) -> None:
        """Free the agent's seat for somebody else."""
        self._holders.discard(agent_id)
        SIGNED_IN.set(len(self._holders))
