from __future__ import annotations

import string
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generic_connector.errors import ERRORS
from generic_connector.protocol.command import Command
from generic_connector.protocol.command_rows import ANY_CF, CommandRow, Subject
from generic_connector.protocol.commands import (
    COMMANDS,
    MAX_BODY,
    CommandRefused,
    find_row,
    format_command,
    format_variables,
    parse_command,
    split_type,
)
from protocol.event_strategies import event_classes


def refusal(message_type: str, body: str = "") -> CommandRefused:
    with pytest.raises(CommandRefused) as caught:
        parse_command(message_type, body)
    return caught.value


@dataclass(frozen=True)
class Case:
    """A body of a command and what is read from it."""

    name: str
    body: str
    arguments: dict[str, str]


_ON_A_CALL = ("AnswerCall", "ReleaseCall", "HoldCall", "RetrieveCall", "GetDialogState")
READ = [
    Case("Hello", "", {}),
    Case("Hello", " json ", {"format": "JSON"}),
    Case("Hello", "Text", {"format": "TEXT"}),
    Case("Connect", "crm,secret", {"destination": "crm", "password": "secret"}),
    Case("Connect", " crm , secret ", {"destination": "crm", "password": "secret"}),
    Case("Connect", "crm,a,b", {"destination": "crm", "password": "a,b"}),
    Case("Connect", "crm,token, sso ", {"destination": "crm", "password": "token", "sso": "SSO"}),
    Case("Connect", "crm,a,b,SSO", {"destination": "crm", "password": "a,b", "sso": "SSO"}),
    Case("Connect", "crm,SSO", {"destination": "crm", "password": "SSO"}),
    Case("Connect", "crm,a,", {"destination": "crm", "password": "a,"}),
    Case("Login", "secret,1001", {"password": "secret", "extension": "1001"}),
    Case("Login", "a,b,c, +491001 ", {"password": "a,b,c", "extension": "+491001"}),
    Case("LogoutWithReason", "7", {"reason": "7"}),
    Case("MakeNotReadyWithReason", " 7 ", {"reason": "7"}),
    Case("MakeCall", "+49 89 1", {"number": "+49 89 1"}),
    *(Case(name, "16871253", {"dialog_id": "16871253"}) for name in _ON_A_CALL),
    Case(
        "MobileAgentLogin",
        "secret,1001,5550123,true",
        {"password": "secret", "extension": "1001", "dial_number": "5550123", "mode": "CALL_BY_CALL"},
    ),
    Case(
        "MobileAgentLogin",
        "a,b, c , 1001 , +49 89 1 , FALSE ",
        {"password": "a,b, c", "extension": "1001", "dial_number": "+49 89 1", "mode": "NAILED_CONNECTION"},
    ),
    Case("Transfer_sst", " 42054 , 168 ", {"number": "42054", "dialog_id": "168"}),
    Case("ConsultCall", "42054,168", {"number": "42054", "dialog_id": "168"}),
    Case("TransferCall", "42054,168", {"extension": "42054", "dialog_id": "168"}),
    Case("TransferCall", "whatever,168", {"extension": "whatever", "dialog_id": "168"}),
    Case("TransferCall", ",168", {"dialog_id": "168"}),
    Case("ConferenceCall", " ,168", {"dialog_id": "168"}),
    Case("SendDTMF", "168,42#*a", {"dialog_id": "168", "digits": "42#*A"}),
    Case("GetDialogStateControls", "168", {"dialog_id": "168"}),
    Case("GetDialogParticipants", "168", {"dialog_id": "168"}),
    Case("GetAllAgents", "", {}),
    Case("GetPhonebooks", "", {}),
    Case("GetTeamPhonebooks", "7", {"team_id": "7"}),
    Case("GetPhonebookContacts", "10", {"phone_book_id": "10"}),
    Case("GetQueueList", " ", {}),
    Case("SilentMonitor", "42053", {"extension": "42053"}),
    Case("EndSilentMonitor", "168", {"dialog_id": "168"}),
    Case("BargeIn", "42053,168", {"extension": "42053", "dialog_id": "168"}),
    Case("DropParticipant", "42053,168", {"extension": "42053", "dialog_id": "168"}),
    Case("GetTeamUsers", "7", {"team_id": "7"}),
    Case("GetTeamUsers", "7, TRUE ", {"team_id": "7", "subscribe": "true"}),
    Case("GetTeamUsers", "7,false", {"team_id": "7"}),
    Case("GetTeamUsers", "7,", {"team_id": "7"}),
    Case("GetTeamUserState", "1002", {"member_id": "1002"}),
    Case("AcceptOutboundPreview", "168,ACCEPT", {"dialog_id": "168", "action": "ACCEPT"}),
    Case("AcceptOutboundPreview", "168, accept", {"dialog_id": "168", "action": "ACCEPT"}),
    Case("AcceptOutboundPreview", "168", {"dialog_id": "168"}),
    Case("RejectOutboundPreview", "168,Reject", {"dialog_id": "168", "action": "REJECT"}),
    Case("CloseOutboundPreview", "168,CLOSE", {"dialog_id": "168", "action": "CLOSE"}),
    Case(
        "SHCEDULECALLBACK",
        "42053,168,2024-03-01T14:30,5550199",
        {
            "target_media_address": "42053",
            "dialog_id": "168",
            "callback_time": "2024-03-01T14:30",
            "callback_number": "5550199",
        },
    ),
    Case(
        "UPDATECALLBACK",
        ",168,2024-03-01 14:30:59,5550199",
        {"dialog_id": "168", "callback_time": "2024-03-01T14:30", "callback_number": "5550199"},
    ),
    Case("CANCELSHCEDULECALLBACK", "42053,168", {"target_media_address": "42053", "dialog_id": "168"}),
    Case(
        "RECLASSIFYCALL",
        "42053,168,ANS_MACHINE",
        {"target_media_address": "42053", "dialog_id": "168", "classification": "ANS_MACHINE"},
    ),
    Case("GETSKILLGROPU", "", {}),
    Case("GETSUPERVISOR", "", {}),
    Case("ZOOMPauseRecording", "", {}),
    Case("ZOOMResumeRecording", "", {}),
    Case("wrapup", "Sold, twice,16871253", {"reason": "Sold, twice", "dialog_id": "16871253"}),
]


@pytest.mark.parametrize("case", READ, ids=lambda case: f"{case.name}:{case.body}")
def test_what_is_read_from_a_body(case: Case) -> None:
    """The arguments are found as client-protocol.md section 4 says, blanks around them trimmed."""
    command = parse_command(f"{case.name}#1001", case.body)
    assert (command.name, command.subject, command.arguments) == (case.name, "1001", case.arguments)


def test_every_command_with_arguments_is_read() -> None:
    assert {row.name for row in COMMANDS.values() if row.arguments and not row.variables} <= {
        case.name for case in READ
    }


REFUSED = [
    ("Hello", "xml", "PLEASE_RETRY"),
    ("Beat", "something", "PLEASE_RETRY"),
    ("Connect", "", "PLEASE_RETRY"),
    ("Connect", ",secret", "PLEASE_RETRY"),
    ("Connect", "crm", "MISSING_PASSWORD"),
    ("Connect", "crm,", "MISSING_PASSWORD"),
    ("Connect", "crm,,SSO", "MISSING_PASSWORD"),
    ("Login", "", "MISSING_PASSWORD"),
    ("Login", ",1001", "MISSING_PASSWORD"),
    ("Login", "secret", "MISSING_EXTENSION"),
    ("Login", "secret,", "MISSING_EXTENSION"),
    ("Login", "secret,12a", "WRONG_EXTENSION"),
    ("Login", "secret,+", "WRONG_EXTENSION"),
    ("Login", "secret,١٢", "WRONG_EXTENSION"),
    ("Logout", "7", "PLEASE_RETRY"),
    ("LogoutWithReason", "", "MISSING_REASON_CODE"),
    ("LogoutWithReason", "7,8", "PLEASE_RETRY"),
    ("MakeNotReadyWithReason", "  ", "MISSING_REASON_CODE"),
    ("MakeCall", "", "MISSING_NUMBER"),
    ("MakeCall", "1001,1002", "PLEASE_RETRY"),
    ("AnswerCall", "", "MISSING_DIALOG_ID"),
    ("GetDialogState", "1,2", "PLEASE_RETRY"),
    ("wrapup", "", "MISSING_REASON_CODE"),
    ("wrapup", ",16871253", "MISSING_REASON_CODE"),
    ("wrapup", "Sold", "MISSING_DIALOG_ID"),
    ("wrapup", "Sold,", "MISSING_DIALOG_ID"),
    ("update_call_variable", "", "INVALID_CALL_DATA"),
    ("update_call_variable", "1", "INVALID_CALL_DATA"),
    ("update_call_variable", "1,", "INVALID_CALL_DATA"),
    ("update_call_variable", ",a=1", "INVALID_CALL_DATA"),
    ("update_call_variable", "1,a", "INVALID_CALL_DATA"),
    ("update_call_variable", "1,=x", "INVALID_CALL_DATA"),
    ("update_call_variable", "1,a=1|b", "INVALID_CALL_DATA"),
    ("update_call_variable", "1,a=\x00", "INVALID_CALL_DATA"),
    ("MobileAgentLogin", "", "MISSING_PASSWORD"),
    ("MobileAgentLogin", ",1001,5550123,true", "MISSING_PASSWORD"),
    ("MobileAgentLogin", "secret", "MISSING_EXTENSION"),
    ("MobileAgentLogin", "secret,,5550123,true", "MISSING_EXTENSION"),
    ("MobileAgentLogin", "secret,12a,5550123,true", "WRONG_EXTENSION"),
    ("MobileAgentLogin", "secret,1001", "MISSING_NUMBER"),
    ("MobileAgentLogin", "secret,1001,,true", "MISSING_NUMBER"),
    ("MobileAgentLogin", "secret,1001,5550123", "PLEASE_RETRY"),
    ("MobileAgentLogin", "secret,1001,5550123,maybe", "PLEASE_RETRY"),
    ("Transfer_sst", "", "MISSING_NUMBER"),
    ("Transfer_sst", ",168", "MISSING_NUMBER"),
    ("Transfer_sst", "42054", "MISSING_DIALOG_ID"),
    ("Transfer_sst", "42054,168,1", "PLEASE_RETRY"),
    ("ConsultCall", "", "MISSING_NUMBER"),
    ("ConsultCall", "42054,", "MISSING_DIALOG_ID"),
    ("TransferCall", "", "MISSING_DIALOG_ID"),
    ("TransferCall", "42054", "MISSING_DIALOG_ID"),
    ("TransferCall", "42054,", "MISSING_DIALOG_ID"),
    ("TransferCall", "a,b,168", "PLEASE_RETRY"),
    ("ConferenceCall", "42054", "MISSING_DIALOG_ID"),
    ("SendDTMF", "", "MISSING_DIALOG_ID"),
    ("SendDTMF", "168", "MISSING_NUMBER"),
    ("SendDTMF", "168,12x", "PLEASE_RETRY"),
    ("GetDialogStateControls", "", "MISSING_DIALOG_ID"),
    ("GetDialogParticipants", "", "MISSING_DIALOG_ID"),
    ("GetAllAgents", "all", "PLEASE_RETRY"),
    ("GetTeamPhonebooks", "", "PLEASE_RETRY"),
    ("GetPhonebookContacts", "", "PLEASE_RETRY"),
    ("SilentMonitor", "", "MISSING_EXTENSION"),
    ("EndSilentMonitor", "", "MISSING_DIALOG_ID"),
    ("BargeIn", "", "MISSING_EXTENSION"),
    ("BargeIn", "42053", "MISSING_DIALOG_ID"),
    ("DropParticipant", ",168", "MISSING_EXTENSION"),
    ("DropParticipant", "42053", "MISSING_DIALOG_ID"),
    ("GetTeamUsers", "", "PLEASE_RETRY"),
    ("GetTeamUsers", "7,maybe", "PLEASE_RETRY"),
    ("GetTeamUserState", "", "PLEASE_RETRY"),
    ("AcceptOutboundPreview", "", "MISSING_DIALOG_ID"),
    ("AcceptOutboundPreview", ",ACCEPT", "MISSING_DIALOG_ID"),
    ("AcceptOutboundPreview", "168,REJECT", "PLEASE_RETRY"),
    ("RejectOutboundPreview", "", "MISSING_DIALOG_ID"),
    ("CloseOutboundPreview", "168,CLOSE,1", "PLEASE_RETRY"),
    ("SHCEDULECALLBACK", "", "MISSING_DIALOG_ID"),
    ("SHCEDULECALLBACK", "42053,168", "PLEASE_RETRY"),
    ("SHCEDULECALLBACK", "42053,168,2024-03-01T14:30", "PLEASE_RETRY"),
    ("SHCEDULECALLBACK", "42053,168,2024-02-31T14:30,5550199", "PLEASE_RETRY"),
    ("UPDATECALLBACK", "42053,168,tomorrow,5550199", "PLEASE_RETRY"),
    ("CANCELSHCEDULECALLBACK", "42053", "MISSING_DIALOG_ID"),
    ("RECLASSIFYCALL", "42053,,BUSY", "MISSING_DIALOG_ID"),
    ("RECLASSIFYCALL", "42053,168", "PLEASE_RETRY"),
    ("GETSKILLGROPU", "all", "PLEASE_RETRY"),
    ("AnswerCall", "..", "PLEASE_RETRY"),
    ("wrapup", "Sold,.", "PLEASE_RETRY"),
    ("GetTeamUserState", "..", "PLEASE_RETRY"),
    ("update_call_variable", "..,a=1", "INVALID_CALL_DATA"),
    ("MakeCall", "10\x0001", "PLEASE_RETRY"),
    ("MakeCall", "\ud800", "PLEASE_RETRY"),
    ("MakeCall", "1" * (MAX_BODY + 1), "PLEASE_RETRY"),
]


@pytest.mark.parametrize(("name", "body", "code"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_is_refused(name: str, body: str, code: str) -> None:
    """The error is the one of the contract's last column, and it names the command and whom it is about."""
    refused = refusal(f"{name}#1001", body)
    assert (refused.code, refused.command, refused.subject) == (code, name, "1001")
    assert refused.text


VARIABLES = [
    ("callVariable1=a", (("callVariable1", "a"),)),
    ("callVariable1=a| callVariable2 = b |", (("callVariable1", "a"), ("callVariable2", "b"))),
    ("callVariable1=a,b=c", (("callVariable1", "a,b=c"),)),
    ("callVariable1=", (("callVariable1", ""),)),
    ("callVariable1,a", (("callVariable1", "a"),)),
    ("callVariable1,", (("callVariable1", ""),)),
    ("user.account[0],a=b|c=d,e", (("user.account[0]", "a=b|c=d,e"),)),
]


@pytest.mark.parametrize(("data", "variables"), VARIABLES)
def test_the_forms_of_call_data(data: str, variables: tuple[tuple[str, str], ...]) -> None:
    """Whichever of `=` and `,` comes first tells which of the two forms it is."""
    command = parse_command("update_call_variable#1001", f"16871253,{data}")
    assert command.arguments == {"dialog_id": "16871253"}
    assert command.variables == variables


@pytest.mark.parametrize(
    "message_type", ["AnswerCall#1001", "answercall#1001", " ANSWERCALL # 1001 ", "AnswerCall# 1001"]
)
def test_spellings_of_a_command(message_type: str) -> None:
    """Case and blanks do not matter, real clients send both (section 1)."""
    command = parse_command(message_type, "1")
    assert (command.name, command.subject) == ("AnswerCall", "1001")


SPELLINGS = [
    ("MOBILEAGENTLOGIN", "MobileAgentLogin"),
    ("Conferencecall", "ConferenceCall"),
    ("getDialogParticipants", "GetDialogParticipants"),
    ("SHCEDULECALLBACK", "SHCEDULECALLBACK"),
    ("schedulecallback", "SHCEDULECALLBACK"),
    ("CANCELSHCEDULECALLBACK", "CANCELSHCEDULECALLBACK"),
    ("CancelScheduleCallback", "CANCELSHCEDULECALLBACK"),
    ("GETSKILLGROPU", "GETSKILLGROPU"),
    ("GetSkillGroup", "GETSKILLGROPU"),
]


@pytest.mark.parametrize(("sent", "name"), SPELLINGS)
def test_misspelt_names_and_their_corrections(sent: str, name: str) -> None:
    """The seeds' spellings are what goes over the wire; the right ones are taken as well (section 4)."""
    row = find_row(f" {sent} ")
    assert row is not None
    assert row.name == name


def test_no_name_is_made_up() -> None:
    """Only what the contract misspells has a second spelling."""
    assert find_row("GETSUPERVISORS") is None
    assert [row.name for row in COMMANDS.values() if row.aliases] == [
        "GETSKILLGROPU",
        "SHCEDULECALLBACK",
        "CANCELSHCEDULECALLBACK",
    ]


BAD_TYPES = [
    ("", "", "", "is empty"),
    ("#", "", "", "is empty"),
    ("#1001", "", "1001", "is empty"),
    ("Login", "Login", "", "is missing"),
    ("Login#", "Login", "", "is missing"),
    ("Login#  ", "Login", "", "is missing"),
    ("Logn#1001", "Logn", "1001", "is Login meant"),
    ("Nothing like it#1001", "Nothing like it", "1001", "no command"),
    ("x" * 1000 + "#1001", "x" * 40 + "…", "1001", "no command"),
    ("Lo\ngin#1001", "Lo?gin", "1001", "no command"),
    ("GetState#" + "1" * 256, "GetState", "", "longer than"),
    ("GetState#10\x0001", "GetState", "", "control character"),
    ("GetState#10\ud80001", "GetState", "", "control character"),
    ("GetState#10#01", "GetState", "", "second #"),
    ("GetState#..", "GetState", "", "dots"),
]


@pytest.mark.parametrize(("message_type", "command", "subject", "words"), BAD_TYPES)
def test_a_type_that_cannot_be_read(message_type: str, command: str, subject: str, words: str) -> None:
    """The refusal says what to change, and carries no id that could not exist."""
    refused = refusal(message_type)
    assert (refused.code, refused.command, refused.subject) == ("PLEASE_RETRY", command, subject)
    assert words in refused.text


def test_a_refusal_does_not_repeat_the_password() -> None:
    """No text that reaches logs or clients holds what the client sent as a secret."""
    refused = refusal("Login#1001", "s3cret,12a")
    assert "s3cret" not in str(refused)
    assert "s3cret" not in repr(parse_command("Login#1001", "s3cret,1001"))


def test_split_type_takes_anything() -> None:
    assert split_type(" Hello # crm ") == ("Hello", "crm")
    assert split_type("Hello") == ("Hello", "")


_ANY = st.text(st.characters() | st.sampled_from("#,=|\x00\ud800"))
_TYPES = st.builds(lambda name, subject: f"{name}#{subject}", st.sampled_from(sorted(COMMANDS)), _ANY | st.just("1001"))


@settings(max_examples=500, deadline=None)
@given(_TYPES | _ANY, _ANY)
def test_nothing_that_a_client_sends_breaks_the_parser(message_type: str, body: str) -> None:
    """The outcome is a command or a refusal with a code of the table, and both can be encoded."""
    outcome: Command | CommandRefused
    try:
        outcome = parse_command(message_type, body)
    except CommandRefused as refused:
        outcome = refused
    if isinstance(outcome, CommandRefused):
        assert outcome.code in ERRORS
        (outcome.command + outcome.text).encode()
    outcome.subject.encode()


_WORD = st.text(string.ascii_letters + string.digits + "._- é😀", min_size=1, max_size=12).map(str.strip)
_WORD = _WORD.filter(lambda word: bool(word.strip(".")))  # an id of dots alone is refused
_LOOSE = st.text(st.sampled_from("ab,=|#:;\t é😀\"'<&"), min_size=1, max_size=12).map(str.strip).filter(bool)
_PASSWORD = _LOOSE.filter(lambda password: password.rpartition(",")[2].strip().upper() != "SSO")
_NUMBER = st.from_regex(r"\+?[0-9]{1,12}", fullmatch=True)
_MINUTES = st.datetimes().map(lambda time: time.isoformat(timespec="minutes"))
_VALUES: dict[tuple[str, str], st.SearchStrategy[str]] = {
    ("Connect", "password"): _PASSWORD,
    ("Connect", "sso"): st.just("SSO"),
    ("Login", "password"): _LOOSE,
    ("Login", "extension"): _NUMBER,
    ("MobileAgentLogin", "password"): _LOOSE,
    ("MobileAgentLogin", "extension"): _NUMBER,
    ("MobileAgentLogin", "mode"): st.sampled_from(["CALL_BY_CALL", "NAILED_CONNECTION"]),
    ("SendDTMF", "digits"): st.text("0123456789*#ABCD", min_size=1),
    ("GetTeamUsers", "subscribe"): st.just("true"),
    ("AcceptOutboundPreview", "action"): st.just("ACCEPT"),
    ("RejectOutboundPreview", "action"): st.just("REJECT"),
    ("CloseOutboundPreview", "action"): st.just("CLOSE"),
    ("SHCEDULECALLBACK", "callback_time"): _MINUTES,
    ("UPDATECALLBACK", "callback_time"): _MINUTES,
    ("wrapup", "reason"): _LOOSE,
    ("Hello", "format"): st.sampled_from(["JSON", "TEXT"]),
}


@st.composite
def sent_commands(draw: st.DrawFn) -> Command:
    """Draw a command that a client may want to send, with values as hostile as the contract lets them be."""
    row = draw(st.sampled_from([row for row in COMMANDS.values() if not row.variables]))
    required = [argument for argument in row.arguments if not argument.optional]
    sent = row.arguments if draw(st.booleans()) else required
    arguments = {argument.name: draw(_VALUES.get((row.name, argument.name), _WORD)) for argument in sent}
    return Command(name=row.name, subject=draw(_WORD), arguments=arguments)


@settings(max_examples=400, deadline=None)
@given(sent_commands(), st.sampled_from([str, str.upper, str.lower]))
def test_every_command_parses_back_from_what_a_client_sends(command: Command, spelling: type[str]) -> None:
    values = [command.arguments.get(argument.name, "") for argument in COMMANDS[command.name].arguments]
    while values and not values[-1]:
        values.pop()
    message_type, body = format_command(spelling(command.name), command.subject, *values)
    assert parse_command(message_type, body) == command


_NAME = _WORD
_VALUE = st.text(st.sampled_from("ab,=#:;\t é😀\"'<&"), max_size=12).map(str.strip)


@given(st.lists(st.tuples(_NAME, _VALUE), min_size=1, max_size=12).map(tuple))
def test_call_data_parse_back_from_pairs(variables: tuple[tuple[str, str], ...]) -> None:
    message_type, body = format_command("update_call_variable", "1001", "16871253", format_variables(variables))
    assert parse_command(message_type, body).variables == variables


@given(_NAME, _LOOSE | st.just(""))
def test_call_data_parse_back_from_a_name_and_a_value(name: str, value: str) -> None:
    """In this form a value may hold `|` as well."""
    message_type, body = format_command("update_call_variable", "1001", "16871253", name, value)
    assert parse_command(message_type, body).variables == ((name, value),)


def test_an_unknown_command_is_sent_as_it_is() -> None:
    """The client on the command line must be able to send nonsense, to see it refused."""
    assert format_command("Nonsense", "1001", "a") == ("Nonsense#1001", "a")


ROWS = list(COMMANDS.values())


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_rows_are_sound(row: CommandRow) -> None:
    """What a row says in words is what the tables of errors and events know."""
    for code in (row.unreadable, *row.errors, *(argument.missing for argument in row.arguments)):
        assert code in ERRORS or code == ANY_CF or code.startswith("CF_")
    names = {event.name for event in event_classes()}
    told = [row.events, row.events_uccx or (), *(heard.events + (heard.events_uccx or ()) for heard in row.others)]
    assert {event.split()[0] for events in told for event in events} <= names
    assert bool(row.body) == bool(row.arguments)
    assert find_row(row.name.swapcase()) is row
    assert (row.subject is Subject.DESTINATION) == (row.name in {"Hello", "Beat"})
