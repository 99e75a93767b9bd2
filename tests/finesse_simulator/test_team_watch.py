"""What a team is told of its members: finesse-rest.md section 10.1, finesse-notifications.md section 8.3."""

import msgspec
import pytest

from finesse_simulator import updates
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import ReasonCode, Team, many_agents
from finesse_simulator.team_watch import TeamWatch
from finesse_simulator.updates import Style
from finesse_simulator.vocabulary import Deployment

REASONS = (ReasonCode(id=31, code=27, label="Lunch", category="NOT_READY"),)

UPDATE = """\
<Update>
  <data>
    <user>
      <uri>/finesse/api/User/1001</uri>
      <loginId>1001</loginId>
      <firstName></firstName>
      <lastName></lastName>
      <state>NOT_READY</state>
      <stateChangeTime>2026-01-02T03:04:06.688Z</stateChangeTime>
      <reasonCode>
        <category>NOT_READY</category>
        <code>27</code>
        <id>31</id>
        <label>Lunch</label>
        <uri>/finesse/api/ReasonCode/31</uri>
      </reasonCode>
    </user>
  </data>
  <event>PUT</event>
  <requestId></requestId>
  <source>/finesse/api/User/1001</source>
</Update>"""


def team_hears(stage: Rehearsal, watch: TeamWatch) -> list[str]:
    heard = [follower for notice in stage.notices for follower in watch.hear(notice)]
    stage.notices.clear()
    assert {follower.node for follower in heard} <= {"/finesse/api/Team/5000/Users"}
    assert {follower.user_id for follower in heard} <= {""}
    return [str(follower) for follower in heard]


def stage_for(deployment: Deployment = Deployment.UCCE) -> Rehearsal:
    base = many_agents(2, deployment=deployment)
    strangers = msgspec.structs.replace(base.agents[1], team="")
    teams = (Team(id="5000", name="East"),)
    return Rehearsal(
        msgspec.structs.replace(base, teams=teams, agents=(base.agents[0], strangers), reason_codes=REASONS)
    )


def test_a_team_hears_of_states_not_of_repetitions_and_pending_states() -> None:
    stage, watch = stage_for(), TeamWatch(uccx=False)
    stage.state("1001", "LOGIN", extension="4001")
    stage.state("1001", "LOGIN", extension="4001")
    stage.state("1001", "READY")
    assert team_hears(stage, watch) == ["T() PUT 1001 NOT_READY", "T() PUT 1001 READY"]
    call = stage.customer_call("8800")
    stage.act("1001", call, "ANSWER")
    stage.state("1001", "NOT_READY", reason="31")
    assert team_hears(stage, watch) == ["T() PUT 1001 RESERVED", "T() PUT 1001 TALKING"]
    watch.forget()
    stage.state("1001", "LOGIN", extension="4001")
    assert team_hears(stage, watch) == ["T() PUT 1001 TALKING then NOT_READY"]


def test_who_is_in_no_team_is_told_of_to_nobody() -> None:
    stage, watch = stage_for(), TeamWatch(uccx=False)
    stage.state("1002", "LOGIN", extension="4002")
    assert team_hears(stage, watch) == []


def test_uccx_tells_of_a_call_that_leaves_the_state_alone() -> None:
    stage, watch = stage_for(Deployment.UCCX), TeamWatch(uccx=True)
    stage.state("1001", "LOGIN", extension="4001")
    assert team_hears(stage, watch) == ["T() PUT 1001 NOT_READY IDLE"]
    call = stage.customer_call("4001")
    stage.act("1001", call, "ANSWER")
    assert team_hears(stage, watch) == ["T() PUT 1001 NOT_READY BUSY"]
    stage.customer_hang_up(call)
    assert team_hears(stage, watch) == ["T() PUT 1001 NOT_READY IDLE"]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (Style(), UPDATE),
        (
            Style(lower_case_events=True, capital_roots=True),
            UPDATE.replace("user>", "User>").replace("reasonCode>", "ReasonCode>").replace(">PUT<", ">put<"),
        ),
    ],
)
def test_the_document(style: Style, expected: str) -> None:
    stage, watch = stage_for(), TeamWatch(uccx=False)
    stage.sign_in("1001")
    stage.state("1001", "NOT_READY", reason="31")
    followers = [follower for notice in stage.notices for follower in watch.hear(notice)]
    written = updates.update(followers[-1], style)
    assert written == expected.replace("06.688", written.partition("04:")[2][:6])
