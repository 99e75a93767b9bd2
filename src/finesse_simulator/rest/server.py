"""The HTTP side of the REST interface: logging, failures on purpose, credentials, and errors on the wire.

Sources: finesse-rest.md sections 1 and 2.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from finesse_simulator import api_errors, payloads
from finesse_simulator.api_errors import ApiFaultError
from finesse_simulator.engine.engine import Engine
from finesse_simulator.listening import Listener
from finesse_simulator.pacemaker import Pacemaker
from finesse_simulator.rest.access import Access, Principal
from finesse_simulator.rest.failures import Failure, Failures
from finesse_simulator.rest.incoming import ACCEPTED, API, Answer, Handler, Incoming
from finesse_simulator.rest.requests import ReceivedRequest, RequestBook
from finesse_simulator.rest.resources import RESOURCES
from finesse_simulator.rest.sso import SingleSignOn
from finesse_simulator.scenario import Rest, Scenario
from finesse_simulator.tokens import Tokens

_COOKIE = "JSESSIONID"
_XML = "application/xml;charset=UTF-8"
_LARGEST_BODY = 65_536
_PAGE = "<!DOCTYPE html><html><head><title>Cisco System - Error</title></head><body><h1>{status}</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Books:
    """What all servers share: the requests received and the failures that wait for them."""

    requests: RequestBook = field(default_factory=RequestBook)
    failures: Failures = field(default_factory=Failures)


class RestServer:
    """The REST interface of one server.

    name: of the server. settings: where it listens. system_info: gives the SystemInfo document of this moment;
    in_service: whether to answer. operations: how often each was asked for, by method and address.
    """

    def __init__(
        self,
        engine: Engine,
        pacemaker: Pacemaker,
        *,
        name: str,
        settings: Rest,
        system_info: Callable[[], str],
        in_service: Callable[[], bool],
        tokens: Tokens,
        books: Books,
    ) -> None:
        self.operations: Counter[str] = Counter()
        self.name = name
        self.host = settings.host
        self._settings = settings
        self._books = books
        self._engine = engine
        self._pacemaker = pacemaker
        self._system_info = system_info
        self._in_service = in_service
        self._access = Access(engine, tokens)
        self._sso = SingleSignOn(engine, tokens, pacemaker.real_seconds)
        self._challenge = "Bearer" if engine.scenario.system_auth_mode == "SSO" else "Basic"
        self._html = engine.scenario.rest.html_errors
        self._late_answer = _late_answer(engine.scenario)
        self._stopping = asyncio.Event()
        self._listener = Listener(self._application)
        self.https_port = 0
        self.http_port = 0

    async def start(self, tls: ssl.SSLContext) -> None:
        """Open the ports of the scenario; after a stop or crash, those of before."""
        rest = self._settings
        self._stopping.clear()
        await self._listener.start()
        self.https_port = await self._listener.listen(rest.host, self.https_port or rest.https_port, tls)
        self.http_port = await self._listener.listen(rest.host, self.http_port or rest.http_port)

    async def stop(self) -> None:
        """Close the ports; requests that hang are cut."""
        self._stopping.set()
        await self._listener.stop()

    async def crash(self) -> None:
        """Cut every connection at once; the ports refuse connections until start() opens them again."""
        self._stopping.set()
        await self._listener.crash()

    async def suspend(self) -> None:
        """Neither read nor answer, with every connection left as it is."""
        self._listener.suspend()

    async def resume(self) -> None:
        """Go on after suspend()."""
        await self._listener.resume()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._door], client_max_size=_LARGEST_BODY)
        application.router.add_get(f"{API}/SystemInfo", self._answer_system_info)
        application.router.add_route("*", f"{API}/Dialog/", self._refuse_method)
        self._sso.add_to(application)
        for method, path, handler in RESOURCES:
            application.router.add_route(method, API + path, self._answered_by(handler))
        return application

    # ---- the way of a request

    @web.middleware
    async def _door(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Write the request down, play the failure that waits for it, answer, and write the status down."""
        body = await request.read()
        await self._listener.thawed.wait()
        if self._stopping.is_set():  # it came through while the ports were being shut
            return self._cut(request)
        entry = self._enter(request, body)
        self._pacemaker.look()
        failure = self._books.failures.take(entry.method, entry.path, entry.user)
        try:
            failed = await self._fail(request, failure) if failure else None
            response = await handler(request) if failed is None else failed
        except ApiFaultError as fault:
            response = self._refusal(fault)
        except web.HTTPRedirection as redirection:
            entry.status = redirection.status
            raise
        except web.HTTPException as error:
            response = self._page(error.status)
        await self._listener.thawed.wait()
        entry.status = response.status
        self._pacemaker.look()
        return response

    def _enter(self, request: web.Request, body: bytes) -> ReceivedRequest:
        self.operations[_operation(request)] += 1
        return self._books.requests.enter(
            time=round(self._pacemaker.do(lambda: self._engine.now), 3),
            method=request.method,
            path=request.path,
            query=request.query_string,
            user=self._access.claimed(request.headers.get("Authorization", "")),
            request_id=request.headers.get("requestId", ""),
            body=body.decode("utf-8", "replace"),
            server=self.name,
        )

    async def _answer_system_info(self, _: web.Request) -> web.StreamResponse:
        return _written(Answer(200, self._system_info()))

    async def _refuse_method(self, _: web.Request) -> web.StreamResponse:
        """Answer a dialog address without an id (finesse-rest.md section 2.1)."""
        return self._page(web.HTTPMethodNotAllowed.status_code)

    def _answered_by(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            if not self._in_service():
                raise api_errors.OUT_OF_SERVICE
            principal = self._authenticate(request)
            incoming = Incoming(
                engine=self._engine,
                principal=principal,
                path=request.match_info,
                query=request.query,
                body=await request.read(),
                request_id=request.headers.get("requestId", ""),
                range=request.headers.get("Range", ""),
            )
            answered = self._pacemaker.do(lambda: handler(incoming))
            if answered is ACCEPTED and self._late_answer:
                await self._pause(self._pacemaker.real_seconds(self._late_answer))
            response = _written(answered)
            if _COOKIE not in request.cookies and not principal.bearer:
                cookie = self._access.open_session(principal)
                response.set_cookie(_COOKIE, cookie, path="/finesse", secure=request.secure, httponly=True)
            return response

        return answer

    def _authenticate(self, request: web.Request) -> Principal:
        authorization = request.headers.get("Authorization", "")
        return self._pacemaker.do(lambda: self._access.authenticate(authorization, request.cookies.get(_COOKIE, "")))

    # ---- refusing

    def _refusal(self, fault: ApiFaultError) -> web.Response:
        if fault.status == web.HTTPUnauthorized.status_code and self._html:
            return self._page(fault.status)
        response = _written(Answer(fault.status, payloads.api_errors_answer(fault.error)))
        if fault.error.type == "Authorization Failure":
            response.headers["WWW-Authenticate"] = f'{self._challenge} realm="Cisco Finesse"'
        return response

    def _page(self, status: int) -> web.Response:
        """Answer as the servlet container does: for unknown addresses and wrong methods."""
        return web.Response(status=status, text=_PAGE.format(status=status), content_type="text/html")

    # ---- failing on purpose

    async def _fail(self, request: web.Request, failure: Failure) -> web.Response | None:
        """Play a failure; None goes on with the request."""
        if failure.kind == "refuse":
            raise failure.refusal()
        if failure.kind == "control_failure":
            return self._fail_later(request, failure)
        if failure.kind == "delay":
            await self._pause(self._pacemaker.real_seconds(failure.seconds))
            return None
        if failure.kind == "hang":
            await self._stopping.wait()
        return self._cut(request)

    def _cut(self, request: web.Request) -> web.Response:
        """Close the connection; the answer goes nowhere."""
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    def _fail_later(self, request: web.Request, failure: Failure) -> web.Response:
        agent = self._authenticate(request).agent
        if agent is None:
            raise api_errors.NOT_FOUND  # only agents have a node to be told on
        request_id = request.headers.get("requestId", "")
        error = failure.control_failure()
        self._pacemaker.do(lambda: self._engine.fail_later(agent, error, request.path, request_id))
        return _written(ACCEPTED)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def _operation(request: web.Request) -> str:
    """Name what is asked for by method and address below the API, `other` for what is nowhere."""
    route = request.match_info.route
    address = route.resource.canonical if route.resource is not None else ""
    return f"{route.method} {address.removeprefix(API)}" if address else "other"


def _late_answer(scenario: Scenario) -> float:
    """Say how many simulated seconds an acceptance waits for the effect to go before it."""
    fidelity = scenario.fidelity
    return scenario.timings.request + fidelity.reorder_seconds + 0.05 if fidelity.notify_before_answer else 0.0


def _written(answer: Answer) -> web.Response:
    headers = {"Content-Type": _XML} if answer.xml else {}
    return web.Response(status=answer.status, body=answer.xml.encode("utf-8") if answer.xml else None, headers=headers)
