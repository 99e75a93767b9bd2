"""The log: one line per event on standard error, as JSON or for people, with no secret in it.

    log = structlog.get_logger()
    with logs.context(agent="1001", destination="CRM1", command="AnswerCall"):
        log.info("command done", milliseconds=12)

What the libraries log (aiohttp, slixmpp, asyncio) takes the same way out. Secrets are kept out where they are made;
the two filters here are a second line of defence, for what a library or a later change lets slip.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from generic_connector.operations import hiding

HIDDEN = hiding.HIDDEN
"""What stands in the log where a secret was."""

_SECRET_KEY = re.compile(r"passw|passcode|secret|token|authori[sz]ation|credential|cookie", re.IGNORECASE)
_SECRET_TEXT = (
    re.compile(r"(<(?:auth|response|success|challenge)\b[^>]*>)[^<]+"),  # SASL in an XMPP stream
    re.compile(r"(\b(?:Basic|Bearer)\s+)[\w.~+/=-]+", re.IGNORECASE),  # HTTP
    re.compile(r"((?:passw\w*|passcode|secret|token)[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&}]+", re.IGNORECASE),
    re.compile(r"(//[^/\s:@]*:)[^/\s@]+(?=@)"),  # a URL with credentials
)
_TALKATIVE = ("slixmpp.xmlstream", "slixmpp.features")
"""Loggers that write what was sent and heard, SASL too: stanzas for debug, and all that is no XML as an error.

Never below critical; what matters of it our own events tell.
"""
_METHODS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "warn": logging.WARNING}
_DEPTH = 5
_OURS = logging.getLogger("generic_connector")


class _State:
    """What the process logs now: one for the process, as the standard library's root logger is."""

    level = logging.INFO
    configured = "info"


def configure(level: str = "info", form: str = "console", libraries: str = "warning", to: TextIO | None = None) -> None:
    """Set the log up; may be called again.

    level, libraries: debug, info, warning or error; of the product itself, and of the libraries below it. form: json
    or console. to: where lines go, standard error by default.
    """
    stream = to or sys.stderr
    _State.configured = level
    structlog.configure(
        processors=_PROCESSORS,
        logger_factory=lambda *_: _OURS,
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        cache_logger_on_first_use=True,
    )
    _take_over_standard_logging(stream, form, _number(libraries))
    set_level(level)


def set_level(level: str) -> None:
    """Log the product's own events from this level on: debug, info, warning or error. Raises ValueError for others."""
    _State.level = _number(level)


def level() -> str:
    """Say from which level on the product logs now."""
    return logging.getLevelName(_State.level).lower()


def toggle_debug() -> str:
    """Go to debug, or from debug back to the configured level (info where that is debug itself). Give the new level."""
    configured = "info" if _State.configured == "debug" else _State.configured
    set_level(configured if level() == "debug" else "debug")
    return level()


def context(*, agent: str = "", destination: str = "", command: str = "") -> AbstractContextManager[None]:
    """Put these on every line that is logged inside the `with`, in this task and those that it starts."""
    known = {"agent": agent, "destination": destination, "command": command}
    return structlog.contextvars.bound_contextvars(**{key: value for key, value in known.items() if value})


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide what looks like a secret, by its key or by its shape, however deep it lies."""
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: object, value: Any, depth: int = _DEPTH) -> Any:
    if isinstance(key, str) and _SECRET_KEY.search(key) and value not in (None, "", True, False):
        return HIDDEN
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping) and depth:
        return {name: _redacted(name, item, depth - 1) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth:
        return [_redacted("", item, depth - 1) for item in value]
    if isinstance(value, int | float | None):
        return value
    return redact_text(str(value))


def redact_text(text: str) -> str:
    """Hide what is known to be a secret (hiding.py), and what looks like one: SASL payloads, `password=…`."""
    text = hiding.hide(text)
    for pattern in _SECRET_TEXT:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


def _drop_below_level(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Let through what the level asks for. Done here, not in the wrapper class, so that it can change at run time."""
    if _METHODS.get(method, logging.ERROR) < _State.level:
        raise structlog.DropEvent
    return event


def _common() -> list[Processor]:
    """Give what is done to every line, ours or a library's."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


_PROCESSORS: list[Processor] = [
    _drop_below_level,
    *_common(),
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]
"""What our own events pass before they take the standard library's way out. One list for good: loggers keep it."""


def _take_over_standard_logging(stream: TextIO, form: str, libraries: int) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_common(), structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,  # before redact: an exception's text may hold anything
                redact,
                *_renderers(form, stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(libraries)
    logging.captureWarnings(capture=True)
    _OURS.setLevel(logging.DEBUG)  # _drop_below_level has decided before
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _renderers(form: str, stream: TextIO) -> list[Processor]:
    if form == "json":
        return [_in_order, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)]


def _in_order(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put what every line has before what this one has."""
    first = {key: event[key] for key in ("timestamp", "level", "event") if key in event}
    return {**first, **event}


def _number(level: str) -> int:
    known = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
    if level not in known:
        raise ValueError(f"{level!r} is no log level; there are {', '.join(known)}")
    return known[level]
