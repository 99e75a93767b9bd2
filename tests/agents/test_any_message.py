"""Whatever a client sends, nothing raises, and each message is answered or counted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.fake_finesse import until
from agents.office import Office, counted, is_idle, open_office
from agents.people import ANN, BOB, SUE
from generic_connector.broker.door import BodyFault, CommandMessage
from generic_connector.protocol.command_table import COMMANDS

hostile = st.text(st.sampled_from("#|,=:1 aé\x00\ud800\n>*."), max_size=12)
ids = st.sampled_from([ANN, BOB, SUE, "crm", "desk", "1009", "", ".."]) | hostile
names = st.sampled_from(sorted(COMMANDS)) | hostile
bodies = (
    st.sampled_from(["", "crm,pw1001", "crm,wrong", "pw1001,4001", "wrong,4001", "16777300", "9,1", "1,a=b"]) | hostile
)
messages = st.builds(
    CommandMessage,
    type=st.builds("{}#{}".format, names, ids) | hostile,
    body=bodies,
    fault=st.none() | st.sampled_from(BodyFault),
    reply_to=st.sampled_from(["", "crm", "desk", "/remote-temp-topic/ID:1"]) | hostile,
    correlation_id=st.sampled_from(["", "mine"]),
    message_id=st.sampled_from(["", "ID:1", "ID:2"]),
    redelivered=st.booleans(),
    properties=st.just({}) | st.dictionaries(st.just("format"), st.sampled_from(["json", "x"])),
)


@dataclass(frozen=True)
class Counters:
    """What the counters of the hub say."""

    crashes: float
    repeated: float
    unanswerable: float

    @staticmethod
    def now() -> Counters:
        crashes, repeated = [counted("commands_refused", reason=reason) for reason in ("crash", "repeated")]
        return Counters(crashes, repeated, counted("unanswerable"))


def told_so_far(office: Office) -> int:
    return sum(len(events) for events in office.door.events.values())


async def everybody_is_idle(office: Office) -> None:
    await until(lambda: all(is_idle(office.hub, agent) for agent in list(office.hub.agents)))


def is_answered(office: Office, told: int, unanswerable: float) -> bool:
    return told_so_far(office) > told or counted("unanswerable") > unanswerable


SILENT = {"connect"}
"""A Connect that succeeds says nothing."""


@settings(deadline=None, max_examples=60)
@given(st.lists(messages, max_size=8))
def test_nothing_raises_and_everything_is_answered(sent: list[CommandMessage]) -> None:
    async def play() -> None:
        async with open_office(result_timeout=0.01) as office:
            await office.sign_in(ANN)
            await office.sign_in(SUE, "desk")
            for message in sent:
                before, told = Counters.now(), told_so_far(office)
                office.hub.receive(office.door, message)
                await everybody_is_idle(office)
                after = Counters.now()
                assert after.crashes == before.crashes
                if message.type.partition("#")[0].strip().lower() in SILENT or after.repeated > before.repeated:
                    continue
                await until(partial(is_answered, office, told, before.unanswerable), 1)

    asyncio.run(play())
