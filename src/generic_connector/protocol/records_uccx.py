"""The queues of UCCX as supervisors read them: two records of numbers each, in shapes of their own.

Source: client-protocol.md section 5; the second seed, whose JSON is made valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generic_connector.protocol.escaping import TextSettings
from generic_connector.protocol.events import SinceMidNight, SnapShot, UccxQueue
from generic_connector.protocol.kinds import Kind
from generic_connector.protocol.records import Part, Records, word

_SNAP_SHOT = Records(
    item=SnapShot,
    start=(("type", "SnapShot"),),
    parts=(
        Part("waiting_calls", "WaitingCalls", "WaitingCalls", number=True),
        Part("agents_logged_in", "AgentsLoggedIn", "AgentsLoggedIn", number=True),
        Part("agents_ready", "AgentsReady", "AgentsReady", number=True),
        Part("agents_not_ready", "AgentsNotReady", "AgentsNotReady", number=True),
        Part("agents_in_after_call_work", "AgentsInAfterCallWork", "AgentsInAfterCallWork", number=True),
        Part("agents_talking", "AgentsTalking", "AgentsTalking", number=True),
        Part("agents_reserved", "AgentsReserved", "AgentsReserved", number=True),
    ),
)
_SINCE_MID_NIGHT = Records(
    item=SinceMidNight,
    start=(("type", "SinceMidNight"),),
    parts=(
        Part("waiting_calls", "WaitingCalls", "WaitingCalls", number=True),
        Part("abandoned_calls", "", "AbandonedCalls", number=True),  # the formats differ in the order of these two
        Part("handled_calls", "HandledCalls", "HandledCalls", number=True),
        Part("abandoned_calls", "AbandonedCalls", "", number=True),
        Part("total_calls", "TotalCalls", "TotalCalls", number=True),
        Part("longest_call_in_queue", "LongestCallInQueue", "LongestCallInQueue", number=True),
        Part("longest_handle_time", "LongestHandleTime", "LongestHandleTime", number=True),
    ),
)
_NAME, _NOW, _TODAY = "QueueName:", "Type:SnapShot:", "Type:SinceMidNight:"


def _uccx_queue_to_text(queue: UccxQueue, settings: TextSettings) -> str:
    now, today = (
        _SNAP_SHOT.to_text(queue.snap_shot, settings),
        _SINCE_MID_NIGHT.to_text(queue.since_mid_night, settings),
    )
    return f"{_NAME}{settings.item(queue.queue_name)},{_NOW}{now}|{_TODAY}{today}"


def _uccx_queue_from_text(text: str) -> UccxQueue:
    head, today = text.split("|")
    name, now = head.split(",", 1)
    if not (name.startswith(_NAME) and now.startswith(_NOW) and today.startswith(_TODAY)):
        raise ValueError("a queue of UCCX is expected")
    return UccxQueue(
        queue_name=name.removeprefix(_NAME),
        snap_shot=_SNAP_SHOT.from_text(now.removeprefix(_NOW)),
        since_mid_night=_SINCE_MID_NIGHT.from_text(today.removeprefix(_TODAY)),
    )


def _uccx_queues_to_text(value: tuple[UccxQueue, ...], settings: TextSettings) -> str:
    return "#".join([_uccx_queue_to_text(queue, settings) for queue in value])


def _uccx_queues_from_text(text: str) -> tuple[UccxQueue, ...]:
    return tuple(_uccx_queue_from_text(piece) for piece in text.split("#")) if text else ()


def _uccx_queue_to_json(queue: UccxQueue) -> dict[str, Any]:
    now, today = _SNAP_SHOT.to_json(queue.snap_shot), _SINCE_MID_NIGHT.to_json(queue.since_mid_night)
    return {"queue": [{"queueName": queue.queue_name, **now}, today]}


def _uccx_queue_from_json(content: Any) -> UccxQueue:
    now, today = content["queue"]
    return UccxQueue(
        queue_name=word(now["queueName"]),
        snap_shot=_SNAP_SHOT.from_json(now),
        since_mid_night=_SINCE_MID_NIGHT.from_json(today),
    )


def _uccx_schema() -> Mapping[str, Any]:
    now = dict(_SNAP_SHOT.schema)
    now["properties"] = {"queueName": {"type": "string"}, **now["properties"]}
    now["required"] = ["queueName", *now["required"]]
    halves = {"type": "array", "items": {"anyOf": [now, _SINCE_MID_NIGHT.schema]}, "minItems": 2, "maxItems": 2}
    return {
        "type": "object",
        "properties": {"queue": halves},
        "required": ["queue"],
        "additionalProperties": False,
    }


UCCX_QUEUES = Kind(
    name="UCCX queues",
    to_text=_uccx_queues_to_text,
    from_text=_uccx_queues_from_text,
    to_json=lambda value: [_uccx_queue_to_json(queue) for queue in value],
    from_json=lambda value: tuple(_uccx_queue_from_json(content) for content in value),
    schema={"type": "array", "items": _uccx_schema()},
    form=f"{_NAME}<queueName>,{_NOW}{_SNAP_SHOT.form}|{_TODAY}{_SINCE_MID_NIGHT.form}#…",
)
"""Queues of UCCX with both halves of their numbers; the JSON is the seed's shape, made valid."""
