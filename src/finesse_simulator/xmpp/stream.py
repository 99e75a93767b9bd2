"""Reading an XMPP stream: bytes in, stanzas out, however the bytes are cut (RFC 6120 sections 4 and 11).

expat is used directly, because it alone says when a DTD begins, and at which byte a stanza begins and ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

STREAMS = "http://etherx.jabber.org/streams"
STANZA_LIMIT = 256 * 1024  # bytes; Openfire's own limit for a client's stanza is of this order
_DEPTH_LIMIT = 64  # elements within elements; nothing a client says comes near


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """The other side's stream header."""

    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class StreamClosed:
    """The other side's closing tag."""


@dataclass(frozen=True, slots=True)
class StreamFault:
    """The other side broke the rules; condition is the stream error of RFC 6120 section 4.9.3. Nothing follows it."""

    condition: str


StreamEvent = StreamOpened | Element | StreamClosed | StreamFault


class _BrokenStreamError(Exception):
    """Carries a stream error's condition out of expat's callbacks."""


class StreamParser:
    """Turns the bytes of one XMPP stream into events, in order.

    stanza_limit: the longest stanza or stream header taken, in bytes. DTDs, comments and processing instructions are
    refused. What came before a fault in the same bytes is still reported.
    """

    def __init__(self, *, stanza_limit: int = STANZA_LIMIT) -> None:
        self._stanza_limit = stanza_limit
        self._events: list[StreamEvent] = []
        self._builder = TreeBuilder()
        self._depth = 0
        self._fed = 0
        self._boundary = 0  # the byte at which what is being read began
        self._broken = False
        parser = expat.ParserCreate("UTF-8", "}")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        for handler in ("StartDoctypeDeclHandler", "CommentHandler", "ProcessingInstructionHandler"):
            setattr(parser, handler, self._restricted)
        # expat 2.6 holds back a closing tag that came in pieces until more bytes come: a late notification.
        if hasattr(parser, "SetReparseDeferralEnabled"):
            parser.SetReparseDeferralEnabled(False)
        self._parser = parser

    def feed(self, data: bytes) -> list[StreamEvent]:
        """Take bytes; give the events that they completed."""
        if self._broken:
            return []
        events: list[StreamEvent] = []
        self._events = events
        try:
            self._parser.Parse(data, False)
            self._fed += len(data)
            self._check_length(self._fed)
        except _BrokenStreamError as broken:
            self._fault(str(broken))
        except expat.ExpatError:
            self._fault("not-well-formed")
        return events

    def _fault(self, condition: str) -> None:
        self._broken = True
        self._events.append(StreamFault(condition))

    def _check_length(self, upto: int) -> None:
        if upto - self._boundary > self._stanza_limit:
            raise _BrokenStreamError("policy-violation")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _tag(name)
        named = {_tag(key): value for key, value in attributes.items()}
        if self._depth == 0:
            if tag != f"{{{STREAMS}}}stream":
                raise _BrokenStreamError("invalid-namespace")
            self._boundary = self._parser.CurrentByteIndex
            self._events.append(StreamOpened(named))
        else:
            if self._depth == 1:
                self._builder = TreeBuilder()
                self._boundary = self._parser.CurrentByteIndex
            elif self._depth > _DEPTH_LIMIT:
                raise _BrokenStreamError("policy-violation")
            self._builder.start(tag, named)
        self._depth += 1

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._events.append(StreamClosed())
            return
        self._builder.end(_tag(name))
        if self._depth == 1:
            self._check_length(self._parser.CurrentByteIndex)
            self._boundary = self._parser.CurrentByteIndex
            self._events.append(self._builder.close())

    def _text(self, data: str) -> None:
        if self._depth > 1:
            self._builder.data(data)
        elif self._depth == 1:  # white space between stanzas keeps a connection alive
            self._boundary = self._parser.CurrentByteIndex
            if not data.isspace():
                raise _BrokenStreamError("bad-format")

    def _restricted(self, *_: object) -> None:
        raise _BrokenStreamError("restricted-xml")


def _tag(name: str) -> str:
    """Turn expat's `namespace}name` into ElementTree's `{namespace}name`."""
    return "{" + name if "}" in name else name
