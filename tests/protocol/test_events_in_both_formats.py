from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generic_connector.protocol import json_codec, text
from generic_connector.protocol.events import Event
from generic_connector.protocol.formats import Format, render
from generic_connector.protocol.layout import UnreadableEventError
from generic_connector.protocol.layouts import LAYOUTS, layout_of
from generic_connector.protocol.samples import SAMPLES
from generic_connector.protocol.text import TextSettings
from protocol.event_strategies import any_event, carried_by_json, carried_by_text, event_classes

_SETTINGS = st.builds(
    TextSettings,
    hash_replacement=st.sampled_from(["00100011", "%23", ""]),
    list_separator_replacement=st.sampled_from([" ", ";", "_"]),
    error_text=st.booleans(),
)


@settings(max_examples=400, deadline=None)
@given(any_event, _SETTINGS)
def test_every_event_survives_text(event: Event, text_settings: TextSettings) -> None:
    """What a client reads is what was told, but for the documented replacements."""
    assert text.parse(text.render(event, text_settings)) == carried_by_text(event, text_settings)


@settings(max_examples=400, deadline=None)
@given(any_event)
def test_every_event_survives_json(event: Event) -> None:
    """JSON carries every value unchanged."""
    rendered = json_codec.render(event)
    if layout_of(event).members is None:
        assert rendered is None
    else:
        assert rendered is not None
        assert json_codec.parse(rendered) == carried_by_json(event)


@given(st.text(), st.booleans())
def test_a_reader_refuses_what_is_no_event_by_name(content: str, in_json: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever a client is given to read, it reads an event or says that it is none."""
    try:
        event = json_codec.parse(content) if in_json else text.parse(content)
    except UnreadableEventError:
        return
    assert isinstance(event, Event)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=4,
    ),
    st.sampled_from(LAYOUTS),
)
def test_a_json_reader_refuses_members_of_the_wrong_type_by_name(value: object, layout: object) -> None:
    """A member of another type than the event's makes the text unreadable, it does not break the reader."""
    rows = [row for row in LAYOUTS if row is layout and row.members is not None]
    for row in rows:
        content = {"type": row.event.name, **{member.name: value for member in row.members or ()}}
        try:
            assert isinstance(json_codec.parse(json.dumps(content)), Event)
        except UnreadableEventError:
            continue


def test_every_event_has_a_row_and_a_sample() -> None:
    """An event without a row could not be told, one without a sample would be missing in the documentation."""
    classes = set(event_classes())
    assert {row.event for row in LAYOUTS} == classes
    assert {type(event) for event in SAMPLES.values()} == classes
    assert {id(layout_of(event)) for event in SAMPLES.values()} == {id(row) for row in LAYOUTS}


def test_the_format_decides() -> None:
    event = SAMPLES["Finesse can be worked with"]
    assert render(event, Format.TEXT, TextSettings()) == "System#IN_SERVICE"
    assert render(event, Format.JSON, TextSettings()) == '{"type":"System","status":"IN_SERVICE"}'
    assert render(SAMPLES["The ids of a supervisor's teams"], Format.JSON, TextSettings()) is None


@pytest.mark.parametrize("replacement", ["#", "a|b", ",", "="])
def test_a_replacement_may_not_hold_what_it_replaces(replacement: str) -> None:
    with pytest.raises(ValueError, match="must not hold"):
        TextSettings(hash_replacement=replacement)
    with pytest.raises(ValueError, match="must not hold"):
        TextSettings(list_separator_replacement=replacement)
