"""The live numbers of queues: finesse-rest.md section 11."""

import msgspec
import pytest

from finesse_simulator.engine import statistics
from finesse_simulator.engine.statistics import ServiceSummary
from finesse_simulator.engine.summaries import QueueStatistics
from finesse_simulator.rehearsal import EPOCH, Rehearsal
from finesse_simulator.scenario import OutsideNumber, Queue, Team, many_agents
from finesse_simulator.vocabulary import Deployment, WrapUpMode

SALES = Queue(number="8800", id="5033", name="Sales", agents=("1001", "1002"))
SUPPORT = Queue(number="8801", id="5034", name="Support", agents=("1002", "1003"))


def stage_for(deployment: Deployment = Deployment.UCCE) -> Rehearsal:
    base = many_agents(4, deployment=deployment)
    agents = list(base.agents)
    agents[0] = msgspec.structs.replace(agents[0], wrap_up_on_incoming=WrapUpMode.REQUIRED)
    agents[3] = msgspec.structs.replace(agents[3], team="5002", supervises=("5000",))
    stage = Rehearsal(
        msgspec.structs.replace(
            base,
            agents=tuple(agents),
            teams=(Team(id="5000", name="East"), Team(id="5002", name="West")),
            queues=(SALES, SUPPORT),
            outside_numbers=(OutsideNumber(number="555", after=0.0),),
        )
    )
    for user in ("1001", "1002", "1003"):
        stage.sign_in(user)
    return stage


def numbers(stage: Rehearsal, queue: Queue = SALES) -> str:
    return str(statistics.queue_statistics(stage.engine.world, queue))


def test_agents_in_their_states_as_their_queue_sees_them() -> None:
    stage = stage_for()
    assert numbers(stage) == "waiting 0 on 2 ready 0 not 2 other 0 talking 0/0/0 work 0/0"
    stage.state("1001", "READY")
    assert numbers(stage) == "waiting 0 on 2 ready 1 not 1 other 0 talking 0/0/0 work 0/0"
    call = stage.customer_call("8800")
    assert numbers(stage) == "waiting 0 on 2 ready 0 not 1 other 0 talking 0/0/0 work 0/0"  # reserved
    stage.act("1001", call, "ANSWER")
    assert numbers(stage) == "waiting 0 on 2 ready 0 not 1 other 0 talking 1/0/0 work 0/0"
    stage.act("1001", call, "HOLD")
    assert numbers(stage) == "waiting 0 on 2 ready 0 not 1 other 0 talking 1/0/0 work 0/0"
    stage.customer_hang_up(call)
    assert numbers(stage) == "waiting 0 on 2 ready 0 not 1 other 0 talking 0/0/0 work 0/1"
    stage.state("1001", "NOT_READY")
    stage.state("1001", "LOGOUT")
    assert numbers(stage) == "waiting 0 on 1 ready 0 not 1 other 0 talking 0/0/0 work 0/0"


def test_calls_of_another_queue_make_busy_with_something_else() -> None:
    stage = stage_for()
    stage.state("1002", "READY")
    call = stage.customer_call("8801")
    assert numbers(stage) == "waiting 0 on 2 ready 0 not 1 other 1 talking 0/0/0 work 0/0"
    stage.act("1002", call, "ANSWER")
    assert numbers(stage) == "waiting 0 on 2 ready 0 not 1 other 1 talking 0/0/0 work 0/0"
    assert numbers(stage, SUPPORT) == "waiting 0 on 2 ready 0 not 1 other 0 talking 1/0/0 work 0/0"


@pytest.mark.parametrize(("number", "talking"), [("555", "0/1/0"), ("4003", "0/0/1")])
def test_calls_that_agents_place(number: str, talking: str) -> None:
    stage = stage_for()
    call = stage.make_call("1001", number)
    if number == "4003":
        stage.act("1003", call, "ANSWER")
    assert numbers(stage) == f"waiting 0 on 2 ready 0 not 1 other 0 talking {talking} work 0/0"


def test_a_direct_call_from_outside_is_something_else() -> None:
    stage = stage_for()
    stage.act("1001", stage.customer_call("4001"), "ANSWER")
    assert numbers(stage) == "waiting 0 on 2 ready 0 not 1 other 1 talking 0/0/0 work 0/0"


def test_waiting_calls_and_the_oldest_of_them() -> None:
    stage = stage_for()
    arrived = stage.engine.world.clock.moment()
    stage.customer_call("8800")
    stage.customer_call("8800", "5550199")
    live = statistics.queue_statistics(stage.engine.world, SALES)
    assert (live.calls_in_queue, live.start_of_longest) == (2, arrived)
    assert numbers(stage, SUPPORT).startswith("waiting 0 ")


def test_a_queue_without_agents_has_no_numbers() -> None:
    stage = stage_for()
    nobody = Queue(number="1", id="1", name="Nobody", agents=("9",))
    assert statistics.queue_statistics(stage.engine.world, nobody) == QueueStatistics()
    assert numbers(stage, nobody).startswith("waiting -1 on -1")


@pytest.mark.parametrize(
    ("user", "queues"),
    [("1001", ["Sales"]), ("1002", ["Sales", "Support"]), ("1004", ["Sales", "Support"])],
)
def test_whose_queues_are_whose(user: str, queues: list[str]) -> None:
    stage = stage_for()
    found = statistics.queues_of(stage.engine.world, stage.agent(user))
    assert [queue.name for queue in found] == queues


# ---- the day of a contact service queue


def summary(stage: Rehearsal, queue: Queue = SALES) -> ServiceSummary:
    return statistics.service_summary(stage.engine.world, queue)


def test_the_day_counts_who_was_served_and_who_gave_up() -> None:
    stage = stage_for(Deployment.UCCX)
    served, lost = stage.customer_call("8800"), stage.customer_call("8800", "5550199")
    now = summary(stage)
    assert (now.calls_waiting, now.oldest_contact, now.total_calls) == (2, 1.0, 2)
    stage.state("1001", "READY")
    stage.act("1001", served, "ANSWER")
    stage.customer_hang_up(lost)
    stage.wait(60)
    stage.customer_hang_up(served)
    now = summary(stage)
    assert (now.total_calls, now.handled, now.abandoned, now.calls_waiting) == (2, 1, 1, 0)
    assert (now.logged_in, now.available, now.unavailable, now.working, now.talking) == (2, 0, 1, 1, 0)
    stage.state("1001", "NOT_READY")
    now = summary(stage)
    assert now.longest_talk == now.average_talk == pytest.approx(60.99)
    assert now.longest_wait == now.average_wait == pytest.approx(1.51)


def test_midnight_begins_a_new_day() -> None:
    stage = stage_for(Deployment.UCCX)
    stage.customer_hang_up(stage.customer_call("8800"))
    assert summary(stage).abandoned == 1
    seconds_left = 86_400 - (EPOCH.hour * 3600 + EPOCH.minute * 60 + EPOCH.second)
    stage.wait(seconds_left)
    assert (summary(stage).abandoned, summary(stage).total_calls) == (0, 0)


def test_a_call_that_rang_in_vain_goes_on_waiting() -> None:
    stage = stage_for(Deployment.UCCX)
    stage.state("1001", "READY")
    stage.customer_call("8800")
    assert summary(stage).reserved == 1
    stage.wait(20)
    now = summary(stage)
    assert (now.calls_waiting, now.total_calls, now.handled, now.abandoned) == (1, 1, 0, 0)
    assert now.oldest_contact > 20
