"""The site that is measured: a pretend Finesse, ActiveMQ and the connector, each a process of its own."""

from __future__ import annotations

import contextlib
import urllib.request
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from chaos.processes import Process
from live.activemq import ActiveMqBroker, free_port

REPOSITORY = Path(__file__).parents[1]
FIRST_AGENT, EXTENSIONS = 100_001, 100_000
QUEUE_NUMBER = "8800"
OUTSIDE_NUMBER = "70000000"
"""Answers after 0.1 seconds of ringing."""

_HEAP = "-Xmx1g"


def agent_ids(count: int) -> list[str]:
    """Give the ids of so many agents."""
    return [str(FIRST_AGENT + number) for number in range(count)]


def extension_of(agent_id: str) -> str:
    """Give the agent's extension."""
    return str(int(agent_id) + EXTENSIONS)


class Broker(ActiveMqBroker):
    """The ActiveMQ of examples/activemq, with the heap and the compiler that a real one has."""

    def _config(self) -> str:
        return super()._config().replace('<memoryUsage limit="16 mb"/>', '<memoryUsage limit="512 mb"/>')

    def _command_line(self) -> list[str]:
        tests_only = {"-Xms32m", "-Xmx256m", "-XX:TieredStopAtLevel=1"}
        java, *others = [word for word in super()._command_line() if word not in tests_only]
        return [java, _HEAP, *others]


@dataclass(slots=True)
class Site:
    """A running site with so many agents. profile: where the connector's profile is written when it ends; None: no."""

    directory: Path
    agents: int
    profile: Path | None = None
    finesse: Process = field(init=False)
    broker: Broker = field(init=False)
    connector: Process = field(init=False)
    control_url: str = ""
    _rest_port: int = 0

    async def start(self) -> None:
        """Bring everything up."""
        self.directory.mkdir(parents=True, exist_ok=True)
        await self._start_finesse()
        self.broker = Broker(self.directory / "broker", config=REPOSITORY / "examples/activemq/activemq.xml")
        self.broker.start()
        await self._start_connector()

    async def stop(self) -> None:
        """End everything, the connector in peace: its profile is written at its end."""
        with contextlib.suppress(AttributeError):
            await self.connector.terminate()
        for process in ("connector", "finesse", "broker"):
            with contextlib.suppress(AttributeError):  # it was not started
                getattr(self, process).kill()

    @property
    def pids(self) -> dict[str, int]:
        """The processes by name."""
        return {"connector": self.connector.pid, "broker": self.broker.pid, "simulator": self.finesse.pid}

    async def _start_finesse(self) -> None:
        port = free_port()
        self.control_url = f"http://127.0.0.1:{port}"
        scenario = self.directory / "scenario.toml"
        scenario.write_text(self._scenario(port))
        arguments = ["run", "-c", str(scenario), "--certificate", str(self.directory / "finesse.pem")]
        ready = partial(_answers, self.control_url)
        self.finesse = Process.of_module("finesse", "finesse_simulator", arguments, self.directory, ready)
        await self.finesse.start()

    def _scenario(self, control_port: int) -> str:
        self._rest_port = free_port()
        people = "".join(
            f'[[agents]]\nid = "{one}"\npassword = "agent-secret-{one}"\nteam = "5000"\nauto_answer = true\n'
            f'[[devices]]\nextension = "{extension_of(one)}"\n'
            for one in agent_ids(self.agents)
        )
        return (
            'profile = "12.6"\n'
            f"[rest]\nhttps_port = {self._rest_port}\n"
            f"[xmpp]\nplain_port = -1\ntls_port = {free_port()}\n"
            f"[control]\nport = {control_port}\n"
            "[timings]\nrequest = 0.001\n"
            f'[[outside_numbers]]\nnumber = "{OUTSIDE_NUMBER}"\nafter = 0.1\n'
            '[[teams]]\nid = "5000"\nname = "Team"\n'
            f'[[queues]]\nnumber = "{QUEUE_NUMBER}"\nid = "5033"\nname = "Sales"\nring_seconds = 60.0\n' + people
        )

    async def _start_connector(self) -> None:
        settings = self.directory / "connector.toml"
        settings.write_text(
            f'[broker.activemq]\nurls = ["{self.broker.stomp_url}"]\n'
            f'[finesse]\nnodes = ["https://localhost:{self._rest_port}"]\nrequests_per_second = 0\n'
            "[finesse.notifications]\nsessions_per_second = 0\n"
            f'[finesse.tls]\nca_file = "{self.directory / "finesse.pem"}"\n'
            '[events]\ntime_zone = "UTC"\n[log]\nformat = "json"\nlevel = "warning"\n'
        )
        module, arguments = "generic_connector", ["run", "-c", str(settings)]
        if self.profile is not None:
            module, arguments = "cProfile", ["-o", str(self.profile), "-m", module, *arguments]
        self.connector = Process.of_module("connector", module, arguments, self.directory, lambda: True)
        await self.connector.start()


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own door
        return bool(answer.status == 200)  # noqa: PLR2004  OK
    return False
