import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finesse import updates
from generic_connector.finesse import payloads
from generic_connector.finesse.failures import PayloadError
from generic_connector.finesse.model import (
    ApiError,
    Contact,
    Dialog,
    DialogChanged,
    DialogsAdded,
    DialogsRemoved,
    Notification,
    Participant,
    PhoneBook,
    Queue,
    QueueChanged,
    QueuesAdded,
    QueuesRemoved,
    ReasonCode,
    RequestRefused,
    SystemInfo,
    SystemInfoChanged,
    Team,
    TeamMemberChanged,
    User,
    UserChanged,
    UserRemoved,
    WrapUpReason,
)

TIME = "2026-01-02T03:04:05.678Z"
ANN = User(
    login_id="1001001",
    login_name="ann",
    first_name="Ann",
    last_name="Lee",
    state="NOT_READY",
    state_change_time=TIME,
    reason_code_id="49",
    reason_code=ReasonCode(id="49", code="27", label="Lunch & more", category="NOT_READY"),
    extension="4001",
    roles=("Agent", "Supervisor"),
    team_id="5000",
    team_name="T1",
    teams=(Team(id="5000", name="T1"),),
    wrap_up_on_incoming="REQUIRED",
    media_type="1",
)
CALL = Dialog(
    id="16777300",
    associated_dialog_id="16777299",
    from_address="5551230001",
    to_address="801031",
    state="ALERTING",
    call_type="PREROUTE_ACD_IN",
    dnis="4001",
    dialed_number="801031",
    wrap_up_reason="Billing",
    call_variables=(
        ("callVariable1", "a < b & c"),
        *((f"callVariable{number}", "") for number in range(2, 11)),
        ("user.cust.id", "77"),
    ),
    participants=(
        Participant(
            media_address="4001",
            media_address_type="AGENT_DEVICE",
            state="ALERTING",
            start_time=TIME,
            state_change_time=TIME,
            actions=("ANSWER",),
        ),
        Participant(
            media_address="5551230001",
            state="INITIATED",
            start_time=TIME,
            state_change_time=TIME,
            actions=("UPDATE_CALL_DATA", "DROP"),
        ),
    ),
    media_type="Voice",
)
BOB = User(
    login_id="1001002",
    first_name="Bob",
    last_name="Ray",
    state="NOT_READY",
    state_change_time=TIME,
    reason_code=ReasonCode(id="1", code="10", label="Tea", category="NOT_READY"),
)
CEM = User(login_id="1001003", state="READY")
SALES = Queue(
    id="1004",
    name="Sales",
    statistics={"callsInQueue": "3", "startTimeOfLongestCallInQueue": "", "agentsReady": "-1"},
)
REFUSAL = ApiError(type="Generic Error", message="INVALID_ACTION UPDATE_CALL_DATA on extension 4001", data="4001")
OF_ANN = "/finesse/api/User/1001001"
OF_CALL = "/finesse/api/Dialog/16777300"
OF_SALES = "/finesse/api/Queue/1004"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (updates.USER_NOT_READY, Notification(source=OF_ANN, request_id="r-7", content=UserChanged(user=ANN))),
        (updates.USER_REMOVED, Notification(source=OF_ANN, request_id="", content=UserRemoved())),
        (
            updates.DIALOGS_ADDED,
            Notification(source=f"{OF_ANN}/Dialogs", request_id="", content=DialogsAdded(dialogs=(CALL,))),
        ),
        (
            updates.DIALOGS_REMOVED,
            Notification(source=f"{OF_ANN}/Dialogs", request_id="", content=DialogsRemoved(dialogs=(CALL,))),
        ),
        (updates.DIALOG_CHANGED, Notification(source=OF_CALL, request_id="", content=DialogChanged(dialog=CALL))),
        (
            updates.REQUEST_REFUSED,
            Notification(source=OF_CALL, request_id="145", content=RequestRefused(errors=(REFUSAL,))),
        ),
        (
            updates.SYSTEM_INFO_CHANGED,
            Notification(
                source="/finesse/api/SystemInfo",
                request_id="",
                content=SystemInfoChanged(system_info=SystemInfo(status="OUT_OF_SERVICE", status_reason="CTI")),
            ),
        ),
        (updates.QUEUE_CHANGED, Notification(source=OF_SALES, request_id="", content=QueueChanged(queue=SALES))),
        (
            updates.QUEUE_REMOVED,
            Notification(source=OF_SALES, request_id="", content=QueuesRemoved(queues=(Queue(id="1004"),))),
        ),
        (
            updates.QUEUES_ADDED,
            Notification(
                source=f"{OF_ANN}/Queues",
                request_id="",
                content=QueuesAdded(queues=(Queue(id="1004", name="Sales"),)),
            ),
        ),
        (updates.QUEUES_ADDED.replace("queues>", "clientLog>"), None),
    ],
    ids=[
        *("user", "user removed", "dialogs added", "dialogs removed", "dialog", "errors", "system info"),
        *("queue", "queue removed", "queues added", "something else"),
    ],
)
def test_an_update_document_says_what_happened(text: str, expected: Notification | None) -> None:
    assert payloads.parse_update(text) == expected


@pytest.mark.parametrize(
    ("text", "members"),
    [
        (updates.MEMBER_CHANGED, [BOB]),
        (updates.TEAM_CHANGED, [BOB, CEM]),
        (updates.MEMBER_CHANGED.replace("put", "DELETE"), []),
        (updates.USER_REMOVED, []),
        ("<Update><data><team/></data><event>PUT</event></Update>", []),
    ],
    ids=["a user", "a team", "deleted", "nobody", "nothing"],
)
def test_by_a_teams_node_come_its_members(text: str, members: list[User]) -> None:
    """In both documented shapes; the source may be the user, which the node must not let pass for the agent's own."""
    found = payloads.parse_updates(text, node=updates.TEAM_NODE)
    assert [notification.content for notification in found] == [TeamMemberChanged(user=user) for user in members]
    assert {notification.node for notification in found} <= {updates.TEAM_NODE}


def test_the_same_document_by_the_users_own_node_is_about_the_user() -> None:
    node = "/finesse/api/User/1001002"
    notification = payloads.parse_update(updates.MEMBER_CHANGED, node=node)
    assert notification == Notification(source=node, request_id="", content=UserChanged(user=BOB), node=node)


def test_a_refusal_by_a_teams_node_stays_one() -> None:
    notification = payloads.parse_update(updates.REQUEST_REFUSED, node=updates.TEAM_NODE)
    assert notification is not None
    assert notification.content == RequestRefused(errors=(REFUSAL,))


def test_the_documentations_spelling_says_the_same_as_the_wires() -> None:
    """Documents print <User>, <ReasonCode>, lower-case events and another order of elements."""
    spelt = updates.USER_NOT_READY
    for wire, document in (("user>", "User>"), ("reasonCode>", "ReasonCode>"), ("<event>PUT", "<event>put")):
        spelt = spelt.replace(wire, document)
    head, data, tail = spelt.partition("<event>put</event>")
    reordered = head.replace("<Update>", f"<Update>{data}") + tail
    assert payloads.parse_update(reordered) == payloads.parse_update(updates.USER_NOT_READY)


def test_the_event_word_and_not_the_state_says_that_a_dialog_is_gone() -> None:
    text = updates.DIALOG_CHANGED.replace("PUT", "delete")
    notification = payloads.parse_update(text)
    assert notification is not None
    assert notification.content == DialogsRemoved(dialogs=(CALL,))


def test_tasks_of_other_media_are_not_followed() -> None:
    text = updates.DIALOGS_ADDED.replace("1001001/Dialogs</source>", "1001001/Media/5002/Dialogs</source>")
    assert payloads.parse_update(text) is None


def test_unknown_elements_are_skipped() -> None:
    text = updates.DIALOG_CHANGED.replace("<state>", "<new><state>x</state></new><state>").replace(
        "<Participant>", "<Participant><newer/>"
    )
    notification = payloads.parse_update(text)
    assert notification is not None
    assert notification.content == DialogChanged(dialog=CALL)


def test_every_field_may_be_missing() -> None:
    assert payloads.parse_user("<User/>") == User()
    assert payloads.parse_dialog("<Dialog><uri>/finesse/api/Dialog/7</uri></Dialog>") == Dialog(id="7")
    assert payloads.parse_system_info("<SystemInfo/>") == SystemInfo()
    assert payloads.parse_dialogs("<Dialogs/>") == ()


def test_lists_are_read() -> None:
    assert payloads.parse_users("<Users><User><loginId>1</loginId></User><User/></Users>") == (
        User(login_id="1"),
        User(),
    )
    reason_codes = (
        '<ReasonCodes category="NOT_READY"><ReasonCode><uri>/finesse/api/ReasonCode/31</uri>'
        "<category>NOT_READY</category><code>27</code><label>Lunch</label><forAll>false</forAll></ReasonCode></ReasonCodes>"
    )
    assert payloads.parse_reason_codes(reason_codes) == (
        ReasonCode(id="31", code="27", label="Lunch", category="NOT_READY"),
    )
    wrap_up = (
        "<WrapUpReasons><WrapUpReason><uri>/finesse/api/User/70011/WrapUpReason/9</uri><label>Billing</label>"
        "<forAll>true</forAll></WrapUpReason></WrapUpReasons>"
    )
    assert payloads.parse_wrap_up_reasons(wrap_up) == (WrapUpReason(id="9", label="Billing"),)


def test_teams_queues_and_phone_books_are_read() -> None:
    assert payloads.parse_team(updates.TEAM) == Team(id="5000", name="T1", users=(BOB, CEM))
    sales = "<Queue><uri>/finesse/api/Queue/1004</uri><name>Sales</name></Queue>"
    assert payloads.parse_queues(sales) == (Queue(id="1004", name="Sales"),)
    assert payloads.parse_queues(f"<Queues>{sales}<Queue/></Queues>") == (Queue(id="1004", name="Sales"), Queue(id=""))
    duty = Contact(first_name="Duty", last_name="Manager", phone_number="5550101", description="nights")
    assert payloads.parse_phone_books(updates.PHONE_BOOKS) == (
        PhoneBook(name="Escalation", type="TEAM", contacts=(duty,)),
        PhoneBook(id="7", name="All", type="GLOBAL", contacts=(Contact(id="8", phone_number="1"),)),
    )


def test_a_scheduled_callback_and_a_classification_are_read() -> None:
    dialog = payloads.parse_dialog(
        "<Dialog><id>7</id><callbackNumber>9</callbackNumber><scheduledCallbackInfo>"
        "<callbackTime>2026-03-01T14:30</callbackTime><callbackNumber>5550199</callbackNumber></scheduledCallbackInfo>"
        "<mediaProperties><outboundClassification>ANS_MACHINE</outboundClassification></mediaProperties></Dialog>"
    )
    assert dialog == Dialog(
        id="7",
        callback_time="2026-03-01T14:30",
        callback_number="5550199",
        outbound_classification="ANS_MACHINE",
    )


@pytest.mark.parametrize(("domain", "secure_port"), [("fina.lab.example", 5223), ("FINB.lab.example", 6223)])
def test_system_info_gives_the_ports_of_the_node_that_answers(domain: str, secure_port: int) -> None:
    info = payloads.parse_system_info(updates.SYSTEM_INFO.format(domain=domain))
    assert info.xmpp_secure_port == secure_port
    assert (info.xmpp_domain, info.xmpp_pubsub_domain) == (domain, f"pubsub.{domain}")
    assert (info.primary_host, info.secondary_host) == ("fina.lab.example", "finb.lab.example")
    assert (info.status, info.deployment_type, info.auth_mode) == ("IN_SERVICE", "UCCE", "NON_SSO")


@pytest.mark.parametrize("port", ["", "x", "-1", "99999", "123456789", "²"])
def test_a_port_that_is_none_counts_as_not_told(port: str) -> None:
    text = f"<SystemInfo><primaryNode><xmppPort>{port}</xmppPort></primaryNode></SystemInfo>"
    assert payloads.parse_system_info(text).xmpp_port == 0


def test_api_errors_are_read_in_any_order_and_case() -> None:
    sync = (
        "<ApiErrors><ApiError><ErrorType>A</ErrorType><ErrorData>c</ErrorData><ErrorMessage>b</ErrorMessage></ApiError>"
        "</ApiErrors>"
    )
    later = (
        "<apiErrors><apiError><errorData>c</errorData><errorMessage>b</errorMessage><errorType>A</errorType></apiError>"
        "</apiErrors>"
    )
    assert (
        payloads.parse_api_errors(sync)
        == payloads.parse_api_errors(later)
        == (ApiError(type="A", message="b", data="c"),)
    )


@pytest.mark.parametrize("body", ["", "<!DOCTYPE html><html><body>401</body></html>", "<html></html>", "{}"])
def test_a_body_that_is_no_api_errors_document_has_no_errors(body: str) -> None:
    assert payloads.parse_api_errors(body) == ()


BOMB = '<!DOCTYPE Update [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Update>&b;</Update>'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "<Update>",
        "<User/>",
        "<Update>\0</Update>",
        "<Update>\ud800</Update>",
        "<Update>&unknown;</Update>",
        BOMB,
        "<Update>" + "x" * payloads.NOTIFICATION_LIMIT + "</Update>",
        "<Update>" + "<a>" * 5000 + "</a>" * 5000 + "</Update>",
        "<Update><data><dialog><state>ACTIVE</state></dialog></data></Update>",
    ],
    ids=range(11),
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(PayloadError):
        payloads.parse_update(text)


PARSERS = (
    payloads.parse_update,
    payloads.parse_user,
    payloads.parse_users,
    payloads.parse_dialog,
    payloads.parse_dialogs,
    payloads.parse_reason_codes,
    payloads.parse_wrap_up_reasons,
    payloads.parse_system_info,
    payloads.parse_team,
    payloads.parse_queues,
    payloads.parse_phone_books,
    payloads.parse_api_errors,
)
TAGS = st.sampled_from(
    re.findall(
        r"<(\w+)>",
        updates.USER_NOT_READY
        + updates.DIALOGS_ADDED
        + updates.DIALOG_CHANGED
        + updates.REQUEST_REFUSED
        + updates.SYSTEM_INFO
        + updates.QUEUE_CHANGED
        + updates.TEAM_CHANGED
        + updates.PHONE_BOOKS
        + "<User><Users><Dialogs><ReasonCodes><ReasonCode><WrapUpReasons><WrapUpReason><systemInfo>",
    )
)
TREES = st.recursive(
    st.text(max_size=5).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.builds(
        lambda tag, children: f"<{tag}>{''.join(children)}</{tag}>", TAGS, st.lists(inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("latin-1")), TREES))
def test_nothing_but_a_payload_error_is_ever_raised(text: str) -> None:
    for parse in PARSERS:
        try:
            parse(text)
        except PayloadError:
            continue


@given(TREES)
def test_whatever_stands_in_an_update_is_read_or_refused(inner: str) -> None:
    with contextlib.suppress(PayloadError):
        for node in ("", updates.TEAM_NODE):
            payloads.parse_updates(f"<Update><data>{inner}</data><event>PUT</event></Update>", node=node)
