"""The scenario: what a pretend contact centre consists of, read from TOML or made in Python.

Every key has a default, unknown keys and impossible values are refused with their place. All durations are seconds
of the simulated clock (see `pace`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Literal

import msgspec

from finesse_simulator.vocabulary import Deployment, MobileMode, Profile, WrapUpMode


class ScenarioError(ValueError):
    """The scenario cannot be used; the text names the key and says what would be right."""


class Team(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A team of agents."""

    id: str
    name: str


class Agent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user of the contact centre.

    id: the agent id (UCCE, numeric) or user id (UCCX). extensions: the devices this agent may sign in on; empty means
    any. supervises: ids of the teams; a supervisor is an agent with at least one. auto_answer: the phone answers by
    itself. mobile_modes: how it may sign in as a mobile agent (UCCE). sso: signs in by token where
    system_auth_mode is HYBRID.
    """

    id: str
    password: str
    login_name: str = ""
    first_name: str = ""
    last_name: str = ""
    extensions: tuple[str, ...] = ()
    team: str = ""
    supervises: tuple[str, ...] = ()
    wrap_up_on_incoming: WrapUpMode = WrapUpMode.OPTIONAL
    wrap_up_on_outgoing: WrapUpMode | None = None
    wrap_up_seconds: float = 30.0
    auto_answer: bool = False
    mobile_modes: tuple[MobileMode, ...] = tuple(MobileMode)
    sso: bool = False

    @property
    def name(self) -> str:
        """The login name; the id where none is given, as on UCCX."""
        return self.login_name or self.id


class Device(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phone that agents may sign in on."""

    extension: str
    in_service: bool = True


class Queue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A route point with its skill group. agents: who serves it; empty means everyone."""

    number: str
    id: str
    name: str
    agents: tuple[str, ...] = ()
    ring_seconds: float = 15.0


class ReasonCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reason for NOT_READY or LOGOUT. id: the database id that requests carry; code: what the CTI server sees."""

    id: int
    code: int
    label: str
    category: Literal["NOT_READY", "LOGOUT"]
    for_all: bool = True
    teams: tuple[str, ...] = ()


class WrapUpReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A label for after-call work."""

    id: int
    label: str
    for_all: bool = True
    teams: tuple[str, ...] = ()


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of a phone book."""

    first_name: str = ""
    last_name: str = ""
    phone_number: str
    description: str = ""


class PhoneBook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phone book, of everyone or of teams."""

    id: int
    name: str
    type: Literal["GLOBAL", "TEAM"] = "GLOBAL"
    teams: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()


class OutsideNumber(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number outside the contact centre. after: seconds of ringing until it answers; -1 rings for ever."""

    number: str
    outcome: Literal["answer", "busy", "bad"] = "answer"
    after: float = 3.0


class Campaign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign of the dialler. number: the dialler's port. agents: who serves it; empty means everyone."""

    name: str
    mode: Literal["preview", "direct_preview", "progressive"] = "preview"
    number: str = "9001"
    agents: tuple[str, ...] = ()


class Administrator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The account for configuration requests."""

    name: str = "administrator"
    password: str = "administrator-secret"  # noqa: S105  a made-up account of a made-up server


class Rest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the REST interface listens; port 0 takes a free one, -1 none.

    html_errors: bad credentials and unknown addresses answer with the servlet container's page instead of ApiErrors.
    """

    host: str = "127.0.0.1"
    https_port: int = 8445
    http_port: int = -1
    html_errors: bool = False


class Xmpp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where notification sessions are accepted; port 0 takes a free one, -1 none.

    server: our own, or prosody or ejabberd with the simulator as its component. websocket_port, secure_websocket_port:
    for clients by WebSocket (RFC 7395) at /ws/, in clear and by TLS.
    """

    server: Literal["in-process", "prosody", "ejabberd"] = "in-process"
    host: str = "127.0.0.1"
    domain: str = "finesse.example"
    plain_port: int = 5222
    tls_port: int = 5223
    websocket_port: int = -1
    secure_websocket_port: int = -1


class Control(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the control door listens; port 0 takes a free one, -1 none."""

    host: str = "127.0.0.1"
    port: int = 8446


class SecondServer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Server B beside server A, which is what `host`, `[rest]` and `[xmpp]` describe: both are active.

    host: the name that SystemInfo gives. address: the interface to listen on. domain: its own XMPP domain. Ports as in
    `[rest]` and `[xmpp]`; its notification server is always our own.
    """

    host: str = "localhost"
    address: str = "127.0.0.1"
    domain: str = "finesse-b.example"
    https_port: int = 8447
    http_port: int = -1
    plain_port: int = 5224
    tls_port: int = 5225
    websocket_port: int = -1
    secure_websocket_port: int = -1

    @property
    def rest(self) -> Rest:
        """Where its REST interface listens."""
        return Rest(host=self.address, https_port=self.https_port, http_port=self.http_port)

    @property
    def xmpp(self) -> Xmpp:
        """Where its notification sessions are accepted."""
        return Xmpp(
            host=self.address,
            domain=self.domain,
            plain_port=self.plain_port,
            tls_port=self.tls_port,
            websocket_port=self.websocket_port,
            secure_websocket_port=self.secure_websocket_port,
        )


class Sso(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long tokens of single sign-on are good for, in seconds."""

    token_seconds: float = 3600.0
    refresh_seconds: float = 86_400.0


class StatisticsDatabase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The database beside Finesse that is filled: UCCX's real-time tables, UCCE's configuration tables.

    url: SQLAlchemy's; empty for none. refresh_seconds: how often the real-time tables are written.
    """

    url: str = ""
    refresh_seconds: float = 5.0


class Fidelity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What real servers do beside the rules (finesse-notifications.md section 12); all of it is off by default.

    seed: of all chance. shuffle_participants: in any order. duplicates, data_only: the share (0 to 1) of PUTs that come
    twice, and of those of active dialogs that are followed by one in which only an ECC variable differs. double_logout:
    a sign-out is told twice. reorder_seconds: notifications are late by up to so much, each node for itself.
    lower_case_events, capital_roots: as the vendor's pages print them. notify_before_answer: a request's effect comes
    before its answer. message_ids: of notifications, `node` before Openfire 4.0, `random` since. late_forced_logout: a
    server that an agent left, or that died, signs the agent out or makes it not ready after the wait, although the
    agent is at the other server by then (section 5).
    """

    seed: int = 1
    shuffle_participants: bool = False
    duplicates: float = 0.0
    data_only: float = 0.0
    double_logout: bool = False
    reorder_seconds: float = 0.0
    lower_case_events: bool = False
    capital_roots: bool = False
    notify_before_answer: bool = False
    message_ids: Literal["node", "random"] = "node"
    late_forced_logout: Literal["off", "not_ready", "logout"] = "off"

    def __post_init__(self) -> None:
        for name, share in (("duplicates", self.duplicates), ("data_only", self.data_only)):
            if not 0 <= share <= 1:
                raise ScenarioError(f"fidelity: {name} is {share}: it must be a share, from 0 to 1")
        if not 0 <= self.reorder_seconds < math.inf:
            raise ScenarioError(f"fidelity: reorder_seconds is {self.reorder_seconds}: it must be 0 or more")


class Timings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Delays of the real thing, in seconds (finesse-notifications.md section 10)."""

    request: float = 0.01
    reserved_to_alerting: float = 0.2
    talking_to_active: float = 0.004
    talking_to_initiating: float = 0.001
    delete_to_ready: float = 0.001
    wrap_up_to_dropped: float = 0.001
    call_to_work: float = 0.003
    initiating_to_initiated: float = 0.05
    initiated_to_alerting: float = 0.15
    auto_answer: float = 0.18
    presence_loss: float = 60.0
    account_lock: float = 300.0


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole contact centre.

    pace: how many simulated seconds pass in a real one. ending: `full` sends the two PUTs between ACTIVE and DELETE
    that the vendor's table lists, `short` sends the DELETE at once, as captured on UCCE 11 (finesse-rest.md section
    9.2). logout_on_disconnect: UCCE's LOAD setting. unlisted_numbers: what a number that is nowhere in the scenario
    does when it is called. system_auth_mode: whether agents come with passwords or with tokens. conference_parties: how
    many a conference may have. participant_drop: who may put others off a conference (UCCE, section 8.9).
    secondary_host: the name of a second node that is not there; second_server: a second node that is.
    """

    deployment: Deployment = Deployment.UCCE
    profile: Profile = Profile.V12_5
    host: str = "localhost"
    secondary_host: str = ""
    pace: float = 1.0
    ending: Literal["full", "short"] = "full"
    logout_on_disconnect: bool = False
    unlisted_numbers: Literal["answer", "busy", "bad"] = "bad"
    conference_parties: int = 8
    participant_drop: Literal["supervisor_only", "conference_controller_and_supervisor", "all"] = "supervisor_only"
    first_dialog_id: int = 16_777_217
    system_auth_mode: Literal["NON_SSO", "SSO", "HYBRID"] = "NON_SSO"
    rest: Rest = Rest()
    xmpp: Xmpp = Xmpp()
    second_server: SecondServer | None = None
    control: Control = Control()
    sso: Sso = Sso()
    statistics_database: StatisticsDatabase = StatisticsDatabase()
    timings: Timings = Timings()
    fidelity: Fidelity = Fidelity()
    administrator: Administrator = Administrator()
    teams: tuple[Team, ...] = ()
    agents: tuple[Agent, ...] = ()
    devices: tuple[Device, ...] = ()
    queues: tuple[Queue, ...] = ()
    reason_codes: tuple[ReasonCode, ...] = ()
    wrap_up_reasons: tuple[WrapUpReason, ...] = ()
    phone_books: tuple[PhoneBook, ...] = ()
    outside_numbers: tuple[OutsideNumber, ...] = ()
    campaigns: tuple[Campaign, ...] = ()

    @property
    def uccx(self) -> bool:
        """Whether Unified CCX stands behind Finesse."""
        return self.deployment is Deployment.UCCX

    def __post_init__(self) -> None:
        _check_pace(self)
        _check_unique("agents.id", (agent.id.casefold() for agent in self.agents))
        _check_unique("agents.login_name", (agent.name for agent in self.agents))
        _check_unique("teams.id", (team.id for team in self.teams))
        _check_unique("queues.number", (queue.number for queue in self.queues))
        _check_unique("campaigns.name", (campaign.name for campaign in self.campaigns))
        _check_unique("devices.extension", (device.extension for device in self.devices))
        _check_unique("reason_codes.id", (str(reason.id) for reason in self.reason_codes))
        _check_references(self)
        _check_second_server(self)


def _check_pace(scenario: Scenario) -> None:
    if not 0 < scenario.pace < math.inf:
        raise ScenarioError(f"pace is {scenario.pace}: it must be greater than 0, and finite")


def _check_unique(key: str, values: Iterable[str]) -> None:
    twice = sorted(value for value, count in Counter(values).items() if count > 1)
    if twice:
        raise ScenarioError(f"{key}: {', '.join(twice)} occurs more than once")


def _check_references(scenario: Scenario) -> None:
    teams = {team.id for team in scenario.teams}
    agents = {agent.id for agent in scenario.agents}
    for agent in scenario.agents:
        unknown = ({agent.team} - {""} | set(agent.supervises)) - teams
        if unknown:
            raise ScenarioError(f"agents: agent {agent.id} names the unknown team {min(unknown)}")
    for queue in scenario.queues:
        strangers = set(queue.agents) - agents
        if strangers:
            raise ScenarioError(f"queues: queue {queue.number} names the unknown agent {min(strangers)}")
    for campaign in scenario.campaigns:
        strangers = set(campaign.agents) - agents
        if strangers:
            raise ScenarioError(f"campaigns: campaign {campaign.name} names the unknown agent {min(strangers)}")


def _check_second_server(scenario: Scenario) -> None:
    second = scenario.second_server
    if second is None:
        return
    if scenario.secondary_host:
        raise ScenarioError("secondary_host: its name is second_server.host where there is a second server")
    if second.domain.lower() == scenario.xmpp.domain.lower():
        raise ScenarioError(f"second_server: domain is {second.domain}, which is that of the first server")


def parse(text: str, origin: str = "scenario") -> Scenario:
    """Read a scenario from TOML text; origin names it in errors."""
    try:
        return msgspec.toml.decode(text, type=Scenario)
    except (msgspec.DecodeError, ValueError) as error:  # a ValidationError is a DecodeError
        raise ScenarioError(f"{origin}: {error}") from error


def load(path: Path) -> Scenario:
    """Read a scenario file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from error
    return parse(text, str(path))


def default_text() -> str:
    """Give the annotated default scenario as TOML."""
    return resources.files("finesse_simulator").joinpath("default.toml").read_text(encoding="utf-8")


def default() -> Scenario:
    """Give the built-in scenario: agents 1001 and 1002, supervisor 1003, queue 8800."""
    return parse(default_text(), "default scenario")


def many_agents(count: int, *, deployment: Deployment = Deployment.UCCE, first_id: int = 1001) -> Scenario:
    """Make a scenario with many agents in one team, all serving queue 8800, on free ports.

    Agent n has the password `agent-secret-<n>` and signs in on extension n + 3000.
    """
    base = Scenario(
        deployment=deployment,
        rest=Rest(https_port=0, http_port=0),
        xmpp=Xmpp(plain_port=0, tls_port=0),
        control=Control(port=0),
    )
    return with_agents(base, range(first_id, first_id + count))


def with_agents(base: Scenario, ids: Iterable[int], *, supervisor: int | None = None) -> Scenario:
    """Replace the people, phones and queues of a scenario by numbered ones.

    All are in one team; all but its supervisor serve the one queue, 8800. Number n has the id n, the password
    `agent-secret-<n>` and signs in on extension n + 3000. ScenarioError when one of these is the queue's number.
    """
    members, team, queue = [str(number) for number in ids], "5000", "8800"
    leaders = [] if supervisor is None else [str(supervisor)]
    devices = tuple(Device(extension=str(int(number) + 3000)) for number in members + leaders)
    if any(device.extension == queue for device in devices):
        raise ScenarioError(f"{len(members)} agents are too many: {queue} would be an extension and the queue")
    return msgspec.structs.replace(
        base,
        teams=(Team(id=team, name="Team"),),
        agents=tuple(
            Agent(id=id_, password=f"agent-secret-{id_}", team=team, supervises=(team,) if id_ in leaders else ())
            for id_ in members + leaders
        ),
        devices=devices,
        queues=(Queue(number=queue, id="5033", name="Sales", agents=tuple(members) if leaders else ()),),
        campaigns=(),
    )
