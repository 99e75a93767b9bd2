"""What an agent asks of Finesse, and what is done when no result of it is seen.

A request that changes something is accepted at once and shows its result later (requests.py); each method here says
what that result looks like. Source: finesse-rest.md sections 1 and 2; finesse-notifications.md section 10.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from generic_connector.agents import translate
from generic_connector.agents.pending import any_state, call_from, dialog_moves, never, state_becomes
from generic_connector.agents.requests import Expected, Requests
from generic_connector.errors import CommandError
from generic_connector.finesse.failures import FinesseError, OutOfService, command_error
from generic_connector.finesse.model import Credentials

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent
    from generic_connector.agents.turn import Turn

Document = TypeVar("Document")


class Asking:
    """One agent's requests, made with the agent's own rights where none are given."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        surroundings = agent.surroundings
        self._requests = Requests(surroundings.finesse, surroundings.settings, overdue=self._overdue)

    @property
    def requests(self) -> Requests:
        """Those whose results are still to be seen."""
        return self._requests

    async def ask(
        self,
        operation: str,
        parse: Callable[[str], Document],
        *,
        rights: Credentials | None = None,
        background: bool = False,
        **values: Any,
    ) -> Document:
        """Make one request, with the agent's own rights where none are given, and read the answer.

        background: no command waits for it (door.Request).

        Raises as Requests.ask does; an answer that cannot be read is the command's error as well, not a crash.
        """
        answer = await self._requests.ask(operation, rights or self._agent.credentials, background=background, **values)
        try:
            return parse(answer.body)
        except FinesseError as failure:
            raise command_error(failure, operation) from failure

    async def change_user(
        self,
        turn: Turn,
        operation: str,
        *states: str,
        rights: Credentials | None = None,
        **values: Any,
    ) -> None:
        """Make a request on the user after which it is in one of the states, or on the way to it."""
        source = f"/finesse/api/User/{self._agent.id}"
        expected = Expected(state_becomes(*states), source, partial(self._look_after_state, turn))
        rights = rights or turn.actor or self._agent.credentials
        await self._requests.act(turn, operation, expected, rights, user_id=self._agent.id, **values)

    async def change_another(self, turn: Turn, operation: str, **values: Any) -> None:
        """Make a request on a user who is not here, whose notifications do not come; only a refusal would be heard."""
        expected = Expected(never, f"/finesse/api/User/{turn.subject}", _nothing)
        await self._requests.act(turn, operation, expected, self._agent.credentials, user_id=turn.subject, **values)

    async def change_dialog(self, turn: Turn, operation: str, dialog_id: str, **values: Any) -> None:
        """Make a request on a dialog after which something happens to it."""
        source = f"/finesse/api/Dialog/{dialog_id}"
        expected = Expected(dialog_moves(dialog_id), source, partial(self._look_after_call, turn, dialog_id))
        await self._requests.act(turn, operation, expected, self._agent.credentials, dialog_id=dialog_id, **values)

    async def press_keys(self, turn: Turn, dialog_id: str, **values: Any) -> None:
        """Make a request on a dialog that shows no result when it succeeds."""
        source = f"/finesse/api/Dialog/{dialog_id}"
        expected = Expected(never, source, _nothing)
        await self._requests.act(turn, "send_dtmf", expected, self._agent.credentials, dialog_id=dialog_id, **values)

    async def start_call(self, turn: Turn, operation: str, **values: Any) -> None:
        """Make a request after which the agent has a new call."""
        source = f"/finesse/api/User/{self._agent.id}/Dialogs"
        expected = Expected(call_from(self._agent.mirror.extension), source, partial(self._look_after_call, turn, ""))
        await self._requests.act(turn, operation, expected, self._agent.credentials, user_id=self._agent.id, **values)

    # --- when no result is seen

    def _overdue(self, turn: Turn, finish: Callable[[], Awaitable[None]]) -> None:
        if self._agent.retired:
            turn.ended = True
            turn.tell(translate.relogin_event(turn.subject))
        else:
            self._agent.log.warning("accepted, but no result seen", command=turn.command.name)
            self._agent.do_first(f"look after {turn.command.name}", partial(self._finish, turn, finish))

    async def _finish(self, turn: Turn, finish: Callable[[], Awaitable[None]]) -> None:
        """Look for the result, and end the command in any case."""
        if turn.ended:
            return
        try:
            await finish()
        except CommandError as error:
            turn.fail(error)
        except OutOfService:
            turn.out_of_service()

    async def _look_after_state(self, turn: Turn) -> None:
        if self._agent.hearing.take_read_back(*await self._agent.read(), turn, any_state):
            return
        if turn.actor is not None:
            turn.tell(self._agent.hearing.member_state(turn))
        else:
            self._agent.answer_with_state(turn)

    async def _look_after_call(self, turn: Turn, dialog_id: str) -> None:
        """Tell the call as it is; a request that moved nothing, such as setting data that were set, is over too."""
        expectation = dialog_moves(dialog_id) if dialog_id else call_from(self._agent.mirror.extension)
        if self._agent.hearing.take_read_back(*await self._agent.read(), turn, expectation):
            return
        told = self._agent.mirror.calls.told(dialog_id)
        if told is None or not (turn.repeats_data or turn.moved):
            raise CommandError("PLEASE_RETRY", "Finesse accepted the request, but nothing came of it")
        self._agent.hearing.tell_calls([told], turn)


async def _nothing() -> None:
    """Do nothing: no news is good news."""
