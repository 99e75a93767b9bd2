"""The control door of a pretend Finesse, over HTTP: customers, phones, failures, and what goes on there."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec

from generic_connector.errors import ConnectorError

_FIRST_ERROR = 400


class ControlError(ConnectorError):
    """The control door did not do what it was asked for, or is not there."""


class Control:
    """A client of the control door. Methods raise ControlError."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def state(self) -> dict[str, Any]:
        """Give agents, calls, deployment, pace."""
        return dict(await self._ask("GET", "/state"))

    async def set_pace(self, pace: float) -> None:
        """Change how fast time passes."""
        await self._ask("PUT", "/pace", {"pace": pace})

    async def customer_calls(self, number: str, destination: str, variables: Mapping[str, str]) -> str:
        """Let a customer call; give the call's id."""
        given = await self._ask("POST", "/calls", {"from": number, "to": destination, "variables": variables})
        return str(given["id"])

    async def campaign_offers(self, campaign: str, customer: str) -> None:
        """Let a campaign offer a customer to an agent who is ready, before anybody is called."""
        await self._ask("POST", "/outbound/preview", {"for": campaign, "customer": customer})

    async def outside_answers(self, call_id: str) -> None:
        """Let the outside party of a call answer."""
        await self._ask("POST", f"/calls/{call_id}/answer")

    async def outside_hangs_up(self, call_id: str) -> None:
        """Let the outside party of a call hang up."""
        await self._ask("POST", f"/calls/{call_id}/hang-up")

    async def phone_hangs_up(self, extension: str) -> None:
        """Put the receiver of a phone back."""
        await self._ask("POST", f"/phones/{extension}/hang-up")

    async def agent_goes(self, agent_id: str, state: str, reason_id: str = "", extension: str = "") -> None:
        """Let an agent ask for a state at another desktop. reason_id: Finesse's id of the reason."""
        wanted = {"state": state, "reasonCodeId": reason_id, "extension": extension}
        await self._ask("PUT", f"/agents/{agent_id}/state", wanted)

    async def cut_session(self, agent_id: str) -> None:
        """Cut an agent's notification sessions."""
        await self._ask("POST", "/disconnect", {"user": agent_id})

    async def fail(self, failure: Mapping[str, Any]) -> None:
        """Let a failure wait for requests."""
        await self._ask("POST", "/failures", failure)

    async def clear_failures(self) -> None:
        """Let nothing fail any more."""
        await self._ask("DELETE", "/failures")

    async def allow_sessions(self, *, allowed: bool) -> None:
        """Let notification sessions be opened or not."""
        await self._ask("PUT", "/sessions", {"available": allowed})

    async def leave_service(self) -> None:
        """Let Finesse lose its CTI server."""
        await self._ask("POST", "/out-of-service")

    async def return_to_service(self) -> None:
        """Let Finesse find its CTI server again."""
        await self._ask("POST", "/in-service")

    async def requests(self) -> list[dict[str, Any]]:
        """Give the REST requests that Finesse received."""
        return list(await self._ask("GET", "/requests"))

    async def forget_requests(self) -> None:
        """Let Finesse forget the requests that it received."""
        await self._ask("DELETE", "/requests")

    async def tell(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        """Do what has no word of its own here, such as PUT /servers/A."""
        await self._ask(method, path, body)

    async def forced_logouts(self) -> int:
        """Give how many agents were signed out or made not ready because their presence was lost."""
        return int((await self._ask("GET", "/counters"))["forced_logouts"])

    async def notices(self, after: int) -> list[dict[str, Any]]:
        """Give what was told of agents and calls after the notice of that number, some thousands at a time."""
        return list(await self._ask("GET", f"/notices/{after}"))

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = msgspec.json.encode(body) if body is not None else None
        try:
            async with self._session.request(method, self._url + path, data=data) as answer:
                text, status = await answer.read(), answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise ControlError(f"the control door {self._url} does not answer: {reason}") from None
        try:
            content = msgspec.json.decode(text)
        except msgspec.DecodeError:
            raise ControlError(f"{method} {path}: the control door answered with status {status} and no JSON") from None
        if status >= _FIRST_ERROR:
            raise ControlError(f"{method} {path}: {content.get('error', status)}")
        return content
