"""The suite as a command."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from finesse_simulator import scenario as scenarios
from generic_connector.cli import app
from generic_connector.errors import UserError

runner = CliRunner()


@pytest.mark.timeout(120)
def test_on_its_own_site() -> None:
    """A broker, a connector and a pretend Finesse are put up; what is tried is printed, and the exit code is 0."""
    result = runner.invoke(app, ["conformance", "--only", "HoldCall", "--format", "json", "--deployment", "UCCX"])
    assert result.exit_code == 0, result.output
    assert "UCCX json" in result.output
    assert "✔ 7 passed" in result.output


def test_nothing_tried_is_no_success() -> None:
    result = runner.invoke(app, ["conformance", "--only", "MakeCoffee", "--format", "text", "--deployment", "UCCE"])
    assert (result.exit_code, "nothing was tried" in result.output) == (1, True)


def test_both_doors_are_needed() -> None:
    result = runner.invoke(app, ["conformance", "--broker", "stomp://localhost:1"])
    assert isinstance(result.exception, UserError)


def test_the_contact_centre_can_be_printed() -> None:
    result = runner.invoke(app, ["conformance", "--scenario"])
    scenario = scenarios.parse(result.output)
    assert [agent.id for agent in scenario.agents] == ["1001", "1002", "1003", "1004", "1005"]
