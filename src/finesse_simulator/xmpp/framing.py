"""The two forms of an XMPP stream: one endless document over TCP (RFC 6120), frames over WebSocket (RFC 7395)."""

from __future__ import annotations

import re
from typing import Protocol
from xml.etree.ElementTree import Element

from finesse_simulator.xmpp.markup import element
from finesse_simulator.xmpp.stanzas import stream_error
from finesse_simulator.xmpp.stream import STREAMS, StreamClosed, StreamEvent, StreamFault, StreamOpened, StreamParser

CLIENT = "jabber:client"
FRAMES = "urn:ietf:params:xml:ns:xmpp-framing"
_STREAM = f"<stream:stream xmlns:stream='{STREAMS}'>"
_STANZA = re.compile(r"<(iq|message|presence)\b")


class Parser(Protocol):
    """Turns what a client sent into events."""

    def feed(self, data: bytes) -> list[StreamEvent]:
        """Take bytes: any part of a document, or a whole frame."""


class Framing(Protocol):
    """How one kind of stream is written and read. What is written is one piece for each string."""

    def parser(self, stanza_limit: int) -> Parser:
        """Make the parser of a stream that begins."""

    def opening(self, domain: str, stream_id: str) -> str:
        """Write the answer to a client's opening."""

    def features(self, markup: str) -> str:
        """Write what is offered."""

    def stanza(self, text: str) -> str:
        """Write a stanza, or an element of signing in."""

    def closing(self, condition: str | None) -> tuple[str, ...]:
        """Write the end of a stream, with a stream error or in peace."""


class StreamFraming:
    """Over TCP."""

    def parser(self, stanza_limit: int) -> Parser:
        """Make a parser that takes bytes however they are cut."""
        return StreamParser(stanza_limit=stanza_limit)

    def opening(self, domain: str, stream_id: str) -> str:
        """Write the stream header."""
        return (
            f"<?xml version='1.0' encoding='UTF-8'?><stream:stream xmlns:stream=\"{STREAMS}\" xmlns=\"{CLIENT}\""
            f' from="{domain}" id="{stream_id}" xml:lang="en" version="1.0">'
        )

    def features(self, markup: str) -> str:
        """Write them below the header's namespaces."""
        return element("stream:features", None, markup)

    def stanza(self, text: str) -> str:
        """Leave it as it is: the header gave it its namespace."""
        return text

    def closing(self, condition: str | None) -> tuple[str, ...]:
        """Write the closing tag, after an error if there is one."""
        return ("</stream:stream>" if condition is None else stream_error(condition) + "</stream:stream>",)


class FrameFraming:
    """Over WebSocket: every frame is a document of its own."""

    def parser(self, stanza_limit: int) -> Parser:
        """Make a parser that takes whole frames."""
        return FrameParser(stanza_limit)

    def opening(self, domain: str, stream_id: str) -> str:
        """Write the open frame."""
        attributes = {"xmlns": FRAMES, "from": domain, "id": stream_id, "xml:lang": "en", "version": "1.0"}
        return element("open", attributes)

    def features(self, markup: str) -> str:
        """Write them with their namespace."""
        return element("stream:features", {"xmlns:stream": STREAMS}, markup)

    def stanza(self, text: str) -> str:
        """Give a stanza its namespace."""
        return _STANZA.sub(rf'<\1 xmlns="{CLIENT}"', text, count=1) if _STANZA.match(text) else text

    def closing(self, condition: str | None) -> tuple[str, ...]:
        """Write the close frame, after one with an error if there is one."""
        close = element("close", {"xmlns": FRAMES})
        if condition is None:
            return (close,)
        return stream_error(condition).replace("<stream:error", f'<stream:error xmlns:stream="{STREAMS}"', 1), close


class FrameParser:
    """Reads frames: one open frame, then one element each. Everything is refused that a stream's parser refuses."""

    def __init__(self, stanza_limit: int) -> None:
        self._stanza_limit = stanza_limit
        self._opened = False

    def feed(self, data: bytes) -> list[StreamEvent]:
        """Take a whole frame."""
        events = StreamParser(stanza_limit=self._stanza_limit + len(_STREAM)).feed(_STREAM.encode() + data)[1:]
        faults: list[StreamEvent] = [event for event in events if isinstance(event, StreamFault)]
        if faults or len(events) != 1:
            return faults or [StreamFault("not-well-formed")]
        [event] = events
        return [self._meaning(event) if isinstance(event, Element) else StreamFault("not-well-formed")]

    def _meaning(self, frame: Element) -> StreamEvent:
        if frame.tag == f"{{{FRAMES}}}close":
            return StreamClosed()
        if frame.tag == f"{{{FRAMES}}}open":
            self._opened = True
            return StreamOpened(dict(frame.attrib))
        if not self._opened or not frame.tag.startswith("{"):  # a frame has no one to inherit a namespace from
            return StreamFault("invalid-namespace")
        return frame
