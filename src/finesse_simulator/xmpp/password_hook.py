"""A small web server that prosody asks whether a password is right."""

from __future__ import annotations

from aiohttp import web

from finesse_simulator.notifying import AccountsUnavailableError, Directory


class PasswordHook:
    """Answers `POST {url}` with user and password as a form: 200 for yes, 401 for no. Loopback only."""

    def __init__(self, directory: Directory) -> None:
        self.url = ""
        self._directory = directory
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
        try:
            right = self._directory.check_password(str(form.get("user", "")), str(form.get("password", "")))
        except AccountsUnavailableError:
            return web.Response(status=503)
        return web.Response(status=200 if right else 401)
