"""The two formats of events. Each destination gets one of them, never both (client-protocol.md section 1)."""

from __future__ import annotations

from enum import StrEnum

from generic_connector.protocol import json_codec, text
from generic_connector.protocol.escaping import TextSettings
from generic_connector.protocol.events import Event


class Format(StrEnum):
    """How a destination wants its events."""

    TEXT = "text"
    JSON = "json"


def render(event: Event, event_format: Format, settings: TextSettings) -> str | None:
    """Give the event as that format's text; None when the event does not exist in it, then nothing is sent."""
    if event_format is Format.JSON:
        return json_codec.render(event)
    return text.render(event, settings)
