"""Hostile command messages, through the hub, to agents of both formats.

An input: for each message JMSType, body, reply-to and flags, between UNIT bytes. Flags are letters: r redelivered,
b a body that is no text, u one that is not UTF-8, l one that is too large, j asks for JSON. A secret may stand anywhere
but where the id of an agent stands, which is no secret.
"""

from __future__ import annotations

from agents.office import counted
from agents.people import SUE
from fuzz.healthy import DESK, everybody_is_idle, office_with_sue
from fuzz.source import fields, records, text
from fuzz.watching import SECRET, play
from generic_connector.broker.door import BodyFault, CommandMessage

_FAULTS = {b"b": BodyFault.NOT_TEXT, b"u": BodyFault.NOT_UTF8, b"l": BodyFault.TOO_LARGE}


def one(data: bytes) -> None:
    """Send the messages of one input."""
    messages = [one for one in map(message_of, records(data)) if not is_about_sue(one) and SECRET not in one.type]

    async def script() -> None:
        async with office_with_sue() as office:
            crashes = counted("commands_refused", reason="crash")
            for message in messages:
                office.hub.receive(office.door, message)
            await everybody_is_idle(office)
            assert counted("commands_refused", reason="crash") == crashes

    play(script)


def message_of(record: bytes) -> CommandMessage:
    """Read one message."""
    command, body, reply_to, flags = fields(record, 4)
    return CommandMessage(
        type=text(command),
        body=text(body),
        fault=next((fault for letter, fault in _FAULTS.items() if letter in flags), None),
        reply_to=text(reply_to),
        correlation_id=text(flags),
        message_id=text(flags[:1]),
        redelivered=b"r" in flags,
        properties={"format": "json"} if b"j" in flags else {},
    )


def is_about_sue(message: CommandMessage) -> bool:
    """Whoever may write to the command queue may command every agent: these would be no hostile input but orders."""
    return any(word in part for word in (SUE, DESK) for part in (message.type, message.body, message.reply_to))
