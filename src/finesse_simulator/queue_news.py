"""Tells of queues: their statistics every ten seconds when they changed, and who was given a queue or lost one.

Sources: finesse-rest.md section 11.1; finesse-notifications.md sections 6 and 8.3. UCCE only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from finesse_simulator.engine import statistics
from finesse_simulator.engine.model import Agent
from finesse_simulator.engine.summaries import QueuesView, QueueView
from finesse_simulator.engine.world import Notice, World
from finesse_simulator.scenario import Queue
from finesse_simulator.vocabulary import Event

_EVERY = 10.0


class QueueNews:
    """Looks at the queues at every tenth second, when something may have changed. publish: called with each notice."""

    def __init__(self, world: World, publish: Callable[[Notice], None]) -> None:
        self._world = world
        self._publish = publish
        self._waiting = False
        self._told = {queue.id: statistics.view_queue(world, queue) for queue in self._queues()}
        world.history.changed = self.touch

    def touch(self) -> None:
        """Hear that a number may have changed; the next look is at the next tenth second."""
        if self._waiting or self._world.scenario.uccx:
            return
        self._waiting = True
        now = self._world.clock.now
        self._world.clock.at(now - now % _EVERY + _EVERY, self._look)

    def remove(self, queue_id: str) -> None:
        """Take a queue away; KeyError when there is no such queue."""
        queue = self._find(queue_id)
        before = self._owners(queue)
        self._world.queues.remove(queue)
        self._told.pop(queue.id, None)
        gone = QueueView(queue.id, queue.name)
        self._send(f"/finesse/api/Queue/{queue.id}", Event.DELETE, gone)
        self._tell_users(before, Event.DELETE, gone)

    def assign(self, queue_id: str, agents: Iterable[str]) -> None:
        """Change who serves a queue; KeyError when there is no such queue."""
        old = self._find(queue_id)
        new = msgspec.structs.replace(old, agents=tuple(agents))
        before = self._owners(old)
        self._world.queues[self._world.queues.index(old)] = new
        for call in self._world.calls.values():
            if call.queue is old:
                call.queue = new
        after = self._owners(new)
        self._tell_users([one for one in before if one not in after], Event.DELETE, QueueView(new.id, new.name))
        view = statistics.view_queue(self._world, new)
        self._tell_users([one for one in after if one not in before], Event.POST, view)
        self._world.clock.after(0, self._world.route)
        self.touch()

    def _look(self) -> None:
        self._waiting = False
        for queue in self._queues():
            view = statistics.view_queue(self._world, queue)
            if view != self._told.get(queue.id) and self._world.in_service:
                self._told[queue.id] = view
                self._send(f"/finesse/api/Queue/{queue.id}", Event.PUT, view)

    def _queues(self) -> list[Queue]:
        return [] if self._world.scenario.uccx else self._world.queues

    def _find(self, queue_id: str) -> Queue:
        for queue in self._queues():
            if queue.id == queue_id:
                return queue
        raise KeyError(queue_id)

    def _owners(self, queue: Queue) -> list[Agent]:
        return [one for one in self._world.agents.values() if queue in statistics.queues_of(self._world, one)]

    def _tell_users(self, users: list[Agent], event: Event, view: QueueView) -> None:
        for user in users:
            self._send(f"/finesse/api/User/{user.id}/Queues", event, QueuesView((view,)))

    def _send(self, node: str, event: Event, body: QueueView | QueuesView) -> None:
        if self._world.in_service:
            self._publish(Notice("", node, event, node, "", body))
