"""Reading a stream, however its bytes are cut."""

from __future__ import annotations

import itertools
from xml.etree.ElementTree import Element, tostring

from hypothesis import given
from hypothesis import strategies as st

from finesse_simulator.xmpp.stream import StreamEvent, StreamFault, StreamParser

STREAM = (
    "<?xml version='1.0'?><stream:stream to='d' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'> <presence/>\n"
    "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"
    "<message><body>&lt;a&gt; \N{EURO SIGN} <![CDATA[<b>]]></body></message></stream:stream>"
).encode()


def plainly(events: list[StreamEvent]) -> list[str]:
    return [tostring(event, "unicode") if isinstance(event, Element) else repr(event) for event in events]


@given(st.sets(st.integers(min_value=1, max_value=len(STREAM) - 1)))
def test_the_events_do_not_depend_on_how_the_bytes_are_cut(cuts: set[int]) -> None:
    whole = plainly(StreamParser().feed(STREAM))
    parser = StreamParser()
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in itertools.pairwise(edges)]
    assert [event for piece in pieces for event in plainly(parser.feed(piece))] == whole
    assert len(whole) == 5


def test_a_stanza_is_reported_with_its_last_byte() -> None:
    """Also by later versions of expat, which like to wait for more."""
    stanza = b"<message><body>hello</body></message>"
    for first in range(1, len(stanza) - 1):
        for second in range(first + 1, len(stanza)):
            parser = StreamParser()
            parser.feed(STREAM[: STREAM.index(b" <presence")])
            pieces = (stanza[:first], stanza[first:second], stanza[second:])
            assert [len(parser.feed(piece)) for piece in pieces] == [0, 0, 1]


def test_the_limit_is_that_of_one_stanza_and_not_of_the_stream() -> None:
    parser = StreamParser(stanza_limit=500)
    parser.feed(STREAM[: STREAM.index(b" <presence")])
    for _ in range(100):
        assert len(parser.feed(b"<message><body>" + b"x" * 300 + b"</body></message>  ")) == 1
        assert parser.feed(b" " * 400) == []
    assert parser.feed(b"<message>" + b"x" * 300) == []
    assert parser.feed(b"x" * 300) == [StreamFault("policy-violation")]
    assert parser.feed(b"</message>") == []
