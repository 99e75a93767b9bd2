"""The command line: `generic-connector`.

Exit codes, for scripts: 0 it went well; 1 it failed; 2 the person's mistake (options, configuration); 130 interrupted.
A person's mistake is told in words, never by a traceback.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import ssl
import sys
from collections.abc import Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import structlog
import typer
import uvloop
from rich.console import Console
from rich.text import Text

from generic_connector.broker.stomp.errors import StompError
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Target, connected
from generic_connector.config import Settings, annotated_default, load
from generic_connector.config.loading import CLIENT_PASSWORD
from generic_connector.config.mapping import client_tls
from generic_connector.config.sections import Tls
from generic_connector.errors import ConnectorError, UserError
from generic_connector.operations import logs
from generic_connector.protocol.formats import Format
from generic_connector.version import __version__

FAILED, MISTAKE, INTERRUPTED = 1, 2, 130
EXIT_CODES = (
    "Exit codes: 0 it went well, 1 it failed, 2 a mistake in the options or the configuration, 130 interrupted."
)

log = structlog.get_logger()
app = typer.Typer(
    name="generic-connector",
    help="Lets a CRM work with a Cisco Finesse contact centre by simple messages.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they show local variables, and these may hold passwords
    context_settings={"help_option_names": ["-h", "--help"]},
)


class FormatChoice(StrEnum):
    """The formats of events, or both."""

    TEXT = "text"
    JSON = "json"
    BOTH = "both"

    @property
    def formats(self) -> list[Format]:
        """The formats chosen."""
        return [*Format] if self is FormatChoice.BOTH else [Format(self.value)]


class DeploymentChoice(StrEnum):
    """The deployments, or both."""

    UCCE = "UCCE"
    UCCX = "UCCX"
    BOTH = "both"

    @property
    def names(self) -> list[str]:
        """The deployments chosen."""
        return ["UCCE", "UCCX"] if self is DeploymentChoice.BOTH else [self.value]


ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="The configuration file (TOML).", show_default=False)]
Url = Annotated[str, typer.Option(help="The broker: stomp://host:port, or stomp+ssl://host:port for TLS.")]
Username = Annotated[str, typer.Option(help="The user name at the broker.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help=f"A file with the password at the broker. Without it {CLIENT_PASSWORD} is taken from the environment, "
        "and where that is empty too, you are asked.",
    ),
]
CaFile = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Certificates to trust (PEM).")]
Insecure = Annotated[bool, typer.Option("--insecure", help="Do not check the broker's certificate.")]


@app.command()
def run(config: ConfigFile) -> None:
    """Run the connector until it is told to stop (SIGTERM, or Ctrl-C)."""
    settings = load(config, os.environ)
    _begin_log(settings)
    faulthandler.enable(file=2)  # standard error: every thread's stack, without values, when a watchdog sends SIGABRT
    from generic_connector import run as running  # noqa: PLC0415  only `run` needs the whole product

    _in_loop(running.run(settings))


@app.command()
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Play one story, compare, and stop.")] = False,
    stomp_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where clients connect by STOMP; 0 takes a free port.")
    ] = 61613,
    websocket_port: Annotated[int, typer.Option(min=0, max=65535, help="The same by WebSocket.")] = 61614,
    control_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the pretend Finesse is played with.")
    ] = 8446,
) -> None:
    """Show it all in one process: a pretend Finesse, a broker, the connector, and a client's story."""
    from generic_connector import demo as demonstration  # noqa: PLC0415  it brings the simulator with it

    ports = demonstration.Ports(stomp=stomp_port, websocket=websocket_port, control=control_port)
    raise typer.Exit(_in_loop(demonstration.run(once=once, ports=ports)) or 0)


@app.command()
def conformance(
    *,
    broker: Annotated[
        str, typer.Option(help="The broker of a connector that runs: stomp://host:port.", show_default="one of its own")
    ] = "",
    control: Annotated[
        str,
        typer.Option(help="The control door of the pretend Finesse behind it: http://host:port.", show_default=False),
    ] = "",
    queue: Annotated[str, typer.Option(help="The connector's command queue.")] = "Connector1",
    event_format: Annotated[FormatChoice, typer.Option("--format", help="The format of events.")] = FormatChoice.BOTH,
    deployment: Annotated[DeploymentChoice, typer.Option(help="What Finesse stands before.")] = DeploymentChoice.BOTH,
    without: Annotated[
        list[str],
        typer.Option(help="What that site has not: licence, databases, recorder, short time-out. May be repeated."),
    ] = [],  # noqa: B006  it is only read
    patience: Annotated[float, typer.Option(min=0.1, help="Seconds within which what must come has to come.")] = 15,
    only: Annotated[str, typer.Option(help="A part of the names of the cases to play.", show_default="all")] = "",
    every_case: Annotated[bool, typer.Option("--every-case", help="Print each case, also those that pass.")] = False,
    scenario: Annotated[
        bool, typer.Option("--scenario", help="Print the contact centre that the pretend Finesse has to be, and stop.")
    ] = False,
    username: Username = "",
    password_file: PasswordFile = None,
    ca_file: CaFile = None,
    insecure: Insecure = False,
) -> None:
    """Try every command, event and error of the client protocol, and print which of them are as they must be.

    Without --broker and --control a connector, a broker and a pretend Finesse are put up in this process. With them a
    connector that runs is tried; its agents must not be in use, and its Finesse is the one that --scenario describes.
    """
    from generic_connector.conformance import run as suite  # noqa: PLC0415  it brings the simulator with it

    if scenario:
        print(suite.scenario_text(), end="")  # noqa: T201  this is what it is for
        return
    if bool(broker) != bool(control):
        raise UserError("--broker and --control go together: the suite needs both doors of a site")
    address = None
    if broker:
        target = _target(broker, username, password_file, ca_file, insecure=insecure, option="--broker")
        address = suite.Address(broker=target, queue=queue, control_url=control, without=without, patience=patience)
    work = suite.run(event_format.formats, deployment.names, address, only=only, every_case=every_case)
    raise typer.Exit(_in_loop(work))


@app.command()
def check(config: ConfigFile) -> None:
    """Check the configuration file, then say which brokers and Finesse nodes can be reached, and why not."""
    settings = load(config, os.environ)
    logs.configure(level="error")  # what matters is printed below
    from generic_connector import reachability  # noqa: PLC0415  it brings the links with it

    findings = _in_loop(reachability.examine(settings))
    console = Console(soft_wrap=True, highlight=False)
    for finding in findings:
        style, word = ("green", "reachable") if finding.reachable else ("red", "NOT reachable")
        console.print(Text.assemble(f"{finding.what} {finding.where}: ", (word, style), _detail(finding.detail)))
    raise typer.Exit(0 if all(finding.reachable for finding in findings) else FAILED)


@app.command()
def send(
    command: Annotated[str, typer.Argument(help="The command with whom it is for, such as AnswerCall#1001.")],
    body: Annotated[
        str, typer.Argument(help="Its arguments, separated by commas; - reads them from standard input.")
    ] = "",
    *,
    url: Url = "stomp://localhost:61613",
    queue: Annotated[str, typer.Option(help="The connector's command queue.")] = "Connector1",
    reply_to: Annotated[str, typer.Option(help="The destination to answer to.")] = "",
    wait: Annotated[
        float, typer.Option(min=0, help="Print the events at --reply-to that come within so many seconds.")
    ] = 0,
    username: Username = "",
    password_file: PasswordFile = None,
    ca_file: CaFile = None,
    insecure: Insecure = False,
) -> None:
    """Send one command, as a CRM does. A password in the arguments is best given by standard input (-)."""
    if wait and not reply_to:
        raise UserError("--wait needs --reply-to: the destination whose events are printed")
    target = _target(url, username, password_file, ca_file, insecure=insecure)
    text = sys.stdin.read().rstrip("\r\n") if body == "-" else body

    async def talk() -> None:
        async with connected(target) as client:
            if wait:
                await client.subscribe(reply_to)
            await client.send(command, text, queue=queue, reply_to=reply_to)
            if wait:
                async for event in client.events(wait):
                    _show(event)

    _in_loop(talk())


@app.command()
def listen(
    destination: Annotated[str, typer.Argument(help="The client destination, such as CRM1.")],
    *,
    url: Url = "stomp://localhost:61613",
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many events.", show_default="no end")] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0, help="Stop after so many seconds.", show_default="no end")
    ] = None,
    username: Username = "",
    password_file: PasswordFile = None,
    ca_file: CaFile = None,
    insecure: Insecure = False,
) -> None:
    """Print the events of a destination, one per line. Fails when fewer than --count came within --timeout."""
    target = _target(url, username, password_file, ca_file, insecure=insecure)

    async def talk() -> int:
        heard = 0
        async with connected(target) as client:
            await client.subscribe(destination)
            async for event in client.events(timeout, count):
                _show(event)
                heard += 1
        return heard

    heard = _in_loop(talk())
    if count is not None and heard < count:
        _fail(f"{heard} of {count} events came within {timeout:g} s")


@app.command()
def config() -> None:
    """Print a configuration file with every setting, its meaning and its default."""
    print(annotated_default(), end="")  # noqa: T201  this is what it is for


@app.command()
def store_key() -> None:
    """Make a key for the session store (store.encryption_key), and print it."""
    from generic_connector.store.sealing import new_key  # noqa: PLC0415  it brings cryptography with it

    print(new_key())  # noqa: T201  this is what it is for


@app.command()
def hash_password() -> None:
    """Print what to put into broker.embedded.users for a password, which is asked for or read from standard input."""
    from generic_connector.broker.embedded import hash_password as hashed  # noqa: PLC0415  it brings a web server

    if sys.stdin.isatty():
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise UserError("the password is empty")
    print(hashed(password))  # noqa: T201  this is what it is for


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)  # noqa: T201  this is what it is for


def main() -> None:
    """Be the command line."""
    try:
        app()
    except UserError as error:
        _fail(str(error), MISTAKE)
    except (ConnectorError, StompError, OSError) as error:  # OSError: a port in use, a closed terminal
        _fail(str(error))


def _fail(text: str, code: int = FAILED) -> NoReturn:
    print(f"generic-connector: {text}", file=sys.stderr)  # noqa: T201  the log is for what runs for long
    raise SystemExit(code)


def _in_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """Carry it out on uvloop."""
    return uvloop.run(work)


def _begin_log(settings: Settings) -> None:
    """Set the log up, and let SIGUSR1 switch it to debug and back."""
    logs.configure(settings.log.level, settings.log.format, settings.log.libraries)

    def toggle(*_: object) -> None:
        log.warning("log level changed", to=logs.toggle_debug())

    signal.signal(signal.SIGUSR1, toggle)


def _detail(text: str) -> str:
    return f" ({text})" if text else ""


def _show(event: str) -> None:
    """Print an event as one line: what would move the terminal's cursor is shown by its name."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in event)
    print(line, flush=True)  # noqa: T201  this is what it is for


def _target(
    url: str,
    username: str,
    password_file: Path | None,
    ca_file: Path | None,
    *,
    insecure: bool,
    option: str = "--url",
) -> Target:
    try:
        broker = BrokerUrl.parse(url)
    except ValueError as error:
        raise UserError(f"{option}: {error}") from None
    context: ssl.SSLContext | None = None
    if broker.tls:
        try:
            context = client_tls(Tls(ca_file=ca_file, verify=not insecure), "options")
        except UserError as error:
            raise UserError(str(error).replace("options.ca_file", "--ca-file", 1)) from None
    return Target(url=broker, username=username, password=_password(username, password_file), tls=context)


def _password(username: str, password_file: Path | None) -> str:
    if password_file:
        return password_file.read_text(encoding="utf-8").rstrip("\r\n")
    given = os.environ.get(CLIENT_PASSWORD, "")
    if given or not username:
        return given
    if not sys.stdin.isatty():
        raise UserError(f"the password of {username} is missing: --password-file or {CLIENT_PASSWORD} gives it")
    return str(typer.prompt(f"Password of {username}", hide_input=True, err=True))
