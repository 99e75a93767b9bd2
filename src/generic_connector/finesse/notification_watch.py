"""Whether a node's notification service is dead for everybody: pure, no waiting.

Judged by what the agents' own sessions meet: none is open any more, and those that are tried cannot be opened. One
try that fails may be anything, so whoever asks is told only of failures that are new since the last time.
"""

from __future__ import annotations


class NotificationWatch:
    """What was seen of the notification service of the node in use. reason: why the last try failed."""

    def __init__(self) -> None:
        self.reason = ""
        self._failed = 0
        self._counted = 0
        self._tries = 0

    def answered(self) -> None:
        """Hear that a session was opened, or refused for its credentials."""
        self._failed = self._counted = self._tries = 0

    def failed(self, reason: str) -> None:
        """Hear that a session could not be opened, and not because of the credentials."""
        self._failed += 1
        self.reason = reason

    def failed_tries(self, *, open_sessions: int) -> int:
        """Count what failed since this was asked last as one try more; give how many failed in a row.

        0 where nothing failed since, and while a session is open: the service is not dead for everybody.
        """
        if open_sessions or self._failed == self._counted:
            return 0
        self._counted = self._failed
        self._tries += 1
        return self._tries
