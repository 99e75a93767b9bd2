from datetime import UTC, datetime

from finesse_simulator.engine.clock import Clock

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def test_tasks_run_in_the_order_of_their_times_and_of_their_asking() -> None:
    clock, ran = Clock(EPOCH), []
    for name, delay in (("c", 2), ("a", 1), ("b", 1)):
        clock.after(delay, lambda name=name: ran.append((name, clock.now)))  # type: ignore[misc]
    clock.run_until(5)
    assert ran == [("a", 1), ("b", 1), ("c", 2)]
    assert clock.moment() == datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)


def test_a_task_may_ask_for_another_one_within_the_same_run() -> None:
    clock, ran = Clock(EPOCH), []

    def again() -> None:
        clock.after(1, lambda: ran.append(clock.now))

    clock.after(1, again)
    clock.run_until(3)
    assert ran == [2]


def test_cancelled_tasks_do_not_run_and_do_not_count() -> None:
    clock, ran = Clock(EPOCH), []
    timer = clock.after(1, lambda: ran.append(1))
    later = clock.after(2, lambda: ran.append(2))
    timer.cancel()
    timer.cancel()
    assert clock.next_due() == later.when
    clock.run_until(9)
    assert ran == [2]
    assert clock.next_due() is None


def test_the_clock_never_goes_back() -> None:
    clock = Clock(EPOCH)
    clock.run_until(5)
    clock.run_until(1)
    assert clock.now == 5
    assert clock.at(2, lambda: None).when == 5
