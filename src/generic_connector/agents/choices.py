"""The reason codes and wrap-up reasons that an agent may choose from.

A client sends back what `ReasonCodes` offered it. Finesse wants its own database id for a state change and the label
for a wrap-up reason (finesse-rest.md section 12), so each list is kept with what it translates to. Lists differ by
team; the members of one share what one of them read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generic_connector.agents.kept_lists import same_view
from generic_connector.finesse import payloads
from generic_connector.protocol import events

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent

NOT_READY = "NOT_READY"
LOGOUT = "LOGOUT"
WRAP_UP = "WrapUp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """A list as the client is told it, and what each word that the client may send back means to Finesse."""

    reasons: tuple[events.Reason, ...]
    accepted: Mapping[str, str]


async def read_choices(agent: Agent, category: str, *, fresh: bool) -> Choices:
    """Give the list of a category; fresh: as Finesse has it now, even where the list at hand is young enough.

    Raises CommandError and OutOfService, as Agent.ask does.
    """
    read = _read_wrap_up_reasons if category == WRAP_UP else _read_reason_codes
    return await agent.surroundings.lists.get(
        category,
        same_view(agent),
        lambda: read(agent, category),
        age=agent.settings.reason_codes_age,
        fresh=fresh,
    )


async def _read_reason_codes(agent: Agent, category: str) -> Choices:
    codes = await agent.asking.ask("reason_codes", payloads.parse_reason_codes, user_id=agent.id, category=category)
    return Choices(
        reasons=tuple(events.Reason(code=one.code, label=one.label) for one in codes),
        # a code wins over another's id: the code is what clients are offered
        accepted={one.id: one.id for one in codes} | {one.code: one.id for one in codes},
    )


async def _read_wrap_up_reasons(agent: Agent, _category: str) -> Choices:
    reasons = await agent.asking.ask("wrap_up_reasons", payloads.parse_wrap_up_reasons, user_id=agent.id)
    return Choices(
        reasons=tuple(events.Reason(code=one.id, label=one.label) for one in reasons),
        accepted={one.id: one.label for one in reasons},
    )


async def first_choice(agent: Agent, category: str) -> str:
    """Give Finesse's id of some reason code, "" where none are configured: for what we do on our own account."""
    choices = await read_choices(agent, category, fresh=False)
    if not choices.reasons:
        return ""
    return choices.accepted[choices.reasons[0].code]
