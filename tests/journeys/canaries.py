"""Secrets planted to be looked for: one value for each kind of secret, and the search for it in every guise.

secrets = planted()
... use secrets["agent password"] wherever such a thing is used ...
assert_nowhere(log.getvalue())
assert_nowhere(Path("store.db").read_bytes())
"""

from __future__ import annotations

import gc
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from functools import cache
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

KINDS = (
    "agent password",
    "wrong password",
    "old password",
    "token",
    "administrator password",
    "broker password",
    "client password",
    "database password",
    "recorder authorization",
)
"""Every secret that the product is ever given."""

_SHORTEST = 4


@cache
def planted() -> Mapping[str, str]:
    """Give a value for each kind of secret: the same for the whole run, and like nothing else in it.

    Each holds what is written differently in a URL, in XML, in a Python string and outside of ASCII.
    """
    return {kind: f"{secrets.token_hex(8)}<&%2' +\"é" for kind in KINDS}


def assert_nowhere(content: str | bytes, *more: str, where: str = "it") -> None:
    """Fail when a planted secret, or one more, is in the text or the bytes, however it is written there."""
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    sought = [*planted().items(), *(("a further secret", secret) for secret in more)]
    found = [f"{kind} {shape}" for kind, secret in sought for shape in guises_in(secret, data)]
    assert not found, f"{where} holds: {', '.join(found)}"


def guises_in(secret: str, data: bytes) -> list[str]:
    """Name the guises in which a secret is in the data."""
    return [name for name, guise in guises(secret) if guise in data]


@cache
def guises(secret: str) -> tuple[tuple[str, bytes], ...]:
    """Give the ways to write a secret, by name. Base64 is found wherever the secret lies in what was encoded."""
    assert len(secret) >= _SHORTEST, "too short to be told from chance"
    core = secret[:16]  # of a planted one: letters and digits, which no escaping changes
    texts = {
        "as it is": secret,
        "in part": core,
        "for a URL": quote(secret, safe=""),
        "for a form": quote_plus(secret),
        "in XML": escape(secret, {'"': "&quot;", "'": "&apos;"}),
        "in Python": repr(secret)[1:-1],
        "in ASCII": ascii(secret)[1:-1],
        "reversed": secret[::-1],
    }
    found = {(name, text.encode()) for name, text in texts.items()}
    found |= {(f"{name} in UTF-16", text.encode("utf-16-le")) for name, text in texts.items() if name == "in part"}
    found |= {("in hexadecimal", core.encode().hex().encode())}
    for whole in (secret.encode(), core.encode()):
        found |= {("in Base64", window) for window in _windows(whole)}
    return tuple(sorted(found))


def _windows(data: bytes) -> Iterator[bytes]:
    """Give what Base64 makes of the data in the middle of something: three ways, by the place where it begins."""
    for offset in range(3):
        skipped = -(-offset * 8 // 6) if offset else 0  # characters that also hold bits of what is before
        for encode in (b64encode, urlsafe_b64encode):
            encoded = encode(bytes(offset) + data).rstrip(b"=")
            whole = (offset + len(data)) // 3 * 4  # beyond it, characters also hold bits of what is behind
            yield encoded[skipped:whole]


def shown_objects() -> Iterator[str]:
    """Give how every object of the product's that is alive would be shown in a log or a debugger."""
    for thing in gc.get_objects():
        kind = type(thing)
        if str(getattr(kind, "__module__", "")).startswith("generic_connector"):
            yield f"{kind.__name__}: {_shown(thing)}"


def _shown(thing: object) -> str:
    try:
        return repr(thing)
    except (AttributeError, RuntimeError):  # one that is being made, or changes while it is shown
        return ""


def assert_not_shown(*more: str) -> None:
    """Fail when an object shows a planted secret, or one more."""
    for shown in set(shown_objects()):
        assert_nowhere(shown, *more, where=f"an object, {shown.partition(':')[0]},")
