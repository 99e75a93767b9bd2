"""Which elements each release shows: the matrix of finesse-rest.md section 14.2."""

from xml.etree import ElementTree as ET

import msgspec
import pytest

from finesse_simulator import payloads, system_info
from finesse_simulator.engine.views import DialogView, view_dialog
from finesse_simulator.rehearsal import EPOCH, Rehearsal
from finesse_simulator.scenario import many_agents
from finesse_simulator.system_info import Ports, ServiceState
from finesse_simulator.vocabulary import Deployment, Profile

SINCE_12_5 = ("secondaryId", "mediaProperties/mediaId", "mediaProperties/queueNumber", "mediaProperties/callKeyCallId")
SINCE_12_6 = ("mediaProperties/callGUID",)
USER_SINCE_12_6 = ("skillTargetId", "settings/deviceSelection")
SYSTEM_SINCE_12_6 = ("ctiMMode", "finesseMMode", "ctiServers", "primaryNode/httpsPort")


def shown(document: ET.Element, paths: tuple[str, ...]) -> list[str]:
    return [path for path in paths if document.find(path) is not None]


def stage_for(profile: Profile, deployment: Deployment) -> Rehearsal:
    stage = Rehearsal(msgspec.structs.replace(many_agents(2, deployment=deployment), profile=profile))
    stage.sign_in("1001", ready=True)
    return stage


def dialog_of(stage: Rehearsal) -> DialogView:
    call = stage.engine.call(stage.customer_call("8800"))
    call.secondary_id = 5
    return view_dialog(call, stage.engine.scenario)


@pytest.mark.parametrize(
    ("profile", "deployment", "dialog", "user", "system"),
    [
        (Profile.V11_6, Deployment.UCCE, (), (), ()),
        (Profile.V12_5, Deployment.UCCE, SINCE_12_5, (), ()),
        (Profile.V12_6, Deployment.UCCE, SINCE_12_5 + SINCE_12_6, USER_SINCE_12_6, SYSTEM_SINCE_12_6),
        (Profile.V12_6, Deployment.UCCX, SINCE_12_5[:2], (), SYSTEM_SINCE_12_6),
    ],
)
def test_the_matrix(
    profile: Profile,
    deployment: Deployment,
    *,
    dialog: tuple[str, ...],
    user: tuple[str, ...],
    system: tuple[str, ...],
) -> None:
    stage = stage_for(profile, deployment)
    document = ET.XML(payloads.dialog_answer(dialog_of(stage)))
    assert shown(document, SINCE_12_5 + SINCE_12_6) == list(dialog)
    document = ET.XML(payloads.user_answer(stage.engine.view_user(stage.agent("1001"))))
    assert shown(document, USER_SINCE_12_6) == list(user)
    document = ET.XML(system_info.answer(stage.engine.scenario, ServiceState(), Ports(), EPOCH))
    assert shown(document, SYSTEM_SINCE_12_6) == list(system)


def test_skill_targets_go_by_the_place_in_the_scenario() -> None:
    stage = stage_for(Profile.V12_6, Deployment.UCCE)
    assert [stage.engine.view_user(stage.agent(user)).skill_target_id for user in ("1001", "1002")] == ["7000", "7001"]
