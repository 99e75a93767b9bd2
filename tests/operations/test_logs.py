"""The log: its two forms, its levels, the context of a line, and that no secret gets into it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from generic_connector.operations import logs

CANARY = "canary-geheim"


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    """Leave the process's logging as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def configured(**settings: str) -> io.StringIO:
    """Set the log up to write to a text that the test can read."""
    lines = io.StringIO()
    logs.configure(**{"form": "json", **settings}, to=lines)
    return lines


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def get_logger() -> Any:
    return structlog.get_logger()


def test_one_json_object_per_line() -> None:
    """A line is an object, beginning with what every line has; line ends in values do not break it."""
    lines = configured()
    get_logger().info("command done", name="a\nb", milliseconds=12)
    (line,) = read(lines)
    assert list(line)[:3] == ["timestamp", "level", "event"]
    assert (line["level"], line["event"], line["name"], line["milliseconds"]) == ("info", "command done", "a\nb", 12)


def test_console_keeps_an_event_on_its_line() -> None:
    """A client cannot write a line of its own into the log by a line end in a value."""
    lines = configured(form="console")
    get_logger().info("refused", name="a\n2026-01-01 [error] forged")
    assert len(lines.getvalue().splitlines()) == 1


def test_level_changes_at_run_time() -> None:
    """Also for a logger that has logged before."""
    lines = configured(level="info")
    log = get_logger()
    log.debug("one")
    logs.set_level("debug")
    log.debug("two")
    logs.set_level("error")
    log.warning("three")
    assert [line["event"] for line in read(lines)] == ["two"]


@pytest.mark.parametrize(("start", "course"), [("info", ["debug", "info"]), ("warning", ["debug", "warning"])])
def test_toggle(start: str, course: list[str]) -> None:
    """The first time to debug, the second time back."""
    configured(level=start)
    assert [logs.toggle_debug(), logs.toggle_debug()] == course


def test_toggle_where_debug_is_the_start() -> None:
    configured(level="debug")
    assert [logs.toggle_debug(), logs.toggle_debug()] == ["info", "debug"]


def test_unknown_level() -> None:
    with pytest.raises(ValueError, match="'loud' is no log level; there are debug"):
        logs.set_level("loud")


def test_context_is_on_each_line_and_ends() -> None:
    """Only what is known is on the line."""
    lines = configured()
    with logs.context(agent="1001", destination="CRM1"):
        get_logger().info("one")
        with logs.context(command="AnswerCall"):
            get_logger().info("two")
    get_logger().info("three")
    known = [{k: v for k, v in line.items() if k in {"agent", "destination", "command"}} for line in read(lines)]
    assert known == [
        {"agent": "1001", "destination": "CRM1"},
        {"agent": "1001", "destination": "CRM1", "command": "AnswerCall"},
        {},
    ]


def test_libraries_take_the_same_way_out() -> None:
    """With the context of the task in which they log, and from their own level on."""
    lines = configured()
    with logs.context(agent="1001"):
        logging.getLogger("aiohttp.client").info("connection %s", "made")
        logging.getLogger("aiohttp.client").warning("connection %s", "lost")
    assert [(line["event"], line["logger"], line["agent"]) for line in read(lines)] == [
        ("connection lost", "aiohttp.client", "1001")
    ]


def test_an_exception_is_one_json_line() -> None:
    lines = configured()
    get_logger().error("unexpected", exc_info=RuntimeError("broken"))
    (line,) = read(lines)
    assert line["exception"].endswith("RuntimeError: broken")


SECRETS: list[dict[str, Any]] = [
    {"password": CANARY},
    {"Passcode": CANARY},
    {"access_token": CANARY},
    {"client_secret": [CANARY]},
    {"headers": {"Authorization": f"Basic {CANARY}"}},
    {"request": [{"headers": {"authorization": CANARY}}]},
    {"header": f"Authorization: Bearer {CANARY}"},
    {"text": f"login failed, password={CANARY}, user=x"},
    {"text": f'{{"password": "{CANARY}", "user": "x"}}'},
    {"stanza": f'<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">{CANARY}</auth>'},
    {"url": f"stomp://user:{CANARY}@host:61613"},
    {"cause": ValueError(f"password: {CANARY}")},
]


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("values", SECRETS)
def test_secrets_are_hidden(values: dict[str, Any], form: str) -> None:
    """By their key or by their shape, at debug level, in both forms."""
    lines = configured(form=form, level="debug")
    get_logger().debug("something", **values)
    assert CANARY not in lines.getvalue()
    assert logs.HIDDEN in lines.getvalue()


def test_a_secret_in_an_exception_is_hidden() -> None:
    lines = configured(level="debug")
    get_logger().debug("failed", exc_info=ValueError(f"Authorization: Basic {CANARY}"))
    assert CANARY not in lines.getvalue()


@pytest.mark.parametrize("name", ["slixmpp.xmlstream.xmlstream", "slixmpp.features.feature_mechanisms", "aiohttp"])
def test_libraries_show_no_secret_at_debug(name: str) -> None:
    """Even when a library is asked for everything, what it sends to sign in is not shown."""
    lines = configured(level="debug", libraries="debug")
    logging.getLogger(name).debug("SEND: %s", f"<auth mechanism='PLAIN'>{CANARY}</auth>")
    assert CANARY not in lines.getvalue()


def test_what_the_notification_service_says_is_not_shown_as_an_error() -> None:
    """What is no XML may hold anybody's call data; slixmpp logs it whole."""
    lines = configured(level="debug", libraries="debug")
    logging.getLogger("slixmpp.xmlstream.xmlstream").error("Parse error: %r", b"<callVariable1>4711")
    assert lines.getvalue() == ""


def test_what_is_no_secret_stays() -> None:
    """Numbers, truth values and ordinary words are shown as they are."""
    lines = configured()
    values = {"agent": "1001", "has_password": True, "seconds": 0.5, "cause": None, "codes": ["1", "2"]}
    get_logger().info("state", **values)
    assert {key: read(lines)[0][key] for key in values} == values
