"""A book of the requests received, without any password."""

from __future__ import annotations

import re
from collections import deque

import msgspec

_KEPT = 10_000
_SECRET = re.compile(
    r"(<(password|token|refresh[-_]token)>).*?(</\2>)|((?:password|token)=)[^&\s]*", re.DOTALL | re.IGNORECASE
)


class ReceivedRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """A request as it came in. status: 0 while it has no answer, or when it gets none. time: simulated seconds.

    server: the server that got it, A or B.
    """

    number: int
    time: float
    method: str
    path: str
    query: str = ""
    user: str = ""
    request_id: str = ""
    body: str = ""
    status: int = 0
    server: str = "A"


def without_secrets(text: str) -> str:
    """Blank out passwords and tokens."""
    return _SECRET.sub(lambda found: f"{found[1] or found[4]}***{found[3] or ''}", text)


class RequestBook:
    """The last ten thousand requests, oldest first."""

    def __init__(self) -> None:
        self._requests: deque[ReceivedRequest] = deque(maxlen=_KEPT)
        self._count = 0

    def enter(
        self,
        *,
        time: float,
        method: str,
        path: str,
        query: str,
        user: str,
        request_id: str,
        body: str,
        server: str = "A",
    ) -> ReceivedRequest:
        """Write down a request; its status is filled in later."""
        self._count += 1
        request = ReceivedRequest(
            number=self._count,
            time=time,
            method=method,
            path=path,
            query=without_secrets(query),
            user=user,
            request_id=request_id,
            body=without_secrets(body),
            server=server,
        )
        self._requests.append(request)
        return request

    def all(self) -> list[ReceivedRequest]:
        """Give what is in the book."""
        return list(self._requests)

    def clear(self) -> None:
        """Begin anew; numbers go on."""
        self._requests.clear()
