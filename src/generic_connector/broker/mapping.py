"""STOMP frames to the door's messages and back, as ActiveMQ maps them to JMS (broker.md section 2). Pure."""

from __future__ import annotations

from generic_connector.broker.destinations import TEMPORARY_TOPIC, is_event_address
from generic_connector.broker.door import BodyFault, CommandMessage, EventMessage
from generic_connector.broker.stomp.frames import CONTENT_LENGTH, Command, Frame
from generic_connector.broker.text_encoding import TextEncoding, decode_text, encode_text

QUEUE, TOPIC = "/queue/", "/topic/"

_NOT_PROPERTIES = frozenset(
    {
        *(CONTENT_LENGTH, "ack", "correlation-id", "destination", "expires", "message-id", "persistent", "priority"),
        *("redelivered", "reply-to", "subscription", "type"),
    }
)
"""Headers of MESSAGE that are no properties. timestamp stays: a command's age may matter to the reader."""


def command_from_frame(frame: Frame, sender: str = "") -> CommandMessage:
    """Read a MESSAGE frame from a command queue. sender: whom the broker proves. Never raises.

    A temporary topic is kept as the broker names it. A reply-to that is a queue is not supported and becomes "".
    Map and object messages look like an empty TextMessage over STOMP and cannot be told apart.
    """
    headers = frame.headers
    body, fault = _body(frame)
    return CommandMessage(
        type=headers.get("type", ""),
        body=body,
        fault=fault,
        reply_to=reply_address(headers.get("reply-to", "")),
        correlation_id=headers.get("correlation-id", ""),
        message_id=headers.get("message-id", ""),
        redelivered=headers.get("redelivered") == "true",
        sender=sender,
        properties={name: value for name, value in headers.items() if name not in _NOT_PROPERTIES},
    )


def _body(frame: Frame) -> tuple[str, BodyFault | None]:
    if frame.oversized:
        return "", BodyFault.TOO_LARGE
    if CONTENT_LENGTH in frame.headers and frame.headers.get("amq-msg-type") != "text":
        return "", BodyFault.NOT_TEXT
    try:
        return decode_text(frame.body), None
    except UnicodeDecodeError:
        return "", BodyFault.NOT_UTF8


def reply_address(reply_to: str) -> str:
    """Turn a reply-to header into a destination for publish(): "" for what no event can be sent to."""
    if reply_to.startswith(TOPIC):
        return reply_to.removeprefix(TOPIC)
    return reply_to if reply_to.startswith(TEMPORARY_TOPIC) else ""


def check_event_address(event: EventMessage) -> None:
    """Raise ValueError when the destination is not one that an event may be sent to."""
    if not is_event_address(event.destination):
        raise ValueError(f"an event cannot be sent to {event.destination!r}")


def frame_from_event(
    event: EventMessage, encoding: TextEncoding, *, send_empty_type: bool = True, expires_ms: int | None = None
) -> Frame:
    """Give the SEND frame of an event: a TextMessage, hence no content-length; non-persistent, hence no persistent.

    expires_ms is absolute, by the clock that broker and clients share. send_empty_type False: JMSType is null, not "".
    """
    temporary = event.destination.startswith(TEMPORARY_TOPIC)
    headers = {"destination": event.destination if temporary else TOPIC + event.destination}
    if send_empty_type:
        headers["type"] = ""
    if event.correlation_id:
        headers["correlation-id"] = _header_text(event.correlation_id)
    if expires_ms is not None:
        headers["expires"] = str(expires_ms)
    return Frame(Command.SEND, headers, encode_text(event.body, encoding))


def _header_text(text: str) -> str:
    """Make a client's text fit for a header: NUL and halves of surrogate pairs have no place there."""
    return encode_text(text, TextEncoding.UTF_8).decode()
