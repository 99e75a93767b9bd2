"""What we know of an agent at Finesse, and what the client was told of it: pure, no waiting.

Finesse owns the state of agents and calls. We hear of it in notifications and ask for it after gaps; the two may
overtake each other, so each is judged by which can be older (finesse-notifications.md sections 9 and 10).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import tzinfo

from generic_connector.agents import translate
from generic_connector.agents.calls import Calls
from generic_connector.agents.translate import Viewer
from generic_connector.finesse import model
from generic_connector.protocol import events
from generic_connector.store.records import AgentRecord

SIGNED_OUT_STATES = frozenset({"", "LOGOUT", "LOGIN", "UNKNOWN"})
"""States in which an agent is not, or not yet, signed in. LOGIN is transient."""


class Mirror:
    """One agent as Finesse tells it.

    extension: the one signed in with here. calls: the agent's calls. uccx: the site is UCCX, else UCCE.
    """

    def __init__(self, agent_id: str, zone: tzinfo | None) -> None:
        self.agent_id = agent_id
        self.zone = zone
        self.user = model.User(login_id=agent_id)
        self.extension = ""
        self.calls = Calls()
        self.uccx = False
        self._told: events.State | None = None
        self._confirmed = True  # a notification showed that it is not older than what was read
        self._heard_while_reading = False

    @property
    def viewer(self) -> Viewer:
        """Through whose eyes the agent's calls are seen."""
        return Viewer(
            self.agent_id,
            self.extension,
            self.user.full_name,
            self.zone,
            supervisor=self.user.is_supervisor,
            uccx=self.uccx,
        )

    @property
    def is_signed_in(self) -> bool:
        """Whether the agent is signed in at Finesse, here or elsewhere."""
        return self.user.state not in SIGNED_OUT_STATES

    # --- the state -------------------------------------------------------------------------------------------------

    def state(self) -> events.State:
        """Tell the agent's state."""
        return translate.state_event(self.user, self.viewer)

    def is_news(self, event: events.State) -> bool:
        """Say whether the client does not know this yet."""
        if self._told is None:
            return True
        signed_out_before = self._told.state == event.state == "LOGOUT"  # Finesse may say it twice
        return event != self._told and not signed_out_before

    def was_told(self, event: events.State) -> None:
        """Note that the client knows this now."""
        self._told = event

    @property
    def told(self) -> events.State | None:
        """The state that the client was told last, None when it was told none."""
        return self._told

    def resume(self, record: AgentRecord) -> None:
        """Take over from somebody who mirrored the agent so far."""
        self.user, self.extension, self._told = record.user, record.extension, record.told
        self.calls.resume(record.calls, self.viewer)

    def farewell(self) -> events.State:
        """Tell a client that loses the agent that the agent signed out there, and begin anew for the next one."""
        signed_out = replace(self.user, state="LOGOUT", pending_state="", reason_code=None)
        event = translate.state_event(signed_out, self.viewer)
        self._told = None
        self.calls.clear()
        return event

    def take(self, user: model.User) -> None:
        """Take a user as Finesse gives it."""
        self.user = translate.completed(user, self.user)

    def is_outdated(self, user: model.User) -> bool:
        """Say whether a user from a notification is older than what was read."""
        return not self._confirmed and user.state_change_time < self.user.state_change_time

    def hear(self, user: model.User) -> bool:
        """Take a user from a notification; say whether it counts, for it may be older than what was read."""
        if self.is_outdated(user):
            return False
        self._confirmed = True
        self._heard_while_reading = True
        self.take(user)
        return True

    # --- reading back ----------------------------------------------------------------------------------------------

    def begin_reading_user(self) -> None:
        """Begin to ask Finesse for the user: what is heard from now on may be newer than the answer."""
        self._heard_while_reading = False

    def begin_reading(self) -> None:
        """Begin to ask Finesse for the user and the calls."""
        self.begin_reading_user()
        self.calls.begin_read_back()

    def read_user(self, user: model.User) -> None:
        """Take a user that was asked for, unless a notification that came meanwhile may be newer.

        A pending state changes without the time of the state. Where what was read is the newer after all, a
        notification will say so.
        """
        if not self._heard_while_reading or user.state_change_time > self.user.state_change_time:
            self.take(user)
            self._confirmed = False

    def read(self, user: model.User, dialogs: Iterable[model.Dialog]) -> list[events.Event]:
        """Take the user and all calls as they were asked for; tell what of the calls is news."""
        self.read_user(user)
        return self.calls.read_back(dialogs, self.viewer)
