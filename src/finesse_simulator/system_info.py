"""SystemInfo: whether the server is in service, and where its notifications are.

Source: finesse-rest.md section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from finesse_simulator.markup import Element, boolean, on_one_line, pretty
from finesse_simulator.scenario import Scenario
from finesse_simulator.updates import AS_CAPTURED, Style, update_element
from finesse_simulator.vocabulary import Profile

NODE = "/finesse/api/SystemInfo"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a node listens; 0 where it does not. Told from 12.6 on."""

    https: int = 0
    xmpp: int = 0
    xmpp_secure: int = 0


@dataclass(frozen=True, slots=True)
class ServiceState:
    """Whether the server works, and why not."""

    in_service: bool = True
    reason: str = ""

    @property
    def status(self) -> str:
        """The word of SystemInfo."""
        return "IN_SERVICE" if self.in_service else "OUT_OF_SERVICE"


def answer(
    scenario: Scenario, state: ServiceState, ports: Ports, now: datetime, *, second: Ports | None = None, own: int = 0
) -> str:
    """Write the answer to GET SystemInfo. second: the ports of the second server; own: which one speaks, 0 or 1."""
    return pretty(_element("SystemInfo", scenario, state, (ports, second or ports), now=now, own=own))


def update(
    scenario: Scenario,
    state: ServiceState,
    ports: Ports,
    now: datetime,
    style: Style = AS_CAPTURED,
    *,
    second: Ports | None = None,
    own: int = 0,
) -> str:
    """Write the notification of a changed state; see answer."""
    child = _element("systemInfo", scenario, state, (ports, second or ports), now=now, own=own)
    return on_one_line(update_element(child, "PUT", NODE, style=style))


def _element(
    root: str, scenario: Scenario, state: ServiceState, ports: tuple[Ports, Ports], *, now: datetime, own: int
) -> Element:
    second = scenario.second_server
    hosts = (scenario.host, second.host if second else scenario.secondary_host)
    domain = (scenario.xmpp.domain, second.domain if second else "")[own]
    heartbeat = "success" if state.in_service else "failure"
    children: list[Element] = [
        ("currentTimestamp", _time(now)),
        ("deploymentType", scenario.deployment),
        ("lastCTIHeartbeatStatus", heartbeat),
        ("lastSuccessCTIHeartbeatTime", _time(now)),
        ("ctiVersion", "21"),
        ("ctiHeartbeatInterval", "5"),
        ("license", "PREMIUM" if scenario.uccx else ""),
        ("peripheralId", "5000"),
        ("primaryNode", _node(scenario, hosts[0], ports[0])),
    ]
    if hosts[1]:
        children.append(("secondaryNode", _node(scenario, hosts[1], ports[1])))
    if scenario.profile is Profile.V12_6:
        children += _since_12_6(hosts[own], state)
    children += [
        ("status", state.status),
        ("statusReason", state.reason),
        ("systemAuthMode", scenario.system_auth_mode),
        ("timezoneOffset", "0"),
        ("uri", NODE),
        ("xmppDomain", domain),
        ("xmppPubSubDomain", f"pubsub.{domain}"),
    ]
    return (root, children)


def _since_12_6(host: str, state: ServiceState) -> list[Element]:
    """Give maintenance mode and CTI servers; the form of their values is not documented."""
    server: list[Element] = [
        ("host", host),
        ("connectedDuration", "0"),
        ("active", boolean(state.in_service)),
    ]
    return [
        ("ctiMMode", "false"),
        ("ctiTimeInMMode", "0"),
        ("finesseMMode", "false"),
        ("finesseTimeInMMode", "0"),
        ("ctiServers", [("ctiServer", server)]),
    ]


def _node(scenario: Scenario, host: str, ports: Ports) -> list[Element]:
    node: list[Element] = [("host", host)]
    if scenario.profile is Profile.V12_6:
        node += [
            ("httpsPort", str(ports.https)),
            ("xmppPort", str(ports.xmpp)),
            ("xmppSecurePort", str(ports.xmpp_secure)),
        ]
    return node


def _time(moment: datetime) -> str:
    """Write a time with hundredths, as this object does."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 10_000:02d}Z"
