"""Agents who take their calls on any telephone (UCCE): finesse-rest.md sections 4.1 and 4.2."""

from xml.etree import ElementTree as ET

import msgspec

from finesse_simulator import payloads
from finesse_simulator.engine.state_requests import StateRequest
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import many_agents
from finesse_simulator.vocabulary import MobileMode


def ask(stage: Rehearsal, request: StateRequest) -> None:
    stage.engine.request_state(stage.agent("1001"), stage.agent("1001"), request, "r")
    stage.wait()


def shown(stage: Rehearsal) -> list[tuple[str, str | None]]:
    document = ET.XML(payloads.user_answer(stage.engine.view_user(stage.agent("1001"))))
    return [(child.tag, child.text) for child in document.findall("mobileAgent/*")]


def test_a_mobile_agent_is_shown_with_its_telephone_until_it_signs_out() -> None:
    stage = Rehearsal(many_agents(1))
    assert shown(stage) == []
    ask(stage, StateRequest("LOGIN", "4001", mobile_mode="CALL_BY_CALL", dial_number="+5550123"))
    assert stage.told() == ["U(1001) PUT NOT_READY [r]"]
    assert shown(stage) == [("dialNumber", "+5550123"), ("mode", "CALL_BY_CALL")]
    ask(stage, StateRequest("LOGOUT"))
    assert shown(stage) == []


def test_a_mode_that_is_not_allowed_is_refused_late() -> None:
    base = many_agents(1)
    nailed = msgspec.structs.replace(base.agents[0], mobile_modes=(MobileMode.NAILED_CONNECTION,))
    stage = Rehearsal(msgspec.structs.replace(base, agents=(nailed,)))
    ask(stage, StateRequest("LOGIN", "4001", mobile_mode="CALL_BY_CALL", dial_number="5550123"))
    assert stage.told() == ["E(1001) put Mode Not Allowed|70|CF_GENERIC_UNSPECIFIED_REJECTION [r]"]
    ask(stage, StateRequest("LOGIN", "4001", mobile_mode="NAILED_CONNECTION", dial_number="5550123"))
    assert stage.told() == ["U(1001) PUT NOT_READY [r]"]
