"""Events as JSON: compact, UTF-8 unescaped, made and read along the rows of protocol.layouts.

Source: client-protocol.md section 5; the second seed.
"""

from __future__ import annotations

from typing import Any

import msgspec

from generic_connector.protocol.events import Event
from generic_connector.protocol.layout import Constant, Layout, UnreadableEventError, Values
from generic_connector.protocol.layouts import LAYOUTS, layout_of

_encode = msgspec.json.Encoder().encode


def render(event: Event) -> str | None:
    """Give the event as clients of the JSON format read it; None for an event that JSON does not have."""
    layout = layout_of(event)
    if layout.members is None:
        return None
    content: dict[str, Any] = {"type": layout.type}
    for member in layout.members:
        if isinstance(member, Constant):
            content[member.name] = member.value
            continue
        value = member.get(event)
        if value or not member.optional:
            content[member.name] = member.kind.to_json(value)
    return _encode([content] if layout.in_array else content).decode()


def parse(text: str) -> Event:
    """Read an event back, for tests and for the client on the command line. What JSON does not carry is empty.

    Raises UnreadableEventError for a text that is no JSON or has the members of no event.
    """
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise UnreadableEventError(f"no JSON: {error}") from None
    for layout in LAYOUTS:
        values = _values(layout, content)
        if values is not None:
            return layout.read(values)
    raise UnreadableEventError(f"no event of the protocol has these members: {text[:80]!r}")


def _values(layout: Layout, content: Any) -> Values | None:
    """Give what the members carry, None when they are not those of this layout."""
    if layout.in_array:
        content = content[0] if isinstance(content, list) and len(content) == 1 else None
    if layout.members is None or not isinstance(content, dict) or content.get("type") != layout.type:
        return None
    values: Values = {}
    try:
        for member in layout.members:
            if isinstance(member, Constant):
                if content[member.name] != member.value:
                    return None
            elif not member.kind.derived and not (member.optional and member.name not in content):
                values[member.path] = member.kind.from_json(content[member.name])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None
    return values
