"""Which events answer which command: one row per command. Pure.

A command is answered by what carries its correlation id, by its due event, by a snapshot (DialogStatus) that shows
what was asked for, or by the one error. Sources: client-protocol.md sections 1, 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable

from chaos.transcript import ENDED, Heard, Sent

Rule = Callable[[Sent, Heard], bool]

GONE = frozenset({"WRAP_UP", ENDED})


def _call_in(*states: str) -> Rule:
    """Build the rule: the call of the command is in one of the states, or in a snapshot, which may show it gone."""

    def rule(sent: Sent, heard: Heard) -> bool:
        if heard.about_a_call:
            return heard.dialog == sent.target and heard.state in states
        return heard.name == "DialogStatus" and dict(heard.shown).get(sent.target, ENDED) in GONE.union(states)

    return rule


def _state_in(*states: str) -> Rule:
    def rule(_: Sent, heard: Heard) -> bool:
        return heard.name == "State" and (heard.state in states or heard.pending in states)

    return rule


def _named(*names: str) -> Rule:
    def rule(_: Sent, heard: Heard) -> bool:
        return heard.name in names

    return rule


def _dialled(_: Sent, heard: Heard) -> bool:
    own_call = heard.name == "InboundCall" and heard.state in {"INITIATING", "INITIATED", "ALERTING", "FAILED"}
    return own_call or (heard.name == "DialogStatus" and bool(heard.shown))


DUE: dict[str, Rule] = {
    "Hello": _named("System", "Destination"),
    "Beat": _named("System", "Destination"),
    "Login": _named("AgentInfo", "State"),
    "refresh": _named("DialogStatus"),
    "GetState": _named(),  # asked many times at once: each has its own answer, by its correlation id
    "MakeReady": _state_in("READY", "RESERVED", "TALKING"),
    "MakeNotReadyWithReason": _state_in("NOT_READY"),
    "MakeCall": _dialled,
    "AnswerCall": _call_in("ACTIVE", "HELD"),
    "HoldCall": _call_in("HELD"),
    "RetrieveCall": _call_in("ACTIVE"),
    "ReleaseCall": _call_in(*GONE),
}
"""The due events of the commands that are played."""


def answers(sent: Sent, heard: Heard) -> bool:
    """Say whether this event, heard after the command was sent, answers it."""
    if heard.correlation == sent.id:
        return True
    if heard.destination != sent.destination or heard.agent != sent.agent:
        return False
    if heard.name == "Error" or (heard.name == "State" and heard.state == "RE_LOGIN"):
        return not heard.correlation.startswith(OURS)  # one that names another command answers that one
    return DUE[sent.name](sent, heard)


OURS = "chaos-"
"""What the ids of our commands begin with."""
