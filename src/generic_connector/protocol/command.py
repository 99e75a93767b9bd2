"""A command as a client sent it, after the table has read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of a client.

    name: the canonical name of its row. subject: what stands behind the `#` (agent id, or destination for Hello and
    Beat), trimmed. arguments: by the row's argument names; an optional one that was not sent is absent. secrets are in
    arguments, so they are not shown. variables: the call variables to set, in the order sent; only
    update_call_variable has any.
    """

    name: str
    subject: str
    arguments: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: tuple[tuple[str, str], ...] = field(default=(), repr=False)
