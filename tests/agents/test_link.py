"""An agent's notification session: opened, kept, opened again when lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.fake_finesse import OPEN_SESSION, FakeFinesse, FakeSession, until
from agents.people import ANN, ann
from generic_connector.agents.link import Link
from generic_connector.agents.settings import AgentSettings
from generic_connector.finesse.failures import Down, NotAuthorised, NotificationsUnavailable
from generic_connector.finesse.model import Credentials, Notification, UserChanged

QUICK = AgentSettings(reconnect_delay=0.001, reconnect_delay_max=0.004)
MINE = Credentials(user_id=ANN, secret=f"pw{ANN}")
WRONG = Credentials(user_id=ANN, secret="other")
READY = UserChanged(user=ann("READY"))


@dataclass
class Owner:
    """Whom the link tells."""

    finesse: FakeFinesse = field(default_factory=lambda: FakeFinesse(ann()))
    heard: list[Notification] = field(default_factory=list)
    restored: int = 0
    refused: list[NotAuthorised] = field(default_factory=list)

    def hear_restored(self) -> None:
        self.restored += 1

    @asynccontextmanager
    async def link(self) -> AsyncIterator[Link]:
        link = Link(
            self.finesse, QUICK, heard=self.heard.append, restored=self.hear_restored, refused=self.refused.append
        )
        try:
            yield link
        finally:
            await link.close()
            assert self.finesse.open_sessions() == []


def is_up(link: Link) -> bool:
    return link.is_up


async def test_what_the_session_says_is_heard() -> None:
    owner = Owner()
    async with owner.link() as link:
        assert not is_up(link)
        await link.open(MINE)
        assert is_up(link)
        owner.finesse.notify(ANN, READY)
    assert [one.content for one in owner.heard] == [READY]
    assert (owner.restored, owner.refused) == (0, [])


@pytest.mark.parametrize("failure", [NotAuthorised(), NotificationsUnavailable(), Down()])
async def test_a_first_opening_that_fails_is_not_tried_again(failure: Exception) -> None:
    owner = Owner()
    owner.finesse.script(OPEN_SESSION, failure)  # type: ignore[arg-type]
    async with owner.link() as link:
        with pytest.raises(type(failure)):
            await link.open(MINE)
        assert not is_up(link)
    assert owner.finesse.operations() == [OPEN_SESSION]


async def test_a_second_opening_takes_the_place_of_the_first() -> None:
    """What the first one still says is not heard, and that it ends is no loss."""
    owner = Owner()
    async with owner.link() as link:
        await link.open(MINE)
        first = owner.finesse.session(ANN)
        await link.open(MINE)
        first.notify(Notification(source="", request_id="", content=READY))
        await until(lambda: not first.is_open)
        assert is_up(link)
    assert (owner.heard, owner.finesse.operations()) == ([], [OPEN_SESSION] * 2)


async def test_the_first_one_stays_when_the_second_cannot_be_opened() -> None:
    owner = Owner()
    async with owner.link() as link:
        await link.open(MINE)
        with pytest.raises(NotAuthorised):
            await link.open(WRONG)
        assert is_up(link)
        owner.finesse.notify(ANN, READY)
        owner.finesse.lose_session(ANN)
        await until(lambda: owner.restored)
    assert len(owner.heard) == 1


async def test_a_lost_session_is_tried_until_it_is_up() -> None:
    owner = Owner()
    async with owner.link() as link:
        await link.open(MINE)
        owner.finesse.script(OPEN_SESSION, Down(), NotificationsUnavailable(), Down())
        owner.finesse.lose_session(ANN)
        assert not is_up(link)
        await until(lambda: owner.restored)
        assert is_up(link)
        owner.finesse.notify(ANN, READY)
    assert (owner.restored, len(owner.heard), len(owner.finesse.asked)) == (1, 1, 5)


async def test_the_delay_grows_up_to_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shortened by chance, so that a node's agents do not come all at once."""
    delays: list[float] = []
    slept = asyncio.sleep

    async def sleep(delay: float, *_: Any) -> None:
        delays.append(delay)
        await slept(0)

    owner = Owner()
    async with owner.link() as link:
        await link.open(MINE)
        monkeypatch.setattr("generic_connector.agents.link.asyncio.sleep", sleep)
        monkeypatch.setattr("generic_connector.agents.link.random.uniform", lambda _low, high: high)
        owner.finesse.script(OPEN_SESSION, *[Down() for _ in range(4)])
        owner.finesse.lose_session(ANN)
        restored: Callable[[], bool] = lambda: bool(owner.restored)  # noqa: E731
        while not restored():
            await slept(0)
        monkeypatch.undo()
    assert delays == [0.001, 0.002, 0.004, 0.004, 0.004]


async def test_credentials_that_do_not_hold_any_more_end_it() -> None:
    owner = Owner()
    async with owner.link() as link:
        await link.open(MINE)
        owner.finesse.passwords[ANN] = "changed"
        owner.finesse.lose_session(ANN)
        await until(lambda: owner.refused)
        assert not is_up(link)
    assert (owner.restored, owner.finesse.operations()) == (0, [OPEN_SESSION] * 2)


async def test_it_comes_back_with_the_credentials_that_opened_it_last() -> None:
    owner = Owner()
    async with owner.link() as link:
        await link.open(MINE)
        owner.finesse.passwords[ANN] = "other"
        await link.open(WRONG)
        await until(lambda: owner.finesse.open_sessions() == [ANN])
        owner.finesse.lose_session(ANN)
        await until(lambda: owner.restored)
    assert owner.refused == []


async def test_a_session_that_is_lost_at_once_is_opened_again() -> None:
    """A node may accept a session and end it before anybody could use it."""
    owner = Owner()
    owner.finesse.dead_on_arrival = 1
    async with owner.link() as link:
        await link.open(MINE)
        assert not is_up(link)
        await until(lambda: owner.restored)
        assert is_up(link)
    assert len(owner.finesse.sessions) == 2


async def test_closing_ends_the_tries_for_good() -> None:
    owner = Owner()
    async with owner.link() as link:
        await link.open(MINE)
        owner.finesse.script(OPEN_SESSION, Down())
        gate = owner.finesse.hold(OPEN_SESSION)
        owner.finesse.lose_session(ANN)
        await until(lambda: gate.arrived)
        await link.close()
        gate.open()
        await link.close()
        assert not is_up(link)
    assert (owner.restored, len(owner.finesse.sessions)) == (0, 1)


async def test_a_client_who_connects_does_not_wait_for_our_own_try() -> None:
    """The try hangs at a node that is gone; the client's own goes before all such tries of other agents."""
    owner = Owner()
    async with owner.link() as link:
        await link.open(MINE)
        gate = owner.finesse.hold(OPEN_SESSION)
        owner.finesse.lose_session(ANN)
        await until(lambda: gate.arrived)
        await link.open(MINE)
        assert is_up(link)
        await until(lambda: owner.restored)
        gate.open()
    assert [one.background for one in owner.finesse.asked] == [False, True, False]
    assert owner.restored == 1


async def test_a_stranger_who_connects_does_not_stop_our_own_tries() -> None:
    owner = Owner()
    async with owner.link() as link:
        await link.open(MINE)
        gate = owner.finesse.hold(OPEN_SESSION)
        owner.finesse.lose_session(ANN)
        await until(lambda: gate.arrived)
        with pytest.raises(NotAuthorised):
            await link.open(WRONG)
        gate.open()
        await until(lambda: owner.restored)
        assert is_up(link)


async def test_a_session_that_comes_when_it_is_not_wanted_any_more_is_closed() -> None:
    """It subscribes again to what was subscribed to; somebody ends it all in the middle of that."""
    owner = Owner()
    async with owner.link() as link:
        await link.open(MINE)
        await link.subscribe("/finesse/api/Team/5000/Users")
        reached, never = asyncio.Event(), asyncio.Event()

        async def hang(_session: FakeSession, _node: str) -> None:
            reached.set()
            await never.wait()

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(FakeSession, "subscribe", hang)
            owner.finesse.lose_session(ANN)
            await reached.wait()
            await link.close()
        assert owner.finesse.open_sessions() == []
