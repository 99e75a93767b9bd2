import msgspec
import pytest

from finesse_simulator.rest.failures import Failure, Failures
from finesse_simulator.rest.requests import RequestBook, without_secrets


def test_a_failure_hits_as_often_as_asked() -> None:
    failures = Failures()
    failures.add(Failure(kind="refuse", method="put", path="/User/1001$", user="1001", times=2))
    assert failures.take("GET", "/finesse/api/User/1001", "1001") is None
    assert failures.take("PUT", "/finesse/api/User/1001/Dialogs", "1001") is None
    assert failures.take("PUT", "/finesse/api/User/1001", "1002") is None
    assert [failures.take("PUT", "/finesse/api/User/1001", "1001") is not None for _ in range(3)] == [True, True, False]
    assert failures.waiting() == []


def test_a_failure_without_end() -> None:
    failures = Failures()
    failures.add(Failure(kind="hang", times=0))
    assert all(failures.take("GET", "/", "") for _ in range(9))
    failures.clear()
    assert failures.take("GET", "/", "") is None


def test_a_bad_expression_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="not a regular expression"):
        msgspec.json.decode(b'{"kind": "close", "path": "("}', type=Failure)


def test_how_a_control_failure_is_worded() -> None:
    error = Failure(kind="control_failure", code=34).control_failure()
    assert str(error) == "Call Operation Failure|34|CF_RESOURCE_OUT_OF_SERVICE"
    error = Failure(kind="control_failure", code=22, error_type="Invalid State").control_failure()
    assert str(error) == "Invalid State|22|CF_INVALID_OBJECT_STATE"


@pytest.mark.parametrize(
    ("text", "blanked"),
    [
        ("<User><password>a<b</password></User>", "<User><password>***</password></User>"),
        ("cc_username=1&token=abc&x=1", "cc_username=1&token=***&x=1"),
        ("refresh-token=abc", "refresh-token=***"),
        ("<User><state>READY</state></User>", "<User><state>READY</state></User>"),
    ],
)
def test_secrets_are_blanked(text: str, blanked: str) -> None:
    assert without_secrets(text) == blanked


def test_the_book_of_requests() -> None:
    book = RequestBook()
    entry = book.enter(time=1, method="GET", path="/", query="", user="1", request_id="", body="")
    entry.status = 200
    assert [(request.number, request.status) for request in book.all()] == [(1, 200)]
    book.clear()
    assert book.all() == []
