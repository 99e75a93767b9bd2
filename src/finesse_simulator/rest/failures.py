"""Failures to play on purpose: which requests they hit, and what happens to these."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from finesse_simulator.api_errors import ApiError, ApiFaultError, control_failure


class Failure(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A failure that waits for requests.

    kind: `refuse` answers with status and ApiErrors; `control_failure` accepts and then sends the CTI error `code`;
    `delay` waits `seconds` (simulated) and goes on; `hang` never answers; `close` closes the connection.
    method, path (a regular expression found anywhere in the path) and user choose the requests; empty takes any.
    times: how many requests it hits; 0: until it is removed.
    """

    kind: Literal["refuse", "control_failure", "delay", "hang", "close"]
    method: str = ""
    path: str = ""
    user: str = ""
    times: int = 1
    status: int = 500
    error_type: str = "Internal Server Error"
    error_message: str = "RUNTIME_EXCEPTION"
    error_data: str = ""
    code: int = 33
    seconds: float = 1.0

    def __post_init__(self) -> None:
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"path is not a regular expression: {error}") from error

    def hits(self, method: str, path: str, user: str) -> bool:
        """Say whether a request is of the chosen kind."""
        return (
            self.method.upper() in {"", method} and self.user in {"", user} and re.search(self.path, path) is not None
        )

    def refusal(self) -> ApiFaultError:
        """Give the refusal at once."""
        return ApiFaultError(self.status, ApiError(self.error_type, self.error_message, self.error_data))

    def control_failure(self) -> ApiError:
        """Give the refusal by the CTI server."""
        given = self.error_type if self.error_type != "Internal Server Error" else "Call Operation Failure"
        return control_failure(self.code, given)


class Failures:
    """The failures in wait, the oldest first."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Failure, int]] = []

    def add(self, failure: Failure) -> None:
        """Let a failure wait."""
        self._waiting.append((failure, failure.times))

    def clear(self) -> None:
        """Let nothing fail any more."""
        self._waiting.clear()

    def waiting(self) -> list[Failure]:
        """Give the failures in wait."""
        return [failure for failure, _ in self._waiting]

    def take(self, method: str, path: str, user: str) -> Failure | None:
        """Find the failure for a request, and count it."""
        for place, (failure, left) in enumerate(self._waiting):
            if failure.hits(method, path, user):
                if left == 1:
                    del self._waiting[place]
                elif left > 1:
                    self._waiting[place] = (failure, left - 1)
                return failure
        return None
