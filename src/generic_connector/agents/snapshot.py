"""What a client is told anew when events for it had to be given up, so that it need not know of the gap.

Source: client-protocol.md section 3, rule 8, where the agent's own reading back after a gap is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generic_connector.agents.agent import Agent
from generic_connector.protocol import events


def snapshot(agents: Iterable[Agent]) -> Iterator[events.Event]:
    """Give what is so now of each agent: the state, each call as it was told last, and which calls there are.

    Calls that are not among these have ended; that of each was told before (Event.lasting).
    """
    for agent in agents:
        state = agent.mirror.state()
        agent.mirror.was_told(state)
        yield state
        yield from agent.mirror.calls.present()
        yield agent.mirror.calls.status(agent.mirror.viewer)
