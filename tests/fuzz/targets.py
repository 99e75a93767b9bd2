"""Every way in for hostile bytes, by name: the tests replay the corpus through them, `make fuzz` looks for more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fuzz import answers, commands, documents, stomp, updates, websocket, xmpp

TARGETS: dict[str, Callable[[bytes], None]] = {
    "answers": answers.one,
    "commands": commands.one,
    "documents": documents.one,
    "stomp": stomp.one,
    "updates": updates.one,
    "websocket": websocket.one,
    "xmpp": xmpp.one,
}

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
"""One folder for each target."""
