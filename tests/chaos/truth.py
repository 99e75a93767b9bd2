"""The pretend Finesse's answers, read for the accounting. Pure.

Source: client-protocol.md section 6 for the states that a client has to read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chaos.transcript import ENDED, Request, Told

ACCEPTED = 202
_ACTION = re.compile(r"<requestedAction>(\w+)</requestedAction>")
_NUMBER = re.compile(r"<toAddress>([^<]*)</toAddress>")


def told_of(notice: Mapping[str, Any]) -> Told:
    """Read a notice of the control door."""
    return Told(
        at=datetime.fromisoformat(notice["time"]).timestamp(),
        agent=notice["user"],
        event=notice["event"],
        state=_state(notice),
        changed=_client_time(notice["changed"]),
        dialog=notice["dialog"],
        to_address=notice["toAddress"],
    )


def _state(notice: Mapping[str, Any]) -> str:
    """Give the state as the agent's client reads it: the own participant decides."""
    if notice["subject"] == "user":
        return str(notice["state"])
    if notice["event"] == "DELETE":
        return ENDED
    if notice["dialogState"] == "FAILED":
        return "FAILED"
    if notice["state"] == "INITIATED" and notice["dialogState"] == "ALERTING":
        return "ALERTING"
    return str(notice["state"])


def _client_time(text: str) -> str:
    return f"{text[:10]} {text[11:19]}" if text else ""


def request_of(entry: Mapping[str, Any]) -> Request | None:
    """Read a request of the control door; None for one that controls no call or was not accepted."""
    action, body = _ACTION.search(entry["body"]), entry["body"]
    if action is None or entry["status"] != ACCEPTED:
        return None
    if entry["method"] == "POST" and entry["path"].endswith("/Dialogs"):
        number = _NUMBER.search(body)
        return Request(agent=entry["user"], action=action[1], target=number[1] if number else "")
    if entry["method"] == "PUT" and "/Dialog/" in entry["path"]:
        return Request(agent=entry["user"], action=action[1], target=entry["path"].rpartition("/")[2])
    return None
