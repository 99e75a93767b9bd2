"""What every test may rely on."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from structlog._config import BoundLoggerLazyProxy

from generic_connector.operations import logs


@pytest.fixture(autouse=True)
def fresh_loggers() -> None:
    """Let no logger keep what an earlier test in this process configured: the product's configuration is for good."""
    for name, module in list(sys.modules.items()):
        if name.startswith("generic_connector") and isinstance(log := vars(module).get("log"), BoundLoggerLazyProxy):
            vars(log).pop("bind", None)  # there structlog keeps it


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
