"""Commands that ask for lists: agents, phone books, queues, skill groups, supervisors; and the site's recorder.

Source: client-protocol.md sections 4 and 5; finesse-rest.md sections 11 and 12.3.
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from generic_connector.agents import translate
from generic_connector.agents.kept_lists import same_view
from generic_connector.errors import CommandError
from generic_connector.finesse import model, payloads
from generic_connector.operations.metrics import RECORDER_FAILURES
from generic_connector.protocol import events
from generic_connector.recording.door import RecordedCall, RecorderUnavailable
from generic_connector.statistics.door import StatisticsUnavailable
from generic_connector.statistics.model import QueueSummary

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent
    from generic_connector.agents.turn import Turn

Found = TypeVar("Found")

NOBODY = frozenset({"", "LOGOUT", "UNKNOWN"})


# --- agents --------------------------------------------------------------------------------------------------------


async def get_all_agents(agent: Agent, turn: Turn) -> None:
    """Tell who is signed in: those signed in here and, with an administrator's account, all others."""
    users = {one.id: one.user for one in agent.surroundings.agents.values() if one.watched}
    administrator = agent.settings.administrator
    if administrator is not None:
        users = {user.login_id: user for user in await _all_users(agent, administrator)} | users
    listed = [_listed(user) for user in users.values() if user.state not in NOBODY]
    turn.tell(events.AgentsList(agent_id=agent.id, users=tuple(listed)))


async def _all_users(agent: Agent, administrator: model.Credentials) -> tuple[model.User, ...]:
    """Ask for all users. That Finesse refuses the site's account is not for the agent to mend by signing in again."""
    try:
        return await agent.asking.ask("users", payloads.parse_users, rights=administrator)
    except CommandError as error:
        if error.code != "SUBSCRIPTION_FAILED":
            raise
        agent.log.warning("the administrator's account is refused")
        raise CommandError("PLEASE_RETRY", "Finesse refuses the administrator's account of this connector") from error


def _listed(user: model.User) -> events.ListedAgent:
    return events.ListedAgent(
        login_id=user.login_id,
        full_name=user.full_name,
        first_name=user.first_name,
        last_name=user.last_name,
        extension=user.extension,
        state=user.state,
        team=user.team_name,
    )


# --- phone books ---------------------------------------------------------------------------------------------------


async def get_phone_books(agent: Agent, turn: Turn) -> None:
    """Tell the agent's phone books."""
    books = await _phone_books(agent)
    told = tuple(events.PhoneBook(name=book.name, type=book.type, id=book.id) for book in books)
    turn.tell(events.Phonebooks(agent_id=agent.id, phone_books=told))


async def get_team_phone_books(agent: Agent, turn: Turn) -> None:
    """Tell a team's phone books; where Finesse has none by team (before 12.5), the agent's own of that type."""
    team_id = turn.command.arguments["team_id"]
    try:
        books = await _team_phone_books(agent, team_id)
    except CommandError as error:
        if agent.user.team_id != team_id:
            raise
        agent.log.info("no phone books by team", code=error.code)
        books = await _phone_books(agent)
    told = [events.PhoneBook(name=book.name, type=book.type, id=book.id) for book in books if book.type == "TEAM"]
    turn.tell(events.TeamPhoneBooks(agent_id=agent.id, phone_books=tuple(told)))


async def get_phone_book_contacts(agent: Agent, turn: Turn) -> None:
    """Tell the contacts of a phone book, by the id that Phonebooks gave."""
    wanted = turn.command.arguments["phone_book_id"]
    book = next((one for one in await _phone_books(agent) if one.id == wanted), None)
    if book is None:
        raise CommandError("PLEASE_RETRY", f"The agent has no phone book {wanted!r}")
    contacts = [
        events.Contact(
            description=contact.description,
            first_name=contact.first_name,
            last_name=contact.last_name,
            phone_number=contact.phone_number,
            id=contact.id or str(position),
        )
        for position, contact in enumerate(book.contacts, 1)
    ]
    turn.tell(events.PhonebookContacts(agent_id=agent.id, contacts=tuple(contacts)))


async def _phone_books(agent: Agent) -> tuple[model.PhoneBook, ...]:
    async def read() -> tuple[model.PhoneBook, ...]:
        return _with_ids(await agent.asking.ask("phone_books", payloads.parse_phone_books, user_id=agent.id))

    return await agent.surroundings.lists.get("phone_books", same_view(agent), read, age=agent.settings.phone_books_age)


async def _team_phone_books(agent: Agent, team_id: str) -> tuple[model.PhoneBook, ...]:
    async def read() -> tuple[model.PhoneBook, ...]:
        return _with_ids(await agent.asking.ask("team_phone_books", payloads.parse_phone_books, team_id=team_id))

    return await agent.surroundings.lists.get(
        "team_phone_books", (same_view(agent), team_id), read, age=agent.settings.phone_books_age
    )


def _with_ids(books: tuple[model.PhoneBook, ...]) -> tuple[model.PhoneBook, ...]:
    """Give each book an id to ask for it by: Finesse's own, else a number made of type and name, which stays."""
    return tuple(replace(book, id=book.id or str(zlib.crc32(f"{book.type}:{book.name}".encode()))) for book in books)


# --- queues, skill groups, supervisors -----------------------------------------------------------------------------


async def get_queue_list(agent: Agent, turn: Turn) -> None:
    """Tell the queues and their numbers: UCCE's from Finesse, UCCX's from the statistics database."""
    if not agent.is_uccx:
        queues = await agent.asking.ask("queues", payloads.parse_queues, user_id=agent.id)
        turn.tell(events.QueueList(agent_id=agent.id, queues=tuple(_queue_numbers(queue) for queue in queues)))
        return
    summaries = await _from_database(agent.surroundings.statistics.queue_summaries())
    if agent.user.is_supervisor:
        turn.tell(events.QueueListUccx(agent_id=agent.id, queues=tuple(_uccx_queue(one) for one in summaries)))
    else:
        turn.tell(events.QueueListUccxAgent(agent_id=agent.id, queues=tuple(_waiting(one) for one in summaries)))


def _queue_numbers(queue: model.Queue) -> events.QueueNumbers:
    numbers: Mapping[str, str] = queue.statistics
    return events.QueueNumbers(
        queue_name=queue.name,
        agents_not_ready=numbers.get("agentsNotReady", ""),
        agents_ready=numbers.get("agentsReady", ""),
        agents_talking_inbound=numbers.get("agentsTalkingInbound", ""),
        agents_talking_internal=numbers.get("agentsTalkingInternal", ""),
        agents_talking_outbound=numbers.get("agentsTalkingOutbound", ""),
        agents_wrap_up_not_ready=numbers.get("agentsWrapUpNotReady", ""),
        agents_wrap_up_ready=numbers.get("agentsWrapUpReady", ""),
        calls_in_queue=numbers.get("callsInQueue", ""),
        start_time_of_longest_call_in_queue=numbers.get("startTimeOfLongestCallInQueue", ""),
    )


def _uccx_queue(summary: QueueSummary) -> events.UccxQueue:
    return events.UccxQueue(
        queue_name=summary.name,
        snap_shot=events.SnapShot(
            waiting_calls=summary.waiting_calls,
            agents_logged_in=summary.agents_logged_in,
            agents_ready=summary.agents_ready,
            agents_not_ready=summary.agents_not_ready,
            agents_in_after_call_work=summary.agents_in_after_call_work,
            agents_talking=summary.agents_talking,
            agents_reserved=summary.agents_reserved,
        ),
        since_mid_night=events.SinceMidNight(
            waiting_calls=summary.waiting_calls,
            handled_calls=summary.handled_calls,
            abandoned_calls=summary.abandoned_calls,
            total_calls=summary.total_calls,
            longest_call_in_queue=summary.longest_call_in_queue,
            longest_handle_time=summary.longest_handle_time,
        ),
    )


def _waiting(summary: QueueSummary) -> events.WaitingQueue:
    return events.WaitingQueue(
        queue_name=summary.name,
        waiting_calls=summary.waiting_calls,
        longest_call_in_queue=summary.longest_waiting,
    )


async def get_skill_groups(agent: Agent, turn: Turn) -> None:
    """Tell UCCE's skill groups."""
    groups = await _from_database(agent.surroundings.statistics.skill_groups())
    told = tuple(events.SkillGroup(id=group.id, name=group.name) for group in groups)
    turn.tell(events.SkillGroups(agent_id=agent.id, skill_groups=told))


async def get_supervisors(agent: Agent, turn: Turn) -> None:
    """Tell UCCE's supervisors."""
    found = await _from_database(agent.surroundings.statistics.supervisors())
    told = tuple(
        events.Supervisor(id=one.id, first_name=one.first_name, last_name=one.last_name, login_name=one.login_name)
        for one in found
    )
    turn.tell(events.Supervisors(agent_id=agent.id, supervisors=told))


async def _from_database(question: Awaitable[Found]) -> Found:
    try:
        return await question
    except StatisticsUnavailable as error:
        raise CommandError("PLEASE_RETRY", f"The database gave no answer: {error.reason}") from error


# --- recording -----------------------------------------------------------------------------------------------------


async def record(agent: Agent, turn: Turn, *, pause: bool) -> None:
    """Pause or resume the recording of the agent's call."""
    recorder = agent.surroundings.recorder
    call = RecordedCall(
        agent_id=agent.id,
        login_name=agent.user.login_name,
        extension=agent.mirror.extension,
        dialog_id=agent.mirror.calls.current,
    )
    try:
        await (recorder.pause(call) if pause else recorder.resume(call))
    except RecorderUnavailable as error:
        RECORDER_FAILURES.inc()
        raise CommandError("PLEASE_RETRY", f"The recorder did not do it: {error.reason}") from error
    turn.tell(translate.control("The recording is paused" if pause else "The recording goes on", agent.mirror.viewer))
