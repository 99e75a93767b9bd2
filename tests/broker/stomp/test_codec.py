from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generic_connector.broker.stomp.codec import FrameParser, Limits, encode
from generic_connector.broker.stomp.errors import ProtocolError
from generic_connector.broker.stomp.frames import UNESCAPED, Command, Frame

TOLERANT = Limits(headers=5, header_line=100, body=1000, tolerant=True)

header_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
header_names = header_text.filter(bool)
escaped_commands = st.sampled_from([command for command in Command if command not in UNESCAPED])


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    headers = draw(st.dictionaries(header_names, header_text, max_size=5))
    headers.pop("content-length", None)
    body = draw(st.binary(max_size=50))
    if b"\0" in body or draw(st.booleans()):
        headers["content-length"] = str(len(body))
    return Frame(draw(escaped_commands), headers, body)


def parse(data: bytes, limits: Limits | None = None, piece: int | None = None) -> list[Frame]:
    parser = FrameParser(limits)
    found = []
    for start in range(0, len(data), piece or max(len(data), 1)):
        parser.feed(data[start : start + (piece or len(data))])
        while (frame := parser.next_frame()) is not None:
            found.append(frame)
    return found


@given(st.lists(frames(), max_size=5), st.integers(1, 40), st.sampled_from([b"", b"\n", b"\r\n\n"]))
def test_any_frames_survive_any_cutting(sent: list[Frame], piece: int, between: bytes) -> None:
    """However the bytes are cut, the same frames come out, heart-beats between them or not."""
    data = between.join(encode(frame) for frame in sent)
    assert parse(data, piece=piece) == sent
    assert parse(data, Limits(tolerant=True), piece=piece) == sent


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"SEND\n", b"a:b\n", b"\n", b"\0", b"content-length:3\n"])))
def test_hostile_bytes_raise_nothing_but_a_protocol_error(pieces: list[bytes]) -> None:
    for limits in (Limits(headers=3, header_line=20, header_block=50, body=30), TOLERANT):
        parser = FrameParser(limits)
        try:
            for piece in pieces:
                parser.feed(piece)
                while parser.next_frame() is not None:
                    pass
        except ProtocolError:
            pass


@given(st.binary(max_size=200).filter(lambda data: b"\0" not in data))
def test_a_tolerant_parser_finds_the_next_frame_after_rubbish(rubbish: bytes) -> None:
    """The rest of a body that held NUL must not swallow the message behind it."""
    good = Frame("MESSAGE", {"ack": "1"}, b"hello")
    found = parse(b"RECEIPT\nreceipt-id:1\n\nbody\0x" + rubbish + b"\0\n" + encode(good), TOLERANT)
    assert found[-1] == good


def test_the_bytes_of_a_frame() -> None:
    frame = Frame("SEND", {"destination": "/topic/a:b", "type": "", "x\ny": "c\\d\r"}, b"hi")
    assert encode(frame) == b"SEND\ndestination:/topic/a\\cb\ntype:\nx\\ny:c\\\\d\\r\n\nhi\0"


def test_connect_is_not_escaped() -> None:
    frame = Frame("CONNECT", {"passcode": "a:b\\n"})
    assert encode(frame) == b"CONNECT\npasscode:a:b\\n\n\n\0"
    assert parse(encode(frame)) == [frame]


def test_carriage_returns_are_allowed_and_the_first_of_repeated_headers_counts() -> None:
    data = b"\r\n\nMESSAGE\r\nfoo:World\r\nfoo:Hello\r\n\r\nbody\0\r\n\n"
    assert parse(data) == [Frame("MESSAGE", {"foo": "World"}, b"body")]


def test_a_colon_in_a_value_may_be_left_unescaped() -> None:
    assert parse(b"ERROR\nmessage:a: b\n\n\0") == [Frame("ERROR", {"message": "a: b"})]


@pytest.mark.parametrize(
    "frame",
    [
        Frame("SEND", {}, b"a\0b"),
        Frame("SEND", {"content-length": "1"}, b"ab"),
        Frame("SEND", {"a": "\0"}),
        Frame("SEND", {"a": "\ud800"}),
        Frame("SEND", {"": "a"}),
        Frame("CONNECT", {"passcode": "a\nb"}),
        Frame("CONNECT", {"pass:code": "a"}),
    ],
)
def test_frames_that_could_not_be_read_back_are_not_written(frame: Frame) -> None:
    with pytest.raises(ProtocolError):
        encode(frame)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"x" * 100,
        b"SEND\0",
        b"SEND\na\n\n\0",
        b"SEND\n:a\n\n\0",
        b"SEND\na:\\t\n\n\0",
        b"SEND\na:\\\n\n\0",
        b"SEND\na:\xff\n\n\0",
        b"SEND\na:b\0",
        b"SEND\ncontent-length:+1\n\na\0",
        b"SEND\ncontent-length:\xd9\xa1\n\na\0",
        b"SEND\ncontent-length:1\n\nab\0",
        b"SEND\ncontent-length:99999999999\n\n",
        b"SEND\n\n" + b"x" * 2_000_000,
        b"SEND\n" + b"a:b\n" * 300 + b"\n\0",
        b"SEND\na:" + b"b" * 10_000 + b"\n\n\0",
        b"SEND\na:" + b"b" * 100_000,
    ],
)
def test_a_strict_parser_refuses(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse(data)


@pytest.mark.parametrize("piece", [1, 7, None])
@pytest.mark.parametrize("length", ["", "content-length:2000\n"])
def test_a_tolerant_parser_drains_what_is_too_large(length: str, piece: int | None) -> None:
    """The body is thrown away, the frame is marked, and the next one is intact."""
    data = f"MESSAGE\nack:1\n{length}\n{'x' * 2000}\0\nMESSAGE\n\nnext\0".encode()
    first, second = parse(data, TOLERANT, piece)
    assert (first.headers["ack"], first.body, first.oversized) == ("1", b"", True)
    assert second == Frame("MESSAGE", {}, b"next")


@pytest.mark.parametrize("more", [[f"h{i}:x" for i in range(100)], ["long:" + "x" * 5000]])
def test_a_tolerant_parser_keeps_what_acknowledging_needs_when_headers_are_too_many(more: list[str]) -> None:
    lines = "\n".join(["MESSAGE", *more, "ack:1", "message-id:2", "subscription:3", "other:4"])
    (frame,) = parse(f"{lines}\n\nbody\0".encode(), TOLERANT)
    assert frame == Frame("MESSAGE", {"ack": "1", "message-id": "2", "subscription": "3"}, b"body", oversized=True)


def test_a_tolerant_parser_lives_with_odd_headers() -> None:
    (frame,) = parse(b"MESSAGE\nno colon\n:no name\nnul:a\0b\nbytes:\xff\nescape:\\t\n\nbody\0", TOLERANT)
    assert frame == Frame("MESSAGE", {"nul": "a\0b", "bytes": "\ufffd", "escape": "\\t"}, b"body")


def test_what_a_forger_writes_behind_nul_is_read_as_a_frame_of_its_own() -> None:
    """This is why subscription ids must not be guessable."""
    data = b"MESSAGE\nack:1\n\nbody\0MESSAGE\nsubscription:guess\n\nforged\0\n"
    assert [frame.body for frame in parse(data, TOLERANT)] == [b"body", b"forged"]


def test_the_repr_shows_no_values() -> None:
    assert (
        repr(Frame("CONNECT", {"passcode": "secret"}, b"body")) == "Frame(CONNECT, headers=['passcode'], body=4 bytes)"
    )


@pytest.mark.parametrize("length", [True, False])
def test_a_large_frame_costs_little(*, length: bool) -> None:
    """1 MB in pieces of 64 kB; the bound is ten times what was measured, to stay quiet on a busy machine."""
    body = b"x" * 1_000_000
    headers = {"content-length": str(len(body))} if length else {}
    data = encode(Frame("MESSAGE", headers, body))
    best = min(_seconds(data) for _ in range(5))
    assert best < 0.01


def _seconds(data: bytes) -> float:
    began = time.perf_counter()
    (frame,) = parse(data, Limits(body=2_000_000), piece=65_536)
    took = time.perf_counter() - began
    assert len(frame.body) == 1_000_000
    return took
