"""Bytes to STOMP frames and back. Pure: no I/O, no clock.

The parser searches with the C speed of bytes.find and regular expressions and never walks byte by byte, because a
large frame would otherwise stop the event loop (broker.md section 3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from generic_connector.broker.stomp.errors import ProtocolError
from generic_connector.broker.stomp.frames import CONTENT_LENGTH, LONGEST_COMMAND, UNESCAPED, Command, Frame

HEART_BEAT = b"\n"
"""What a peer sends when it has nothing to say."""

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", ":": "\\c"}
_UNESCAPES = {escaped: plain for plain, escaped in _ESCAPES.items()}
_TO_ESCAPE = re.compile(r"[\\\n\r:]")
_ESCAPED = re.compile(r"\\.?", re.DOTALL)
_LENGTH = re.compile(r"[0-9]{1,12}")

_COMMANDS = {command.encode(): command.value for command in Command}
_LINE_ENDS = re.compile(rb"[\r\n]*")
_HEAD_END = re.compile(rb"\n\r?\n")
_HEAD_END_OR_NUL = re.compile(rb"\n\r?\n|\0")
_SETTLING = ("ack:", "message-id:", "subscription:", "destination:")
"""The headers without which a message could not be acknowledged; kept whatever else is too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a parser accepts of its peer.

    headers counts header lines; header_line, header_block and body are bytes (header_line: characters). A strict parser
    raises ProtocolError for anything beyond. A tolerant one is for a broker that passes on what others sent, where one
    odd message must not end the connection, because it would be delivered again and again: it drops the body of a
    frame that is too large and marks the frame as oversized, drops the headers that are too many, and skips bytes
    that are no frame up to the next NUL. drain_bodies gives only the first of these mercies.
    """

    headers: int = 256
    header_line: int = 8 * 1024
    header_block: int = 64 * 1024
    body: int = 1024 * 1024
    tolerant: bool = False
    drain_bodies: bool = False


def encode(frame: Frame) -> bytes:
    """Give the bytes of a frame, headers in their order.

    Raises ProtocolError for a frame that the peer could not read back: a NUL in a header, or in a body without
    content-length; a content-length that is wrong; a line end in a header of CONNECT or CONNECTED.
    """
    write = _plain_header if frame.command in UNESCAPED else _escaped_header
    head = "\n".join([frame.command, *(write(name, value) for name, value in frame.headers.items())])
    _check_length(frame)
    try:
        head_bytes = head.encode()
    except UnicodeEncodeError as error:
        raise ProtocolError("a header holds half of a surrogate pair") from error
    if b"\0" in head_bytes:
        raise ProtocolError("a header holds NUL")
    return b"%b\n\n%b\0" % (head_bytes, frame.body)


def _check_length(frame: Frame) -> None:
    length = frame.headers.get(CONTENT_LENGTH)
    if length is None:
        if b"\0" in frame.body:
            raise ProtocolError("a body with NUL needs a content-length")
    elif length != str(len(frame.body)):
        raise ProtocolError("content-length is not the length of the body")


def _escaped_header(name: str, value: str) -> str:
    if not name:
        raise ProtocolError("a header without a name")
    return f"{_escape(name)}:{_escape(value)}"


def _escape(text: str) -> str:
    if _TO_ESCAPE.search(text) is None:
        return text
    return _TO_ESCAPE.sub(lambda match: _ESCAPES[match[0]], text)


def _plain_header(name: str, value: str) -> str:
    line = f"{name}:{value}"
    if not name or ":" in name or "\n" in line or "\r" in line:
        raise ProtocolError("a header of CONNECT cannot be escaped, and holds a colon in its name or a line end")
    return line


class FrameParser:
    """Cuts a stream of bytes into frames: feed() the bytes as they come, then take next_frame() until it is None.

    skipped counts the stretches of bytes that a tolerant parser passed over because they were no frame.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.skipped = 0
        self._limits = limits or Limits()
        self._buffer = bytearray()
        self._at = 0  # where the part that is not parsed yet begins
        self._scanned = 0  # up to here the end of the present part was searched for in vain
        self._head: Frame | None = None
        self._length = -1  # bytes of the body, -1: up to the next NUL
        self._oversized = False
        self._skipping = False

    def feed(self, data: bytes) -> None:
        """Take over the next bytes of the stream."""
        if self._at:
            del self._buffer[: self._at]
            self._scanned = max(self._scanned - self._at, 0)
            self._at = 0
        self._buffer += data

    def next_frame(self) -> Frame | None:
        """Give the next whole frame, or None until more bytes are fed. Raises ProtocolError; it is then broken."""
        while self._skipping or self._head is None:
            progress = self._skip() if self._skipping else self._read_head()
            if not progress:
                return None
        body = self._read_body_until_nul() if self._length < 0 else self._read_body_of_length()
        if body is None:
            return None
        frame = Frame(self._head.command, self._head.headers, body, self._oversized or self._head.oversized)
        self._head = None
        self._oversized = False
        return frame

    def _skip(self) -> bool:
        """Pass over what is no frame; it ends where a frame would, at a NUL."""
        end = self._buffer.find(0, self._at)
        self._move_to(len(self._buffer) if end < 0 else end + 1)
        self._skipping = end < 0
        return end >= 0

    def _move_to(self, position: int) -> None:
        self._at = position
        self._scanned = position

    def _read_head(self) -> bool:
        """Read command and headers, or begin to skip. False: more bytes are needed."""
        start = self._past_line_ends()
        if start == len(self._buffer) or not self._is_command(start):
            return self._skipping
        end = self._find_head_end(start)
        if end < 0:
            return False
        head = bytes(self._buffer[start:end])
        self._move_to(end + (1 if self._buffer[end : end + 2] == b"\n\n" else 2) + 1)
        self._head = _parse_head(head, self._limits)
        self._length = _body_length(self._head)
        if self._length > self._limits.body:
            self._give_body_up()
        return True

    def _past_line_ends(self) -> int:
        """Step over heart-beats and the line ends that may follow a frame."""
        match = _LINE_ENDS.match(self._buffer, self._at)
        start = self._at if match is None else match.end()
        if start != self._at:
            self._at = start
            self._scanned = max(self._scanned, start)
        return start

    def _is_command(self, start: int) -> bool:
        """Say whether a command's whole line stands there; what can no longer become one is refused or skipped."""
        end = self._buffer.find(b"\n", start, start + LONGEST_COMMAND + 2)
        if end >= 0 and bytes(self._buffer[start:end]).removesuffix(b"\r") in _COMMANDS:
            return True
        line = self._buffer[start : start + LONGEST_COMMAND + 2]
        if end >= 0 or len(line) == LONGEST_COMMAND + 2 or b"\0" in line:
            if not self._limits.tolerant:
                raise ProtocolError("a frame begins with an unknown command")
            self.skipped += 1
            self._skipping = True
        return False

    def _find_head_end(self, start: int) -> int:
        """Find the line end before the blank line; -1 while it has not come."""
        pattern = _HEAD_END if self._limits.tolerant else _HEAD_END_OR_NUL
        match = pattern.search(self._buffer, max(start, self._scanned - 2))
        end = len(self._buffer) if match is None else match.start()
        if end - start > self._limits.header_block:
            raise ProtocolError("the headers of a frame are too large")
        if match is None:
            self._scanned = end
            return -1
        if match[0] == b"\0":
            raise ProtocolError("a frame ends within its headers")
        return end

    def _give_body_up(self) -> None:
        if not (self._limits.tolerant or self._limits.drain_bodies):
            raise ProtocolError(f"the body of a frame is larger than {self._limits.body} bytes")
        self._oversized = True

    def _read_body_until_nul(self) -> bytes | None:
        end = self._buffer.find(0, self._scanned)
        known_end = len(self._buffer) if end < 0 else end
        if known_end - self._at > self._limits.body and not self._oversized:
            self._give_body_up()
        if end < 0:
            self._scanned = known_end
            if self._oversized:
                self._at = known_end
            return None
        body = b"" if self._oversized else self._copy(self._at, end)
        self._move_to(end + 1)
        return body

    def _read_body_of_length(self) -> bytes | None:
        if self._oversized:
            dropped = min(self._length, len(self._buffer) - self._at)
            self._move_to(self._at + dropped)
            self._length -= dropped
        end = self._at + self._length
        if len(self._buffer) <= end:
            return None
        if self._buffer[end] != 0:
            raise ProtocolError("a body does not end where its content-length says")
        body = self._copy(self._at, end)
        self._move_to(end + 1)
        return body

    def _copy(self, start: int, end: int) -> bytes:
        with memoryview(self._buffer) as view, view[start:end] as part:
            return part.tobytes()


def _body_length(head: Frame) -> int:
    length = head.headers.get(CONTENT_LENGTH)
    if length is None:
        return -1
    if _LENGTH.fullmatch(length) is None:
        raise ProtocolError("content-length is not a number")
    return int(length)


def _parse_head(head: bytes, limits: Limits) -> Frame:
    """Read command and headers. The frame is marked oversized where headers were left out."""
    try:
        text = head.decode("utf-8", "replace" if limits.tolerant else "strict")
    except UnicodeDecodeError as error:
        raise ProtocolError("the headers of a frame are not UTF-8") from error
    lines = text.split("\n")
    if "\r" in text:
        lines = [line.removesuffix("\r") for line in lines]
    command = lines.pop(0)
    kept = _bounded(lines, limits)
    escaped = "\\" in text and command not in UNESCAPED
    return Frame(command, _parse_headers(kept, limits, escaped=escaped), oversized=len(kept) != len(lines))


def _bounded(lines: list[str], limits: Limits) -> list[str]:
    """Give the header lines that are within the limits."""
    if len(lines) <= limits.headers and max(map(len, lines), default=0) <= limits.header_line:
        return lines
    if not limits.tolerant:
        raise ProtocolError("a frame has too many headers, or one that is too long")
    return [line for line in lines if line.startswith(_SETTLING) and len(line) <= limits.header_line]


def _parse_headers(lines: list[str], limits: Limits, *, escaped: bool) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name:
            if limits.tolerant:
                continue
            raise ProtocolError("a header has no name or no colon")
        if escaped and "\\" in line:
            name, value = _unescape(name, limits), _unescape(value, limits)
        headers.setdefault(name, value)
    return headers


def _unescape(text: str, limits: Limits) -> str:
    def plain(match: re.Match[str]) -> str:
        found = _UNESCAPES.get(match[0])
        if found is None and not limits.tolerant:
            raise ProtocolError("a header holds an undefined escape sequence")
        return match[0] if found is None else found

    return _ESCAPED.sub(plain, text)
