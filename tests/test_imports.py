"""Who may import whom: three rings, and imports point inwards only.

    vocabulary and tables (pure)  <-  decisions (agents)  <-  links (brokers, Finesse's REST and XMPP)
    and around them the wiring: app, demo, cli, client, config

The rules are the two tables below; the most specific row counts for a module.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

PURE_FINESSE = tuple(
    f"generic_connector.finesse.{room}"
    for room in (
        *("model", "elements", "payloads", "requests", "failures", "cti", "door", "settings"),
        *("rate", "breaker", "notification_watch"),
    )
)
STATISTICS_DOOR = ("generic_connector.statistics.model", "generic_connector.statistics.door")
PURE_STATISTICS = (
    *STATISTICS_DOOR,
    *("generic_connector.statistics.queries", "generic_connector.statistics.settings"),
)
VOCABULARY = ("generic_connector.errors", "generic_connector.version")
BROKER_DOOR = tuple(f"generic_connector.broker.{room}" for room in ("door", "destinations", "senders"))
STORE_DOOR = ("generic_connector.store.door", "generic_connector.store.records")
RECORDING_DOOR = ("generic_connector.recording.door",)
OPERATIONS = ("generic_connector.operations",)
ALL = ("generic_connector",)

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    # the innermost ring
    "generic_connector.errors": (),
    "generic_connector.version": (),
    "generic_connector.protocol": ("generic_connector.protocol", *VOCABULARY),
    **dict.fromkeys(PURE_FINESSE, (*PURE_FINESSE, *VOCABULARY)),
    **dict.fromkeys(BROKER_DOOR, BROKER_DOOR),
    **dict.fromkeys(PURE_STATISTICS, (*PURE_STATISTICS, *VOCABULARY)),
    **dict.fromkeys(STATISTICS_DOOR, (*STATISTICS_DOOR, *VOCABULARY)),
    **dict.fromkeys(RECORDING_DOOR, VOCABULARY),
    **dict.fromkeys(STORE_DOOR, (*STORE_DOOR, *PURE_FINESSE, "generic_connector.protocol", *VOCABULARY)),
    # decisions
    "generic_connector.agents": (
        *("generic_connector.agents", "generic_connector.protocol"),
        *(*PURE_FINESSE, *BROKER_DOOR, *STATISTICS_DOOR, *RECORDING_DOOR, *STORE_DOOR, *VOCABULARY, *OPERATIONS),
    ),
    # links
    "generic_connector.broker": ("generic_connector.broker", *VOCABULARY, *OPERATIONS),
    "generic_connector.finesse": ("generic_connector.finesse", *VOCABULARY, *OPERATIONS),
    "generic_connector.operations": (*OPERATIONS, *VOCABULARY),
    "generic_connector.statistics": ("generic_connector.statistics", *VOCABULARY, *OPERATIONS),
    "generic_connector.recording": ("generic_connector.recording", *VOCABULARY, *OPERATIONS),
    "generic_connector.store": ("generic_connector.store", *VOCABULARY, *OPERATIONS),
    # the wiring
    "generic_connector.app": ALL,
    "generic_connector.instance": ALL,
    "generic_connector.run": ALL,
    "generic_connector.cli": ALL,
    "generic_connector.client": ALL,
    "generic_connector.config": ALL,
    "generic_connector.conformance": (*ALL, "finesse_simulator"),
    "generic_connector.demo": (*ALL, "finesse_simulator"),
    "generic_connector.documents": ALL,
    "generic_connector.health_of": ALL,
    "generic_connector.reachability": ALL,
    "generic_connector.__main__": ("generic_connector.cli",),
    "generic_connector": VOCABULARY,
    # it shares nothing with the product: a mirrored mistake must fail
    "finesse_simulator": ("finesse_simulator",),
}
"""Module, or package with all below it: what of our own it may import."""

NETWORK = ("aiohttp", "redis", "slixmpp", "socket", "sqlalchemy", "ssl", "uvloop")
MUST_NOT_IMPORT: dict[str, tuple[str, ...]] = {
    "generic_connector.protocol": (*NETWORK, "asyncio"),
    **dict.fromkeys(PURE_FINESSE, (*NETWORK, "asyncio")),
    **dict.fromkeys((*BROKER_DOOR, *RECORDING_DOOR, *STORE_DOOR), (*NETWORK, "asyncio")),
    **dict.fromkeys(PURE_STATISTICS, (*NETWORK, "asyncio")),
    "generic_connector.broker.stomp.codec": (*NETWORK, "asyncio"),
    "generic_connector.agents": NETWORK,
    "generic_connector.operations.health": (*NETWORK, "asyncio"),
}
"""Module, or package with all below it: what of others it must do without."""


def test_the_tree_keeps_the_rules() -> None:
    """No module imports what its ring must not know."""
    assert list(violations(SOURCE)) == []


def test_no_row_is_for_nothing() -> None:
    """A row for a room that is gone is taken out."""
    modules = modules_of(SOURCE)
    rooms = {*MAY_IMPORT, *MUST_NOT_IMPORT}
    assert {room for room in rooms if not any(covers(room, module) for module in modules)} == set()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("generic_connector/protocol/layouts.py", "import asyncio"),
        ("generic_connector/protocol/layouts.py", "from generic_connector.finesse import model"),
        ("generic_connector/finesse/model.py", "from generic_connector.finesse.rest import RestClient"),
        ("generic_connector/finesse/model.py", "from generic_connector.finesse import rest"),
        ("generic_connector/finesse/model.py", "from . import rest"),
        ("generic_connector/finesse/payloads.py", "import slixmpp.xmlstream"),
        ("generic_connector/agents/agent.py", "from generic_connector.finesse.cluster import FinesseCluster"),
        ("generic_connector/agents/agent.py", "from generic_connector.broker.activemq import ActiveMqDoor"),
        ("generic_connector/agents/agent.py", "def late():\n    import aiohttp"),
        ("generic_connector/agents/agent.py", "from generic_connector.statistics.site import SiteDatabases"),
        ("generic_connector/statistics/queries.py", "import sqlalchemy"),
        ("generic_connector/broker/activemq/door.py", "from generic_connector.agents import registry"),
        ("generic_connector/operations/logs.py", "from ..agents import registry"),
        ("generic_connector/operations/health.py", "import asyncio"),
        ("generic_connector/errors.py", "import generic_connector.protocol.events"),
        ("generic_connector/app.py", "import finesse_simulator"),
        ("finesse_simulator/rest.py", "from generic_connector.finesse.model import User"),
        ("finesse_simulator/rest.py", "if TYPE_CHECKING:\n    import generic_connector"),
    ],
)
def test_a_violation_is_found(tmp_path: Path, file: str, text: str) -> None:
    """Wherever the import stands and however it is written."""
    for name in ("generic_connector/finesse/rest.py", "generic_connector/finesse/model.py", file):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / file).write_text(text)
    assert len(list(violations(tmp_path))) == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("generic_connector/agents/agent.py", "import asyncio\nfrom generic_connector.finesse.door import Finesse"),
        ("generic_connector/agents/agent.py", "from generic_connector.broker.door import BrokerDoor\nfrom . import x"),
        ("generic_connector/finesse/cluster.py", "import aiohttp\nfrom generic_connector.finesse import model"),
        ("generic_connector/demo.py", "import finesse_simulator.core\nfrom generic_connector import app"),
    ],
)
def test_what_is_allowed_is_not_found(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text)
    assert list(violations(tmp_path)) == []


def violations(source: Path) -> Iterator[str]:
    """Give a sentence for each import in the tree that breaks a rule."""
    modules = modules_of(source)
    for module, path in modules.items():
        allowed = (*row(MAY_IMPORT, module), module)
        forbidden = row(MUST_NOT_IMPORT, module)
        for imported in sorted(set(imports_of(path, module, set(modules)))):
            ours = imported.split(".")[0] in {"generic_connector", "finesse_simulator"}
            if ours and not any(covers(name, imported) for name in allowed):
                yield f"{module} must not import {imported}"
            if any(covers(name, imported) for name in forbidden):
                yield f"{module} must do without {imported}"


def modules_of(source: Path) -> dict[str, Path]:
    """Give every module below a folder by its dotted name."""
    named = {path.relative_to(source).with_suffix("").parts: path for path in sorted(source.rglob("*.py"))}
    return {".".join(part for part in parts if part != "__init__"): path for parts, path in named.items()}


def imports_of(path: Path, module: str, known: set[str]) -> Iterator[str]:
    """Give the dotted names of the modules that a file imports, at its top or anywhere else."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, module, is_package=path.name == "__init__.py")
            below = [f"{base}.{name.name}" for name in node.names]
            yield from (name if name in known or is_bare_package(base) else base for name in below)


def is_bare_package(base: str) -> bool:
    """Say whether `from base import x` can only mean a module x: our packages' roots hold nothing else."""
    return base in {"generic_connector", "generic_connector.agents", "generic_connector.finesse"}


def absolute(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    """Give what a `from … import` names, with the dots at its beginning resolved."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    package = parts[: len(parts) - node.level + is_package]
    return ".".join([*package, *([node.module] if node.module else [])])


def row(table: dict[str, tuple[str, ...]], module: str) -> tuple[str, ...]:
    """Give the most specific row of a table for a module, () when there is none."""
    rooms = [room for room in table if covers(room, module)]
    return table[max(rooms, key=len)] if rooms else ()


def covers(room: str, module: str) -> bool:
    """Say whether a module is the room or lies in it."""
    return module == room or module.startswith(f"{room}.")
