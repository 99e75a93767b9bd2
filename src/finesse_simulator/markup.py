"""Writing XML as Finesse does: an empty element always long, users by lines, dialogs in one line.

Source: finesse-notifications.md sections 7 and 8.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

Element = tuple[str, "str | Sequence[Element]"]
"""A name with its text or its children."""

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Make text safe inside an element; what XML 1.0 cannot carry becomes the replacement character."""
    legal = _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
    escaped = legal.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\r", "&#13;")


def on_one_line(element: Element) -> str:
    """Write without any white space between elements."""
    name, content = element
    inner = escape(content) if isinstance(content, str) else "".join(map(on_one_line, content))
    return f"<{name}>{inner}</{name}>"


def pretty(element: Element, level: int = 0) -> str:
    """Write with one line per element, indented by two blanks a level."""
    name, content = element
    indent = "  " * level
    if isinstance(content, str):
        return f"{indent}<{name}>{escape(content)}</{name}>"
    if not content:
        return f"{indent}<{name}></{name}>"
    inner = "\n".join(pretty(child, level + 1) for child in content)
    return f"{indent}<{name}>\n{inner}\n{indent}</{name}>"


def timestamp(moment: datetime | None) -> str:
    """Write a time in UTC with milliseconds; empty when unknown."""
    if moment is None:
        return ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def boolean(value: bool) -> str:  # noqa: FBT001  a converter of booleans
    """Write a truth value."""
    return "true" if value else "false"
