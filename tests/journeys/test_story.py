"""The main job: sign in, take a call, hold, retrieve, wrap up, release, not ready with a reason, sign out."""

from __future__ import annotations

import pytest

from generic_connector.agents.settings import ClientSettings
from generic_connector.demo.play import Conversation, Player
from generic_connector.demo.story import Cast, story
from generic_connector.protocol.formats import Format
from journeys.transcripts import CUSTOMER, VARIABLES, json_story, text_story
from journeys.world import World, a_scenario, a_world, as_json, without_times

DEPLOYMENTS = pytest.mark.parametrize("uccx", [False, True], ids=["UCCE", "UCCX"])


class InMemory:
    """The client's end of the in-memory broker."""

    def __init__(self, world: World, destination: str) -> None:
        self._world = world
        self._destination = destination
        self._received = 0

    async def send(self, command_type: str, body: str) -> None:
        self._world.send(command_type, body)

    async def receive(self) -> str:
        self._received += 1
        bodies = await self._world.door.wait_for(self._destination, self._received)
        return bodies[self._received - 1]


async def play(world: World, conversation: Conversation, *, uccx: bool = False, json: bool = False) -> list[str]:
    """Play the whole story; nothing may differ. Gives the transcript, times left out."""

    async def customer_calls() -> None:
        world.finesse.customer_call(CUSTOMER, "8800", VARIABLES)

    player = Player(conversation, customer_calls, Format.JSON if json else Format.TEXT)
    differences = await player.play(story(Cast(), uccx=uccx))
    assert [str(difference) for difference in differences] == []
    return [without_times(body) for body in player.transcript]


@DEPLOYMENTS
async def test_in_text(uccx: bool) -> None:  # noqa: FBT001 - a parameter of the table
    """A text client hears every step, byte for byte, and nothing else."""
    async with a_world(a_scenario(uccx=uccx)) as world:
        assert await play(world, InMemory(world, "CRM1"), uccx=uccx) == text_story(uccx=uccx)
        assert len(world.door.bodies("CRM1")) == len(text_story(uccx=uccx))


@DEPLOYMENTS
async def test_in_json(uccx: bool) -> None:  # noqa: FBT001 - a parameter of the table
    """A JSON client hears the same in the seed's shapes."""
    clients = ClientSettings(default_format=Format.JSON)
    async with a_world(a_scenario(uccx=uccx), clients=clients) as world:
        transcript = await play(world, InMemory(world, "CRM1"), uccx=uccx, json=True)
        assert [as_json(body) for body in transcript] == json_story(uccx=uccx)
        assert len(world.door.bodies("CRM1")) == len(transcript)


async def test_by_websocket() -> None:
    """Where only 8445 or 7443 is open: the same story over the other transport of notifications."""
    async with a_world(websocket=True) as world:
        assert await play(world, InMemory(world, "CRM1")) == text_story()
