"""Tells a team of its members: a notice for the team whenever a member's name or state changed.

Sources: finesse-rest.md section 10.1; finesse-notifications.md sections 6 and 8.3.
"""

from __future__ import annotations

from dataclasses import replace

from finesse_simulator.engine.summaries import MemberView
from finesse_simulator.engine.views import DialogView, UserView
from finesse_simulator.engine.world import Notice
from finesse_simulator.vocabulary import Event


class TeamWatch:
    """Hears every notice for users and makes those for their teams. uccx: members have a media state."""

    def __init__(self, *, uccx: bool) -> None:
        self._uccx = uccx
        self._told: dict[str, MemberView] = {}
        self._dialogs: dict[str, set[str]] = {}

    def hear(self, notice: Notice) -> list[Notice]:
        """Give the notices for teams that go out with this one."""
        if isinstance(notice.body, DialogView):
            self._count(notice, notice.body)
            before = self._told.get(notice.user_id)
            return [] if before is None else self._tell(replace(before, media_state=self._media_state(before.user.id)))
        if isinstance(notice.body, UserView):
            return self._tell(MemberView(notice.body, self._media_state(notice.user_id)))
        return []

    def forget(self) -> None:
        """Tell everybody's state anew when it comes next."""
        self._told.clear()

    def _tell(self, view: MemberView) -> list[Notice]:
        before, self._told[view.user.id] = self._told.get(view.user.id), view
        team = view.user.team
        if team is None or (before is not None and _shown(before) == _shown(view)):
            return []
        source = f"/finesse/api/User/{view.user.id}"
        return [Notice("", f"/finesse/api/Team/{team.id}/Users", Event.PUT, source, "", view)]

    def _count(self, notice: Notice, dialog: DialogView) -> None:
        dialogs = self._dialogs.setdefault(notice.user_id, set())
        if notice.event is Event.DELETE:
            dialogs.discard(dialog.id)
        else:
            dialogs.add(dialog.id)

    def _media_state(self, user_id: str) -> str | None:
        if not self._uccx:
            return None
        return media_state(busy=bool(self._dialogs.get(user_id)))


def media_state(*, busy: bool) -> str:
    """Name what UCCX says of a member's phone."""
    return "BUSY" if busy else "IDLE"


def _shown(view: MemberView) -> tuple[object, ...]:
    user = view.user
    return user.first_name, user.last_name, user.state, user.state_changed, view.media_state
