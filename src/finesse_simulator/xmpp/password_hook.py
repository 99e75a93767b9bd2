"""A small web server that a real XMPP server asks whether a password is right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web

from finesse_simulator.notifying import AccountsUnavailableError


class Passwords(Protocol):
    """What is asked."""

    def check_password(self, user_id: str, password: str) -> bool:
        """See notifying.Directory."""


async def _nothing(_: str) -> None:
    """Do nothing."""


class PasswordHook:
    """Answers `POST {url}` with user and password as a form: 200 for yes, 401 for no. Loopback only.

    before_yes: is given the user, and waited for, before yes is said.
    """

    def __init__(self, passwords: Passwords, before_yes: Callable[[str], Awaitable[None]] = _nothing) -> None:
        self.url = ""
        self._passwords = passwords
        self._before_yes = before_yes
        application = web.Application()
        application.router.add_post("/password", self._answer)
        self._runner = web.AppRunner(application, access_log=None)

    async def start(self) -> None:
        """Listen on a free port; `url` says where."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/password"

    async def stop(self) -> None:
        """Close the port."""
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        form = await request.post()
        user = str(form.get("user", ""))
        try:
            right = self._passwords.check_password(user, str(form.get("password", "")))
        except AccountsUnavailableError:
            return web.Response(status=503)
        if right:
            await self._before_yes(user)
        return web.Response(status=200 if right else 401)
