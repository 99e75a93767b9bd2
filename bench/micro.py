"""Micro-benchmarks of the hot path, each step alone and the whole: microseconds, so that a regression is seen.

python -m bench.micro [--json FILE] [--profile STEP]
"""

from __future__ import annotations

import cProfile
import gc
import itertools
import pstats
import statistics
import timeit
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any, cast
from xml.etree import ElementTree as ET

import msgspec
import typer

from bench import samples
from bench.machine import describe
from generic_connector.agents.calls import Calls
from generic_connector.agents.translate import Viewer
from generic_connector.broker.door import EventMessage
from generic_connector.broker.mapping import command_from_frame, frame_from_event
from generic_connector.broker.stomp.codec import FrameParser, encode
from generic_connector.broker.stomp.frames import Command, Frame
from generic_connector.broker.text_encoding import TextEncoding
from generic_connector.finesse import requests
from generic_connector.finesse.model import DialogChanged, Notification
from generic_connector.finesse.payloads import parse_updates
from generic_connector.finesse.stanzas import updates
from generic_connector.protocol import json_codec, text
from generic_connector.protocol.commands import parse_command
from generic_connector.protocol.events import Event
from generic_connector.store.contents import sealed
from generic_connector.store.door import Key
from generic_connector.store.records import CallRecord, Kind
from generic_connector.store.sealing import Seal, new_key

REPEATS = 9
"""Of each measurement; the median counts."""

_SECONDS = 0.1  # of one repeat, about
_VIEWER = Viewer(samples.AGENT, samples.EXTENSION, "Ann Lee", UTC)
_TEXT_SETTINGS = text.TextSettings()
_STREAM = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
_STANZAS = itertools.cycle([samples.stanza(samples.update("ACTIVE")), samples.stanza(samples.update("HELD", second=6))])
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Ear:
    """Hears stanzas as a notification session does, and tells an agent's client of them."""

    def __init__(self, render: Callable[[Event], str | None]) -> None:
        self._render = render
        self._parser: ET.XMLPullParser[Any] = ET.XMLPullParser(("start", "end"))
        self._parser.feed(_STREAM)
        _, self._root = cast("tuple[str, ET.Element]", next(iter(self._parser.read_events())))
        self._calls = Calls()

    def hear(self, stanza: bytes) -> list[bytes]:
        """Take one stanza; give the frames for the broker."""
        frames = [self._frame(event) for event in self.decide(notification_in(self.parse(stanza)))]
        return [encode(frame) for frame in frames]

    def parse(self, stanza: bytes) -> ET.Element:
        """Read a stanza from the stream."""
        self._parser.feed(stanza)
        for _ in self._parser.read_events():
            pass
        message = self._root[0]
        self._root.clear()
        return message

    def decide(self, notification: Notification) -> list[Event]:
        """Decide what the client hears."""
        content = notification.content
        return self._calls.changed(content.dialog, _VIEWER) if isinstance(content, DialogChanged) else []

    def _frame(self, event: Event) -> Frame:
        message = EventMessage(destination="CRM1", body=self._render(event) or "", correlation_id="c-1")
        return frame_from_event(message, TextEncoding.UTF_8)


def notification_in(message: ET.Element) -> Notification:
    """Give what the stanza says."""
    [(node, document)] = updates(message)
    [notification] = parse_updates(document, node=node)
    return notification


def as_text(event: Event) -> str:
    """Write an event as text."""
    return text.render(event, _TEXT_SETTINGS)


def steps() -> dict[str, Callable[[], object]]:
    """Give what is measured, by name."""
    by_text, by_json, own = Ear(as_text), Ear(json_codec.render), Ear(as_text)
    message = own.parse(next(_STANZAS))
    documents = itertools.cycle([notification_in(own.parse(next(_STANZAS))) for _ in range(2)])
    (event,) = own.decide(notification_in(message))
    body = as_text(event)
    frame = Frame(Command.SEND, {"destination": "/topic/CRM1", "type": "", "correlation-id": "c-1"}, body.encode())
    return {
        "stanza to event frame, text": lambda: by_text.hear(next(_STANZAS)),
        "stanza to event frame, JSON": lambda: by_json.hear(next(_STANZAS)),
        "  stanza read from the stream": lambda: own.parse(next(_STANZAS)),
        "  Update document read": lambda: notification_in(message),
        "  decided": lambda: own.decide(next(documents)),
        "  written as text": lambda: as_text(event),
        "  written as JSON": lambda: json_codec.render(event),
        "  frame encoded": lambda: encode(frame),
        **_command_steps(),
        **_store_steps(next(documents)),
    }


def _command_steps() -> dict[str, Callable[[], object]]:
    headers = {"destination": "/queue/Connector1", "type": f"HoldCall#{samples.AGENT}", "reply-to": "/topic/CRM1"}
    headers |= {"message-id": "ID:1", "ack": "ID:1", "correlation-id": "c-1", "subscription": "commands"}
    wire = encode(Frame(Command.MESSAGE, headers, samples.DIALOG.encode()))
    parser = FrameParser()

    def frame() -> Frame:
        parser.feed(wire)
        found = parser.next_frame()
        assert found is not None  # noqa: S101  it is whole
        return found

    def whole() -> object:
        given = command_from_frame(frame())
        command = parse_command(given.type, given.body)
        return _request(command.arguments["dialog_id"])

    return {
        "command frame to request": whole,
        "  frame decoded": frame,
        "  command read": lambda: parse_command(headers["type"], samples.DIALOG),
        "  request built": lambda: _request(samples.DIALOG),
    }


def _request(dialog_id: str) -> object:
    return requests.build("take_action", dialog_id=dialog_id, action="HOLD", target_media_address=samples.EXTENSION)


def _store_steps(notification: Notification) -> dict[str, Callable[[], object]]:
    content = notification.content
    assert isinstance(content, DialogChanged)  # noqa: S101  the sample is one
    record, seal = samples.record(CallRecord(dialog=content.dialog)), Seal([new_key()])
    changes = {Key(Kind.AGENT, record.id): record}
    return {"session record encoded and sealed": lambda: sealed(changes, seal)}


def microseconds(step: Callable[[], object], repeats: int = REPEATS) -> float:
    """Give the median time of one execution."""
    timer = timeit.Timer(step)
    count, seconds = timer.autorange()
    count = max(1, int(count * _SECONDS / seconds))
    gc.collect()
    return statistics.median(timer.repeat(repeats, count)) / count * 1e6


def profile(step: Callable[[], object]) -> None:
    """Show where a step's time goes."""
    with cProfile.Profile() as profiler:
        for _ in range(5000):
            step()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


@app.command()
def main(
    *,
    json: Annotated[Path | None, typer.Option(help="Where the JSON file is written.")] = None,
    profiled: Annotated[str, typer.Option("--profile", help="Profile the step whose name begins so instead.")] = "",
) -> None:
    """Measure every step, or show where the time of one goes."""
    found = steps()
    if profiled:
        profile(next(step for name, step in found.items() if name.strip().startswith(profiled)))
        return
    figures = {name: microseconds(step) for name, step in found.items()}
    for name, figure in figures.items():
        typer.echo(f"{name:<40} {figure:9.1f} µs   {1e6 / figure:9.0f} /s")
    if json is not None:
        content = {"machine": describe(), "microseconds": {name.strip(): figure for name, figure in figures.items()}}
        json.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")


if __name__ == "__main__":
    app()
