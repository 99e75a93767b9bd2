"""The table of settings: one class per section, one attribute per key, its docstring the description that people read.

Defaults are those of client-protocol.md where it names one, else those of broker.md section 9 and xmpp-and-http.md
section 7. A key stands here only when something in the product reads it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from generic_connector.config.fields import (
    LOCAL_HOSTS,
    AsMap,
    BrokerAddress,
    Count,
    DatabaseUrl,
    ListeningPort,
    Login,
    Lowered,
    Many,
    OptionalFile,
    PasswordHash,
    Port,
    Seconds,
    Section,
    TimeZone,
    from_file,
    url_of,
)
from generic_connector.config.senders import faults_of_activemq, faults_of_embedded, faults_of_names
from generic_connector.statistics.queries import QUEUE_QUERY, SKILL_GROUP_QUERY, SUPERVISOR_QUERY

NodeUrl = Annotated[str, url_of("https", "http")]
FormatName = Annotated[Literal["text", "json"], Lowered]
Query = Annotated[str, Field(min_length=1)]
Patterns = Annotated[tuple[str, ...], Many]
TlsVersion = Literal["1.2", "1.3"]
LevelName = Annotated[Literal["debug", "info", "warning", "error"], Lowered]


class Tls(Section):
    """Whom to trust when we connect by TLS."""

    ca_file: OptionalFile = None
    """The certificates to trust, as one PEM file; empty for those that the operating system trusts."""
    verify: bool = True
    """Whether to check the server's certificate and name. Off is for labs only, and is logged at every start."""
    minimum_version: TlsVersion = "1.2"
    """The oldest version of TLS that is spoken; a server that speaks only older ones is not connected to."""


class OwnCertificate(Section):
    """A certificate to show."""

    cert_file: OptionalFile = None
    """The certificate with those that signed it, as one PEM file; empty for none."""
    key_file: OptionalFile = None
    """The certificate's private key, as a PEM file without a password; empty when cert_file holds it too."""

    @model_validator(mode="after")
    def _key_has_its_certificate(self) -> Self:
        if self.key_file and not self.cert_file:
            raise ValueError("key_file is given without cert_file")
        return self


class MutualTls(OwnCertificate, Tls):
    """Whom to trust when we connect by TLS, and what to show where the server wants a certificate of ours."""


class Door(Section):
    """A way in and out for clients."""

    enabled: bool = False
    """Whether this door is open."""


class ActiveMq(Login, Door):
    """An ActiveMQ Classic or Artemis broker, spoken to by STOMP 1.2. Its JMS clients notice no difference."""

    enabled: bool = True
    """Whether this door is open. At least one broker door must be."""
    urls: Annotated[tuple[BrokerAddress, ...], Many, Field(min_length=1)] = ("stomp://localhost:61613",)
    """The broker's STOMP connectors, in the order in which they are tried: stomp://host:61613, or
    stomp+ssl://host:61614 for TLS. Several make a fail-over list."""
    queues: Annotated[tuple[str, ...], Many, Field(min_length=1)] = ("Connector1",)
    """The queues that clients send their commands to."""
    queue_senders: Annotated[dict[str, str], AsMap] = Field(default_factory=dict)
    """Queues that the broker lets one user alone write to, each with that user: whoever sent by it is proved.
    Example: { "Connector1.crm1" = "crm1" }. docs/security.md says how the broker is set up for it."""
    consumer_priority: Annotated[int, Field(ge=0, le=127)] = 127
    """The priority of the exclusive consumer: 127 on the preferred instance, 100 on a standby."""
    prefetch: Count = 1000
    """Commands that the broker may hand over before the first of them is acknowledged: as many as may be under way at a
    time, for a command is acknowledged when it is carried out."""
    probe_seconds: Annotated[float, Field(ge=0)] = 1
    """How often to look whether the broker gives the commands to us or to another instance, by a message to ourselves
    in the first queue; 0 takes them for ours. The connector's user needs the right to write to that queue."""
    heartbeat_ms: Annotated[int, Field(ge=100, le=60_000)] = 2000
    """How often each side tells the other that it is alive, in milliseconds; a silent broker is left."""
    connect_deadline_seconds: Seconds = 5
    """How long connecting and logging in to one URL may take."""
    return_to_first_seconds: Annotated[float, Field(ge=0)] = 0
    """How often to look whether the first URL is back while connected to another, and to return to it; 0 to stay."""
    event_buffer: Count = 1000
    """Events that are kept for each destination while the broker is away. Where more come, those that a snapshot can
    restate are given up, and the client gets a snapshot when the broker is back."""
    event_buffer_total: Count = 100_000
    """Events that are kept for all destinations together. Beyond it those destinations get a snapshot that waited
    longest."""
    client_return_seconds: Annotated[float, Field(ge=0, le=600)] = 30
    """After the broker was away: how long a destination's events wait at most until its client has subscribed again,
    as the broker's advisories tell; 0 to send at once. Set 0 for a broker with advisorySupport="false"."""
    event_expiry_seconds: Annotated[float, Field(ge=0)] = 0
    """After how many seconds the broker may drop an event that nobody fetched; 0 for never. Clocks must agree."""
    type_header: Literal["empty", "absent"] = "empty"
    """The JMSType of events: an empty string, or null (absent)."""
    text_encoding: Literal["auto", "utf-8", "modified-utf-8"] = "auto"
    """How text travels. ActiveMQ before 5.18.6 hands Java's modified UTF-8 through, which matters for emoji; auto
    chooses by the version that the broker tells."""
    max_body_bytes: Count = 1024 * 1024
    """The largest command body that is read; a larger one is answered with an error."""
    tls: MutualTls = MutualTls()


class ServerTls(OwnCertificate):
    """The broker's own certificate. With one, both ports speak TLS."""

    minimum_version: TlsVersion = "1.2"
    """The oldest version of TLS that is spoken; clients that speak only older ones are refused."""


class Embedded(Door):
    """The broker inside: STOMP over TCP and over WebSocket, for a demo, a small site or browsers. It needs no Java."""

    host: str = "127.0.0.1"
    """The address to listen on; 0.0.0.0 for every one."""
    tcp_port: ListeningPort = 61613
    """The port for STOMP over TCP; 0 takes a free one, -1 none."""
    websocket_port: ListeningPort = -1
    """The port for STOMP over WebSocket, for browsers; 0 takes a free one, -1 none."""
    websocket_path: Annotated[str, Field(pattern="^/[A-Za-z0-9/_.-]*$")] = "/stomp"
    """The path of the WebSocket's address."""
    allowed_origins: Annotated[tuple[str, ...], Many] = ()
    """Origins of web pages that may connect by WebSocket, such as https://crm.example.com, besides pages from the
    broker's own host and port; "*" for all."""
    queues: Annotated[tuple[str, ...], Many, Field(min_length=1)] = ("Connector1",)
    """The queues that clients send their commands to."""
    users: Annotated[dict[str, PasswordHash], AsMap] = Field(default_factory=dict)
    """Who may connect: names, each with what `generic-connector hash-password` prints for the password. With users,
    nobody but the connector sends events; what each may hear and command is a matter of clients.access."""
    allow_anonymous: bool = False
    """Whether clients without a user name may connect. Where there are no users they may, from this machine only."""
    heartbeat_ms: Annotated[int, Field(ge=100, le=60_000)] = 10_000
    """How often each side tells the other that it is alive, in milliseconds, where the client agrees."""
    login_deadline_seconds: Seconds = 10
    """How long a client may take from connecting to logging in."""
    max_body_bytes: Count = 1024 * 1024
    """The largest message that a client may send."""
    max_connections: Count = 5000
    """Clients that may be connected at a time."""
    max_queue_messages: Count = 10_000
    """Messages that may wait in a queue; beyond it a client's SEND is refused."""
    max_queues_bytes: Count = 256 * 1024 * 1024
    """Bytes that may wait in all queues together; beyond it a client's SEND is refused."""
    max_unread_bytes: Count = 4 * 1024 * 1024
    """Bytes that may wait for a client that does not read; beyond it that client is told so and disconnected."""
    tls: ServerTls = ServerTls()

    @model_validator(mode="after")
    def _can_be_listened_to(self) -> Self:
        if self.enabled and self.tcp_port < 0 and self.websocket_port < 0:
            raise ValueError("the door is open but listens nowhere; set tcp_port or websocket_port")
        return self

    @model_validator(mode="after")
    def _strangers_are_meant(self) -> Self:
        local = self.host in LOCAL_HOSTS
        if self.enabled and not (local or self.users or self.allow_anonymous):
            raise ValueError(f"everybody who reaches {self.host} could connect; give users, or set allow_anonymous")
        return self


class Broker(Section):
    """Where clients send their commands and receive their events. Several doors may be open at once."""

    activemq: ActiveMq = ActiveMq()
    embedded: Embedded = Embedded()

    @model_validator(mode="after")
    def _one_is_open(self) -> Self:
        if not (self.activemq.enabled or self.embedded.enabled):
            raise ValueError("no door is open; set broker.activemq.enabled or broker.embedded.enabled to true")
        return self


class Notifications(Section):
    """The agents' notification sessions (XMPP)."""

    transport: Annotated[Literal["tls", "plain", "websocket"], Lowered] = "tls"
    """TLS from the first byte (port 5223); no encryption at all (port 5222, off in Finesse 12.5 and later); or an
    encrypted WebSocket, for sites where only port 8445 (Finesse 12.6 and later) or 7443 (before) is open."""
    websocket_path: Annotated[str, Field(pattern="^/[!-~]*$")] = "/ws/"
    """Where on the server the WebSocket is."""
    websocket_tls: bool = True
    """Whether the WebSocket is encrypted. Switch it off only in a lab (port 7071)."""
    host: str = ""
    """The notification server's host where it is not the Finesse node; empty for the node in use."""
    port: Port = 0
    """The notification server's port; 0 for what Finesse tells (12.6 and later), else the transport's usual one."""
    sign_in_deadline_seconds: Seconds = 10
    """How long opening a session may take, once it is its turn."""
    sessions_per_second: Annotated[float, Field(ge=0)] = 100
    """How many sessions may be opened per second, of all agents together, so that a Finesse that has just come back is
    not run over; 0 for any number. Finesse signs out whoever is not back within 60 seconds: 2,000 agents take 20."""
    sessions_at_once: Annotated[int, Field(ge=0)] = 50
    """How many sessions may be in the middle of being opened; 0 for any number."""
    ping_interval_seconds: Annotated[float, Field(gt=0, le=20)] = 5
    """How often a session is pinged. Finesse wants it every 20 seconds at the least."""
    ping_deadline_seconds: Seconds = 12
    """A session that is silent for so long is lost; it must be more than ping_interval_seconds."""
    resource_prefix: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,20}$")] = "gc"
    """What the XMPP resource of a session begins with; the rest is random. desktop is the Finesse desktop's own.
    Connectors that serve the same agents at the same time need different ones: what begins with its own, a connector
    takes for a session of its own that an earlier run left behind."""

    @model_validator(mode="after")
    def _deadline_is_after_the_ping(self) -> Self:
        if self.ping_deadline_seconds <= self.ping_interval_seconds:
            raise ValueError("ping_deadline_seconds must be more than ping_interval_seconds")
        return self


class FinesseTls(Tls):
    """Whom to trust when we connect to Finesse, for requests and notifications alike."""

    ca_file: OptionalFile = None
    """The certificates to trust, as one PEM file; empty for those that the operating system trusts. Finesse comes with
    a self-signed certificate: its own certificate will do."""
    strict: bool = True
    """Whether certificates must follow RFC 5280 to the letter. Some self-signed ones do not."""


class Administrator(Login):
    """An account of Finesse's administrator, with which GetAllAgents lists those who signed in elsewhere, too."""


class Finesse(Section):
    """The Finesse cluster: one node, or two of which the first is preferred. UCCE or UCCX is learnt from Finesse."""

    nodes: Annotated[tuple[NodeUrl, ...], Many, Field(min_length=1, max_length=2)] = ("https://localhost:8445",)
    """The addresses of the Finesse nodes, A before B. Give the port: it is 8445 on most sites."""
    connect_timeout_seconds: Seconds = 3
    """How long connecting may take, TLS included. It is tried twice, then the other node's turn comes."""
    request_timeout_seconds: Seconds = 10
    """How long a request may take, from sending it to the whole answer."""
    connections: Count = 100
    """The most connections to one node at a time."""
    requests_per_second: Annotated[float, Field(ge=0)] = 200
    """How many requests a node gets per second; 0 for any number. What is too much waits, commands before what the
    connector asks on its own account; a command that would wait longer than request_timeout_seconds ends in
    PLEASE_RETRY."""
    requests_burst: Count = 400
    """How many requests a node may get at once after a pause."""
    breaker_failures: Annotated[int, Field(ge=0)] = 5
    """After how many requests in a row without any answer the next ones fail at once, until the node answers again; 0
    for never."""
    health_interval_seconds: Seconds = 10
    """How often a node is asked whether it is in service."""
    health_timeout_seconds: Seconds = 5
    """How long the answer to that may take. Two such failures, and the other node's turn comes."""
    return_to_first_seconds: Annotated[float, Field(ge=0)] = 0
    """How long the first node must have been healthy, without a break, before it is used again instead of the second;
    0 to stay with the second."""
    retry_delay_seconds: Seconds = 1
    """The pause before a node is asked again after something went wrong."""
    administrator: Administrator = Administrator()
    notifications: Notifications = Notifications()
    tls: FinesseTls = FinesseTls()


class Clients(Section):
    """How clients are spoken to, and whom they may command."""

    format: FormatName = "text"
    """The form of events for a client destination that nothing else decides for."""
    formats: Annotated[dict[str, FormatName], AsMap] = Field(default_factory=dict)
    """Patterns of client destinations (`*` and `?` as in file names) and the format each gets; the first match wins.
    Example: { "WEB.*" = "json" }. A client that asks in its Hello is given what it asks for."""
    forget_after_seconds: Seconds = 86_400
    """When a destination without agents that sends neither Hello nor Beat is forgotten."""
    access: Annotated[Literal["open", "bound"], Lowered] = "open"
    """Who may command whom. open, as in the original: whoever may write to the command queue may command every agent.
    bound: the agents that are connected from the sender's own destinations, and those whom a supervisor there
    supervises. The broker has to prove the sender: docs/security.md."""
    senders: Annotated[dict[str, Patterns], AsMap] = Field(default_factory=dict)
    """Where clients.access is bound: users of the broker, each with patterns of the client destinations that it may use
    (`*` and `?` as in file names). Who is not listed may use its own name and everything that begins with it and a
    dot. Example: { crm1 = ["CRM1", "CRM1.*"] }."""


class Text(Section):
    """The text form of events."""

    hash_replacement: Annotated[str, Field(pattern="^[^#|,=]*$")] = "00100011"
    """What stands for a # inside a value, since # separates the fields."""
    list_separator_replacement: Annotated[str, Field(pattern="^[^#|,=]*$")] = " "
    """What stands for | and , inside a value of a list, since they separate its members."""
    error_text: bool = True
    """Whether Error carries a fourth field with a text that people can read."""


class Events(Section):
    """What clients are told."""

    time_zone: TimeZone = ""
    """The time zone of times in events, such as Europe/Vienna; empty for the server's own."""
    connect_status: bool = False
    """Whether a Connect that succeeded is told (ConnectStatus). The original is silent."""
    team_info: bool = True
    """Whether a supervisor's Login is followed by TeamInfoIDs and TeamInfoNames (text only)."""
    team_member_state_changed: bool = False
    """Whether a supervisor hears of a member by TeamMemberStateChanged as well as by State (text only)."""


class Agents(Section):
    """The agents' inboxes and sessions."""

    inbox_limit: Count = 100
    """Commands that may wait for one agent; one more is answered with PLEASE_RETRY."""
    notification_limit: Count = 1000
    """Notifications that may wait for one agent; past it they are dropped and the agent is read back from Finesse."""
    result_timeout_seconds: Seconds = 10
    """How long a request that Finesse accepted may go without a visible result."""
    reconnect_delay_seconds: Seconds = 0.5
    """The first pause before a lost notification session is opened again; it doubles with each failure."""
    reconnect_delay_max_seconds: Seconds = 10
    """The longest such pause."""
    reason_codes_age_seconds: Seconds = 300
    """How long a list of reason codes or wrap-up reasons is good for before it is asked for again. It is shared by
    all members of a team; a client that asks for the list itself gets it as it is now."""
    phone_books_age_seconds: Annotated[float, Field(ge=0)] = 300
    """How long phone books are good for before they are asked for again. They are shared by all members of a team."""
    late_logout_grace_seconds: Annotated[float, Field(ge=0)] = 180
    """How long after a change to the other node an agent whom Finesse signs out because the old node misses its
    session is signed in again, instead of telling the client LOGOUT; 0 for never."""
    ready_again_after_failover: bool = False
    """Whether an agent who was READY and whom Finesse makes NOT_READY for that reason is made READY again."""
    keep_signed_out_seconds: Seconds = 3600
    """How long an agent who signed out stays connected; after that the client has to Connect again."""


class License(Section):
    """How many agents may work."""

    max_agents: Annotated[int, Field(ge=0)] = 0
    """Agents that may be signed in at a time; 0 for any number. One more is told LICENSES_EXCEEDED."""


class Database(Login):
    """A database of the site's, which is only read. The site's documentation names the driver that serves it."""

    url: DatabaseUrl = ""
    """The address in SQLAlchemy's form, such as postgresql+psycopg://host:5432/database, without user name and
    password; empty for none. docs/statistics.md has examples for Informix and SQL Server."""
    connections: Annotated[int, Field(ge=1, le=20)] = 2
    """The most connections at a time. When all of them hang, questions are refused at once."""
    connect_timeout_seconds: Seconds = 3
    """How long it may take until a connection can be used."""
    query_timeout_seconds: Seconds = 5
    """How long a query may take from there to its last row."""
    keep_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 5
    """How long an answer is given out again before the database is asked anew; 0 for not at all."""


class Statistics(Database):
    """The real-time tables of a UCCX site, for GetQueueList. UCCE gives its queues through Finesse, without this."""

    queue_query: Query = QUEUE_QUERY
    """The query for the queues. docs/statistics.md says which columns it must give."""


class ConfigurationDatabase(Database):
    """The configuration tables of a UCCE site (AWDB), for GETSKILLGROPU and GETSUPERVISOR."""

    keep_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 60
    """How long an answer is given out again before the database is asked anew; 0 for not at all."""
    skill_group_query: Query = SKILL_GROUP_QUERY
    """The query for the skill groups. It must give the columns id and name."""
    supervisor_query: Query = SUPERVISOR_QUERY
    """The query for the supervisors. It must give the columns id, firstName, lastName and loginName."""


class Recording(Section):
    """The site's call recorder, for ZOOMPauseRecording and ZOOMResumeRecording: told by HTTP requests.

    Addresses and bodies may hold {agent_id}, {login_name}, {extension} and {dialog_id}.
    """

    pause_url: Annotated[str, Field(pattern="^(https?://.+)?$")] = ""
    """The address to ask to stop recording for now; empty where there is no recorder."""
    resume_url: Annotated[str, Field(pattern="^(https?://.+)?$")] = ""
    """The address to ask to go on recording."""
    method: Literal["POST", "PUT", "GET", "PATCH", "DELETE"] = "POST"
    """The HTTP method of both requests."""
    pause_body: str = ""
    """The body of the first request; values are escaped as the Content-Type header asks for."""
    resume_body: str = ""
    """The body of the second request."""
    headers: Annotated[dict[str, SecretStr], AsMap] = Field(default_factory=dict)
    """Headers of both requests, such as Content-Type and Authorization."""
    timeout_seconds: Seconds = 5
    """How long the recorder may take to answer."""
    tls: Tls = Tls()

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.pause_url) != bool(self.resume_url):
            raise ValueError("pause_url and resume_url go together")
        return self


class Store(Login):
    """Where sessions are kept, so that whoever serves next takes over. One Redis and one name: a pair of instances."""

    kind: Annotated[Literal["none", "file", "redis"], Lowered] = "none"
    """none: after a restart clients connect anew. file: one instance on one machine is started again. redis: two
    instances, or one that may be started on another machine; a server that speaks Redis' protocol will do."""
    path: str = ""
    """The file, such as /var/lib/generic-connector/sessions.db; nobody else can read it."""
    url: Annotated[str, Field(pattern=r"^(rediss?://[^\s/@]+(/\d{1,3})?)?$")] = ""
    """The Redis: redis://host:6379/0, or rediss:// for TLS, without user name and password."""
    encryption_key: SecretStr = SecretStr("")
    """What `generic-connector store-key` prints. Everything in the store is sealed with it; keep it elsewhere."""
    encryption_key_file: OptionalFile = None
    """A file that holds the key and nothing else."""
    former_encryption_keys: Annotated[tuple[SecretStr, ...], Many] = ()
    """Keys that what is in the store may still be sealed with, after the key was changed."""
    name: Annotated[str, Field(pattern="^[A-Za-z0-9._-]{1,60}$")] = "generic-connector"
    """What all keys in the Redis begin with; instances that share it are one connector."""
    lease_seconds: Annotated[float, Field(ge=1, le=60)] = 4
    """After so long without a sign of life of the active instance, the standby takes its place."""
    timeout_seconds: Seconds = 1
    """How long the Redis may take to answer."""
    tls: Tls = Tls()

    @model_validator(mode="before")
    @classmethod
    def _read_key_file(cls, values: Any) -> Any:
        return from_file(values, "encryption_key")

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.kind == "file" and not self.path:
            raise ValueError("path is needed for a store of kind file")
        if self.kind == "redis" and not self.url:
            raise ValueError("url is needed for a store of kind redis")
        if self.kind != "none" and not self.encryption_key.get_secret_value():
            raise ValueError("encryption_key is needed; `generic-connector store-key` makes one")
        if self.timeout_seconds > self.lease_seconds / 2:
            raise ValueError("timeout_seconds must not be more than half of lease_seconds")
        return self


class Instance(Section):
    """How this instance ends."""

    drain_seconds: Annotated[float, Field(ge=0)] = 10
    """How long commands under way may take when the connector is told to stop (SIGTERM)."""


class OperationsTls(ServerTls):
    """The operations port's own certificate. With one, the port speaks HTTPS."""


class Operations(Login):
    """The port for those who run the connector: /health/live, /health/ready and /metrics (docs/operations.md).

    User name and password are asked for at /metrics; health is told to everybody who reaches the port.
    """

    port: ListeningPort = -1
    """The port to listen on; 0 takes a free one, -1 none."""
    host: str = "127.0.0.1"
    """The address to listen on; 0.0.0.0 for every one."""
    allow_unprotected: bool = False
    """Whether other machines may reach the port without TLS and a password, in a network that is closed anyway."""
    tls: OperationsTls = OperationsTls()

    @model_validator(mode="after")
    def _user_has_a_password(self) -> Self:
        if bool(self.username) != bool(self.password.get_secret_value()):
            raise ValueError("username and password go together")
        return self

    @model_validator(mode="after")
    def _strangers_are_kept_out(self) -> Self:
        protected = self.tls.cert_file is not None and self.username
        if self.port >= 0 and not (self.host in LOCAL_HOSTS or protected or self.allow_unprotected):
            raise ValueError(
                f"everybody who reaches {self.host} could read the metrics; give tls.cert_file, username and password, "
                "or set allow_unprotected"
            )
        return self


class Log(Section):
    """The log, written to standard error: one line per event."""

    level: LevelName = "info"
    """The least that is logged. SIGUSR1 switches a running connector between debug and this level."""
    format: Literal["json", "console"] = "console"
    """One JSON object per line, for collectors, or lines for people."""
    libraries: LevelName = "warning"
    """The least that is logged of what the libraries below say (aiohttp, slixmpp, asyncio)."""


class Settings(BaseSettings):
    """All settings. `Settings()` is the defaults and nothing else; `config.load` reads a site's own."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        env_prefix="GC_",
        env_nested_delimiter="__",
        enable_decoding=False,  # lists and maps are read by their fields, so that a mistake is told with its key
    )

    broker: Broker = Broker()
    finesse: Finesse = Finesse()
    clients: Clients = Clients()
    text: Text = Text()
    events: Events = Events()
    agents: Agents = Agents()
    license: License = License()
    statistics: Statistics = Statistics()
    configuration_database: ConfigurationDatabase = ConfigurationDatabase()
    recording: Recording = Recording()
    store: Store = Store()
    instance: Instance = Instance()
    operations: Operations = Operations()
    log: Log = Log()

    @model_validator(mode="after")
    def _senders_can_be_proved(self) -> Self:
        activemq, embedded, bound = self.broker.activemq, self.broker.embedded, self.clients.access == "bound"
        faults: list[str] = []
        if activemq.enabled:
            faults += faults_of_activemq(activemq.queues, activemq.queue_senders, bound=bound)
        if embedded.enabled and bound:
            faults += faults_of_embedded(embedded.users, anonymous=embedded.allow_anonymous)
        if bound:
            known = {*embedded.users, *activemq.queue_senders.values(), *self.clients.senders}
            faults += faults_of_names(self.clients.senders, known)
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Look at nothing by itself: what `load` is told to read is all there is."""
        return (init_settings,)
