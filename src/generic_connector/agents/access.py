"""Who may command whom, where `clients.access` is bound. Open, as the original is, everybody may everything.

Bound, a command is carried out only when the broker proves who sent it, when every destination that it names is one of
the sender's, and when the agent is connected from one of the sender's, or the sender's reply-to has a supervisor of
the agent's team. The rules are the rows of RULES, and pure; Gate is how the hub asks them.

A refused sender must not learn whether the agent is connected elsewhere: an agent of somebody else's and an agent of
nobody's are refused in the same words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from generic_connector.agents.settings import Access
from generic_connector.broker.senders import Senders
from generic_connector.errors import CommandError
from generic_connector.operations.metrics import REFUSED
from generic_connector.protocol.command_rows import Subject
from generic_connector.protocol.commands import COMMANDS, CommandRefused

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent
    from generic_connector.agents.clients import Client
    from generic_connector.agents.turn import Turn
    from generic_connector.broker.door import CommandMessage
    from generic_connector.protocol.command import Command

log = structlog.get_logger()

FORBIDDEN = "forbidden"
"""The cause of these refusals, in the log and in the metric of refused commands."""

MOST_ON_TRIAL = 10
"""Commands of one sender that may wait for an agent who is not connected from one of its destinations. They are a
Connect and what follows it at once; more would only fill the inbox of somebody else's agent."""


class Forbidden(CommandRefused):
    """The sender may not do that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a command asks for, as far as the rules look at it.

    sender: whom the broker proves, "" for nobody. destinations: all that it names: its reply-to, that of a Hello, Beat
    or Connect. about_agent: it is for an agent's session; not so Hello, Beat and Connect, which prove themselves.
    owner: the destination that has or last had the agent, "" for none. claims: destinations whose Connect for the
    agent waits before this command. on_trial: how many commands of the sender wait for the agent by such a claim.
    supervises: the reply-to has a supervisor who may act on the agent.
    """

    sender: str
    destinations: tuple[str, ...] = ()
    about_agent: bool = False
    owner: str = ""
    claims: tuple[str, ...] = ()
    on_trial: int = 0
    supervises: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One reason to refuse. applies: whether it does; text: what the sender is told, if it can be told anything."""

    name: str
    text: str
    applies: Callable[[Request, Senders], bool] = field(repr=False)


def _has_agent(request: Request, senders: Senders) -> bool:
    return any(senders.may_use(request.sender, place) for place in (request.owner, *request.claims))


RULES = (
    Rule(
        name="unproven sender",
        text="The broker does not prove who sent this command",
        applies=lambda request, _: not request.sender,
    ),
    Rule(
        name="foreign destination",
        text="The command names a destination that this user may not use",
        applies=lambda request, senders: (
            not all(senders.may_use(request.sender, place) for place in request.destinations)
        ),
    ),
    Rule(
        name="too many on trial",
        text="Too many commands wait for this agent",
        applies=lambda request, senders: (
            request.on_trial >= MOST_ON_TRIAL and not senders.may_use(request.sender, request.owner)
        ),
    ),
    Rule(
        name="foreign agent",
        text="No agent of this id is connected from a destination of this user: send Connect and Login first",
        applies=lambda request, senders: (
            request.about_agent and not request.supervises and not _has_agent(request, senders)
        ),
    ),
)
"""The first that applies decides; a request to which none applies is carried out."""


def refusal(request: Request, senders: Senders) -> Rule | None:
    """Give the rule by which a request is refused in mode bound, None when it is carried out."""
    return next((rule for rule in RULES if rule.applies(request, senders)), None)


def request_for(
    message: CommandMessage, command: Command, *, agent: Agent | None, owner: str, in_service: bool, supervises: bool
) -> Request:
    """Give what a command asks for. in_service: out of service everybody is told just that, whoever has the agent."""
    about_agent = COMMANDS[command.name].subject is Subject.AGENT and command.name != "Connect"
    named = "" if about_agent else command.arguments.get("destination", command.subject)
    unfinished = agent.unfinished() if agent is not None else []
    return Request(
        sender=message.sender,
        destinations=tuple(place for place in (message.reply_to, named) if place),
        about_agent=about_agent and in_service,
        owner=owner,
        claims=tuple(client.name for client in _claims(unfinished)),
        on_trial=sum(turn.on_trial and turn.sender == message.sender for turn in unfinished),
        supervises=supervises,
    )


def _claims(unfinished: Sequence[Turn]) -> list[Client]:
    """Give the destinations whose Connects have not ended."""
    return [turn.client for turn in unfinished if turn.command.name == "Connect" and turn.client is not None]


class Gate:
    """The rules as the hub asks them. In mode open everything is let through, and nothing is looked at."""

    def __init__(self, access: Access, senders: Senders) -> None:
        self.is_bound = access is Access.BOUND
        self._senders = senders

    def check(self, request: Request, command: Command) -> None:
        """Raise Forbidden for what is not allowed."""
        rule = refusal(request, self._senders) if self.is_bound else None
        if rule is not None:
            raise Forbidden("PLEASE_RETRY", rule.text, command=command.name, subject=command.subject)

    def has(self, sender: str, destination: str) -> bool:
        """Say whether what belongs to a destination is the sender's to command and to hear; all is, in mode open."""
        return not self.is_bound or self._senders.may_use(sender, destination)

    def own(self, sender: str, agent: Agent | None) -> Client | None:
        """Give the sender's client that has, or is about to have, the agent: no answer can go astray to another one.

        None in mode open, where the agent's client answers, whoever that is by then.
        """
        if not self.is_bound or agent is None:
            return None
        candidates = [*reversed(_claims(agent.unfinished())), agent.client]
        return next((one for one in candidates if one is not None and self.has(sender, one.name)), None)

    def guarded(self, carry_out: Callable[[Agent, Turn], Awaitable[None]]) -> Callable[[Agent, Turn], Awaitable[None]]:
        """Look again when a command's turn comes: by then the agent may belong to somebody else, or still does.

        A command that followed a Connect at once ends as the Connect did, whoever has the agent: else the difference
        would tell that somebody has it.
        """

        async def guarded(agent: Agent, turn: Turn) -> None:
            proves_itself = turn.command.name == "Connect" or turn.actor is not None
            if proves_itself or self.has(turn.sender, agent.client.name if agent.client is not None else ""):
                await carry_out(agent, turn)
                return
            REFUSED.labels(FORBIDDEN).inc()
            log.info(
                "command refused",
                sender=turn.sender,
                agent=turn.subject,
                command=turn.command.name,
                cause=FORBIDDEN,
            )
            trial = CommandError("SUBSCRIPTION_FAILED")
            turn.fail(trial if turn.on_trial else CommandError("PLEASE_RETRY", RULES[-1].text))

        return guarded
