"""A call recorder that is told by an HTTP request, as the site's configuration writes it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from urllib.parse import quote
from xml.sax.saxutils import escape

import aiohttp
import structlog
from yarl import URL

from generic_connector.recording.door import RecordedCall, RecorderUnavailable

log = structlog.get_logger()

PLACEHOLDERS = ("agent_id", "login_name", "extension", "dialog_id")
"""What the templates may name in braces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderSettings:
    """The two requests. Templates hold {agent_id}, {login_name}, {extension} and {dialog_id}.

    Values are percent-encoded in URLs, and escaped in bodies as the Content-Type header asks for (JSON, XML, else as
    in a form). timeout: seconds. headers may hold secrets.
    """

    pause_url: str
    resume_url: str
    method: str = "POST"
    pause_body: str = ""
    resume_body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 5.0
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False)


class HttpRecorder:
    """The recorder behind the door. Make and use it inside one event loop; close it at the end."""

    def __init__(self, settings: RecorderSettings) -> None:
        self._settings = settings
        self._escape = _escaping(settings.headers)
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=settings.timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def pause(self, call: RecordedCall) -> None:
        """Stop recording for now."""
        await self._request(self._settings.pause_url, self._settings.pause_body, call)

    async def resume(self, call: RecordedCall) -> None:
        """Go on recording."""
        await self._request(self._settings.resume_url, self._settings.resume_body, call)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _request(self, url: str, body: str, call: RecordedCall) -> None:
        settings = self._settings
        try:
            async with self._session.request(
                settings.method,
                URL(fill(url, call, lambda value: quote(value, safe="")), encoded=True),
                data=fill(body, call, self._escape).encode() or None,
                headers=settings.headers,
                ssl=settings.ssl_context or True,
                allow_redirects=False,
            ) as answer:
                if not 200 <= answer.status < 300:  # noqa: PLR2004 - success; a redirection leads elsewhere
                    raise RecorderUnavailable(f"it answered with status {answer.status}")
        except TimeoutError:
            raise RecorderUnavailable(f"no answer within {settings.timeout:g} s") from None
        except aiohttp.ClientError as error:
            log.info("recorder not reached", agent=call.agent_id, reason=type(error).__name__)
            raise RecorderUnavailable("it cannot be reached") from error


def fill(template: str, call: RecordedCall, escaped: Callable[[str], str]) -> str:
    """Put the call into a template. Other braces stay as they are: a JSON body is full of them."""
    for name, value in asdict(call).items():
        template = template.replace("{" + name + "}", escaped(value))
    return template


def _escaping(headers: Mapping[str, str]) -> Callable[[str], str]:
    kind = next((value.lower() for name, value in headers.items() if name.lower() == "content-type"), "")
    if "json" in kind:
        return lambda value: json.dumps(value)[1:-1]
    if "xml" in kind:
        return lambda value: escape(value, {'"': "&quot;"})
    return lambda value: quote(value, safe="")
