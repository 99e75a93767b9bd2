"""What real servers do to a clean sequence of notices: repeat, reorder, shuffle, and write otherwise.

Sources: finesse-notifications.md sections 8, 10 and 12. It stands between the engine and the notification server, so
that the engine stays clean. With the same seed and the same notices, the same happens.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from finesse_simulator.engine.views import DialogView, UserView
from finesse_simulator.engine.world import Notice
from finesse_simulator.scenario import Fidelity
from finesse_simulator.updates import Style
from finesse_simulator.vocabulary import AgentState, DialogState, Event

TRACE = "user.trace"
"""The ECC variable that data-only PUTs change."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A notice with the simulated second at which it goes out."""

    when: float
    notice: Notice


def style_of(switches: Fidelity) -> Style:
    """Say how documents are written."""
    return Style(lower_case_events=switches.lower_case_events, capital_roots=switches.capital_roots)


class Distorter:
    """Turns each notice into what goes out. Per node the order stays; between nodes it need not."""

    def __init__(self, switches: Fidelity) -> None:
        self.switches = switches
        self._random = random.Random(switches.seed)  # noqa: S311  it only plays
        self._not_before: dict[str, float] = {}
        self._traces: dict[tuple[str, str], int] = {}

    def distort(self, notice: Notice, now: float) -> list[Planned]:
        """Give what goes out for a notice, in order."""
        when = self._time(notice.node, now)
        return [Planned(when, self._shown(one)) for one in self._repeated(notice)]

    def _time(self, node: str, now: float) -> float:
        """Be late by up to so much, but never before what was sent to the same node."""
        late = self._random.uniform(0.0, self.switches.reorder_seconds)
        when = max(now + late, self._not_before.get(node, 0.0))
        if self.switches.reorder_seconds:
            self._not_before[node] = when
        return when

    def _repeated(self, notice: Notice) -> list[Notice]:
        body, switches = notice.body, self.switches
        notices = [notice]
        if notice.event is not Event.PUT:
            return notices
        if isinstance(body, UserView | DialogView) and self._happens(switches.duplicates):
            notices.append(notice)
        if isinstance(body, UserView) and body.state == AgentState.LOGOUT and switches.double_logout:
            notices.append(replace(notice, request_id=""))
        if isinstance(body, DialogView) and body.state == DialogState.ACTIVE and self._happens(switches.data_only):
            key = (notice.user_id, body.id)
            notices.append(replace(notice, request_id="", body=_traced(body, self._traces.get(key, 0) + 1)))
        return notices

    def _shown(self, notice: Notice) -> Notice:
        """Show a dialog with its trace, and with its participants in any order."""
        view = notice.body
        if not isinstance(view, DialogView):
            return notice
        key = (notice.user_id, view.id)
        own = dict(view.variables).get(TRACE)
        if own is not None:
            self._traces[key] = int(own)
        elif key in self._traces:
            view = _traced(view, self._traces[key])
        if notice.event is Event.DELETE:
            self._traces.pop(key, None)
        if self.switches.shuffle_participants:
            view = replace(view, participants=tuple(self._random.sample(view.participants, len(view.participants))))
        return replace(notice, body=view)

    def _happens(self, share: float) -> bool:
        return share > 0 and self._random.random() < share


def _traced(view: DialogView, number: int) -> DialogView:
    variables = tuple((name, value) for name, value in view.variables if name != TRACE)
    return replace(view, variables=(*variables, (TRACE, str(number))))
