"""From the settings that a site writes to those that each room of the product takes."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog

from generic_connector.agents.settings import Access, AgentSettings, ClientSettings
from generic_connector.broker.activemq.settings import ActiveMqSettings
from generic_connector.broker.embedded.rights import Rights
from generic_connector.broker.embedded.settings import EmbeddedSettings
from generic_connector.broker.senders import Senders
from generic_connector.broker.text_encoding import TextEncoding
from generic_connector.config.sections import Database, MutualTls, OwnCertificate, ServerTls, Settings, Tls
from generic_connector.errors import UserError
from generic_connector.finesse.model import Credentials
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.operations.settings import OperationsSettings
from generic_connector.protocol.escaping import TextSettings
from generic_connector.protocol.formats import Format
from generic_connector.recording.http import RecorderSettings
from generic_connector.statistics.settings import DatabaseSettings, StatisticsSettings
from generic_connector.store.sealing import Seal
from generic_connector.store.settings import FileStoreSettings, RedisSettings

log = structlog.get_logger()

_TLS_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def to_activemq(settings: Settings) -> ActiveMqSettings:
    """Give the settings of the door to ActiveMQ. Raises UserError when a TLS file cannot be used."""
    ours = settings.broker.activemq
    return ActiveMqSettings(
        urls=ours.urls,
        username=ours.username,
        password=ours.password.get_secret_value(),
        queues=ours.queues,
        queue_senders=ours.queue_senders,
        consumer_priority=ours.consumer_priority,
        prefetch=ours.prefetch,
        heart_beat_ms=ours.heartbeat_ms,
        buffered_events=ours.event_buffer,
        buffered_events_total=ours.event_buffer_total,
        client_return=ours.client_return_seconds,
        event_lifetime=ours.event_expiry_seconds or None,
        send_empty_type=ours.type_header == "empty",
        text_encoding=TextEncoding(ours.text_encoding),
        body_limit=ours.max_body_bytes,
        return_to_first=ours.return_to_first_seconds or None,
        connect_deadline=ours.connect_deadline_seconds,
        probe_interval=ours.probe_seconds or None,
        ssl_context=client_tls(ours.tls, "broker.activemq.tls"),
    )


def to_embedded(settings: Settings) -> EmbeddedSettings:
    """Give the settings of the broker inside. Raises UserError when its certificate cannot be used."""
    ours = settings.broker.embedded
    return EmbeddedSettings(
        command_queues=ours.queues,
        host=ours.host,
        tcp_port=None if ours.tcp_port < 0 else ours.tcp_port,
        websocket_port=None if ours.websocket_port < 0 else ours.websocket_port,
        websocket_path=ours.websocket_path,
        allowed_origins=ours.allowed_origins,
        ssl_context=server_tls(ours.tls, "broker.embedded.tls"),
        users=ours.users,
        anonymous=ours.allow_anonymous,
        rights=_rights(settings),
        senders=Senders(settings.clients.senders),
        heart_beat_ms=ours.heartbeat_ms,
        body_limit=ours.max_body_bytes,
        connection_limit=ours.max_connections,
        queue_limit=ours.max_queue_messages,
        storage_limit=ours.max_queues_bytes,
        unread_limit=ours.max_unread_bytes,
        login_deadline=ours.login_deadline_seconds,
    )


def _rights(settings: Settings) -> Rights:
    if settings.clients.access == "bound":
        return Rights.BOUND
    return Rights.LISTENERS if settings.broker.embedded.users else Rights.EQUAL


def to_finesse(settings: Settings) -> FinesseSettings:
    """Give the settings of the door to Finesse."""
    ours, sessions = settings.finesse, settings.finesse.notifications
    return FinesseSettings(
        nodes=ours.nodes,
        connect_timeout=ours.connect_timeout_seconds,
        request_timeout=ours.request_timeout_seconds,
        connections=ours.connections,
        requests_per_second=ours.requests_per_second,
        requests_burst=ours.requests_burst,
        breaker_failures=ours.breaker_failures,
        health_interval=ours.health_interval_seconds,
        health_timeout=ours.health_timeout_seconds,
        return_to_first=ours.return_to_first_seconds,
        retry_delay=ours.retry_delay_seconds,
        xmpp_transport=sessions.transport,
        xmpp_websocket_path=sessions.websocket_path,
        xmpp_websocket_tls=sessions.websocket_tls,
        xmpp_host=sessions.host,
        xmpp_port=sessions.port,
        sign_in_deadline=sessions.sign_in_deadline_seconds,
        sessions_per_second=sessions.sessions_per_second,
        sessions_at_once=sessions.sessions_at_once,
        ping_interval=sessions.ping_interval_seconds,
        ping_deadline=sessions.ping_deadline_seconds,
        resource_prefix=sessions.resource_prefix,
        tls_verify=ours.tls.verify,
        tls_ca_file=ours.tls.ca_file,
        tls_strict=ours.tls.strict,
        tls_minimum_version=ours.tls.minimum_version,
    )


def to_agents(settings: Settings) -> AgentSettings:
    """Give what the agents are run by."""
    ours, events = settings.agents, settings.events
    return AgentSettings(
        inbox_limit=ours.inbox_limit,
        notification_limit=ours.notification_limit,
        result_timeout=ours.result_timeout_seconds,
        reconnect_delay=ours.reconnect_delay_seconds,
        reconnect_delay_max=ours.reconnect_delay_max_seconds,
        reason_codes_age=ours.reason_codes_age_seconds,
        phone_books_age=ours.phone_books_age_seconds,
        late_logout_grace=ours.late_logout_grace_seconds,
        ready_again_after_failover=ours.ready_again_after_failover,
        keep_signed_out=ours.keep_signed_out_seconds,
        time_zone=ZoneInfo(events.time_zone) if events.time_zone else None,
        connect_status=events.connect_status,
        team_info=events.team_info,
        team_member_state_changed=events.team_member_state_changed,
        administrator=_administrator(settings),
        max_agents=settings.license.max_agents,
    )


def _administrator(settings: Settings) -> Credentials | None:
    ours = settings.finesse.administrator
    if not ours.username:
        return None
    return Credentials(user_id=ours.username, secret=ours.password.get_secret_value())


def to_recorder(settings: Settings) -> RecorderSettings | None:
    """Give how the recorder is told, None where there is none. Raises UserError when a TLS file cannot be used."""
    ours = settings.recording
    if not ours.pause_url:
        return None
    return RecorderSettings(
        pause_url=ours.pause_url,
        resume_url=ours.resume_url,
        method=ours.method,
        pause_body=ours.pause_body,
        resume_body=ours.resume_body,
        headers={name: value.get_secret_value() for name, value in ours.headers.items()},
        timeout=ours.timeout_seconds,
        ssl_context=client_tls(ours.tls, "recording.tls"),
    )


def to_operations(settings: Settings) -> OperationsSettings | None:
    """Give where the operations port is, None where there is none. Raises UserError for an unusable certificate."""
    ours = settings.operations
    if ours.port < 0:
        return None
    return OperationsSettings(
        host=ours.host,
        port=ours.port,
        username=ours.username,
        password=ours.password.get_secret_value(),
        ssl_context=server_tls(ours.tls, "operations.tls"),
    )


def to_clients(settings: Settings) -> ClientSettings:
    """Give how clients are spoken to."""
    ours = settings.clients
    if ours.senders and ours.access == "open":
        log.warning("clients are not bound to their destinations", setting="clients.access")
    return ClientSettings(
        default_format=Format(ours.format),
        formats=tuple((pattern, Format(name)) for pattern, name in ours.formats.items()),
        forget_after=ours.forget_after_seconds,
        access=Access(ours.access),
        senders=Senders(ours.senders),
        text=TextSettings(
            hash_replacement=settings.text.hash_replacement,
            list_separator_replacement=settings.text.list_separator_replacement,
            error_text=settings.text.error_text,
        ),
    )


def to_statistics(settings: Settings) -> StatisticsSettings:
    """Give how the site's databases are reached and asked."""
    real_time, configuration = settings.statistics, settings.configuration_database
    return StatisticsSettings(
        real_time=_database(real_time),
        queue_query=real_time.queue_query,
        configuration=_database(configuration),
        skill_group_query=configuration.skill_group_query,
        supervisor_query=configuration.supervisor_query,
    )


def _database(ours: Database) -> DatabaseSettings:
    return DatabaseSettings(
        url=ours.url,
        username=ours.username,
        password=ours.password.get_secret_value(),
        connections=ours.connections,
        connect_timeout=ours.connect_timeout_seconds,
        query_timeout=ours.query_timeout_seconds,
        keep=ours.keep_seconds,
    )


def to_store(settings: Settings) -> FileStoreSettings | RedisSettings | None:
    """Give where sessions are kept, None where they are not. Raises UserError for a key that is none."""
    ours = settings.store
    keys = tuple(key.get_secret_value() for key in (ours.encryption_key, *ours.former_encryption_keys))
    if ours.kind == "none":
        return None
    try:
        Seal(keys)
    except ValueError as error:
        raise UserError(f"store.encryption_key: {error}") from None
    if ours.kind == "file":
        return FileStoreSettings(path=Path(ours.path), keys=keys)
    address = urlsplit(ours.url)
    return RedisSettings(
        host=address.hostname or "",
        port=address.port or 6379,
        database=int(address.path.strip("/") or 0),
        username=ours.username,
        password=ours.password.get_secret_value(),
        keys=keys,
        name=ours.name,
        lease=ours.lease_seconds,
        timeout=ours.timeout_seconds,
        tls=address.scheme == "rediss",
        ca_file=ours.tls.ca_file,
        verify=ours.tls.verify,
        minimum_version=_TLS_VERSIONS[ours.tls.minimum_version],
    )


def client_tls(tls: Tls, section: str) -> ssl.SSLContext:
    """Make the TLS context for connecting to a server. section names the settings in errors and in the log.

    Raises UserError when the file of trusted certificates, or our own certificate, cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise UserError(f"{section}.ca_file: {tls.ca_file} cannot be used: {error}") from None
    context.minimum_version = _TLS_VERSIONS[tls.minimum_version]
    if not tls.verify:
        log.warning("certificates are not verified", setting=f"{section}.verify")
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if isinstance(tls, MutualTls):
        _show_certificate(context, tls, section)
    return context


def server_tls(tls: ServerTls, section: str) -> ssl.SSLContext | None:
    """Make the TLS context of a server, None where no certificate is set. section names the settings in errors.

    Raises UserError when certificate or key cannot be used.
    """
    if tls.cert_file is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _TLS_VERSIONS[tls.minimum_version]
    _show_certificate(context, tls, section)
    return context


def _show_certificate(context: ssl.SSLContext, tls: OwnCertificate, section: str) -> None:
    if tls.cert_file is None:
        return
    try:
        context.load_cert_chain(tls.cert_file, tls.key_file, password=_no_password)
    except OSError as error:  # ssl.SSLError is one
        raise UserError(f"{section}: certificate or key cannot be used: {error}") from None


def _no_password() -> str:
    """Answer for the person whom OpenSSL would ask at the terminal."""
    return ""
