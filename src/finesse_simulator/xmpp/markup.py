"""Writing XML the way Finesse's server puts it on the wire: double quotes, no spare white space."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def escape(value: str) -> str:
    """Escape a text node: & < and >. Quotes stay."""
    return value.translate(_TEXT)


def element(name: str, attributes: Mapping[str, str | None] | None = None, *children: str) -> str:
    """Write an element: attributes in the order given, those that are None left out; children are markup already."""
    written = "".join(
        f' {key}="{value.translate(_ATTRIBUTE)}"' for key, value in (attributes or {}).items() if value is not None
    )
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def local_name(node: Element) -> str:
    """Give an element's name without its namespace: stanzas are the same in a client's and a component's stream."""
    return node.tag.rpartition("}")[2]


def namespace(node: Element) -> str:
    """Give an element's namespace, empty when it has none."""
    return node.tag[1:].partition("}")[0] if node.tag.startswith("{") else ""
