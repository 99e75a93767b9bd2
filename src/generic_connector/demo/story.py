"""The story that the demonstration plays, as data: what the client sends, what happens, what it must hear.

It is the main job of the product: sign in, take a call from a queue, hold it, wrap it up, sign out. The live tests
play the same story over real brokers.
"""

from __future__ import annotations

from dataclasses import dataclass

from generic_connector.protocol import events

DIALOG = "{dialog}"
"""Stands in a command's body for the id that the call's NewInboundCall gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who plays: the agent and what the agent signs in with, the client's destination, the customer and the queue."""

    agent_id: str = "1001"
    password: str = "agent-secret-1001"  # noqa: S105  a made-up agent of the pretend Finesse
    extension: str = "4001"
    destination: str = "CRM1"
    customer: str = "5550188"
    queue: str = "8800"
    not_ready_reason: str = "27"
    logout_reason: str = "12"
    wrap_up_reason: str = "Billing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the story.

    command and body: what the client sends; "" when the customer acts instead. hears: the events that follow, in
    order, each as `describe` puts it.
    """

    title: str
    command: str = ""
    body: str = ""
    hears: tuple[str, ...] = ()


def story(cast: Cast, *, uccx: bool = False) -> tuple[Step, ...]:
    """Write the story for a cast. On UCCX the agent's state stays TALKING while a call is held, and WORK follows it."""
    held = () if uccx else ("State HOLD",)
    retrieved = () if uccx else ("State TALKING",)
    agent = cast.agent_id
    return (
        Step(title="The client says hello", command=f"Hello#{cast.destination}", hears=("System IN_SERVICE",)),
        Step(
            title="The agent connects; success is silent",
            command=f"Connect#{agent}",
            body=f"{cast.destination},{cast.password}",
        ),
        Step(
            title="The agent signs in",
            command=f"Login#{agent}",
            body=f"{cast.password},{cast.extension}",
            hears=("AgentInfo", "State NOT_READY", "DialogStatus"),
        ),
        Step(title="The agent goes ready", command=f"MakeReady#{agent}", hears=("State READY",)),
        Step(title="A customer calls", hears=("State RESERVED", "NewInboundCall")),
        Step(
            title="The agent answers",
            command=f"AnswerCall#{agent}",
            body=DIALOG,
            hears=("State TALKING", "InboundCall ACTIVE"),
        ),
        Step(
            title="The agent holds the call",
            command=f"HoldCall#{agent}",
            body=DIALOG,
            hears=(*held, "InboundCall HELD"),
        ),
        Step(
            title="The agent takes the call back",
            command=f"RetrieveCall#{agent}",
            body=DIALOG,
            hears=(*retrieved, "InboundCall ACTIVE"),
        ),
        Step(
            title="The agent says what the call was about",
            command=f"wrapup#{agent}",
            body=f"{cast.wrap_up_reason},{DIALOG}",
            hears=("InboundCall ACTIVE",),
        ),
        Step(
            title="The agent hangs up",
            command=f"ReleaseCall#{agent}",
            body=DIALOG,
            hears=("InboundCall WRAP_UP", "InboundCall WRAP_UP", "State WORK" if uccx else "State WORK_READY"),
        ),
        Step(
            title="The agent goes for lunch",
            command=f"MakeNotReadyWithReason#{agent}",
            body=cast.not_ready_reason,
            hears=("InboundCall DROPPED", "State NOT_READY"),
        ),
        Step(
            title="The agent signs out",
            command=f"LogoutWithReason#{agent}",
            body=cast.logout_reason,
            hears=("State LOGOUT",),
        ),
    )


def describe(event: events.Event) -> str:
    """Name an event as a step names it: its word and, where it has one, its state."""
    match event:
        case events.System(status=word) | events.Error(code=word):
            return f"{event.name} {word}"
        case events.State(state=word) | events.InboundCall(state=word) | events.ConsultCall(state=word):
            return f"{event.name} {word}"
        case events.InboundCallFailed() | events.ConsultCallFailed():
            return f"{event.name} FAILED"
        case _:
            return event.name
