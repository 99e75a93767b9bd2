"""The REST link to one Finesse node: one aiohttp session for all agents, foreign exceptions mapped once, here.

A request is sent once. Only a connection that timed out before anything was sent is tried a second time: a call must
never be dialled twice because an answer was lost. Cookies are not kept: agents share the connections, and Finesse's
session cookie would mix them up (xmpp-and-http.md section 4).
"""

from __future__ import annotations

import base64
import ssl

import aiohttp
import structlog
from yarl import URL

from generic_connector.finesse.door import Answer, Request
from generic_connector.finesse.failures import (
    Down,
    FinesseError,
    NotAuthorised,
    NotReachable,
    PayloadError,
    TimedOut,
    refusal,
)
from generic_connector.finesse.model import Credentials
from generic_connector.finesse.payloads import parse_api_errors
from generic_connector.finesse.settings import FinesseSettings

log = structlog.get_logger()

_API = "/finesse/api"
_KEEP_ALIVE = 15.0  # seconds; below the 20 s after which a servlet container drops an idle connection
_FIRST_ERROR_STATUS = 300  # a redirection is one as well: following it would hand the credentials to somebody else


class RestNode:
    """One node. url: scheme, host and port, such as https://fin1.example.com:8445. Open it inside a running loop."""

    def __init__(self, url: str, settings: FinesseSettings, tls_context: ssl.SSLContext) -> None:
        self.url = URL(url).origin()
        self._settings = settings
        self._tls_context = tls_context
        self._session: aiohttp.ClientSession | None = None

    @property
    def host(self) -> str:
        """The node's host name or address."""
        return self.url.host or ""

    async def request(
        self, request: Request, credentials: Credentials | None, request_id: str = "", longest: float | None = None
    ) -> Answer:
        """Carry out one request. longest: the longest time to the whole answer, where it is not the usual one.

        Raises FinesseError and nothing else (see door.Finesse.request).
        """
        headers = _headers(request, credentials, request_id)
        url = URL(f"{self.url}{_API}{request.path}", encoded=True)
        longest = longest or self._settings.request_timeout
        status, body = await self._exchange(request.method, url, headers, request.body, longest)
        if status >= _FIRST_ERROR_STATUS:
            raise refusal(status, parse_api_errors(body))
        return Answer(status=status, body=body)

    async def close(self) -> None:
        """Close the connections. Idempotent."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _exchange(
        self, method: str, url: URL, headers: dict[str, str], body: str, longest: float
    ) -> tuple[int, str]:
        try:
            try:
                return await self._once(method, url, headers, body, longest)
            except aiohttp.ConnectionTimeoutError:
                return await self._once(method, url, headers, body, longest)
        except aiohttp.ConnectionTimeoutError:
            raise NotReachable(f"no connection within {self._settings.connect_timeout:g} s, twice") from None
        except TimeoutError:
            raise TimedOut(f"no answer within {longest:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _down(error) from None  # its repr may hold the Authorization header

    async def _once(self, method: str, url: URL, headers: dict[str, str], body: str, longest: float) -> tuple[int, str]:
        # ASCII with character references: right whatever encoding the servlet container assumes
        data = body.encode("ascii", "xmlcharrefreplace") or None
        times = aiohttp.ClientTimeout(total=longest, sock_connect=self._settings.connect_timeout)
        async with self._open().request(
            method, url, headers=headers, data=data, allow_redirects=False, timeout=times
        ) as answer:
            return answer.status, await self._text(answer)

    async def _text(self, answer: aiohttp.ClientResponse) -> str:
        chunks = bytearray()
        async for chunk in answer.content.iter_any():
            chunks += chunk
            if len(chunks) > self._settings.answer_limit:
                raise PayloadError(f"the answer has more than {self._settings.answer_limit} bytes")
        return chunks.decode("utf-8", "replace")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._settings.connections, keepalive_timeout=_KEEP_ALIVE, ssl=self._tls_context
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            # aiohttp sends PUT a second time when a kept connection breaks; a consultation would be dialled twice
            self._session._retry_connection = False  # noqa: SLF001 - there is no public way
        return self._session


def _headers(request: Request, credentials: Credentials | None, request_id: str) -> dict[str, str]:
    headers = {"Accept": "application/xml"} | dict(request.headers)
    if request.body:
        headers["Content-Type"] = "application/xml"
    if request_id:
        headers["requestId"] = request_id
    if credentials is not None:
        headers["Authorization"] = _authorization(credentials)
    return headers


def _authorization(credentials: Credentials) -> str:
    if not credentials.sso:
        pair = f"{credentials.user_id}:{credentials.secret}".encode("utf-8", "surrogatepass")
        return f"Basic {base64.b64encode(pair).decode('ascii')}"
    if not (credentials.secret.isascii() and credentials.secret.isprintable()):
        raise NotAuthorised("the token holds characters that no token has")
    return f"Bearer {credentials.secret}"


def _down(error: Exception) -> FinesseError:
    """Give a short reason. aiohttp's own text is used only where it cannot hold a header."""
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ServerDisconnectedError | OSError):
        return Down(str(error) or type(error).__name__)
    return Down(type(error).__name__)
