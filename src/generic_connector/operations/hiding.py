"""Secrets that a piece of work knows, kept out of all that is logged while it goes on, by whomever.

    with hiding(password):
        log.exception("command crashed")  # not even the exception's text can show it

The log's filter otherwise knows a secret only by its key or its shape. The tasks that are started inside know of it,
too. Short values are not looked for: they would hide half of every line.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

HIDDEN = "[hidden]"
"""What stands in the log where a secret was."""

SHORTEST = 4

_secrets: ContextVar[frozenset[str]] = ContextVar("secrets", default=frozenset())


@contextmanager
def hiding(*secrets: str) -> Iterator[None]:
    """Hide these, too, from what is logged inside the `with`."""
    token = _secrets.set(_secrets.get() | {secret for secret in secrets if len(secret) >= SHORTEST})
    try:
        yield
    finally:
        _secrets.reset(token)


def hide(text: str) -> str:
    """Give the text without what is to be hidden now."""
    guises = {guise for secret in _secrets.get() for guise in _guises_of(secret)}
    for guise in sorted(guises, key=len, reverse=True):  # one secret may begin with another
        text = text.replace(guise, HIDDEN)
    return text


def _guises_of(secret: str) -> set[str]:
    """Give the ways in which exceptions and libraries write a text."""
    return {
        secret,
        repr(secret)[1:-1],
        ascii(secret)[1:-1],
        quote(secret, safe=""),
        quote_plus(secret),
        escape(secret),
        escape(secret, {'"': "&quot;", "'": "&apos;"}),
        b64encode(secret.encode("utf-8", "surrogatepass")).decode(),
    }
