"""Queues with their live statistics.

Source: finesse-rest.md section 11. UCCX has none: 501.
"""

from __future__ import annotations

from finesse_simulator import api_errors, team_payloads
from finesse_simulator.engine import statistics
from finesse_simulator.rest.incoming import Answer, Incoming, Row


def get_queue(incoming: Incoming) -> Answer:
    """Give a queue, to any user: nobody knows whom Finesse keeps out."""
    _refuse_on_uccx(incoming)
    world = incoming.engine.world
    queue = next((queue for queue in world.queues if queue.id == incoming.path["queue"]), None)
    if queue is None:
        raise api_errors.NOT_FOUND
    return Answer(200, team_payloads.queue_answer(statistics.view_queue(world, queue)))


def get_user_queues(incoming: Incoming) -> Answer:
    """Give the queues of a user, to itself and its supervisors."""
    _refuse_on_uccx(incoming)
    world = incoming.engine.world
    queues = statistics.queues_of(world, incoming.visible_user())
    return Answer(200, team_payloads.queues_answer([statistics.view_queue(world, queue) for queue in queues]))


def _refuse_on_uccx(incoming: Incoming) -> None:
    if incoming.engine.scenario.uccx:
        raise api_errors.not_implemented("Queue")


ROWS: tuple[Row, ...] = (
    ("GET", "/Queue/{queue}", get_queue),
    ("GET", "/User/{user}/Queues", get_user_queues),
)
