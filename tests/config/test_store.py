"""The settings of the session store."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from generic_connector.config import load
from generic_connector.config.mapping import to_store
from generic_connector.errors import UserError
from generic_connector.store.sealing import new_key
from generic_connector.store.settings import FileStoreSettings, RedisSettings

KEY, FORMER = new_key(), new_key()


def test_none() -> None:
    assert to_store(load(None, {})) is None


def test_a_file_with_its_key_in_another_one(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    settings = load(
        None,
        {
            "GC_STORE__KIND": "File",
            "GC_STORE__PATH": "/var/lib/generic-connector/sessions.db",
            "GC_STORE__ENCRYPTION_KEY_FILE": str(tmp_path / "key"),
            "GC_STORE__FORMER_ENCRYPTION_KEYS": FORMER,
        },
    )
    path = Path("/var/lib/generic-connector/sessions.db")
    assert to_store(settings) == FileStoreSettings(path=path, keys=(KEY, FORMER))
    assert KEY not in repr(settings)
    assert KEY not in repr(to_store(settings))


def test_a_redis() -> None:
    settings = load(
        None,
        {
            "GC_STORE__KIND": "redis",
            "GC_STORE__URL": "rediss://store.example:6390/3",
            "GC_STORE__USERNAME": "gc",
            "GC_STORE__PASSWORD": "geheim",
            "GC_STORE__ENCRYPTION_KEY": KEY,
            "GC_STORE__NAME": "vienna",
            "GC_STORE__LEASE_SECONDS": "6",
            "GC_STORE__TLS__VERIFY": "false",
            "GC_STORE__TLS__MINIMUM_VERSION": "1.3",
        },
    )
    assert to_store(settings) == RedisSettings(
        host="store.example",
        port=6390,
        database=3,
        username="gc",
        password="geheim",
        keys=(KEY,),
        name="vienna",
        lease=6,
        tls=True,
        verify=False,
        minimum_version=ssl.TLSVersion.TLSv1_3,
    )


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"KIND": "file"}, "path is needed"),
        ({"KIND": "redis"}, "url is needed"),
        ({"KIND": "file", "PATH": "a"}, "encryption_key is needed"),
        ({"KIND": "redis", "URL": "redis://user:geheim@host/0"}, "store.url"),
        ({"KIND": "redis", "URL": "http://host"}, "store.url"),
        ({"LEASE_SECONDS": "1.5"}, "timeout_seconds must not be more than half"),
        ({"ENCRYPTION_KEY": "a", "ENCRYPTION_KEY_FILE": "/etc/hostname"}, "both given"),
    ],
)
def test_what_cannot_be_is_told(environment: dict[str, str], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint) as error:
        load(None, {f"GC_STORE__{key}": value for key, value in environment.items()})
    assert "geheim" not in str(error.value)


def test_a_key_that_is_none_is_told_without_showing_it() -> None:
    settings = load(None, {"GC_STORE__KIND": "file", "GC_STORE__PATH": "a", "GC_STORE__ENCRYPTION_KEY": "geheim"})
    with pytest.raises(UserError, match=r"store\.encryption_key: it must be what") as error:
        to_store(settings)
    assert "geheim" not in str(error.value)
