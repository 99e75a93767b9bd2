"""The command `finesse-simulator`: run a pretend Finesse, print the default scenario.

Exit codes, as those of `generic-connector`: 0 it went well, 1 it failed (a port in use, no prosody), 2 the person's
mistake (unknown option, unusable scenario), 130 interrupted before it ran.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from finesse_simulator import scenario
from finesse_simulator.notification_servers import make_simulator
from finesse_simulator.scenario import Scenario, ScenarioError, SecondServer
from finesse_simulator.servers import Server
from finesse_simulator.simulator import Simulator
from finesse_simulator.xmpp.component_server import ServerError, ServerMissingError

FAILED, MISTAKE = 1, 2
_NAMED = 20  # how many agents the greeting names
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
    agents: Annotated[
        int | None, typer.Option(min=1, max=4000, help="Replace people, phones and queues by so many agents.")
    ] = None,
    second_server: Annotated[  # noqa: FBT002  a flag of the command line
        bool, typer.Option("--second-server", help="Add server B, where the scenario has none.")
    ] = False,
    certificate: Annotated[
        Path | None, typer.Option(help="Write the certificate of the ports here, for clients to trust.")
    ] = None,
) -> None:
    """Run a pretend Finesse until interrupted.

    With --agents N they are 1001 and up, with password agent-secret-<id> and extension id + 3000, in one team under
    supervisor 1000, and serve queue 8800.
    """
    try:
        simulator = make_simulator(_scenario(config, agents, second_server=second_server))
        if certificate is not None:
            certificate.write_text(simulator.certificate.certificate, encoding="ascii")
        asyncio.run(_serve(simulator))
    except (ScenarioError, OSError, ServerMissingError, ServerError) as error:
        typer.echo(f"finesse-simulator: {error}", err=True)
        raise typer.Exit(MISTAKE if isinstance(error, ScenarioError) else FAILED) from None


def _scenario(config: Path | None, agents: int | None, *, second_server: bool) -> Scenario:
    """Read the scenario and change it as the options say."""
    own = scenario.default() if agents is None else Scenario()
    chosen = own if config is None else scenario.load(config)
    if agents is not None:
        chosen = scenario.with_agents(chosen, range(1001, 1001 + agents), supervisor=1000)
    if second_server and chosen.second_server is None:
        chosen = msgspec.structs.replace(chosen, second_server=SecondServer())
    return chosen


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
    _allow_many_connections()
    async with simulator:
        for line in greeting(simulator):
            typer.echo(line)
        sys.stdout.flush()
        _search_garbage_rarely()
        await interrupted.wait()


def _search_garbage_rarely() -> None:
    """Let Python look for garbage that refers to itself rarely: with 2,000 agents everybody waits for a full search."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 20)


def greeting(simulator: Simulator) -> list[str]:
    """Say where the simulator listens and who may sign in."""
    chosen, (first, *others) = simulator.scenario, simulator.servers
    agents = _listed([agent.id for agent in chosen.agents])
    queues = _listed([queue.number for queue in chosen.queues])
    return [
        f"Pretend Finesse {chosen.profile} ({chosen.deployment}), domain {chosen.xmpp.domain}",
        *_doors(first),
        *([f"  {'control':<14} {simulator.control_url}"] if simulator.control_url else []),
        *(line for server in others for line in (f"  server {server.name}, domain {server.domain}", *_doors(server))),
        f"  agents {agents}; queues {queues}",
        "Interrupt to stop.",
    ]


def _doors(server: Server) -> list[str]:
    """Say where a server listens."""
    doors = {
        "REST": server.rest_url,
        "REST, clear": server.http_url,
        "XMPP": _address(server, server.xmpp_port),
        "XMPP, TLS": _address(server, server.xmpp_tls_port),
        "WebSocket": _address(server, server.websocket_port),
        "WebSocket, TLS": _address(server, server.secure_websocket_port),
    }
    return [f"  {name:<14} {address}" for name, address in doors.items() if address]


def _address(server: Server, port: int) -> str:
    return f"{server.host}:{port}" if port else ""


def _listed(names: list[str]) -> str:
    """List names; many are not all named."""
    if len(names) <= _NAMED:
        return ", ".join(names) or "none"
    in_order = sorted(names, key=lambda name: (len(name), name))
    return f"{in_order[0]} to {in_order[-1]} ({len(names)})"


def _allow_many_connections() -> None:
    """Raise the limit of open files as far as the system lets us: every agent has two connections."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  not there on Windows

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


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
