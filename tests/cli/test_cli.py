"""The command line: what it prints, its exit codes, and that a person's mistake is told in words."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from generic_connector import cli, reachability
from generic_connector import run as running
from generic_connector.broker.embedded.users import check_password
from generic_connector.broker.stomp.errors import StompError
from generic_connector.config import Settings, annotated_default, load
from generic_connector.errors import UserError
from generic_connector.operations import logs
from generic_connector.reachability import Finding
from generic_connector.store.sealing import Seal
from generic_connector.version import __version__

CANARY = "canary-geheim"
COMMANDS = ["run", "demo", "check", "send", "listen", "config", "hash-password", "store-key", "version", "conformance"]

Called = Callable[..., tuple[int, str, str]]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Called:
    """Call the command line; give its exit code and what it wrote to both streams."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("GC_CLIENT_PASSWORD", raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["generic-connector", *arguments])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        written = capsys.readouterr()
        code = caught.value.code
        return (code if isinstance(code, int) else 0), written.out, written.err

    return call


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(called: Called, command: str) -> None:
    code, out, _ = called(command, "--help")
    assert code == 0
    assert f"generic-connector {command}" in out


def test_help_names_every_command_and_the_exit_codes(called: Called) -> None:
    code, out, _ = called("--help")
    assert code == 0
    assert [command for command in [*COMMANDS, "Exit codes: 0"] if command not in out] == []


def test_every_command_that_a_document_names_exists() -> None:
    """In the guides, the samples and the descriptions of settings."""
    root = Path(__file__).parents[2]
    pages = [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("examples/**/*.*")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages) + annotated_default()
    assert set(re.findall(r"\bgeneric-connector ([a-z][a-z-]+)", text)) - set(COMMANDS) == set()


def test_version(called: Called) -> None:
    assert called("version") == (0, f"{__version__}\n", "")


def test_config_prints_the_annotated_default(called: Called) -> None:
    assert called("config") == (0, annotated_default(), "")


def test_store_key(called: Called) -> None:
    """Each time another one, of the kind that the store takes; what was sealed with it opens again."""
    (code, first, _), (_, second, _) = called("store-key"), called("store-key")
    assert (code, first != second) == (0, True)
    seal = Seal([first.strip()])
    assert seal.open(seal.seal(b"words")) == b"words"


def test_hash_password(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it prints can be put into the configuration, and lets that password in."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("geheim\n"))
    code, out, _ = called("hash-password")
    assert code == 0
    assert check_password("geheim", out.strip())
    assert load(None, {"GC_BROKER__EMBEDDED__USERS": f'{{"crm": "{out.strip()}"}}'}).broker.embedded.users


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("check",),
        ("runn",),
        ("hash-password",),
        ("listen",),
        ("listen", "CRM1", "--count", "0"),
        ("listen", "CRM1", "--password-file", "/nowhere"),
        ("listen", "CRM1", "--url", "http://localhost"),
        ("listen", "CRM1", "--username", "me"),
        ("listen", "CRM1", "--url", "stomp+ssl://localhost:1", "--ca-file", __file__),
        ("demo", "--stomp-port", "70000"),
        ("send", "AnswerCall#1001", "1", "--wait", "1"),
        ("run", "-c", "/nowhere.toml"),
        ("check", "-c", "/nowhere.toml"),
    ],
)
def test_a_mistake_is_2_and_told_in_words(
    called: Called, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())  # nobody to ask
    code, out, err = called(*arguments)
    assert (code, out) == (2, "")
    assert err
    assert "Traceback" not in err


def test_a_bad_file_is_told_by_key(called: Called, tmp_path: Path) -> None:
    file = tmp_path / "connector.toml"
    file.write_text('[log]\nlevl = "info"\n')
    code, _, err = called("check", "-c", str(file))
    assert code == 2
    assert "log.levl: no such setting; did you mean log.level?" in err


def test_broker_away_is_1(called: Called) -> None:
    code, out, err = called("listen", "CRM1", "--url", "stomp://127.0.0.1:1", "--timeout", "5")
    assert (code, out) == (1, "")
    assert err.startswith("generic-connector: stomp://127.0.0.1:1: ")


@pytest.mark.parametrize(("reachable", "code"), [(True, 0), (False, 1)])
def test_check(
    called: Called,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    reachable: bool,
    code: int,
) -> None:
    """One line per party; 0 only when all can be reached."""

    async def examine(_settings: Settings) -> list[Finding]:
        return [
            Finding(what="broker", where="stomp://a:1", reachable=True, detail="ActiveMQ/5.17.2"),
            Finding(what="Finesse node", where="https://b:8445", reachable=reachable, detail="[because]"),
        ]

    monkeypatch.setattr(reachability, "examine", examine)
    (tmp_path / "c.toml").touch()
    word = "reachable" if reachable else "NOT reachable"
    assert called("check", "-c", str(tmp_path / "c.toml")) == (
        code,
        f"broker stomp://a:1: reachable (ActiveMQ/5.17.2)\nFinesse node https://b:8445: {word} ([because])\n",
        "",
    )


async def test_nothing_can_be_reached() -> None:
    """Each broker and each node is found, with a reason for each."""
    settings = Settings.model_validate(
        {
            "broker": {"activemq": {"urls": ["stomp://127.0.0.1:1", "stomp://127.0.0.1:2"]}},
            "finesse": {"nodes": ["https://127.0.0.1:3"], "notifications": {"port": 4}},
        }
    )
    findings = await reachability.examine(settings)
    assert [(finding.where, finding.reachable, bool(finding.detail)) for finding in findings] == [
        ("stomp://127.0.0.1:1", False, True),
        ("stomp://127.0.0.1:2", False, True),
        ("https://127.0.0.1:3", False, True),
    ]


@pytest.fixture
def _log_restored() -> Iterator[None]:
    """Leave the process's log and its answer to SIGUSR1 as they were."""
    root = logging.getLogger()
    handlers, level, answer = list(root.handlers), root.level, signal.getsignal(signal.SIGUSR1)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    signal.signal(signal.SIGUSR1, answer)


@pytest.mark.usefixtures("_log_restored")
def test_run_hands_the_settings_over_and_sigusr1_switches_the_log(
    called: Called, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The whole product is run with the file's settings; the signal arrives on the loop that it runs on."""
    levels: list[str] = []

    async def run(settings: Settings) -> None:
        levels.append(settings.log.level)
        for _ in range(2):
            before = logs.level()
            os.kill(os.getpid(), signal.SIGUSR1)
            while logs.level() == before:  # noqa: ASYNC110  a signal handler sets no event of the loop's
                await asyncio.sleep(0.001)
            levels.append(logs.level())

    monkeypatch.setattr(running, "run", run)
    (tmp_path / "c.toml").write_text('[log]\nlevel = "warning"\n')
    code, out, _ = called("run", "-c", str(tmp_path / "c.toml"))
    assert (code, out) == (0, "")
    assert levels == ["warning", "debug", "warning"]


@pytest.mark.parametrize("error", [UserError("no"), OSError(98, "Address already in use"), StompError("gone")])
@pytest.mark.usefixtures("_log_restored")
def test_what_goes_wrong_while_running_is_told_in_words(
    called: Called, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception
) -> None:
    async def run(_settings: Settings) -> None:
        raise error

    monkeypatch.setattr(running, "run", run)
    (tmp_path / "c.toml").touch()
    code, out, err = called("run", "-c", str(tmp_path / "c.toml"))
    assert (code, out) == (2 if isinstance(error, UserError) else 1, "")
    assert err == f"generic-connector: {error}\n"


async def test_where_the_broker_inside_would_listen() -> None:
    """A port that is taken is told, a free one too."""
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with taken:
        port = taken.sockets[0].getsockname()[1]
        settings = Settings.model_validate(
            {
                "broker": {
                    "activemq": {"enabled": False},
                    "embedded": {"enabled": True, "tcp_port": port, "websocket_port": 0},
                },
                "finesse": {"nodes": ["https://127.0.0.1:3"], "notifications": {"port": 4}},
            }
        )
        findings = await reachability.examine(settings)
    assert [(finding.where, finding.reachable) for finding in findings[:2]] == [
        (f"127.0.0.1:{port}", False),
        ("127.0.0.1:0", True),
    ]


async def test_where_the_operations_port_would_be() -> None:
    """The same of the port for those who run the connector."""
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with taken:
        port = taken.sockets[0].getsockname()[1]
        for tried, free in ((port, False), (0, True)):
            settings = Settings.model_validate(
                {
                    "broker": {"activemq": {"urls": ["stomp://127.0.0.1:1"]}},
                    "finesse": {"nodes": ["https://127.0.0.1:3"], "notifications": {"port": 4}},
                    "operations": {"port": tried},
                }
            )
            finding = (await reachability.examine(settings))[-1]
            assert (finding.what, finding.where, finding.reachable) == ("operations port", f"127.0.0.1:{tried}", free)


def test_password_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file first, then the environment, then the person; without a user name nobody is asked."""
    (tmp_path / "secret").write_text("from-file\n")
    monkeypatch.setenv("GC_CLIENT_PASSWORD", "from-environment")
    assert cli._password("me", tmp_path / "secret") == "from-file"
    assert cli._password("me", None) == "from-environment"
    monkeypatch.delenv("GC_CLIENT_PASSWORD")
    assert cli._password("", None) == ""


def test_interrupted_is_130() -> None:
    """Ctrl-C ends without a traceback."""
    program = (
        "import os, signal, sys, generic_connector.cli as cli\n"
        "cli._in_loop = lambda work: (work.close(), os.kill(os.getpid(), signal.SIGINT), signal.pause())\n"
        "sys.argv[1:] = ['listen', 'CRM1']\n"
        "cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    assert (done.returncode, done.stdout) == (130, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("package", ["generic_connector", "finesse_simulator"])
def test_interrupted_while_it_is_loaded_is_130(package: str) -> None:
    """Loading takes a moment, in which a person may change her mind."""
    program = (
        "import builtins, sys\n"
        "load = builtins.__import__\n"
        "def interrupted(name, *rest):\n"
        "    if name.endswith('.cli'): raise KeyboardInterrupt\n"
        "    return load(name, *rest)\n"
        f"from {package}.__main__ import main\n"
        "builtins.__import__ = interrupted\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "generic_connector", "version"], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == f"{__version__}\n"
