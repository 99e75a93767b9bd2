"""The calls of one agent as Finesse tells them, and what the client hears of each: pure, no waiting.

The law of this room (client-protocol.md section 6):

* The agent's own participant decides; the dialog's state lags.
* A call is told when something changed that its event carries, and only then.
* DELETE ends a call whatever the states say, once; a DELETE of an unknown dialog says nothing.
* A PUT of an unknown dialog is taken as new.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from generic_connector.agents import translate
from generic_connector.agents.translate import Viewer
from generic_connector.finesse.model import Dialog
from generic_connector.protocol import events
from generic_connector.store.records import CallRecord

PREVIEW_CALL_TYPES = frozenset(
    {
        "OUTBOUND_PREVIEW",
        "OUTBOUND_DIRECT_PREVIEW",
        "OUTBOUND_CALLBACK",
        "OUTBOUND_CALLBACK_PREVIEW",
        "OUTBOUND_PERSONAL_CALLBACK",
        "OUTBOUND_PERSONAL_CALLBACK_PREVIEW",
    },
)
"""Reservations that are offered before anybody is dialled (finesse-rest.md section 7.4)."""

CUSTOMER_LEG = "OUTBOUND"
MONITORED = "SUPERVISOR_MONITOR"
CONFERENCE = "CONFERENCE"

ENDED = events.ENDED

REMEMBERED = 16
"""Of how many calls it is remembered that a read-back told their end: late notifications must not revive them."""


@dataclass(slots=True)
class Call:
    """One call: Finesse's last word on it, and what the client was told last.

    confirmed is False after a read-back until a notification shows that it is not older than what was read.
    shown: the last event by which the client heard of it, which for a call that rings is not what it was told.
    announced: the client was told of it as a new call, or as a preview; that happens once. offered: as a preview.
    parties: those of a conference that a supervisor was told.
    """

    dialog: Dialog
    told: events.Event
    shown: events.Event
    consultation: bool
    confirmed: bool = True
    announced: bool = False
    offered: bool = False
    parties: tuple[str, ...] = ()


class Calls:
    """The calls of one agent, in the order in which they appeared."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._heard: set[str] | None = None  # of which dialogs a notification came since a read-back began
        self._missed: deque[str] = deque(maxlen=REMEMBERED)  # those whose end a read-back told

    def __len__(self) -> int:
        return len(self._calls)

    def __contains__(self, dialog_id: object) -> bool:
        return dialog_id in self._calls

    def dialog(self, dialog_id: str) -> Dialog | None:
        """Give Finesse's last word on a call of this agent."""
        call = self._calls.get(dialog_id)
        return call.dialog if call is not None else None

    @property
    def current(self) -> str:
        """The id of the call that the agent talks in, else of any call, "" when there is none."""
        talking = (dialog_id for dialog_id, call in self._calls.items() if _state(call.told) == "ACTIVE")
        return next(talking, next(iter(self._calls), ""))

    def told(self, dialog_id: str) -> events.Event | None:
        """Give what the client was told of a call last, None when there is no such call."""
        call = self._calls.get(dialog_id)
        return call.told if call is not None else None

    def added(self, dialog: Dialog, viewer: Viewer, *, answer: bool = False) -> list[events.Event]:
        """Take a dialog that came into the agent's collection; answer: as in changed()."""
        if dialog.id in self._missed:
            self._missed.remove(dialog.id)
        return self.changed(dialog, viewer, answer=answer)

    def changed(self, dialog: Dialog, viewer: Viewer, *, answer: bool = False) -> list[events.Event]:
        """Take a dialog that changed; answer: somebody asked for this, so it is told in any case."""
        if dialog.id in self._missed:
            return []
        self._note(dialog.id)
        call = self._calls.get(dialog.id)
        if call is not None and not call.confirmed:
            if is_older(dialog, call.dialog):
                return []
            call.confirmed = True
        return self._tell(dialog, viewer, answer=answer)

    def is_news(self, dialog: Dialog, viewer: Viewer) -> bool:
        """Say whether a dialog that changed has anything new to tell."""
        before = self._calls.get(dialog.id)
        consultation = self._is_consultation(dialog, viewer, before)
        event = call_event(dialog, viewer, consultation=consultation)
        return event is not None and bool(_news(before, event, dialog, viewer))

    def removed(self, dialog: Dialog, viewer: Viewer) -> list[events.Event]:
        """Take a dialog that left the agent's collection."""
        self._note(dialog.id)
        return self._end(dialog, viewer)

    def _end(self, dialog: Dialog, viewer: Viewer) -> list[events.Event]:
        call = self._calls.pop(dialog.id, None)
        if call is None:
            return []
        return [_describe(dialog, viewer, ENDED, consultation=call.consultation)]

    def begin_read_back(self) -> None:
        """Begin to ask for all dialogs: what is heard of a dialog from now on counts for more than the answer."""
        self._heard = set()

    def _note(self, dialog_id: str) -> None:
        if self._heard is not None:
            self._heard.add(dialog_id)

    def read_back(self, dialogs: Iterable[Dialog], viewer: Viewer) -> list[events.Event]:
        """Take all dialogs as Finesse lists them after a gap, and tell each difference that arose meanwhile.

        The list may be older than a notification that came while it was asked for; where it is newer, the next
        notification will say so.
        """
        heard, self._heard = self._heard or set(), None
        listed = {dialog.id: dialog for dialog in dialogs if dialog.id not in heard}
        told: list[events.Event] = []
        for dialog_id, call in list(self._calls.items()):
            if dialog_id not in listed and dialog_id not in heard:
                told += self._end(call.dialog, viewer)
                self._missed.append(dialog_id)
        for dialog in listed.values():
            told += self._tell(dialog, viewer, answer=False)
            if dialog.id in self._calls:
                self._calls[dialog.id].confirmed = False
        return told

    def status(self, viewer: Viewer) -> events.DialogStatus:
        """Tell the agent's call and the one associated with it (a consultation stands second)."""
        main = [call.dialog for call in self._calls.values() if not call.consultation]
        consultations = [call.dialog for call in self._calls.values() if call.consultation]
        ordered = main[:1] + consultations[:1] + main[1:] + consultations[1:]
        first, second = (*ordered, None, None)[:2]
        return events.DialogStatus(
            agent_id=viewer.agent_id,
            dialog=translate.dialog_summary(first, viewer) if first is not None else None,
            associated=translate.dialog_summary(second, viewer) if second is not None else None,
        )

    def present(self) -> list[events.Event]:
        """Give each call as the client heard of it last."""
        return [call.shown for call in self._calls.values()]

    def clear(self) -> None:
        """Forget every call without telling anybody."""
        self._calls.clear()

    def records(self) -> tuple[CallRecord, ...]:
        """Give what whoever takes over has to know."""
        return tuple(
            CallRecord(
                dialog=call.dialog,
                consultation=call.consultation,
                announced=call.announced,
                offered=call.offered,
                parties=call.parties,
            )
            for call in self._calls.values()
        )

    def resume(self, records: Iterable[CallRecord], viewer: Viewer) -> None:
        """Take over from somebody who told the client these calls. What Finesse says of them may be newer by now."""
        for record in records:
            dialog, consultation = record.dialog, record.consultation
            event = call_event(dialog, viewer, consultation=consultation)
            told = event or _describe(dialog, viewer, ENDED, consultation=consultation)
            own = translate.own_participant(dialog, viewer.extension)
            rings = own is not None and own.state == "ALERTING"
            self._calls[dialog.id] = Call(
                dialog=dialog,
                told=told,
                shown=_news(None, told, dialog, viewer)[-1] if rings else told,
                consultation=consultation,
                announced=record.announced,
                offered=record.offered,
                parties=record.parties,
            )

    def _tell(self, dialog: Dialog, viewer: Viewer, *, answer: bool) -> list[events.Event]:
        before = self._calls.get(dialog.id)
        consultation = self._is_consultation(dialog, viewer, before)
        event = call_event(dialog, viewer, consultation=consultation)
        if event is None:
            if before is not None:
                before.dialog = dialog
            return []
        told = _news(before, event, dialog, viewer)
        shown = told[-1] if told or before is None else before.shown
        if answer and not told:
            told = [event]
        announced = any(isinstance(one, events.NewInboundCall) for one in told)
        offered = (before is not None and before.offered) or dialog.call_type in PREVIEW_CALL_TYPES
        parties = before.parties if before is not None else ()
        if viewer.supervisor and dialog.call_type == CONFERENCE:
            conference = translate.conference_participants(dialog, viewer)
            if conference.participants != parties:
                told.append(conference)
            parties = conference.participants
        self._calls[dialog.id] = Call(
            dialog=dialog,
            told=event,
            shown=shown,
            consultation=consultation,
            confirmed=before is None or before.confirmed,
            announced=announced or (before is not None and before.announced),
            offered=offered,
            parties=parties,
        )
        return told

    @staticmethod
    def _is_consultation(dialog: Dialog, viewer: Viewer, before: Call | None) -> bool:
        if translate.is_own_consultation(dialog, viewer):
            return True
        stays = dialog.call_type not in translate.JOINED_CALL_TYPES
        return before is not None and before.consultation and stays


def _news(before: Call | None, event: events.Event, dialog: Dialog, viewer: Viewer) -> list[events.Event]:
    """Give what the client is told of a call that is now as `event` says, before it was told `before`."""
    if before is not None and before.told == event:
        return []
    if dialog.call_type in PREVIEW_CALL_TYPES and (before is None or not before.offered):
        return [translate.new_call(events.NewOutboundPreviewCall, dialog, viewer)]
    own = translate.own_participant(dialog, viewer.extension)
    rings = own is not None and own.state == "ALERTING" and isinstance(event, events.InboundCall)
    if rings and (before is None or not before.announced):
        return [translate.new_call(events.NewInboundCall, dialog, viewer)]
    if before is None and dialog.call_type == MONITORED and not translate.is_outgoing(dialog, viewer):
        # being listened to does not ring
        return [translate.new_call(events.NewInboundCall, dialog, viewer), event]
    state, state_before = _state(event), _state(before.told) if before is not None else ""
    if viewer.uccx and dialog.call_type == CUSTOMER_LEG and state == "ACTIVE" != state_before:
        return [translate.control("The customer has answered", viewer), event]
    return [event]


def _state(event: events.Event) -> str:
    return event.state if isinstance(event, events.InboundCall | events.ConsultCall) else ""


def call_event(dialog: Dialog, viewer: Viewer, *, consultation: bool) -> events.Event | None:
    """Give the event that describes a call as it is now, None where its end is near and DELETE will tell it."""
    state = translate.call_state(dialog, viewer)
    if state == ENDED:
        return None
    if state == "FAILED":
        failed = translate.consult_call_failed if consultation else translate.inbound_call_failed
        return failed(dialog, viewer)
    return _describe(dialog, viewer, state, consultation=consultation)


def _describe(dialog: Dialog, viewer: Viewer, state: str, *, consultation: bool) -> events.Event:
    describe = translate.consult_call if consultation else translate.inbound_call
    return describe(dialog, viewer, state)


def is_older(dialog: Dialog, known: Dialog) -> bool:
    """Say whether a notification was made before what a read-back showed: a party common to both is behind."""
    known_times = {party.media_address: party.state_change_time for party in known.participants}
    return any(party.state_change_time < known_times.get(party.media_address, "") for party in dialog.participants)


def voice_calls(dialogs: Iterable[Dialog]) -> tuple[Dialog, ...]:
    """Give the voice dialogs of a list; tasks of other media are not calls (finesse-rest.md section 6.2)."""
    return tuple(dialog for dialog in dialogs if dialog.media_type in {"", "Voice"})
