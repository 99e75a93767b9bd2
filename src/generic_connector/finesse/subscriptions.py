"""The explicit subscriptions of one notification session.

Finesse keeps a subscription when its session is gone, and every repeated one brings another copy of each event. So
we ask what is there before we subscribe, end what sessions of ours left behind when they were cut off, and end all
when we leave. Source: finesse-notifications.md section 6.1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from xml.etree import ElementTree as ET

from generic_connector.finesse import stanzas
from generic_connector.finesse.failures import SubscriptionRefused
from generic_connector.finesse.stanzas import Subscription

Ask = Callable[[str, str], Awaitable[ET.Element]]
"""Sends a request (kind, payload) to the pub/sub service; gives the answer, which may be an error stanza."""


class Subscriptions:
    """What one session subscribed to.

    jid: its full address. is_stale: says of another full address whether it was a session of ours that is gone.
    """

    def __init__(self, ask: Ask, *, jid: Callable[[], str], is_stale: Callable[[str], bool]) -> None:
        self._ask = ask
        self._jid = jid
        self._is_stale = is_stale
        self._held: dict[str, list[Subscription]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def subscribe(self, node: str) -> None:
        """See door.NotificationSession."""
        async with self._one_at_a_time:
            if node in self._held:
                return
            there = await self._present()
            mine = [each for each in there if each.node == node and each.jid.lower() == self._jid().lower()]
            if not mine:
                mine = [await self._make(node)]
            self._held[node] = mine
            await self._end(each for each in there if self._is_stale(each.jid))

    async def unsubscribe(self, node: str) -> None:
        """See door.NotificationSession."""
        async with self._one_at_a_time:
            await self._end(self._held.get(node, ()), strict=True)
            self._held.pop(node, None)

    async def end_all(self) -> None:
        """End every subscription. Raises nothing: what cannot be ended is left behind."""
        held, self._held = self._held, {}
        await self._end(each for subscriptions in held.values() for each in subscriptions)

    async def _present(self) -> list[Subscription]:
        """Ask what is there. A service that does not tell is asked no further."""
        answer = await self._ask("get", stanzas.subscriptions())
        return [] if stanzas.error_condition(answer) else list(stanzas.subscriptions_in(answer))

    async def _make(self, node: str) -> Subscription:
        answer = await self._ask("set", stanzas.subscribe(node, self._jid()))
        if condition := stanzas.error_condition(answer):
            raise SubscriptionRefused(condition)
        made = next(stanzas.subscriptions_in(answer), None)
        return Subscription(node, self._jid(), made.subid if made is not None else "")

    async def _end(self, subscriptions: Iterable[Subscription], *, strict: bool = False) -> None:
        requests = [self._ask("set", stanzas.unsubscribe(each)) for each in subscriptions]
        for answer in await asyncio.gather(*requests, return_exceptions=True):
            if not strict or (isinstance(answer, ET.Element) and _is_gone(stanzas.error_condition(answer))):
                continue
            if isinstance(answer, ET.Element):
                raise SubscriptionRefused(stanzas.error_condition(answer))
            raise answer


def _is_gone(condition: str) -> bool:
    """Say whether an answer means that there is no such subscription any more."""
    return condition in ("", "unexpected-request", "item-not-found")
