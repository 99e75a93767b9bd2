"""A connector with the broker inside is started again: its clients come back by and by, and miss nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from generic_connector.broker.embedded import EmbeddedDoor, EmbeddedSettings, door
from generic_connector.instance import Role
from generic_connector.store.file import FileStore
from generic_connector.store.sealing import new_key
from generic_connector.store.settings import FileStoreSettings
from journeys.pair import a_stage
from journeys.test_takeover import DIALOG, READY, RESERVED, RINGS, TALKING, call
from journeys.world import variables


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def make_door(port: int) -> Callable[[], EmbeddedDoor]:
    return lambda: EmbeddedDoor(EmbeddedSettings(tcp_port=port))


@pytest.fixture
def store(tmp_path: Path) -> Callable[[], FileStore]:
    settings = FileStoreSettings(path=tmp_path / "sessions.db", keys=(new_key(),))
    return lambda: FileStore(settings)


async def test_who_comes_back_hears_what_was_told_meanwhile(
    port: int, make_door: Callable[[], EmbeddedDoor], store: Callable[[], FileStore]
) -> None:
    """Without a word of its own: it listens again, and everything is there, in order and once."""
    url = f"stomp://127.0.0.1:{port}"
    async with a_stage() as stage:
        first = stage.begin(store(), make_door=make_door)
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1", url=url) as crm:
            await crm.sign_in("1001", "CRM1")
            await crm.say("MakeReady#1001")
            assert await crm.hears(1) == [READY]
            await stage.until(lambda: first.is_kept)
            await first.stop()
        stage.finesse.customer_call("5550188", "8800")
        await stage.until(lambda: stage.finesse.agent("1001")["dialogs"] == [DIALOG])
        second = stage.begin(store(), make_door=make_door)
        await stage.until(lambda: second.is_ready)
        await stage.until(lambda: len(second.connector.hub.agents["1001"].mirror.calls) == 1)
        stage.finesse.phone_answer("4001")
        await stage.until(lambda: second.connector.hub.agents["1001"].user.state == "TALKING")
        async with stage.a_client("CRM1", url=url, hello=False) as crm:
            status = f"1001#DialogStatus#{DIALOG}#ALERTING#5550188#{variables('5550188')}####"
            heard = await crm.hears(5)
            assert [*sorted(heard[:3]), *heard[3:]] == [*sorted([RESERVED, RINGS, status]), TALKING, call("ACTIVE")]
            await crm.say("Beat#CRM1")
            assert await crm.hears(1) == ["System#IN_SERVICE"]  # and nothing stood between


async def test_who_does_not_come_back_is_not_waited_for(
    port: int, make_door: Callable[[], EmbeddedDoor], store: Callable[[], FileStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After half a minute events go to nobody, as those of any topic do."""
    monkeypatch.setattr(door, "CLIENT_RETURN", 0.05)
    url = f"stomp://127.0.0.1:{port}"
    async with a_stage() as stage:
        first = stage.begin(store(), make_door=make_door)
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1", url=url) as crm:
            await crm.sign_in("1001", "CRM1")
            await stage.until(lambda: first.is_kept)
            await first.stop()
        second = stage.begin(store(), make_door=make_door)
        await stage.until(lambda: second.is_ready)
        embedded = second.connector.doors[0]
        assert isinstance(embedded, EmbeddedDoor)
        await stage.until(lambda: not embedded._expected)
        async with stage.a_client("CRM1", url=url, hello=False) as crm:
            await asyncio.sleep(0)
            await crm.say("Beat#CRM1")
            assert await crm.hears(1) == ["System#IN_SERVICE"]


async def test_too_much_for_somebody_who_is_away_becomes_a_snapshot(
    port: int, make_door: Callable[[], EmbeddedDoor], store: Callable[[], FileStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MOST_WAITING", 1)
    url = f"stomp://127.0.0.1:{port}"
    async with a_stage() as stage:
        first = stage.begin(store(), make_door=make_door)
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1", url=url) as crm:
            await crm.sign_in("1001", "CRM1")
            await crm.say("MakeReady#1001")
            assert await crm.hears(1) == [READY]
            await stage.until(lambda: first.is_kept)
            await first.stop()
        stage.finesse.customer_call("5550188", "8800")
        await stage.until(lambda: stage.finesse.agent("1001")["dialogs"] == [DIALOG])
        second = stage.begin(store(), make_door=make_door)
        await stage.until(lambda: second.is_ready)
        await stage.until(lambda: len(second.connector.hub.agents["1001"].mirror.calls) == 1)
        async with stage.a_client("CRM1", url=url, hello=False) as crm:
            status = f"1001#DialogStatus#{DIALOG}#ALERTING#5550188#{variables('5550188')}####"
            assert await crm.hears(4) == ["System#IN_SERVICE", RESERVED, RINGS, status]
