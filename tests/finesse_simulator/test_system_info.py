"""SystemInfo, against finesse-rest.md section 3."""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import msgspec

from finesse_simulator import system_info
from finesse_simulator.scenario import SecondServer, default
from finesse_simulator.system_info import Ports, ServiceState
from finesse_simulator.vocabulary import Deployment, Profile

NOW = datetime(2026, 2, 6, 9, 14, 31, 510_000, tzinfo=UTC)


def test_the_elements_and_their_order() -> None:
    document = ET.XML(system_info.answer(default(), ServiceState(), Ports(), NOW))
    assert document.tag == "SystemInfo"
    assert [(child.tag, child.text) for child in document if len(child) == 0] == [
        ("currentTimestamp", "2026-02-06T09:14:31.51Z"),
        ("deploymentType", "UCCE"),
        ("lastCTIHeartbeatStatus", "success"),
        ("lastSuccessCTIHeartbeatTime", "2026-02-06T09:14:31.51Z"),
        ("ctiVersion", "21"),
        ("ctiHeartbeatInterval", "5"),
        ("license", None),
        ("peripheralId", "5000"),
        ("status", "IN_SERVICE"),
        ("statusReason", None),
        ("systemAuthMode", "NON_SSO"),
        ("timezoneOffset", "0"),
        ("uri", "/finesse/api/SystemInfo"),
        ("xmppDomain", "finesse.example"),
        ("xmppPubSubDomain", "pubsub.finesse.example"),
    ]
    assert [(child.tag, child.text) for child in document.findall("primaryNode/*")] == [("host", "localhost")]
    assert document.find("secondaryNode") is None


def test_from_12_6_the_nodes_have_ports() -> None:
    scenario = msgspec.structs.replace(default(), profile=Profile.V12_6, secondary_host="b", deployment=Deployment.UCCX)
    document = ET.XML(system_info.answer(scenario, ServiceState(), Ports(8445, 5222, 5223), NOW))
    expected = [("httpsPort", "8445"), ("xmppPort", "5222"), ("xmppSecurePort", "5223")]
    assert [(child.tag, child.text) for child in document.findall("primaryNode/*")] == [
        ("host", "localhost"),
        *expected,
    ]
    assert [(child.tag, child.text) for child in document.findall("secondaryNode/*")] == [("host", "b"), *expected]
    assert document.findtext("license") == "PREMIUM"
    assert [document.findtext(f"{who}MMode") for who in ("cti", "finesse")] == ["false", "false"]
    assert [(child.tag, child.text) for child in document.findall("ctiServers/ctiServer/*")] == [
        ("host", "localhost"),
        ("connectedDuration", "0"),
        ("active", "true"),
    ]


def test_the_notification_is_in_lower_case() -> None:
    text = system_info.update(default(), ServiceState(in_service=False, reason="CTI lost"), Ports(), NOW)
    document = ET.XML(text)
    assert document.findtext("data/systemInfo/status") == "OUT_OF_SERVICE"
    assert document.findtext("data/systemInfo/statusReason") == "CTI lost"
    assert [child.text for child in document[1:]] == ["PUT", None, "/finesse/api/SystemInfo"]


def test_each_of_two_servers_names_both_with_their_ports_and_its_own_domain() -> None:
    changes = {"profile": Profile.V12_6, "host": "a", "second_server": SecondServer(host="b", domain="b.example")}
    scenario = msgspec.structs.replace(default(), **changes)
    for own, host, domain in ((0, "a", "finesse.example"), (1, "b", "b.example")):
        text = system_info.answer(scenario, ServiceState(), Ports(1, 2, 3), NOW, second=Ports(4, 5, 6), own=own)
        document = ET.XML(text)
        assert [child.text for child in document.findall("primaryNode/*")] == ["a", "1", "2", "3"]
        assert [child.text for child in document.findall("secondaryNode/*")] == ["b", "4", "5", "6"]
        assert document.findtext("xmppDomain") == domain
        assert document.findtext("xmppPubSubDomain") == f"pubsub.{domain}"
        assert document.findtext("ctiServers/ctiServer/host") == host
