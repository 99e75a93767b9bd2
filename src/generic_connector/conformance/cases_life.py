"""The life of a connection, and the errors that every command can end in: client-protocol.md sections 3 and 7."""

from __future__ import annotations

from collections.abc import Iterator

from generic_connector.conformance import situations as when
from generic_connector.conformance.case import Case, Deed, Told
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


async def seen_by_a_second_client(scene: Scene) -> None:
    """Ann is signed in at one destination, and a second client listens at another."""
    await when.signed_in(scene)
    await scene.meet_stranger()
    await scene.send("Hello", str(scene.format), subject="{stranger}", sender="stranger")
    await scene.hears(scene.resolve("stranger"), "System IN_SERVICE")


def life_cases() -> Iterator[Case]:
    """Give the cases of sections 3 and 7 that are no row of the command table."""
    yield from _service()
    yield from _sessions()
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
        situation=seen_by_a_second_client,
        then=(when.sends("Login", "{password}", "{extension}"),),
        told=(
            Told(who="ann", events=("State LOGOUT", "Error SESSION_INVALIDATED")),
            Told(who="stranger", events=_REFRESHED),
        ),
        leaves=True,
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
