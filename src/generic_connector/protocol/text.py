"""Events as text: fields joined by `#`, made and read along the rows of protocol.layouts.

Source: client-protocol.md sections 2 and 5.
"""

from __future__ import annotations

from generic_connector.protocol.escaping import TextSettings
from generic_connector.protocol.events import Error, Event
from generic_connector.protocol.layout import Layout, UnreadableEventError, Values, Word
from generic_connector.protocol.layouts import LAYOUTS, layout_of

__all__ = ["TextSettings", "parse", "render"]


def render(event: Event, settings: TextSettings) -> str:
    """Give the event as clients of the text format read it."""
    layout = layout_of(event)
    pieces = [
        piece.text if isinstance(piece, Word) else piece.prefix + piece.kind.to_text(piece.get(event), settings)
        for piece in layout.text
    ]
    if isinstance(event, Error) and not settings.error_text:
        pieces.pop()
    return "#".join(pieces)


def parse(text: str) -> Event:
    """Read an event back, for tests and for the client on the command line.

    What text does not carry is empty, and what stands in a replaced character's place stays there.
    Raises UnreadableEventError for a text that has the shape of no event.
    """
    if text.count("#") == 2 and text.split("#")[1] == Error.name:  # noqa: PLR2004 - an Error without its text
        text += "#"
    for layout in LAYOUTS:
        fields = layout.fields(text)
        values = None if fields is None else _values(layout, fields)
        if values is not None:
            return layout.read(values)
    raise UnreadableEventError(f"no event of the protocol reads like this: {text[:80]!r}")


def _values(layout: Layout, fields: list[str]) -> Values | None:
    """Give what the fields carry, None when they do not have this layout."""
    values: Values = {}
    for piece, field in zip(layout.text, fields, strict=True):
        if isinstance(piece, Word):
            if field != piece.text:
                return None
        elif not field.startswith(piece.prefix):
            return None
        elif not piece.kind.derived:
            try:
                values[piece.path] = piece.kind.from_text(field.removeprefix(piece.prefix))
            except (ValueError, KeyError, TypeError, IndexError):
                return None
    return values
