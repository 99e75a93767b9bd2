"""The situations that commands are tried in, and what other people do meanwhile.

Each leaves in scene.values what arguments may name: `dialog` is the call that the command is about, `consultation`
the consulting call, `monitor` the supervisor's own call on which an agent is heard.
"""

from __future__ import annotations

import asyncio

from generic_connector.conformance import transcript
from generic_connector.conformance.case import Deed
from generic_connector.conformance.cast import PEOPLE
from generic_connector.conformance.scene import LOOK_EVERY, CaseFailed, Scene, agent_in
from generic_connector.protocol.events import Event, Phonebooks
from generic_connector.protocol.formats import Format

VARIABLES = {"callVariable1": "gold customer"}

# --- sessions --------------------------------------------------------------------------------------------------------


async def nobody(scene: Scene) -> None:
    """Ann is not known to the connector."""
    await scene.away("ann")


async def connected(scene: Scene) -> None:
    """Ann is connected, and signed out."""
    await scene.away("ann")
    await scene.connect("ann")


async def greeted(scene: Scene) -> None:
    """Let the destination be known."""
    await scene.listen("ann")
    await scene.send("Hello", str(scene.format), subject="{destination}")
    await scene.hears("ann", "System IN_SERVICE")


async def listening(scene: Scene) -> None:
    """Let a client listen of whom the connector does not know."""
    await scene.meet_stranger()


async def deaf(scene: Scene) -> None:
    """Ann is not known to the connector, and notification sessions cannot be opened."""
    await scene.away("ann")
    scene.failing = True
    await scene.control.allow_sessions(allowed=False)


async def unheard_of(scene: Scene) -> None:
    """Let a client listen that never said hello: it is answered in the connector's own format, text."""
    await listening(scene)
    scene.formats[scene.resolve("stranger")] = Format.TEXT


async def signed_in(scene: Scene) -> None:
    """Everybody is signed in, and not ready."""
    await scene.present("ann", "bob", "sue", "max")


async def phone_book_known(scene: Scene) -> None:
    """Ann's client knows her phone books."""
    await signed_in(scene)
    await scene.send("GetPhonebooks")
    event = await scene.hears("ann", "Phonebooks")
    if not isinstance(event, Phonebooks) or not event.phone_books:
        raise CaseFailed("ann has no phone books")
    scene.values["phone_book"] = event.phone_books[0].id


async def ann_elsewhere(scene: Scene) -> None:
    """Ann is ready at another desktop and not known to the connector; her supervisor is."""
    await _elsewhere(scene, "ann")


async def max_elsewhere(scene: Scene) -> None:
    """Max, whom Sue does not supervise, is ready at another desktop and not known to the connector."""
    await _elsewhere(scene, "max")


async def _elsewhere(scene: Scene, name: str) -> None:
    await scene.present("sue")
    await scene.away(name)
    person = PEOPLE[name]
    await scene.control.agent_goes(person.id, "LOGIN", extension=person.extension)
    await scene.until_finesse(lambda state: agent_in(state, person)["state"] == "NOT_READY", f"{name} is not signed in")
    await scene.control.agent_goes(person.id, "READY")
    await scene.until_finesse(lambda state: agent_in(state, person)["state"] == "READY", f"{name} is not ready")


async def no_seat_left(scene: Scene) -> None:
    """Everybody for whom the licence has a seat is signed in; Eve is connected."""
    await signed_in(scene)
    await scene.connect("eve")


async def ready(scene: Scene) -> None:
    """Ann is ready."""
    await signed_in(scene)
    await scene.send("MakeReady")
    await scene.hears("ann", "State READY")


async def max_ready(scene: Scene) -> None:
    """Max is ready, of whom nobody wants reasons."""
    await signed_in(scene)
    await scene.send("MakeReady", sender="max")
    await scene.hears("max", "State READY")


# --- calls -----------------------------------------------------------------------------------------------------------


async def ringing(scene: Scene) -> None:
    """Let a customer's call ring at Ann."""
    await ready(scene)
    await scene.control.customer_calls(scene.fill("{customer}"), scene.fill("{queue}"), VARIABLES)
    _call(scene, await scene.hears("ann", "NewInboundCall"))


async def talking(scene: Scene) -> None:
    """Ann talks to a customer."""
    await ringing(scene)
    await scene.send("AnswerCall", "{dialog}")
    await scene.hears("ann", "InboundCall ACTIVE")


async def talking_unobserved(scene: Scene) -> None:
    """Ann talks to a customer, and what was asked of Finesse so far does not count."""
    await talking(scene)
    await scene.control.forget_requests()


async def max_talking(scene: Scene) -> None:
    """Max talks to a customer."""
    await max_ready(scene)
    await _talk(scene, "max", "{west_queue}")


async def bob_talking(scene: Scene) -> None:
    """Bob, who has no work after calls, talks to a customer."""
    await signed_in(scene)
    await scene.send("MakeReady", sender="bob")
    await scene.hears("bob", "State READY")
    await _talk(scene, "bob", "{bobs_queue}")


async def _talk(scene: Scene, name: str, queue: str) -> None:
    await scene.control.customer_calls(scene.fill("{customer}"), scene.fill(queue), VARIABLES)
    _call(scene, await scene.hears(name, "NewInboundCall"))
    await scene.send("AnswerCall", "{dialog}", sender=name)
    await scene.hears(name, "InboundCall ACTIVE")


async def held(scene: Scene) -> None:
    """Ann has put the customer on hold."""
    await talking(scene)
    await scene.send("HoldCall", "{dialog}")
    await scene.hears("ann", "InboundCall HELD")


async def wrapping_up(scene: Scene) -> None:
    """Let Ann work on a call after the customer has hung up."""
    await talking(scene)
    await customer_hangs_up(scene)
    await scene.hears("ann", "InboundCall WRAP_UP")


async def consulting(scene: Scene) -> None:
    """Let Ann talk to Bob about a customer who is on hold."""
    await talking(scene)
    await scene.send("ConsultCall", "{bob}", "{dialog}")
    await bob_answers(scene)
    await scene.hears("ann", "ConsultCall ACTIVE")


# --- supervisors -----------------------------------------------------------------------------------------------------


async def monitoring(scene: Scene) -> None:
    """Sue listens to Ann's talk with a customer."""
    await talking(scene)
    await _monitor(scene, "ann")


async def _monitor(scene: Scene, name: str) -> None:
    await scene.send("SilentMonitor", f"{{{name}}}", sender="sue")
    event = await scene.hears("sue", "InboundCall ACTIVE SM")
    scene.values["monitor"] = transcript.call_of(event)
    await scene.hears(name, "InboundCall ACTIVE SM")


async def barged_in(scene: Scene) -> None:
    """Sue has joined Bob's talk with a customer."""
    await bob_talking(scene)
    await _monitor(scene, "bob")
    await scene.send("BargeIn", "{bob}", "{monitor}", sender="sue")
    await scene.hears("sue", "InboundCall ACTIVE CONFERENCE", call=scene.values["dialog"])


# --- campaigns -------------------------------------------------------------------------------------------------------


async def previewing(scene: Scene) -> None:
    """Let a campaign offer Ann a customer."""
    await _offered(scene, "{campaign}")


async def in_outbound_call(scene: Scene) -> None:
    """Ann has accepted a preview and talks to the customer."""
    await _offered(scene, "{campaign}")
    await _accepted(scene)


async def in_direct_call(scene: Scene) -> None:
    """Ann has accepted a direct preview and talks to the customer."""
    await _offered(scene, "{direct_campaign}")
    await _accepted(scene)


async def called_back(scene: Scene) -> None:
    """Let the callback that Ann arranged come due, and be offered to her as the protocol's lists have it."""
    await in_outbound_call(scene)
    await scene.send("SHCEDULECALLBACK", "{extension}", "{dialog}", "2020-01-02T10:30", "{customer}")
    await scene.hears("ann", "CallBack Scheduled", "Control", "InboundCall ACTIVE")
    await customer_hangs_up(scene)
    await scene.hears("ann", "InboundCall DROPPED", "State READY")
    offered = ("State RESERVED", "InboundCall INITIATING", "NewOutboundPreviewCall")
    if scene.uccx:
        _call(scene, await scene.hears("ann", *offered))
        return
    _call(scene, await scene.hears("ann", "NewOutboundPreviewCall"))
    await scene.hears("ann", "State RESERVED", "InboundCall ACTIVE", "InboundCall ACTIVE")


async def _offered(scene: Scene, campaign: str) -> None:
    await ready(scene)
    await scene.control.campaign_offers(scene.fill(campaign), scene.fill("{customer}"))
    _call(scene, await scene.hears("ann", "NewOutboundPreviewCall"))
    if not scene.uccx:  # the reservation is established by then, as it is when somebody reads it
        await scene.hears("ann", "InboundCall ACTIVE", "InboundCall ACTIVE")


async def _accepted(scene: Scene) -> None:
    await scene.send("AcceptOutboundPreview", "{dialog}", "ACCEPT")
    await customer_answers(scene)
    await scene.hears("ann", "InboundCall ACTIVE OUTBOUND")


async def callback_scheduled(scene: Scene) -> None:
    """Ann talks to a customer of a campaign, who is to be called again."""
    await in_outbound_call(scene)
    await scene.send("SHCEDULECALLBACK", "{extension}", "{dialog}", "2030-01-02T10:30", "{customer}")
    await scene.hears("ann", "CallBack Scheduled", "Control", "InboundCall ACTIVE")


# --- what others do --------------------------------------------------------------------------------------------------


async def customer_answers(scene: Scene) -> None:
    """Let the customer whom an agent calls answer, as soon as the telephone rings there."""

    def ringing_calls(state: dict[str, list[dict[str, object]]]) -> list[str]:
        number = scene.fill("{customer}")
        return [
            str(call["id"])
            for call in state["calls"]
            for party in call["parties"]  # type: ignore[attr-defined]
            if party["address"] == number and party["state"] == "ALERTING"
        ]

    state = await scene.until_finesse(lambda state: bool(ringing_calls(state)), "it does not ring at the customer's")
    scene.values["dialog"] = ringing_calls(state)[0]
    await scene.control.outside_answers(scene.values["dialog"])


async def keys_arrive(scene: Scene) -> None:
    """Look whether Finesse was asked to send the keys."""

    async def asked() -> bool:
        return any(
            "SEND_DTMF" in request["body"] and "12#" in request["body"] for request in await scene.control.requests()
        )

    try:
        async with asyncio.timeout(scene.patience):
            while not await asked():  # noqa: ASYNC110 - the control door tells nothing of itself
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise CaseFailed("Finesse was not asked to send the keys") from None


async def customer_hangs_up(scene: Scene) -> None:
    """Let the customer hang up."""
    await scene.control.outside_hangs_up(scene.values["dialog"])


async def bob_answers(scene: Scene) -> None:
    """Let Bob's client answer what rings there."""
    event = await scene.hears("bob", "NewInboundCall")
    scene.values["consultation"] = transcript.call_of(event)
    await scene.send("AnswerCall", "{consultation}", sender="bob")


async def bob_answers_transferred(scene: Scene) -> None:
    """Let Bob's client answer the call that was passed on; the one that announced it is over by then."""
    event = await scene.hears("bob", "NewInboundCall TRANSFER")
    scene.values["consultation"] = transcript.call_of(event)
    await scene.send("AnswerCall", "{consultation}", sender="bob")


def hears(name: str, *events: str) -> Deed:
    """Wait until somebody heard something, before the next step."""

    async def deed(scene: Scene) -> None:
        await scene.hears(name, *events)

    return deed


def sends(command: str, *arguments: str, sender: str = "ann", answers_to: str = "") -> Deed:
    """Let somebody send a further command."""

    async def deed(scene: Scene) -> None:
        await scene.send(command, *arguments, sender=sender, answers_to=answers_to)

    return deed


def _call(scene: Scene, event: Event) -> None:
    scene.values["dialog"] = transcript.call_of(event)
