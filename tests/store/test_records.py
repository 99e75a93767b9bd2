"""What is written is read again, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generic_connector.finesse.model import Credentials, Dialog, User
from generic_connector.protocol.events import State
from generic_connector.store.records import AgentRecord, CallRecord, DestinationRecord, decode, encode
from store.samples import AGENT, DESTINATION, PASSWORD

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
CALLS = st.builds(CallRecord, dialog=st.builds(Dialog, id=TEXT, from_address=TEXT), parties=st.tuples(TEXT))


def test_an_agent_and_a_destination() -> None:
    assert decode(AgentRecord, encode(AGENT)) == AGENT
    assert decode(DestinationRecord, encode(DESTINATION)) == DESTINATION


@given(
    st.builds(
        AgentRecord,
        id=TEXT,
        destination=TEXT,
        credentials=st.builds(Credentials, user_id=TEXT, secret=TEXT, sso=st.booleans()),
        extension=TEXT,
        watched=st.booleans(),
        user=st.builds(User, state=TEXT, first_name=TEXT),
        told=st.none() | st.builds(State, agent_id=TEXT, state=TEXT),
        calls=st.lists(CALLS, max_size=2).map(tuple),
        mobile=st.dictionaries(TEXT, TEXT, max_size=2),
    )
)
def test_any_agent(record: AgentRecord) -> None:
    """Whatever text is in it."""
    assert decode(AgentRecord, encode(record)) == record


@pytest.mark.parametrize("data", [b"", b"\x80", b"nothing", encode(DESTINATION), encode(AGENT)[:-1]])
def test_what_is_no_agent_is_not_read(data: bytes) -> None:
    with pytest.raises((ValueError, msgspec.DecodeError)):
        decode(AgentRecord, data)


def test_another_version_is_not_read() -> None:
    """Who comes from another release connects anew, rather than being half understood."""
    with pytest.raises(ValueError, match="version 99"):
        decode(AgentRecord, encode(replace(AGENT, version=99)))


def test_no_secret_is_shown() -> None:
    assert PASSWORD not in repr(AGENT)
