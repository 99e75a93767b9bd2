"""What every test may rely on."""

from __future__ import annotations

import sys

import pytest
from structlog._config import BoundLoggerLazyProxy


@pytest.fixture(autouse=True)
def fresh_loggers() -> None:
    """Let no logger keep what an earlier test in this process configured: the product's configuration is for good."""
    for name, module in list(sys.modules.items()):
        if name.startswith("generic_connector") and isinstance(log := vars(module).get("log"), BoundLoggerLazyProxy):
            vars(log).pop("bind", None)  # there structlog keeps it
