from bench.accounting import BEGINS, ENDS, News, account, told_state

ANN = "1001"


def told(state: str, at: float, *, dialog: str = "17", rings: bool = False) -> News:
    return News(ANN, dialog, state, at, rings, left=at + 0.001)


def heard(state: str, at: float, *, dialog: str = "17") -> News:
    return News(ANN, dialog, state, at)


CALL = [told(BEGINS, 1.0, rings=True), told("ACTIVE", 2.0), told(ENDS, 3.0)]


def test_news_that_came_is_measured_from_when_it_was_due() -> None:
    """Each change is compared with its own event; repeated events of one state are one change."""
    came = [heard(BEGINS, 1.25), heard("ACTIVE", 2.5), heard("ACTIVE", 2.75), heard(ENDS, 4.0)]
    found = account(CALL, came)
    assert (found.told, found.lost, found.disordered) == (3, 0, 0)
    assert (found.screen_pops, found.changes) == ([0.25], [0.25, 0.5, 1.0])
    assert found.added == [1.25 - 1.001]


def test_a_warm_up_is_not_measured() -> None:
    came = [heard(BEGINS, 1.25), heard("ACTIVE", 2.5), heard(ENDS, 4.0)]
    assert account(CALL, came, since=2.0).changes == [0.5, 1.0]


def test_news_that_did_not_come_is_lost() -> None:
    found = account([*CALL, told("READY", 3.0, dialog="")], [heard(BEGINS, 1.0), heard(ENDS, 3.0)])
    assert (found.lost, found.disordered) == (2, 0)


def test_news_in_another_order_is_no_loss() -> None:
    found = account(CALL, [heard("ACTIVE", 1.0), heard(BEGINS, 1.0), heard(ENDS, 3.0)])
    assert (found.lost, found.disordered) == (0, 1)


def test_what_a_notice_tells() -> None:
    """The agent's own state decides, the call's where the agent is on the list no more; only DELETE ends a call."""
    notices = (("PUT", "HELD", "ACTIVE"), ("PUT", "", "ACTIVE"), ("PUT", ENDS, ENDS), ("DELETE", "", "ACTIVE"))
    assert [told_state(event=event, own_state=own, dialog_state=call) for event, own, call in notices] == [
        *("HELD", "ACTIVE", "", ENDS)
    ]
