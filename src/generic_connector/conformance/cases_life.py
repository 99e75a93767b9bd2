"""The life of a connection, and the errors that every command can end in: client-protocol.md sections 3 and 7."""

from __future__ import annotations

from collections.abc import Iterator

from generic_connector.conformance import situations as when
from generic_connector.conformance.case import Case, Deed, Told
from generic_connector.conformance.cast import PEOPLE
from generic_connector.conformance.scene import Scene

_REFRESHED = ("AgentInfo", "State NOT_READY", "DialogStatus")


async def out_of_service(scene: Scene) -> None:
    """Everybody is signed in, and Finesse has lost its CTI server."""
    await when.signed_in(scene)
    scene.failing = True
    await scene.control.leave_service()
    await scene.hears("ann", "System OUT_OF_SERVICE")


async def in_service(scene: Scene) -> None:
    """Let Finesse come back."""
    await scene.control.return_to_service()


async def cut_off(scene: Scene) -> None:
    """Let Ann lose her session and go not ready meanwhile."""
    await scene.control.cut_session(scene.fill("{ann_id}"))
    await scene.control.agent_goes(scene.fill("{ann_id}"), "NOT_READY", PEOPLE["ann"].not_ready_id)


async def _second_client(scene: Scene) -> None:
    """Let a second client listen at another destination."""
    await scene.meet_stranger()
    await scene.send("Hello", str(scene.format), subject="{stranger}", sender="stranger")
    await scene.hears(scene.resolve("stranger"), "System IN_SERVICE")


def life_cases() -> Iterator[Case]:
    """Give the cases of sections 3 and 7 that are no row of the command table."""
    yield from _service()
    yield from _sessions()
    yield from _gaps()
    yield from _spellings()
    yield from _supervisors()
    yield from _any_command()


def _service() -> Iterator[Case]:
    yield Case(
        name="out of service: told unasked, and again when it is over",
        command="GetState",
        situation=out_of_service,
        then=(when.hears("ann", "System OUT_OF_SERVICE"), in_service),
        told=(Told(who="ann", events=("System OUT_OF_SERVICE", "System IN_SERVICE")),),
    )
    yield Case(
        name="out of service: Hello is answered",
        command="Hello",
        sender="stranger",
        subject="{stranger}",
        arguments=("{format}",),
        situation=_both(out_of_service, when.listening),
        told=(Told(who="stranger", events=("System OUT_OF_SERVICE",)),),
    )
    yield Case(
        name="out of service: Beat is answered",
        command="Beat",
        subject="{destination}",
        situation=out_of_service,
        told=(Told(who="ann", events=("System OUT_OF_SERVICE",)),),
    )
    yield Case(
        name="503: the command is answered with System OUT_OF_SERVICE",
        command="GetState",
        situation=when.signed_in,
        failures=({"kind": "refuse", "method": "GET", "path": r"/User/[^/]+$", "status": 503},),
        told=(Told(who="ann", events=("System OUT_OF_SERVICE", "System IN_SERVICE")),),
    )


def _sessions() -> Iterator[Case]:
    yield Case(
        name="an agent who is not known: State RE_LOGIN",
        command="GetState",
        answers_to="ann",
        situation=when.nobody,
        told=(Told(who="ann", events=("State RE_LOGIN",)),),
        leaves=True,
    )
    yield Case(
        name="an agent who is not known, without reply-to: RE_LOGIN where the agent was last",
        command="MakeReady",
        situation=when.nobody,
        told=(Told(who="ann", events=("State RE_LOGIN",)),),
        leaves=True,
    )
    yield Case(
        name="connect and sign in again without a word in between",
        command="Connect",
        arguments=("{destination}", "{password}"),
        situation=when.nobody,
        then=(when.sends("Login", "{password}", "{extension}"),),
        told=(Told(who="ann", events=_REFRESHED),),
        leaves=True,
    )
    yield Case(
        name="connect twice: nothing happens",
        command="Connect",
        arguments=("{destination}", "{password}"),
        situation=when.signed_in,
        then=(when.sends("GetState"),),
        told=(Told(who="ann", events=("State NOT_READY",)),),
    )
    yield Case(
        name="connect from a new destination: the old one hears SESSION_INVALIDATED",
        command="Connect",
        arguments=("{stranger}", "{password}"),
        situation=_both(when.signed_in, _second_client),
        then=(when.sends("Login", "{password}", "{extension}"),),
        told=(
            Told(who="ann", events=("State LOGOUT", "Error SESSION_INVALIDATED")),
            Told(who="stranger", events=_REFRESHED),
        ),
        leaves=True,
    )


def _gaps() -> Iterator[Case]:
    yield Case(
        name="a lost notification session: what was missed is told, then DialogStatus",
        situation=when.ready,
        then=(cut_off,),
        told=(Told(who="ann", events=("State NOT_READY", "DialogStatus")),),
    )
    yield Case(
        name="connect from a new destination during a call: the new one hears of it",
        command="Connect",
        arguments=("{stranger}", "{password}"),
        situation=_both(when.talking, _second_client),
        then=(when.sends("Login", "{password}", "{extension}"),),
        told=(
            Told(who="ann", events=("State LOGOUT", "Error SESSION_INVALIDATED")),
            Told(who="stranger", events=("AgentInfo", "State TALKING", "DialogStatus")),
        ),
        leaves=True,
    )


def _spellings() -> Iterator[Case]:
    for spelling, subject in (("getstate", "{id}"), ("GETSTATE", "{id}"), (" GetState ", "  {id} ")):
        yield Case(
            name=f"any case, stray blanks: {spelling}#{subject}".replace("{id}", "1001"),
            command="GetState",
            spelling=spelling,
            subject=subject,
            situation=when.signed_in,
            told=(Told(who="ann", events=("State NOT_READY",)),),
        )


def _supervisors() -> Iterator[Case]:
    acting = {"sender": "sue", "answers_to": "sue", "leaves": True}
    for command, state in (("MakeNotReady", "NOT_READY"), ("Logout", "LOGOUT")):
        yield Case(
            name=f"a supervisor acts on a member who is not connected here: {command}",
            command=command,
            subject="{ann_id}",
            situation=when.ann_elsewhere,
            told=(Told(who="sue", events=(f"State {state} of {{ann_id}}",)),),
            **acting,  # type: ignore[arg-type]
        )
    yield Case(
        name="a supervisor without the right to a team is refused",
        command="Logout",
        subject="{max_id}",
        situation=when.max_elsewhere,
        error="CF_GENERIC_UNSPECIFIED",
        **acting,  # type: ignore[arg-type]
    )


def _any_command() -> Iterator[Case]:
    user = {"method": "GET", "path": r"/User/[^/]+$"}
    yield Case(
        name="SUBSCRIPTION_FAILED: the credentials hold no more",
        command="GetState",
        situation=when.signed_in,
        failures=({"kind": "refuse", "status": 401, "errorType": "Authorization Failure", **user},),
        error="SUBSCRIPTION_FAILED",
    )
    yield Case(
        name="DOWN: Finesse closes without an answer",
        command="GetState",
        situation=when.signed_in,
        failures=({"kind": "close", "times": 0, **user},),
        error="DOWN",
    )
    yield Case(
        name="PLEASE_RETRY: Finesse does not answer in time",
        command="GetState",
        situation=when.signed_in,
        failures=({"kind": "hang", **user},),
        error="PLEASE_RETRY",
        needs="short time-out",
    )
    yield Case(
        name="PLEASE_RETRY: Finesse refuses without a better code",
        command="GetState",
        situation=when.signed_in,
        failures=({"kind": "refuse", "status": 400, "errorType": "Bad Request", **user},),
        error="PLEASE_RETRY",
    )
    yield Case(
        name="PLEASE_RETRY: there is no such command",
        command="MakeCoffee",
        situation=when.signed_in,
        error="PLEASE_RETRY",
    )


def _both(first: Deed, second: Deed) -> Deed:
    async def situation(scene: Scene) -> None:
        await first(scene)
        await second(scene)

    return situation
