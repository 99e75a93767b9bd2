"""Hypothesis strategies: any event with hostile values, and what each format is able to carry of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from generic_connector.protocol import events
from generic_connector.protocol.escaping import TextSettings
from generic_connector.protocol.events import CallData, DialogSummary, Event, Participant, Reason, Team

HOSTILE = st.text(
    st.one_of(st.sampled_from('#|,=:\x00\r\n\t \\"{}é€😀\u2028'), st.characters(exclude_categories=["Cs"])), max_size=8
)
NAMED = HOSTILE.filter(bool)

_CALL_DATA = st.builds(
    CallData,
    ani=HOSTILE,
    associated_dialog_id=HOSTILE,
    variables=st.lists(st.tuples(HOSTILE, HOSTILE), max_size=4).map(tuple),
)
_TEAM = st.builds(Team, id=NAMED, name=NAMED)
_PARTICIPANT = st.builds(Participant, **{field.name: HOSTILE for field in dataclasses.fields(Participant)})
_REASON = st.builds(Reason, code=NAMED, label=HOSTILE)
_NUMBER = st.integers(min_value=-1)
_SUMMARY = st.builds(DialogSummary, dialog_id=NAMED, state=HOSTILE, from_address=HOSTILE, call_data=_CALL_DATA)


def _record(item: type[Any]) -> st.SearchStrategy[Any]:
    types = {"str": HOSTILE, "int": _NUMBER}
    nested = {"SnapShot": events.SnapShot, "SinceMidNight": events.SinceMidNight}
    fields = {str(field.name): str(field.type) for field in dataclasses.fields(item)}
    return st.builds(
        item, **{name: types[kind] if kind in types else _record(nested[kind]) for name, kind in fields.items()}
    )


_RECORDS = (
    events.TeamUser,
    events.ListedAgent,
    events.PhoneBook,
    events.Contact,
    events.SkillGroup,
    events.Supervisor,
    events.QueueNumbers,
    events.UccxQueue,
    events.WaitingQueue,
)
_BY_ANNOTATION: dict[str, st.SearchStrategy[Any]] = {
    "str": HOSTILE,
    "str | None": st.none() | HOSTILE,
    "bool": st.booleans(),
    "Team": _TEAM,
    "CallData": _CALL_DATA,
    "DialogSummary | None": st.none() | _SUMMARY,
    "tuple[str, ...]": st.lists(NAMED, max_size=3).map(tuple),
    **{f"tuple[{item.__name__}, ...]": st.lists(_record(item), max_size=3).map(tuple) for item in _RECORDS},
    "tuple[Team, ...]": st.lists(_TEAM, max_size=3).map(tuple),
    "tuple[Reason, ...]": st.lists(_REASON, max_size=3).map(tuple),
    "tuple[Participant, ...]": st.lists(_PARTICIPANT, max_size=3).map(tuple),
}


def event_classes() -> Iterator[type[Event]]:
    for value in vars(events).values():
        if isinstance(value, type) and issubclass(value, Event) and value is not Event:
            yield value


def _possible(event: Event) -> bool:
    """Whether the product makes such an event: it never tells an associated dialog without a dialog."""
    if isinstance(event, events.DialogStatus):
        return event.dialog is not None or event.associated is None
    return not isinstance(event, events.State) or event.supervisor_id != event.agent_id


def any_event_of(event: type[Event]) -> st.SearchStrategy[Event]:
    fields = {field.name: _BY_ANNOTATION[str(field.type)] for field in dataclasses.fields(event)}
    if "state" in fields:
        fields["state"] = HOSTILE | st.sampled_from(["ACTIVE", "DROPPED", "FAILED"])
    if "category" in fields:
        fields["category"] = HOSTILE | st.sampled_from(["WrapUp", "NOT_READY", "LOGOUT"])
    if "code" in fields:
        fields["code"] = st.sampled_from(["PLEASE_RETRY", "E_CTI_INVALID_CALL_ID", "CF_SOMETHING"])
    return st.builds(event, **fields).filter(_possible)


any_event = st.sampled_from(sorted(event_classes(), key=lambda event: event.__name__)).flatmap(any_event_of)


def carried_by_text(event: Event, settings: TextSettings) -> Event:
    """Give the event as a reader of the text gets it: separators replaced, empty where text has no field."""
    carried: dict[str, Any] = {
        field.name: _as_text(getattr(event, field.name), settings) for field in dataclasses.fields(event)
    }
    match event:
        case events.QueueListUccx(queues=()) | events.QueueListUccxAgent(queues=()):
            return events.QueueList(agent_id=carried["agent_id"], queues=())  # empty lists all read alike
        case events.AgentsList():
            carried["users"] = tuple(
                dataclasses.replace(user, first_name="", last_name="") for user in carried["users"]
            )
        case events.CallBack():
            carried |= {"agent_id": "", "dialog_id": "", "callback_time": "", "callback_number": ""}
        case events.AgentInfo():
            carried["team"] = Team(id=settings.value(event.team.id), name="")
            carried["teams"] = carried["teams"] if event.supervisor else ()
        case events.InboundCall() | events.InboundCallFailed():
            carried["prev_dialog_id"] = None
        case events.ConsultCall():
            carried |= {"to_address": "", "start_time": "", "participants": (), "call_type": ""}
        case events.TeamInfoIds():
            carried["teams"] = tuple(Team(id=team.id, name="") for team in carried["teams"])
        case events.TeamInfoNames():
            carried["teams"] = tuple(Team(id="", name=team.name) for team in carried["teams"])
        case events.Error():
            carried["command"] = ""
            carried["message"] = carried["message"] if settings.error_text else ""
    return type(event)(**carried)


def _as_text(value: Any, settings: TextSettings) -> Any:
    item = settings.item
    match value:
        case str():
            return settings.value(value)
        case CallData():
            variables = tuple((settings.name(name), item(content)) for name, content in value.variables)
            return CallData(
                ani=item(value.ani), associated_dialog_id=item(value.associated_dialog_id), variables=variables
            )
        case DialogSummary():
            return DialogSummary(
                dialog_id=settings.value(value.dialog_id),
                state=settings.value(value.state),
                from_address=settings.value(value.from_address),
                call_data=_as_text(value.call_data, settings),
            )
        case tuple():
            return tuple(_items(part, settings) for part in value)
    return value


def _items(part: Any, settings: TextSettings) -> Any:
    """Replace the separators in all that a part of a list consists of."""
    if isinstance(part, str):
        return settings.item(part)
    if not dataclasses.is_dataclass(part) or isinstance(part, type):
        return part
    values = {field.name: _items(getattr(part, field.name), settings) for field in dataclasses.fields(part)}
    return dataclasses.replace(part, **values)


_ABSENT_IN_JSON: dict[type[Event], dict[str, Any]] = {
    events.AgentInfo: {"full_name": "", "login_name": ""},
    events.State: {"login_name": ""},
    events.NewInboundCall: {"start_time": ""},
    events.NewOutboundPreviewCall: {"start_time": ""},
    events.ConsultCall: {"agent_name": ""},
    events.ConsultCallFailed: {"agent_name": ""},
    events.InboundCallFailed: {"full_name": ""},
    events.DialogState: {"full_name": ""},
    events.ReasonCodes: {"full_name": ""},
    events.TeamUsersList: {"agent_id": ""},
    events.QueueList: {"agent_id": ""},
    events.QueueListUccx: {"agent_id": ""},
    events.QueueListUccxAgent: {"agent_id": ""},
    events.Phonebooks: {"agent_id": ""},
    events.TeamPhoneBooks: {"agent_id": ""},
    events.PhonebookContacts: {"agent_id": ""},
}
_ENDED = {"start_time": "", "from_address": "", "call_data": CallData(), "participants": (), "call_type": ""}


def carried_by_json(event: Event) -> Event:
    """Give the event as a reader of the JSON gets it: every value unchanged, empty where JSON has no member."""
    absent = _ABSENT_IN_JSON.get(type(event), {})
    match event:
        case events.DialogStatus():
            absent = {
                "dialog": _without_association(event.dialog),
                "associated": _without_association(event.associated),
            }
        case events.QueueListUccxAgent(queues=()):
            return events.QueueList(agent_id="", queues=())  # empty lists all read alike
        case events.AgentsList():
            named = {"login_id": "", "full_name": "", "state": "", "team": ""}
            absent = {"agent_id": "", "users": tuple(dataclasses.replace(user, **named) for user in event.users)}
        case events.InboundCall(state="DROPPED"):
            absent = _ENDED
        case events.NewInboundCall() | events.InboundCall() | events.ConsultCall():
            absent = {**absent, "call_data": _alone(event.call_data)}
    carried = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    return type(event)(**{**carried, **absent})


def _alone(data: CallData) -> CallData:
    return dataclasses.replace(data, associated_dialog_id="")


def _without_association(dialog: DialogSummary | None) -> DialogSummary | None:
    return dialog and dataclasses.replace(dialog, call_data=_alone(dialog.call_data))
