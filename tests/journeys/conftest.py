"""What several journeys share."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog

from generic_connector.conformance.cast import PEOPLE
from generic_connector.operations import logs
from journeys.planting import password_of


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, that of the libraries too, as JSON; the process's logging is left as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    written = io.StringIO()
    logs.configure(level="debug", form="json", libraries="debug", to=written)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give everybody in the suite planted passwords."""
    for name, person in list(PEOPLE.items()):
        monkeypatch.setitem(PEOPLE, name, replace(person, password=password_of(person.id)))
