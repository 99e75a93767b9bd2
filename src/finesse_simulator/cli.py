"""The command `finesse-simulator`: run a pretend Finesse, print the default scenario.

Exit codes, as those of `generic-connector`: 0 it went well, 1 it failed (a port in use, no prosody), 2 the person's
mistake (unknown option, unusable scenario), 130 interrupted before it ran.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from finesse_simulator import scenario
from finesse_simulator.notification_servers import make_simulator
from finesse_simulator.scenario import Scenario, ScenarioError
from finesse_simulator.simulator import Simulator
from finesse_simulator.xmpp.component_server import ServerError, ServerMissingError

FAILED, MISTAKE = 1, 2
EXIT_CODES = "Exit codes: 0 it went well, 1 it failed, 2 a mistake in the options or the scenario, 130 interrupted."

app = typer.Typer(
    help="A pretend Cisco Finesse to develop and test against.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def run(
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Scenario file; without it, the built-in one.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="Write the certificate of the ports here, for clients to trust.")
    ] = None,
) -> None:
    """Run a pretend Finesse until interrupted."""
    try:
        simulator = make_simulator(scenario.default() if config is None else scenario.load(config))
        if certificate is not None:
            certificate.write_text(simulator.certificate.certificate, encoding="ascii")
        asyncio.run(_serve(simulator))
    except (ScenarioError, OSError, ServerMissingError, ServerError) as error:
        typer.echo(f"finesse-simulator: {error}", err=True)
        raise typer.Exit(MISTAKE if isinstance(error, ScenarioError) else FAILED) from None


@app.command(name="scenario")
def print_scenario() -> None:
    """Print the built-in scenario, with comments, as a start for one's own."""
    typer.echo(scenario.default_text(), nl=False)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(metadata.version("generic-connector"))


async def _serve(simulator: Simulator) -> None:
    interrupted = _interruption()
    async with simulator:
        for line in greeting(simulator):
            typer.echo(line)
        sys.stdout.flush()
        await interrupted.wait()


def greeting(simulator: Simulator) -> list[str]:
    """Say where the simulator listens and who may sign in."""
    chosen, server = simulator.scenario, simulator.notification_server
    doors = {
        "REST": simulator.rest_url,
        "REST, clear": simulator.http_url,
        "XMPP": _address(chosen, getattr(server, "plain_port", None)),
        "XMPP, TLS": _address(chosen, getattr(server, "tls_port", None)),
        "WebSocket": _address(chosen, getattr(server, "websocket_port", None)),
        "WebSocket, TLS": _address(chosen, getattr(server, "secure_websocket_port", None)),
        "control": simulator.control_url,
    }
    agents = ", ".join(agent.id for agent in chosen.agents) or "none"
    queues = ", ".join(queue.number for queue in chosen.queues) or "none"
    return [
        f"Pretend Finesse {chosen.profile} ({chosen.deployment}), domain {chosen.xmpp.domain}",
        *(f"  {name:<14} {address}" for name, address in doors.items() if address),
        f"  agents {agents}; queues {queues}",
        "Interrupt to stop.",
    ]


def _address(chosen: Scenario, port: int | None) -> str:
    return f"{chosen.xmpp.host}:{port}" if port else ""


def _interruption() -> asyncio.Event:
    """Give an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def main() -> None:
    """Run the command; a closed pipe behind us is no mistake."""
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
