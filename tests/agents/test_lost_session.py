"""Cut off from Finesse: the session comes back, the differences are told, then DialogStatus (section 3, rule 8)."""

from __future__ import annotations

from agents.fake_finesse import OPEN_SESSION, until
from agents.office import RE_LOGIN, SIGNED_IN, Office, open_office
from agents.people import ANN, BOB, CALL, CONSULTATION, OWN_CALL, ann, consultation, incoming, outgoing
from generic_connector.finesse.failures import Down, NotificationsUnavailable


async def test_nothing_happened_meanwhile(anns: Office) -> None:
    anns.finesse.lose_session(ANN)
    await anns.hears("DialogStatus -")


async def test_everything_that_happened_is_told(anns: Office) -> None:
    """The state, calls that moved on, ended or appeared, and then what there is now."""
    anns.finesse.call_comes(ANN, incoming("ACTIVE"))
    anns.finesse.call_comes(ANN, consultation("INITIATED"))
    await anns.hears(f"InboundCall ACTIVE {CALL}", f"ConsultCall INITIATED {CONSULTATION}")
    anns.forget()
    gate = anns.finesse.hold(OPEN_SESSION)
    anns.finesse.lose_session(ANN)
    anns.finesse.becomes(ann("HOLD", 5))
    anns.finesse.call_goes(ANN, consultation("DROPPED"))
    anns.finesse.call_changes(ANN, incoming("HELD", 5))
    anns.finesse.call_comes(ANN, outgoing("ACTIVE", 5))
    gate.open()
    await anns.hears(
        "State HOLD",
        f"ConsultCall DROPPED {CONSULTATION}",
        f"InboundCall HELD {CALL}",
        f"InboundCall ACTIVE {OWN_CALL}",
        f"DialogStatus {CALL} {OWN_CALL}",
    )


async def test_it_is_tried_again_and_again(anns: Office) -> None:
    """Meanwhile commands are carried out: REST may work where the session does not."""
    anns.finesse.script(OPEN_SESSION, *[Down(), NotificationsUnavailable()] * 2)
    gate = anns.finesse.hold(OPEN_SESSION)
    anns.finesse.lose_session(ANN)
    await until(lambda: gate.arrived)
    anns.send("GetState")
    await anns.hears("State NOT_READY")
    gate.open()
    await until(lambda: anns.told()[-1] == "DialogStatus -")
    assert anns.finesse.operations().count(OPEN_SESSION) == 6
    anns.finesse.becomes(ann("READY", 5))
    await until(lambda: anns.told()[-1] == "State READY")


async def test_what_comes_while_it_is_read_back_is_told_at_once(anns: Office) -> None:
    """And an answer that is older undoes none of it, and tells none of it twice."""
    anns.finesse.users[ANN] = ann("RESERVED", 3)
    anns.finesse.dialogs[ANN] = [incoming("ALERTING", 3)]
    gate = anns.finesse.hold("dialogs")
    anns.finesse.lose_session(ANN)
    await until(lambda: gate.arrived)
    anns.finesse.becomes(ann("TALKING", 5))
    anns.finesse.call_changes(ANN, incoming("ACTIVE", 5))
    await until(lambda: len(anns.told()) == 2)
    gate.open()
    await anns.hears("State TALKING", f"InboundCall ACTIVE {CALL}", f"DialogStatus {CALL}")


async def test_a_call_that_ends_while_it_is_read_back_ends_once(anns: Office) -> None:
    anns.finesse.call_comes(ANN, incoming("ACTIVE"))
    await anns.hears(f"InboundCall ACTIVE {CALL}")
    gate = anns.finesse.hold("dialogs")
    anns.finesse.lose_session(ANN)
    await until(lambda: gate.arrived)
    anns.finesse.call_goes(ANN, incoming("DROPPED", 5))
    gate.open()
    await anns.hears(f"InboundCall ACTIVE {CALL}", f"InboundCall DROPPED {CALL}", "DialogStatus -")


async def test_what_is_older_than_what_was_read_is_not_heard(anns: Office) -> None:
    anns.finesse.users[ANN] = ann("HOLD", 5)
    anns.finesse.dialogs[ANN] = [incoming("HELD", 5)]
    anns.finesse.lose_session(ANN)
    await anns.hears("State HOLD", f"InboundCall HELD {CALL}", f"DialogStatus {CALL}")
    anns.forget()
    anns.finesse.becomes(ann("RESERVED", 2))
    anns.finesse.call_changes(ANN, incoming("ALERTING", 2))
    anns.finesse.call_changes(ANN, incoming("ACTIVE", 3))
    anns.finesse.call_changes(ANN, incoming("ACTIVE", 6))
    anns.finesse.becomes(ann("TALKING", 6))
    await anns.hears(f"InboundCall ACTIVE {CALL}", "State TALKING")


async def test_credentials_that_do_not_hold_any_more(anns: Office) -> None:
    """One error, and then the client has to connect again."""
    anns.finesse.passwords[ANN] = "changed"
    anns.finesse.lose_session(ANN)
    await anns.hears("Error SUBSCRIPTION_FAILED")
    await until(lambda: ANN not in anns.hub.agents)
    anns.send("GetState")
    assert anns.bodies()[1:] == [RE_LOGIN]
    await anns.sign_in()


async def test_credentials_refused_with_commands_waiting(anns: Office) -> None:
    gate = anns.finesse.hold("user")
    anns.send("GetState")
    anns.send("MakeReady")
    await until(lambda: gate.arrived)
    anns.finesse.passwords[ANN] = "changed"
    anns.finesse.lose_session(ANN)
    await until(lambda: len(anns.told()) == 2)
    gate.open()
    await anns.hears("Error SUBSCRIPTION_FAILED", "State RE_LOGIN", "State NOT_READY")


async def test_reading_back_is_tried_until_it_works(anns: Office) -> None:
    anns.finesse.script("dialogs", Down(), Down())
    anns.finesse.lose_session(ANN)
    await anns.hears("DialogStatus -")
    assert anns.finesse.operations().count("dialogs") == 4


async def test_who_is_not_signed_in_is_told_nothing(office: Office) -> None:
    office.connect()
    await until(office.finesse.open_sessions)
    office.finesse.lose_session(ANN)
    await until(lambda: "dialogs" in office.finesse.operations())
    await office.idle()
    assert office.told() == []


async def test_one_agents_session_is_nobody_elses_affair(anns: Office) -> None:
    await anns.sign_in(BOB)
    anns.finesse.lose_session(ANN)
    await anns.hears("DialogStatus -")
    assert sorted(anns.finesse.open_sessions()) == [ANN, BOB]


async def test_too_many_notifications_are_read_back_instead() -> None:
    """None is told half; the state is told as Finesse has it."""
    async with open_office(notification_limit=3) as anns:
        await anns.sign_in()
        gate = anns.finesse.hold("dialogs")
        anns.send("refresh")
        await until(lambda: gate.arrived)
        for second in range(2, 9):
            anns.finesse.becomes(ann("READY" if second % 2 else "NOT_READY", second))
        gate.open()
        await until(lambda: anns.told().count("DialogStatus -") == 2)
        await anns.idle()
        assert (anns.viewed(), anns.hub.agents[ANN].user.state_change_time) == (
            "NOT_READY",
            ann("", 8).state_change_time,
        )
        assert [one for one in anns.told() if one.startswith("State")][-1] == "State NOT_READY"


async def test_back_in_service_everybody_is_read_back(anns: Office) -> None:
    """Finesse publishes the last states after a failure, but what began and ended meanwhile it does not."""
    await anns.sign_in(BOB, "desk")
    anns.finesse.users[ANN] = ann("READY", 5)
    anns.hub.status_changed(in_service=True)
    await anns.hears("System#IN_SERVICE", "State READY", "DialogStatus -")
    await anns.hears("System#IN_SERVICE", "1002 DialogStatus -", destination="desk", agent=BOB)


async def test_reading_back_lets_others_commands_pass_until_one_of_the_agents_own_waits(anns: Office) -> None:
    """Two thousand agents are read back together; who has just pressed a button does not wait for all of them."""
    gate = anns.finesse.hold("user")
    anns.finesse.users[ANN] = ann("READY", 5)
    anns.finesse.lose_session(ANN)
    await until(lambda: gate.arrived)
    anns.send("MakeNotReady")
    await anns.hears("State READY", "DialogStatus -", "State NOT_READY")
    reads = [one.background for one in anns.finesse.asked if one.operation in {"user", "dialogs"}]
    assert reads[-3:] == [True, False, False]
    gate.open()


async def test_reading_back_is_in_the_background(anns: Office) -> None:
    anns.finesse.lose_session(ANN)
    await anns.hears("DialogStatus -")
    assert [one.background for one in anns.finesse.asked][-3:] == [True] * 3
    anns.send("refresh")
    await anns.hears("DialogStatus -", *SIGNED_IN)
    assert [one.background for one in anns.finesse.asked][-2:] == [False] * 2
