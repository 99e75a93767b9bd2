"""A Finesse in memory behind the product's door: it answers, refuses, hangs and notifies as a test scripts it."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any
from xml.etree import ElementTree as ET

from agents.documents import dialog_xml, dialogs_xml, reason_codes_xml, user_xml, wrap_up_reasons_xml
from generic_connector.finesse.door import Answer, NotificationSession, Request, SessionClosed
from generic_connector.finesse.failures import FinesseError, NotAuthorised, Refused
from generic_connector.finesse.model import (
    ApiError,
    Credentials,
    Dialog,
    DialogChanged,
    DialogsAdded,
    DialogsRemoved,
    Notification,
    NotificationContent,
    ReasonCode,
    RequestRefused,
    SystemInfo,
    User,
    UserChanged,
    WrapUpReason,
)

ACCEPTED = Answer(status=202)
OPEN_SESSION = "open_session"
"""Stands in scripts and transcripts beside the operations of finesse.requests."""


async def until(condition: Callable[[], object], deadline: float = 5.0) -> None:
    """Wait until something holds. Raises TimeoutError when it does not come to hold in time."""
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("waited in vain")
        await asyncio.sleep(0.001)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it arrived. by: whose rights it used, "" for nobody's."""

    operation: str
    path: str = ""
    body: str = ""
    by: str = ""
    sso: bool = False
    request_id: str = ""
    background: bool = False

    @property
    def user_id(self) -> str:
        """The user in the path."""
        return self.path.removeprefix("/User/").partition("/")[0]

    def value(self, tag: str) -> str:
        """Give what an element of the body says, "" when there is none."""
        return ET.fromstring(self.body).findtext(f".//{tag}") or "" if self.body else ""  # noqa: S314 - our own XML


Reaction = FinesseError | Answer | Callable[[Asked], Awaitable[Answer]]
"""What a request meets: raised, given back, or called."""


@dataclass
class Gate:
    """Holds a request back until it is opened. arrived: how many requests stand before it."""

    arrived: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def open(self) -> None:
        """Let what waits go on."""
        self.opened.set()


class FakeSession:
    """One agent's notification session."""

    def __init__(
        self,
        user_id: str,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
    ) -> None:
        self.user_id = user_id
        self.notify = on_notification
        self._on_closed = on_closed
        self.is_open = True
        self.nodes: list[str] = []

    async def subscribe(self, node: str) -> None:
        """Subscribe to a node more."""
        self.nodes.append(node)

    async def unsubscribe(self, node: str) -> None:
        """Subscribe to it no more."""
        if node in self.nodes:
            self.nodes.remove(node)

    async def close(self) -> None:
        """Close it from our side."""
        self.end(SessionClosed("closed by us", expected=True))

    def end(self, closed: SessionClosed) -> None:
        """Let it end, once."""
        if self.is_open:
            self.is_open = False
            self._on_closed(closed)


class FakeFinesse:
    """Users, their dialogs and their sessions; state changes are carried out and notified, calls are up to the test.

    asked: every request and every opening of a session, in order. dead_on_arrival: how many sessions end at once.
    """

    def __init__(self, *users: User) -> None:
        self.in_service = True
        self.node = "https://fin1.example.com:8445"
        self.system_info = SystemInfo(status="IN_SERVICE")
        self.users = {user.login_id: user for user in users}
        self.passwords = {user.login_id: f"pw{user.login_id}" for user in users}
        self.dialogs: defaultdict[str, list[Dialog]] = defaultdict(list)
        self.reason_codes: defaultdict[str, list[ReasonCode]] = defaultdict(list)
        self.wrap_up_reasons: list[WrapUpReason] = []
        self.sessions: list[FakeSession] = []
        self.asked: list[Asked] = []
        self.dead_on_arrival = 0
        self._scripts: defaultdict[str, deque[Reaction]] = defaultdict(deque)

    # -- what a test does

    def script(self, operation: str, *reactions: Reaction) -> None:
        """Let the next requests of an operation meet these, one each; then it is as always."""
        self._scripts[operation].extend(reactions)

    def hold(self, operation: str, then: Reaction | None = None) -> Gate:
        """Hold the next request of an operation back; after that it meets `then`, or what it always meets.

        What it always meets is decided when the request arrives, as in a network where only the answer is slow.
        """
        gate = Gate()

        async def wait(asked: Asked) -> Answer:
            gate.arrived += 1
            ready = None if then is not None or asked.operation == OPEN_SESSION else await self._usual(asked)
            await gate.opened.wait()
            if ready is not None:
                return ready
            return ACCEPTED if then is None else await self._react(then, asked)

        self.script(operation, wait)
        return gate

    def operations(self, *leave_out: str) -> list[str]:
        """Give what was asked so far, in order, as operation names."""
        return [one.operation for one in self.asked if one.operation not in leave_out]

    def last(self, operation: str) -> Asked:
        """Give the last request of an operation."""
        return next(one for one in reversed(self.asked) if one.operation == operation)

    def session(self, user_id: str) -> FakeSession:
        """Give the agent's open session."""
        return next(one for one in reversed(self.sessions) if one.user_id == user_id and one.is_open)

    def open_sessions(self) -> list[str]:
        """Whose sessions are open."""
        return [one.user_id for one in self.sessions if one.is_open]

    def lose_session(self, user_id: str) -> None:
        """Cut the agent's session."""
        self.session(user_id).end(SessionClosed("the connection was lost"))

    def notify(self, user_id: str, content: NotificationContent, request_id: str = "", source: str = "") -> None:
        """Send a notification to an agent who has a session."""
        if user_id in self.open_sessions():
            self.session(user_id).notify(Notification(source=source, request_id=request_id, content=content))

    def becomes(self, user: User, request_id: str = "") -> None:
        """Let a user become this, and notify it."""
        self.users[user.login_id] = user
        self.notify(user.login_id, UserChanged(user=user), request_id, f"/finesse/api/User/{user.login_id}")

    def call_comes(self, user_id: str, dialog: Dialog, request_id: str = "") -> None:
        """Let a dialog come into a user's collection."""
        self.dialogs[user_id].append(dialog)
        self.notify(user_id, DialogsAdded(dialogs=(dialog,)), request_id, f"/finesse/api/User/{user_id}/Dialogs")

    def call_changes(self, user_id: str, dialog: Dialog, request_id: str = "") -> None:
        """Let a dialog change."""
        self.dialogs[user_id] = [dialog if one.id == dialog.id else one for one in self.dialogs[user_id]]
        self.notify(user_id, DialogChanged(dialog=dialog), request_id, f"/finesse/api/Dialog/{dialog.id}")

    def call_goes(self, user_id: str, dialog: Dialog, request_id: str = "") -> None:
        """Let a dialog leave a user's collection."""
        self.dialogs[user_id] = [one for one in self.dialogs[user_id] if one.id != dialog.id]
        self.notify(user_id, DialogsRemoved(dialogs=(dialog,)), request_id, f"/finesse/api/User/{user_id}/Dialogs")

    def refuse(self, user_id: str, error: ApiError, request_id: str = "", source: str = "") -> None:
        """Refuse what was accepted."""
        self.notify(user_id, RequestRefused(errors=(error,)), request_id, source)

    # -- the door

    async def request(self, request: Request, credentials: Credentials | None, request_id: str = "") -> Answer:
        """Carry out one request as scripted, or as always."""
        asked = Asked(
            operation=request.operation,
            path=request.path,
            body=request.body,
            by=credentials.user_id if credentials is not None else "",
            sso=credentials is not None and credentials.sso,
            request_id=request_id,
            background=request.background,
        )
        self.asked.append(asked)
        self._check(credentials)
        script = self._scripts[request.operation]
        return await self._react(script.popleft(), asked) if script else await self._usual(asked)

    async def open_session(
        self,
        credentials: Credentials,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
        *,
        background: bool = False,
    ) -> NotificationSession:
        """Open a session as scripted, or as always."""
        asked = Asked(operation=OPEN_SESSION, by=credentials.user_id, sso=credentials.sso, background=background)
        self.asked.append(asked)
        if self._scripts[OPEN_SESSION]:
            await self._react(self._scripts[OPEN_SESSION].popleft(), asked)
        self._check(credentials)
        session = FakeSession(credentials.user_id, on_notification, on_closed)
        self.sessions.append(session)
        if len(self.sessions) <= self.dead_on_arrival:
            session.end(SessionClosed("gone"))
        return session

    # -- what a request meets

    def _check(self, credentials: Credentials | None) -> None:
        if credentials is None or self.passwords.get(credentials.user_id) != credentials.secret:
            raise NotAuthorised("wrong password")

    @staticmethod
    async def _react(reaction: Reaction, asked: Asked) -> Answer:
        if isinstance(reaction, FinesseError):
            raise reaction
        return reaction if isinstance(reaction, Answer) else await reaction(asked)

    async def _usual(self, asked: Asked) -> Answer:
        usual: dict[str, Callable[[Asked], Coroutine[Any, Any, Answer]]] = {
            "user": self._user,
            "dialogs": self._dialogs,
            "dialog": self._dialog,
            "sign_in": self._change_user,
            "sign_out": self._change_user,
            "change_state": self._change_user,
            "reason_codes": self._reason_codes,
            "wrap_up_reasons": self._wrap_up_reasons,
        }
        answer = usual.get(asked.operation)
        return await answer(asked) if answer is not None else ACCEPTED

    async def _user(self, asked: Asked) -> Answer:
        user = self.users.get(asked.user_id)
        if user is None:
            raise Refused(404, (ApiError(type="User Not Found", data=asked.user_id),))
        return Answer(status=200, body=user_xml(user))

    async def _dialogs(self, asked: Asked) -> Answer:
        return Answer(status=200, body=dialogs_xml(self.dialogs[asked.user_id]))

    async def _dialog(self, asked: Asked) -> Answer:
        dialog_id = asked.path.removeprefix("/Dialog/")
        for dialog in [one for dialogs in self.dialogs.values() for one in dialogs]:
            if dialog.id == dialog_id:
                return Answer(status=200, body=dialog_xml(dialog))
        raise Refused(404, (ApiError(type="Dialog Not Found", data=dialog_id),))

    async def _change_user(self, asked: Asked) -> Answer:
        """Accept, and notify a moment later; a sign-in does not end what is going on."""
        user = self.users[asked.user_id]
        wanted = asked.value("state")
        if wanted == "LOGIN":
            state = "NOT_READY" if user.state == "LOGOUT" else user.state
            user = replace(user, state=state, extension=asked.value("extension"), reason_code_id="-1")
        else:
            codes = [code for of_category in self.reason_codes.values() for code in of_category]
            code = next((one for one in codes if one.id == asked.value("reasonCodeId")), None)
            user = replace(user, state=wanted, reason_code=code, reason_code_id="")
            if wanted == "LOGOUT":
                user = replace(user, extension="", reason_code_id="-1")
        self.users[asked.user_id] = user
        asyncio.get_running_loop().call_soon(self.becomes, user, asked.request_id)
        return ACCEPTED

    async def _reason_codes(self, asked: Asked) -> Answer:
        category = asked.path.rpartition("=")[2]
        return Answer(status=200, body=reason_codes_xml(self.reason_codes[category]))

    async def _wrap_up_reasons(self, _asked: Asked) -> Answer:
        return Answer(status=200, body=wrap_up_reasons_xml(self.wrap_up_reasons))
