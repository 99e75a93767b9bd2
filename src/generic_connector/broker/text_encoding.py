"""Text bodies to bytes and back, for brokers that differ in what they do with them (broker.md section 2.3). Pure.

A JMS TextMessage holds Java's modified UTF-8: characters beyond U+FFFF as two surrogates of three bytes each, NUL as
C0 80. ActiveMQ older than the fix of AMQ-8398 passes these bytes through STOMP untouched in both directions; from the
fix on it speaks UTF-8. Towards a broker that speaks UTF-8 there is no way to send NUL in a TextMessage (it would end
the frame), so NUL becomes U+FFFD there. Half of a surrogate pair becomes U+FFFD as well.
"""

from __future__ import annotations

import re
from enum import StrEnum


class TextEncoding(StrEnum):
    """How text bodies are written for a broker. AUTO: by the version that the broker tells when we connect."""

    AUTO = "auto"
    UTF_8 = "utf-8"
    MODIFIED_UTF_8 = "modified-utf-8"


_SERVER = re.compile(r"ActiveMQ/(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?")
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_FOUR_BYTES = tuple(bytes([lead]) for lead in range(0xF0, 0xF5))
_REPLACEMENT = "\ufffd"
_FIXED_SINCE = {(5, 18): 6, (6, 0): 10_000, (6, 1): 4}
_ALL_FIXED_SINCE = (5, 18)


def choose_encoding(setting: TextEncoding, server: str) -> TextEncoding:
    """Give the encoding for a broker whose CONNECTED frame says this server header; never AUTO."""
    if setting is not TextEncoding.AUTO:
        return setting
    match = _SERVER.match(server)
    if match is None:
        return TextEncoding.UTF_8  # Artemis, RabbitMQ and our own broker have no Java string encoding to show
    release, patch = (int(match[1]), int(match[2])), int(match[3] or 0)
    fixed = patch >= _FIXED_SINCE.get(release, 0) and release >= _ALL_FIXED_SINCE
    return TextEncoding.UTF_8 if fixed else TextEncoding.MODIFIED_UTF_8


def encode_text(text: str, encoding: TextEncoding) -> bytes:
    """Give the bytes of a text body. They never hold NUL. Never raises."""
    if text.isascii() and "\0" not in text:
        return text.encode("ascii")
    return _modified(text) if encoding is TextEncoding.MODIFIED_UTF_8 else _plain(text)


def _plain(text: str) -> bytes:
    text = text.replace("\0", _REPLACEMENT)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _join_surrogates(text).encode()


def _modified(text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    if any(lead in data for lead in _FOUR_BYTES):
        data = _BEYOND_BMP.sub(_split, text).encode("utf-8", "surrogatepass")
    return data.replace(b"\0", b"\xc0\x80")


def _split(match: re.Match[str]) -> str:
    """Turn one character beyond U+FFFF into its two surrogates."""
    offset = ord(match[0]) - 0x10000
    return chr(0xD800 + (offset >> 10)) + chr(0xDC00 + (offset & 0x3FF))


def _join_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def decode_text(body: bytes) -> str:
    """Read a text body in either encoding. Raises UnicodeDecodeError when it is neither."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        plain_nul = body.replace(b"\xc0\x80", b"\0")
        return _join_surrogates(plain_nul.decode("utf-8", "surrogatepass"))
