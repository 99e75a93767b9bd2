"""URLs, back-off, destinations, and the mapping to the door's messages."""

from __future__ import annotations

import pytest

from generic_connector.broker.backoff import Backoff
from generic_connector.broker.destinations import is_destination_name
from generic_connector.broker.door import BodyFault, CommandMessage, EventMessage
from generic_connector.broker.mapping import command_from_frame, frame_from_event
from generic_connector.broker.stomp.codec import encode
from generic_connector.broker.stomp.frames import Frame
from generic_connector.broker.text_encoding import TextEncoding
from generic_connector.broker.urls import BrokerUrl


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("stomp://broker", BrokerUrl("broker", 61613, tls=False)),
        ("tcp://10.0.0.1:61613", BrokerUrl("10.0.0.1", 61613, tls=False)),
        ("stomp+ssl://broker", BrokerUrl("broker", 61614, tls=True)),
        ("ssl://[::1]:9/", BrokerUrl("::1", 9, tls=True)),
    ],
)
def test_urls(text: str, url: BrokerUrl) -> None:
    assert BrokerUrl.parse(text) == url
    assert BrokerUrl.parse(str(url)) == url


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "broker:61613",
            "http://broker",
            "failover:(tcp://a,tcp://b)",
            "stomp://",
            "stomp://b:x",
            "stomp://b:99999",
        ),
        *("stomp://b/path", "stomp://b?a=b", "stomp://user:secret@b"),
    ],
)
def test_impossible_urls_are_refused_without_showing_a_password(text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the texts differ
        BrokerUrl.parse(text)
    assert "secret" not in str(caught.value)


def test_delays_grow_to_a_limit_and_begin_anew() -> None:
    backoff = Backoff(0.1, 1.0)
    delays = [backoff.next_delay() for _ in range(6)]
    for delay, longest in zip(delays, [0.1, 0.2, 0.4, 0.8, 1.0, 1.0], strict=True):
        assert longest / 2 <= delay <= longest
    backoff.reset()
    assert backoff.next_delay() <= 0.1


@pytest.mark.parametrize(
    "name", ["A,B", "A*", ">", "a?b=c", "queue://X", "/topic/X", "", "x" * 201, "activemq.Advisory.X", "a\n"]
)
def test_names_that_a_broker_reads_more_into(name: str) -> None:
    assert not is_destination_name(name)


def test_a_command_with_everything() -> None:
    headers = {
        "subscription": "s", "ack": "a", "destination": "/queue/Q", "type": "Hello#T", "reply-to": "/topic/T",
        "message-id": "ID:1", "correlation-id": "c", "redelivered": "true", "expires": "0", "priority": "4",
        "persistent": "true", "timestamp": "1", "JMSXUserID": "u", "format": "json",
    }  # fmt: skip
    assert command_from_frame(Frame("MESSAGE", headers, "ä".encode())) == CommandMessage(
        type="Hello#T",
        body="ä",
        reply_to="T",
        correlation_id="c",
        message_id="ID:1",
        redelivered=True,
        properties={"timestamp": "1", "JMSXUserID": "u", "format": "json"},
    )


@pytest.mark.parametrize(
    ("frame", "body", "fault"),
    [
        (Frame("MESSAGE"), "", None),
        (Frame("MESSAGE", {}, b"\xed\xa0\xbd\xed\xb8\x80"), "😀", None),
        (Frame("MESSAGE", {}, b"\xff"), "", BodyFault.NOT_UTF8),
        (Frame("MESSAGE", {"content-length": "1"}, b"x"), "", BodyFault.NOT_TEXT),
        (Frame("MESSAGE", {"content-length": "1", "amq-msg-type": "text"}, b"x"), "x", None),
        (Frame("MESSAGE", {}, b"", oversized=True), "", BodyFault.TOO_LARGE),
    ],
)
def test_bodies(frame: Frame, body: str, fault: BodyFault | None) -> None:
    command = command_from_frame(frame)
    assert (command.body, command.fault) == (body, fault)


@pytest.mark.parametrize(
    ("reply_to", "seen"),
    [("/topic/T", "T"), ("/remote-temp-topic/ID:a-1:1", "/remote-temp-topic/ID:a-1:1"), ("/queue/Q", ""), ("", "")],
)
def test_reply_to(reply_to: str, seen: str) -> None:
    assert command_from_frame(Frame("MESSAGE", {"reply-to": reply_to})).reply_to == seen


def test_the_bytes_of_events() -> None:
    event = EventMessage(destination="EV.c1", body="a😀", correlation_id="c:\0")
    modified = frame_from_event(event, TextEncoding.MODIFIED_UTF_8)
    assert encode(modified) == (
        b"SEND\ndestination:/topic/EV.c1\ntype:\ncorrelation-id:c\\c\xef\xbf\xbd\n\na\xed\xa0\xbd\xed\xb8\x80\0"
    )
    temporary = EventMessage(destination="/remote-temp-topic/ID:x", body="", correlation_id="")
    frame = frame_from_event(temporary, TextEncoding.UTF_8, send_empty_type=False, expires_ms=5)
    assert frame == Frame("SEND", {"destination": "/remote-temp-topic/ID:x", "expires": "5"}, b"")
