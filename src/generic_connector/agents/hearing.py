"""What Finesse says of an agent, and what the agent's client is told of it.

Notifications and answers to what was asked come here; each is matched with the command whose result it is, if any,
taken into the mirror, and told. Nothing here waits.
Source: client-protocol.md section 6; finesse-notifications.md sections 8 to 11.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from generic_connector.agents import translate
from generic_connector.agents.calls import ENDED, voice_calls
from generic_connector.agents.pending import Expectation, never
from generic_connector.agents.requests import Requests, Result
from generic_connector.errors import CommandError
from generic_connector.finesse import model
from generic_connector.finesse.model import Notification
from generic_connector.protocol import events

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent
    from generic_connector.agents.turn import Turn

DIALLING = frozenset({"MakeCall", "ConsultCall"})
"""Commands that end in BAD_DESTINATION when the call that they start fails for it."""


class Hearing:
    """The ears and the mouth of one agent.

    dialled: the commands that started calls, by dialog. leaving: those that are ending one.
    """

    def __init__(self, agent: Agent, requests: Requests) -> None:
        self._agent = agent
        self._requests = requests
        self.dialled: dict[str, Turn] = {}
        self.leaving: dict[str, Turn] = {}

    def tell_calls(self, told: Iterable[events.Event], turn: Turn | None = None) -> bool:
        """Tell what became of calls, as the answer to a command where there is one; say whether anything was told."""
        if not self._agent.watched:
            return False
        whole = [*told] if turn is None else [*turn.take_before(), *told, *turn.take_after()]
        for event in whole:
            self._agent.tell(event, turn)
            if turn is not None and turn.client is not self._agent.client:
                turn.tell(event)  # whoever asked for it hears it as well
            turn = None  # the first event is the answer
            if isinstance(event, events.InboundCallFailed | events.ConsultCallFailed):
                self._call_failed(event)
        return bool(whole)

    def forget_ended(self) -> None:
        """Forget the commands that belong to calls that are over."""
        for commands in (self.dialled, self.leaving):
            for dialog_id in [one for one in commands if one not in self._agent.mirror.calls]:
                del commands[dialog_id]

    def _call_failed(self, event: events.InboundCallFailed | events.ConsultCallFailed) -> None:
        dialled = self.dialled.pop(event.dialog_id, None)
        if dialled is not None and event.cause == "BAD_DESTINATION":
            dialled.fail(CommandError("BAD_DESTINATION"))

    def hear(self, notification: Notification) -> None:
        """Take one notification, and tell what it means."""
        self._agent.mirror.uccx = self._agent.is_uccx
        result = self._settled(notification)
        turn = result.turn if result is not None else None
        answer = result is not None and result.is_answer
        viewer, calls = self._agent.mirror.viewer, self._agent.mirror.calls
        match notification.content:
            case model.UserChanged(user=user):
                self._user_changed(user, turn, answer=answer)
            case model.DialogsAdded(dialogs=dialogs):
                for dialog in voice_calls(dialogs):
                    if turn is not None and turn.command.name in DIALLING:
                        self.dialled[dialog.id] = turn
                    self.tell_calls(calls.added(dialog, viewer, answer=answer), turn)
            case model.DialogChanged(dialog=dialog):
                for one in voice_calls([dialog]):
                    self._dialog_changed(one, turn, answer=answer)
            case model.DialogsRemoved(dialogs=dialogs):
                for dialog in dialogs:
                    self.tell_calls(calls.removed(dialog, viewer), self.leaving.get(dialog.id) or turn)
                self.forget_ended()
            case model.TeamMemberChanged(user=user):
                self._member_changed(user, notification.node)
            case _:
                pass  # a refusal is settled already; the state of the node is the cluster's affair

    def _is_news(self, content: model.NotificationContent) -> bool:
        """Say whether a change of the user or a dialog changes anything for the client; all else counts as news."""
        if isinstance(content, model.DialogsRemoved):  # where it was announced, it is the answer to who is leaving
            return not any(dialog.id in self.leaving for dialog in content.dialogs)
        if isinstance(content, model.UserChanged):
            user = translate.completed(content.user, self._agent.user)
            return self._agent.mirror.is_news(translate.state_event(user, self._agent.mirror.viewer))
        if not isinstance(content, model.DialogChanged):
            return True
        return any(
            self._agent.mirror.calls.is_news(one, self._agent.mirror.viewer) for one in voice_calls([content.dialog])
        )

    def _dialog_changed(self, dialog: model.Dialog, turn: Turn | None, *, answer: bool) -> None:
        calls = self._agent.mirror.calls
        self.tell_calls(calls.changed(dialog, self._agent.mirror.viewer, answer=answer), turn)
        if turn is not None and dialog.id in calls and translate.call_state(dialog, self._agent.mirror.viewer) == ENDED:
            self.leaving[dialog.id] = turn  # nothing is said of a call that is about to end: its end is the answer

    def _settled(self, notification: Notification) -> Result | None:
        """Find the command that a notification is about.

        What a supervisor asked of a member, Finesse refuses to the supervisor: such a refusal finds its command at the
        member, by its id; without one it could be anybody's.
        """
        result = self._requests.settle(notification, news=self._is_news)
        if result is None and notification.request_id and isinstance(notification.content, model.RequestRefused):
            for member in self._agent.surroundings.agents.values():
                member.hearing.hear_refusal(notification)
        return result

    def hear_refusal(self, notification: Notification) -> None:
        """Take a refusal that another agent's session brought; of no effect unless it is about a command here."""
        self._requests.settle(notification)

    def take_unasked(self, user: model.User) -> None:
        """Take and tell a change of the user that nobody here asked for."""
        if self._agent.mirror.hear(user):
            self._agent.look_at_user()
            self.tell_user(None, answer=False)

    def _user_changed(self, user: model.User, turn: Turn | None, *, answer: bool) -> None:
        late = turn is None and not self._agent.mirror.is_outdated(user) and self._agent.fail_over.undoes(user)
        if late or not self._agent.mirror.hear(user):
            return
        self._agent.look_at_user()
        self.tell_user(turn, answer=answer)

    def tell_user(self, turn: Turn | None, *, answer: bool) -> None:
        """Tell the state, and in any case to whoever asked for what changed it."""
        waits = turn is not None and turn.is_waiting
        if self._agent.watched and not self._agent.tell_state(turn) and answer and not waits:
            self._agent.tell(self._agent.mirror.state(), turn)
        if turn is None or turn.is_waiting:
            return
        if turn.actor is not None:
            turn.tell(self.member_state(turn))  # the supervisor who asked for it hears it as well
        elif turn.client is not self._agent.client or not self._agent.watched:
            turn.tell(self._agent.mirror.state())

    def member_state(self, turn: Turn) -> events.State:
        """Give the agent's state as the supervisor hears it who asked for it."""
        supervisor_id = turn.actor.user_id if turn.actor is not None else ""
        return replace(self._agent.mirror.state(), supervisor_id=supervisor_id)

    def _member_changed(self, member: model.User, node: str) -> None:
        """Tell a supervisor of a team member whose state changed. The supervisor's own state is told anyway."""
        if not self._agent.watched or member.login_id == self._agent.id:
            return
        known = self._agent.surroundings.agents.get(member.login_id)
        if known is not None:  # Finesse tells a member in short
            extension = member.extension or known.mirror.extension
            member = replace(translate.completed(member, known.user), extension=extension)
        viewer = translate.Viewer(member.login_id, zone=self._agent.settings.time_zone)
        self._agent.tell(replace(translate.state_event(member, viewer), supervisor_id=self._agent.id))
        if self._agent.settings.team_member_state_changed:
            team_id = node.removeprefix("/finesse/api/Team/").partition("/")[0]
            self._agent.tell(
                events.TeamMemberStateChanged(agent_id=self._agent.id, team_id=team_id, state=member.state)
            )

    def take_read_back(
        self,
        user: model.User,
        dialogs: Sequence[model.Dialog],
        turn: Turn | None = None,
        expectation: Expectation = never,
    ) -> bool:
        """Take what was read as the truth, and tell the differences, as answers to the commands that wait for them.

        turn: a command whose result is looked for; say whether it was told.
        """
        answered = False

        def asked_for(content: model.NotificationContent) -> Turn | None:
            nonlocal answered
            if turn is None or answered or not expectation(content):
                return self._requests.recognise(content)
            answered = True
            return turn

        self._agent.mirror.uccx = self._agent.is_uccx
        calls = self._agent.mirror.calls
        new = {dialog.id for dialog in dialogs if dialog.id not in calls}
        if not self._requests.is_expected(model.UserChanged(user=user)) and self._agent.fail_over.undoes(user):
            user = self._agent.user
        told = self._agent.mirror.read(user, dialogs)
        self._agent.look_at_user()
        if self._agent.watched and self._agent.mirror.is_news(self._agent.mirror.state()):
            self.tell_user(asked_for(model.UserChanged(user=self._agent.user)), answer=False)
        for dialog_id, some in groupby(told, key=_dialog_id):
            dialog = calls.dialog(dialog_id) or model.Dialog(id=dialog_id)
            began = dialog_id in new
            content = model.DialogsAdded(dialogs=(dialog,)) if began else model.DialogChanged(dialog=dialog)
            if self._agent.watched:
                self.tell_calls(some, asked_for(content))
        self.forget_ended()
        return answered


def _dialog_id(event: events.Event) -> str:
    return getattr(event, "dialog_id", "")
