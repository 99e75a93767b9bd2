"""Credentials, session cookies and the lock: finesse-rest.md section 1."""

import base64

import pytest

from finesse_simulator.api_errors import ApiFaultError
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.rest.access import Access, user_of
from finesse_simulator.scenario import default
from finesse_simulator.tokens import Tokens


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def door(stage: Rehearsal) -> Access:
    return Access(stage.engine, Tokens(stage.engine.scenario, lambda: stage.engine.now))


@pytest.fixture
def stage() -> Rehearsal:
    return Rehearsal(default())


@pytest.mark.parametrize("user", ["1001", "ann"])
def test_id_and_login_name_open_the_door(stage: Rehearsal, user: str) -> None:
    principal = door(stage).authenticate(basic(user, "agent-secret-1001"), "")
    assert principal.agent is stage.agent("1001")


def test_the_administrator(stage: Rehearsal) -> None:
    assert door(stage).authenticate(basic("administrator", "administrator-secret"), "").administrator


@pytest.mark.parametrize(
    "header",
    ["", "Bearer x", "Basic !", "Basic /w==", basic("1001", "x"), basic("nobody", "x"), basic("", ""), "Basic"],
)
def test_bad_credentials(stage: Rehearsal, header: str) -> None:
    with pytest.raises(ApiFaultError, match="401 Authorization Failure: UNAUTHORIZED"):
        door(stage).authenticate(header, "")


def test_five_bad_passwords_lock_the_account_for_five_minutes(stage: Rehearsal) -> None:
    access, good = (
        door(stage),
        basic("1001", "agent-secret-1001"),
    )
    for _ in range(5):
        with pytest.raises(ApiFaultError):
            access.authenticate(basic("1001", "wrong"), "")
    with pytest.raises(ApiFaultError):
        access.authenticate(good, "")
    assert access.authenticate(basic("1002", "agent-secret-1002"), "").name == "1002"
    stage.wait(301)
    assert access.authenticate(good, "").name == "1001"


def test_id_and_login_name_are_one_account(stage: Rehearsal) -> None:
    access = door(stage)
    for user in ("1001", "ann", "1001", "ann", "1001"):
        with pytest.raises(ApiFaultError):
            access.authenticate(basic(user, "wrong"), "")
    with pytest.raises(ApiFaultError):
        access.authenticate(basic("ann", "agent-secret-1001"), "")


def test_sessions_are_not_kept_for_ever(stage: Rehearsal) -> None:
    access = door(stage)
    ann = access.authenticate(basic("1001", "agent-secret-1001"), "")
    first = access.open_session(ann)
    for _ in range(10_000):
        access.open_session(ann)
    with pytest.raises(ApiFaultError):
        access.authenticate("", first)


def test_a_good_password_starts_the_count_anew(stage: Rehearsal) -> None:
    access = door(stage)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(ApiFaultError):
                access.authenticate(basic("1001", "wrong"), "")
        access.authenticate(basic("1001", "agent-secret-1001"), "")


def test_a_session_cookie_is_believed_before_the_header(stage: Rehearsal) -> None:
    access = door(stage)
    ann = access.authenticate(basic("1001", "agent-secret-1001"), "")
    cookie = access.open_session(ann)
    assert access.authenticate("", cookie).agent is ann.agent
    assert access.authenticate(basic("1002", "agent-secret-1002"), cookie).agent is ann.agent
    assert access.authenticate(basic("1002", "agent-secret-1002"), "unknown").name == "1002"


def test_passwords_may_hold_colons() -> None:
    assert user_of(basic("a", "b:c")) == ("a", "b:c")
