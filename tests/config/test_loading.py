"""A site's settings: where they come from, which source wins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from generic_connector.config import Settings, load
from generic_connector.config.keys import KEYS
from generic_connector.errors import UserError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "connector.toml"


def refusal(path: Path | None, environ: dict[str, str] | None = None) -> str:
    """Load what cannot be used and give what the person is told."""
    with pytest.raises(UserError) as caught:
        load(path, environ or {})
    return str(caught.value)


def test_nothing_given_is_the_defaults() -> None:
    """Without a file and variables the defaults hold."""
    assert load(None, {"PATH": "/bin"}) == Settings()


def test_the_process_environment_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings come from what load() is given, not from the process behind its back."""
    monkeypatch.setenv("GC_LOG__LEVEL", "debug")
    assert load(None, {}).log.level == "info"
    assert Settings().log.level == "info"


def test_file_overrides_default(file: Path) -> None:
    """A key in the file counts; its neighbours keep their defaults."""
    file.write_text('[log]\nlevel = "debug"\n')
    settings = load(file, {})
    assert (settings.log.level, settings.log.format) == ("debug", "console")


def test_environment_overrides_file_key_by_key(file: Path) -> None:
    """A variable replaces its one key and leaves the rest of the section as the file says."""
    file.write_text('[broker.activemq]\nprefetch = 3\nqueues = ["A"]\n')
    settings = load(file, {"GC_BROKER__ACTIVEMQ__PREFETCH": "7"})
    assert (settings.broker.activemq.prefetch, settings.broker.activemq.queues) == (7, ("A",))


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_every_key_has_a_variable_that_reaches_it(key: object) -> None:
    """Each variable of the table arrives at its key: an impossible value is told with that key's name."""
    variable, dotted = key.variable, key.dotted  # type: ignore[attr-defined]
    try:
        settings = load(None, {variable: "\N{SNOWMAN}"})
    except UserError as error:
        assert dotted.rsplit(".", 1)[0] in str(error)  # noqa: PT017  which of both happens depends on the key's type
    else:
        secret = "password" in dotted or "encryption_key" in dotted
        assert "\N{SNOWMAN}" in repr(settings) or secret


@pytest.mark.parametrize("text", ['["https://a:8445", "https://b:8445"]', "https://a:8445, https://b:8445"])
def test_a_list_in_a_variable(text: str) -> None:
    """JSON or commas, as one likes."""
    assert load(None, {"GC_FINESSE__NODES": text}).finesse.nodes == ("https://a:8445", "https://b:8445")


def test_a_map_in_a_variable() -> None:
    """A map is JSON, and its order is kept: the first match wins."""
    formats = load(None, {"GC_CLIENTS__FORMATS": '{"WEB.*": "json", "*": "text"}'}).clients.formats
    assert list(formats.items()) == [("WEB.*", "json"), ("*", "text")]


def test_password_from_a_file(tmp_path: Path, file: Path) -> None:
    """The line break that editors leave is no part of the password; blanks are."""
    (tmp_path / "secret").write_text(" gehe im\n")
    file.write_text(f'[broker.activemq]\npassword_file = "{tmp_path / "secret"}"\n')
    assert load(file, {}).broker.activemq.password.get_secret_value() == " gehe im"


def test_password_from_a_directory_of_secrets(tmp_path: Path, file: Path) -> None:
    """A secret file stands above the configuration file; what else lies in the directory is no concern."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "gc_broker__activemq__password").write_text("from-file\n")
    (secrets / "another-service").write_text("x")
    file.write_text('[broker.activemq]\npassword = "plain"\n')
    settings = load(file, {"GC_SECRETS_DIR": str(secrets)})
    assert settings.broker.activemq.password.get_secret_value() == "from-file"


def test_environment_overrides_the_directory_of_secrets(tmp_path: Path) -> None:
    (tmp_path / "GC_BROKER__ACTIVEMQ__PASSWORD").write_text("from-file")
    environ = {"GC_SECRETS_DIR": str(tmp_path), "GC_BROKER__ACTIVEMQ__PASSWORD": "from-environment"}
    assert load(None, environ).broker.activemq.password.get_secret_value() == "from-environment"


def test_capitals_of_a_word_do_not_matter() -> None:
    assert load(None, {"GC_LOG__LEVEL": "DEBUG"}).log.level == "debug"


REFUSED = {
    "unknown key, near": (
        "[broker.activemq]\nurlz = []",
        "broker.activemq.urlz: no such setting; did you mean broker.activemq.urls?",
    ),
    "unknown key, elsewhere": (
        "[log]\nnodes = []",
        "log.nodes: no such setting; did you mean finesse.nodes?",
    ),
    "unknown key, like none": ("[log]\nxyz = 1", "log.xyz: no such setting; there are level, format, libraries"),
    "unknown section": ("[finnesse]\na = 1", "finnesse: no such setting; did you mean finesse?"),
    "too small": ("[broker.activemq]\nprefetch = 0", "broker.activemq.prefetch: 0 was given; it must be greater than"),
    "too large": ("[broker.activemq]\nconsumer_priority = 128", "128 was given; it must be less than or equal to 127"),
    "no number": ('[agents]\ninbox_limit = "many"', 'agents.inbox_limit: "many" was given; it must be a valid integer'),
    "no word of the choice": ('[log]\nlevel = "loud"', "log.level: \"loud\" was given; it must be 'debug', 'info'"),
    "no section": ("log = 5", "log: it must be a section of its own, [log]"),
    "no node": ("[finesse]\nnodes = []", "finesse.nodes: [] was given; it must hold at least 1"),
    "three nodes": (
        '[finesse]\nnodes = ["https://a", "https://b", "https://c"]',
        "it may hold 2 at most",
    ),
    "node with a path": ('[finesse]\nnodes = ["https://a/finesse"]', "finesse.nodes[0]: "),
    "node with a bad port": ('[finesse]\nnodes = ["https://a:99999"]', "it must be https://host:port"),
    "broker address": ('[broker.activemq]\nurls = ["tcp://"]', "broker.activemq.urls[0]: "),
    "format of a pattern": ('[clients.formats]\n"A*" = "xml"', 'clients.formats."A*": "xml" was given; it must be'),
    "time zone": ('[events]\ntime_zone = "Europe/Viena"', "did you mean Europe/Vienna?"),
    "separator in its replacement": ('[text]\nhash_replacement = "#"', "it must not hold any of # | , ="),
    "file that is not there": ('[finesse.tls]\nca_file = "/nowhere.pem"', "there is no such file"),
    "no door": ("[broker.activemq]\nenabled = false", "broker: no door is open; set broker.activemq.enabled or"),
    "plain password of a user": (
        '[broker.embedded.users]\ncrm = "geheim"',
        "broker.embedded.users.crm: it must be what `generic-connector hash-password` prints",
    ),
    "door that listens nowhere": (
        "[broker.embedded]\nenabled = true\ntcp_port = -1",
        "broker.embedded: the door is open but listens nowhere",
    ),
    "everybody": (
        '[broker.embedded]\nenabled = true\nhost = "0.0.0.0"',
        "broker.embedded: everybody who reaches 0.0.0.0 could connect; give users, or set allow_anonymous",
    ),
    "not TOML": ("[log]\nlevel = debug", "is not a TOML file: Invalid value (at line 2, column 9)"),
}


@pytest.mark.parametrize(("text", "told"), REFUSED.values(), ids=REFUSED)
def test_refused(file: Path, text: str, told: str) -> None:
    """What cannot work is told with the key's name and what would be right."""
    file.write_text(text)
    refused = refusal(file)
    assert told in refused
    assert str(file) in refused


def test_every_mistake_is_told_at_once(file: Path) -> None:
    file.write_text('[log]\nlevel = "loud"\nxyz = 1\n[agents]\ninbox_limit = 0\n')
    assert [line.split(":")[0].strip() for line in refusal(file).splitlines()[1:]] == [
        "agents.inbox_limit",
        "log.level",
        "log.xyz",
    ]


def test_a_variable_is_named_as_the_source() -> None:
    assert "log.level (from GC_LOG__LEVEL): " in refusal(None, {"GC_LOG__LEVEL": "loud"})


def test_unknown_variable() -> None:
    assert "GC_LOG__LEVL: no such setting; did you mean GC_LOG__LEVEL?" in refusal(None, {"GC_LOG__LEVL": "info"})


def test_bad_json_in_a_variable() -> None:
    assert "clients.formats (from GC_CLIENTS__FORMATS)" in refusal(None, {"GC_CLIENTS__FORMATS": "{x"})


def test_missing_file(tmp_path: Path) -> None:
    assert "there is no such file. `generic-connector config > " in refusal(tmp_path / "none.toml")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    assert "is a directory" in refusal(tmp_path)


def test_file_that_is_not_utf8(file: Path) -> None:
    file.write_bytes(b'[log]\nlevel = "\xff"')
    assert "it must be UTF-8 text" in refusal(file)


def test_missing_directory_of_secrets(tmp_path: Path) -> None:
    assert "GC_SECRETS_DIR" in refusal(None, {"GC_SECRETS_DIR": str(tmp_path / "none")})


def test_password_twice(tmp_path: Path, file: Path) -> None:
    (tmp_path / "secret").write_text("a")
    file.write_text(f'[broker.activemq]\npassword = "b"\npassword_file = "{tmp_path / "secret"}"\n')
    assert "broker.activemq: password and password_file are both given" in refusal(file)


CANARY = "canary-geheim"


@pytest.mark.parametrize(
    "text",
    [
        f'[broker.activemq]\npassword = ["{CANARY}"]',
        f'[broker.activemq]\npassword_file = "{CANARY}"',
        f'[broker.activemq]\npasswort = "{CANARY}"',
        f'[broker.activemq]\nurls = ["stomp://user:{CANARY}@host:1"]',
        f'[broker.activemq]\nurls = ["http://user:a/{CANARY}@host:1"]',
        f'[broker.embedded.users]\ncrm = "{CANARY}"',
        f'[broker.embedded]\nusers = "{CANARY}"',
        f'[finesse]\nnodes = ["https://user:{CANARY}@host:1"]',
        f'[broker.activemq]\npassword = "{CANARY}',
        f'broker = "{CANARY}"\n[log]\npassword = "{CANARY}"',
    ],
)
def test_no_secret_is_shown(file: Path, text: str) -> None:
    """Whatever is wrong, what looks like a secret is not repeated."""
    file.write_text(text)
    assert CANARY not in refusal(file)


def test_no_secret_in_the_settings_own_text(file: Path) -> None:
    file.write_text(f'[broker.activemq]\npassword = "{CANARY}"')
    settings = load(file, {})
    assert CANARY not in repr(settings) + str(settings) + repr(settings.model_dump())
