"""Each setting reaches the room that works with it."""

from __future__ import annotations

import json
import ssl
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from finesse_simulator.certificate import self_signed
from generic_connector.agents.settings import Access, AgentSettings, ClientSettings
from generic_connector.broker.activemq.settings import ActiveMqSettings
from generic_connector.broker.embedded import EmbeddedSettings, hash_password
from generic_connector.broker.embedded.rights import Rights
from generic_connector.config import Settings, load
from generic_connector.config.keys import KEYS
from generic_connector.config.mapping import (
    client_tls,
    server_tls,
    to_activemq,
    to_agents,
    to_clients,
    to_embedded,
    to_finesse,
    to_statistics,
)
from generic_connector.config.sections import MutualTls, ServerTls, Tls
from generic_connector.errors import UserError
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.tls import make_tls_context
from generic_connector.statistics.settings import DatabaseSettings, StatisticsSettings

HASH = hash_password("geheim")
KEYS_BY_VARIABLE = {key.variable: key for key in KEYS.values()}

NOT_FOR_SITES = {"nodes", "urls", "ssl_context", "probe_interval"}
"""Fields without a default of their own, or made of several settings; and probes, which not every door needs."""


def default_of(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


@pytest.mark.parametrize(
    ("room", "mapped"),
    [
        (ActiveMqSettings, to_activemq(Settings())),
        (EmbeddedSettings, to_embedded(Settings())),
        (FinesseSettings, to_finesse(Settings())),
        (AgentSettings, to_agents(Settings())),
        (ClientSettings, to_clients(Settings())),
        (StatisticsSettings, to_statistics(Settings())),
        (DatabaseSettings, to_statistics(Settings()).real_time),
    ],
)
def test_defaults_agree(room: type[Any], mapped: Any) -> None:
    """A default stands in the settings and in the room that they go to; both say the same."""
    for field in fields(room):
        if field.name not in NOT_FOR_SITES:
            assert getattr(mapped, field.name) == default_of(field), field.name


def test_activemq() -> None:
    ours = to_activemq(
        load(
            None,
            {
                "GC_BROKER__ACTIVEMQ__URLS": "stomp://a:61613,stomp+ssl://b:61614",
                "GC_BROKER__ACTIVEMQ__QUEUES": "Connector1,Connector2",
                "GC_BROKER__ACTIVEMQ__PASSWORD": "geheim",
                "GC_BROKER__ACTIVEMQ__TYPE_HEADER": "absent",
                "GC_BROKER__ACTIVEMQ__TEXT_ENCODING": "modified-utf-8",
                "GC_BROKER__ACTIVEMQ__EVENT_EXPIRY_SECONDS": "60",
                "GC_BROKER__ACTIVEMQ__RETURN_TO_FIRST_SECONDS": "30",
            },
        )
    )
    assert [str(url) for url in ours.parsed_urls()] == ["stomp://a:61613", "stomp+ssl://b:61614"]
    assert ours.queues == ("Connector1", "Connector2")
    assert (ours.password, ours.send_empty_type, ours.text_encoding) == ("geheim", False, "modified-utf-8")
    assert (ours.event_lifetime, ours.return_to_first) == (60, 30)


def test_embedded() -> None:
    """Passwords are hashes; -1 is no port."""
    hashed = hash_password("geheim")
    ours = to_embedded(
        load(
            None,
            {
                "GC_BROKER__EMBEDDED__USERS": f'{{"crm": "{hashed}"}}',
                "GC_BROKER__EMBEDDED__TCP_PORT": "-1",
                "GC_BROKER__EMBEDDED__WEBSOCKET_PORT": "15674",
                "GC_BROKER__EMBEDDED__ALLOWED_ORIGINS": "https://a.example,https://b.example",
            },
        )
    )
    assert (ours.tcp_port, ours.websocket_port, ours.users) == (None, 15674, {"crm": hashed})
    assert ours.allowed_origins == ("https://a.example", "https://b.example")


def test_finesse() -> None:
    """How gently it is asked, and when which node is used."""
    ours = load(
        None,
        {
            "GC_FINESSE__REQUESTS_PER_SECOND": "50",
            "GC_FINESSE__REQUESTS_BURST": "60",
            "GC_FINESSE__BREAKER_FAILURES": "0",
            "GC_FINESSE__HEALTH_TIMEOUT_SECONDS": "2",
            "GC_FINESSE__RETURN_TO_FIRST_SECONDS": "600",
            "GC_FINESSE__NOTIFICATIONS__SESSIONS_PER_SECOND": "70",
            "GC_FINESSE__NOTIFICATIONS__SESSIONS_AT_ONCE": "7",
            "GC_AGENTS__LATE_LOGOUT_GRACE_SECONDS": "90",
            "GC_AGENTS__READY_AGAIN_AFTER_FAILOVER": "true",
            "GC_AGENTS__PHONE_BOOKS_AGE_SECONDS": "0",
        },
    )
    door, agents = to_finesse(ours), to_agents(ours)
    assert (door.requests_per_second, door.requests_burst, door.breaker_failures) == (50, 60, 0)
    assert (door.health_timeout, door.return_to_first) == (2, 600)
    assert (door.sessions_per_second, door.sessions_at_once) == (70, 7)
    assert (agents.late_logout_grace, agents.ready_again_after_failover, agents.phone_books_age) == (90, True, 0)


def test_a_silent_session_is_noticed_within_fifteen_seconds() -> None:
    """By default; it leaves time to come back within Finesse's sixty."""
    door = to_finesse(Settings())
    assert door.ping_interval < door.ping_deadline <= 15
    assert 2000 / door.sessions_per_second <= 30


def test_server_certificate(tmp_path: Path) -> None:
    """One file may hold both; a file that holds neither is told."""
    (tmp_path / "server.pem").write_text("no certificate")
    assert server_tls(ServerTls(), "x") is None
    with pytest.raises(UserError, match="x: certificate or key cannot be used"):
        server_tls(ServerTls(cert_file=tmp_path / "server.pem"), "x")


def test_own_certificate_towards_the_broker(tmp_path: Path) -> None:
    """A file that holds none is told; a key without a certificate as well."""
    (tmp_path / "client.pem").write_text("no certificate")
    with pytest.raises(UserError, match="x: certificate or key cannot be used"):
        client_tls(MutualTls(cert_file=tmp_path / "client.pem"), "x")
    with pytest.raises(ValueError, match="key_file is given without cert_file"):
        MutualTls(key_file=tmp_path / "client.pem")


def test_databases(tmp_path: Path) -> None:
    """Each has its own address, login and queries."""
    (tmp_path / "password").write_text("geheim\n")
    ours = to_statistics(
        load(
            None,
            {
                "GC_STATISTICS__URL": "informix+pyodbc://uccx1:1504/db_cra?server=uccx1_uccx",
                "GC_STATISTICS__USERNAME": "uccxwallboard",
                "GC_STATISTICS__PASSWORD_FILE": str(tmp_path / "password"),
                "GC_STATISTICS__QUEUE_QUERY": "SELECT 1",
                "GC_CONFIGURATION_DATABASE__URL": "mssql+pymssql://aw1/ucce_awdb",
                "GC_CONFIGURATION_DATABASE__KEEP_SECONDS": "0",
            },
        )
    )
    assert ours.real_time.url == "informix+pyodbc://uccx1:1504/db_cra?server=uccx1_uccx"
    assert (ours.real_time.username, ours.real_time.password) == ("uccxwallboard", "geheim")
    assert (ours.queue_query, ours.configuration.url) == ("SELECT 1", "mssql+pymssql://aw1/ucce_awdb")
    assert (ours.configuration.keep, ours.real_time.keep) == (0, 5)
    assert "geheim" not in repr(ours)


@pytest.mark.parametrize(
    "url",
    [
        "mssql+pymssql://sa:geheim@aw1/ucce_awdb",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3Dgeheim",
        "postgresql+psycopg://aw1/db?password=geheim",
        "aw1/ucce_awdb?pwd=geheim",
    ],
)
def test_a_password_in_a_databases_url(url: str) -> None:
    """It is refused, and not shown."""
    with pytest.raises(UserError, match=r"statistics\.url.*(own settings|dialect\+driver)") as caught:
        load(None, {"GC_STATISTICS__URL": url})
    assert "geheim" not in str(caught.value)


def test_formats_keep_their_order() -> None:
    clients = to_clients(load(None, {"GC_CLIENTS__FORMATS": '{"WEB.*": "json", "*": "text"}'}))
    assert clients.formats == (("WEB.*", "json"), ("*", "text"))


def test_time_zone() -> None:
    assert to_agents(load(None, {"GC_EVENTS__TIME_ZONE": "Europe/Vienna"})).time_zone == ZoneInfo("Europe/Vienna")


def test_verification_is_on() -> None:
    context = client_tls(Tls(), "x")
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_verification_off() -> None:
    context = client_tls(Tls(verify=False), "x")
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)


def test_ca_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(UserError, match=r"x\.ca_file: .*ca.pem cannot be used"):
        client_tls(Tls(ca_file=tmp_path / "ca.pem"), "x")


@pytest.mark.parametrize(
    ("environ", "rights"),
    [
        ({}, Rights.EQUAL),
        ({"GC_BROKER__EMBEDDED__USERS": json.dumps({"crm": HASH})}, Rights.LISTENERS),
        ({"GC_BROKER__EMBEDDED__USERS": json.dumps({"crm": HASH}), "GC_CLIENTS__ACCESS": "Bound"}, Rights.BOUND),
    ],
)
def test_what_users_of_the_embedded_broker_may(environ: dict[str, str], rights: Rights) -> None:
    """With users nobody but the connector sends events, in mode bound each hears its own only."""
    proofs = {"GC_BROKER__ACTIVEMQ__QUEUE_SENDERS": '{"Connector1": "siebel"}'}
    assert to_embedded(load(None, environ | proofs)).rights is rights


def test_who_may_use_which_destination(tmp_path: Path) -> None:
    """The hub and the embedded broker are told the same; lists may be written with commas."""
    file = tmp_path / "connector.toml"
    file.write_text(
        '[clients]\naccess = "bound"\nsenders = { crm = ["CRM1", "CRM1.*"], siebel = "S.*, T" }\n'
        '[broker.activemq]\nqueues = ["A", "B"]\nqueue_senders = { A = "crm", B = "siebel" }\n'
    )
    settings = load(file, {})
    ours = to_clients(settings)
    assert (ours.access, ours.senders.patterns) == (Access.BOUND, {"crm": ("CRM1", "CRM1.*"), "siebel": ("S.*", "T")})
    assert to_embedded(settings).senders == ours.senders
    assert to_activemq(settings).queue_senders == {"A": "crm", "B": "siebel"}


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_the_oldest_tls_of_every_section(version: str, tmp_path: Path) -> None:
    """Wherever there is TLS its oldest version can be set."""
    expected = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]
    keys = [key.variable for key in KEYS.values() if key.path[-1] == "minimum_version"]
    assert {key.dotted.rpartition(".")[0] for key in KEYS.values() if key.path[-2:-1] == ("tls",)} == {
        KEYS_BY_VARIABLE[variable].dotted.rpartition(".")[0] for variable in keys
    }
    settings = load(None, dict.fromkeys(keys, version))
    made = self_signed("127.0.0.1")
    pem = tmp_path / "server.pem"
    pem.write_text(made.key + made.certificate)
    served = server_tls(settings.broker.embedded.tls.model_copy(update={"cert_file": pem}), "x")
    assert served is not None
    assert served.minimum_version == expected
    for tls in (settings.broker.activemq.tls, settings.recording.tls):
        assert client_tls(tls, "x").minimum_version == expected
    assert make_tls_context(to_finesse(settings)).minimum_version == expected


BOUND_FAULTS = [
    ({}, "nobody is proved to send by Connector1"),
    ({"GC_BROKER__ACTIVEMQ__QUEUE_SENDERS": '{"Connector2": "x"}'}, "Connector2, which is not among"),
    ({"GC_BROKER__EMBEDDED__ENABLED": "true"}, "broker.embedded.users names nobody"),
    ({"GC_BROKER__EMBEDDED__ENABLED": "1", "GC_BROKER__EMBEDDED__ALLOW_ANONYMOUS": "1"}, "would defeat"),
    ({"GC_CLIENTS__SENDERS": '{"crm.eu": ["eu"]}'}, "crm may use crm.* by default, and with it what is crm.eu's"),
]


@pytest.mark.parametrize(("environ", "words"), BOUND_FAULTS)
def test_senders_that_cannot_be_proved(environ: dict[str, str], words: str) -> None:
    """Mode bound is not started where nobody could be told from anybody."""
    proofs = {"GC_BROKER__ACTIVEMQ__QUEUE_SENDERS": '{"Connector1": "crm"}'} if environ else {}
    with pytest.raises(UserError) as caught:
        load(None, {"GC_CLIENTS__ACCESS": "bound"} | proofs | environ)
    assert words in str(caught.value)
