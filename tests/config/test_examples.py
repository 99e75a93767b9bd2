"""The sample files can be used as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from finesse_simulator import scenario
from generic_connector.config import load

EXAMPLES = Path(__file__).parents[2] / "examples"
CONNECTOR_FILES = ["bound.toml", "connector.toml", "embedded.toml", "production.toml"]


@pytest.mark.parametrize("name", CONNECTOR_FILES)
def test_sample_loads(name: str) -> None:
    """The certificate that the simulator writes may not be there yet; all else is right."""
    load(EXAMPLES / name, {"GC_FINESSE__TLS__CA_FILE": ""})


def test_the_simulators_sample_loads() -> None:
    assert [agent.id for agent in scenario.load(EXAMPLES / "simulator.toml").agents] == ["1001", "1002"]


def test_every_sample_is_tested() -> None:
    assert sorted(path.name for path in EXAMPLES.glob("*.toml")) == sorted([*CONNECTOR_FILES, "simulator.toml"])
