"""A book of what was told of agents and calls: the truth to which a client's own book is compared.

A notice stands in it when Finesse tells it, whether or not a notification session was there to hear it. Out of service
Finesse tells nothing, and nothing is written down.
"""

from __future__ import annotations

import time
from collections import deque
from datetime import datetime
from itertools import islice
from typing import NamedTuple

import msgspec

from finesse_simulator.engine.views import DialogView, UserView
from finesse_simulator.engine.world import Notice
from finesse_simulator.markup import timestamp

_KEPT = 200_000
_PAGE = 10_000


class Due(NamedTuple):
    """When something is to be told: by the simulated clock, and by the machine's monotonic one, in seconds."""

    moment: datetime
    seconds: float


class Told(msgspec.Struct, kw_only=True, rename="camel"):
    """A notice in short. subject: `user` or `dialog`; time: when it was told, by the simulated clock.

    due, left: when it was to be told and when it was, in seconds of this machine's monotonic clock: a simulator that is
    busy tells late.

    state, changed: the user's; of a dialog those of the user's own participant, "" when the user is not listed any
    more. dialog_state, from_address and to_address are a dialog's only, pending_state is a user's only.
    """

    number: int
    time: str
    user: str
    subject: str
    due: float
    left: float
    event: str
    state: str
    changed: str
    pending_state: str = ""
    dialog: str = ""
    dialog_state: str = ""
    from_address: str = ""
    to_address: str = ""


class Chronicle:
    """The last two hundred thousand notices of users and dialogs, oldest first; numbers begin with 1."""

    def __init__(self) -> None:
        self._notices: deque[Told] = deque(maxlen=_KEPT)
        self._count = 0

    def enter(self, notice: Notice, extension: str, due: Due) -> None:
        """Write a notice down, when it is of a user or a dialog. extension: the user's, to know its participant."""
        body = notice.body
        if isinstance(body, UserView):
            self._count += 1
            self._notices.append(_of_user(self._count, notice, body, due))
        elif isinstance(body, DialogView):
            self._count += 1
            self._notices.append(_of_dialog(self._count, notice, body, extension, due))

    def after(self, number: int) -> list[Told]:
        """Give what was written down after the notice of that number, at most ten thousand at a time."""
        skipped = max(0, len(self._notices) - (self._count - number))
        return list(islice(self._notices, skipped, skipped + _PAGE))


def _of_user(number: int, notice: Notice, user: UserView, due: Due) -> Told:
    return Told(
        number=number,
        time=timestamp(due.moment),
        due=due.seconds,
        left=time.monotonic(),
        user=notice.user_id,
        subject="user",
        event=str(notice.event),
        state=str(user.state),
        changed=timestamp(user.state_changed),
        pending_state=str(user.pending_state),
    )


def _of_dialog(number: int, notice: Notice, dialog: DialogView, extension: str, due: Due) -> Told:
    own = next((party for party in dialog.participants if party.address == extension), None)
    return Told(
        number=number,
        time=timestamp(due.moment),
        due=due.seconds,
        left=time.monotonic(),
        user=notice.user_id,
        subject="dialog",
        event=str(notice.event),
        state=str(own.state) if own else "",
        changed=timestamp(own.changed) if own else "",
        dialog=dialog.id,
        dialog_state=str(dialog.state),
        from_address=dialog.from_address,
        to_address=dialog.to_address,
    )
