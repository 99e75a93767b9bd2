"""The command, as a user runs it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finesse_simulator import cli, scenario
from finesse_simulator.cli import app

FREE = "[rest]\nhttps_port = 0\n[xmpp]\nplain_port = 0\ntls_port = 0\n[control]\nport = 0\n"


def test_the_scenario_is_printed() -> None:
    result = CliRunner().invoke(app, ["scenario"])
    assert (result.exit_code, result.stdout) == (0, scenario.default_text())


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(app, ["version"]).stdout.strip()


@pytest.mark.parametrize(
    "options", [["run", "-c", "/no/such/file"], ["run", "--what"], ["run", "--agents", "0"], ["else"]]
)
def test_mistakes_exit_with_2_and_without_a_traceback(options: list[str]) -> None:
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_it_runs_until_it_is_interrupted(tmp_path: Path) -> None:
    file, certificate = tmp_path / "scene.toml", tmp_path / "node.pem"
    file.write_text(FREE, encoding="utf-8")
    lines = greeting_of("run", "-c", str(file), "--certificate", str(certificate))
    assert lines[0] == "Pretend Finesse 12.5 (UCCE), domain finesse.example"
    assert [line.split("  ")[0] for line in lines[1:5]] == ["REST", "XMPP", "XMPP, TLS", "control"]
    assert certificate.read_text(encoding="ascii").startswith("-----BEGIN CERTIFICATE-----")


def greeting_of(*options: str) -> list[str]:
    """Run the command until it is up, interrupt it, and give what it said."""
    command = [sys.executable, "-m", "finesse_simulator.cli", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.strip())
            if line.startswith("Interrupt"):
                break
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    return lines


def test_many_agents_behind_two_servers(tmp_path: Path) -> None:
    file = tmp_path / "scene.toml"
    second = "[second_server]\nhttps_port = 0\nplain_port = 0\ntls_port = 0\n"
    file.write_text(FREE + second, encoding="utf-8")
    lines = greeting_of("run", "-c", str(file), "--agents", "2000", "--second-server")
    assert [line.split("  ")[0] for line in lines[1:-1]] == [
        *("REST", "XMPP", "XMPP, TLS", "control"),
        *("server B, domain finesse-b.example", "REST", "XMPP", "XMPP, TLS"),
        "agents 1000 to 3000 (2001); queues 8800",
    ]


@pytest.mark.parametrize(
    ("agents", "two", "expected"),
    [(None, False, (3, "8800", None)), (200, True, (201, "8800", 8447)), (200, False, (201, "8800", None))],
)
def test_the_options_change_the_scenario(*, agents: int | None, two: bool, expected: tuple[object, ...]) -> None:
    chosen = cli._scenario(None, agents, second_server=two)
    second = chosen.second_server
    assert (len(chosen.agents), chosen.queues[0].number, second.https_port if second else None) == expected


def test_a_port_that_cannot_be_opened_is_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "scene.toml"
    file.write_text(f'{FREE}host = "192.0.2.1"\n', encoding="utf-8")  # the control door's host, of no machine
    result = CliRunner().invoke(app, ["run", "-c", str(file)])
    assert result.exit_code == 1
    assert "192.0.2.1" in result.output
