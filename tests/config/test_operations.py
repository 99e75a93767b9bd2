"""The settings of the operations port: what reaches it, and what would leave it open to strangers."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from finesse_simulator.certificate import self_signed
from generic_connector.config import load
from generic_connector.config.mapping import to_operations
from generic_connector.errors import UserError


@pytest.fixture
def certificate(tmp_path: Path) -> dict[str, str]:
    """Give the variables that name a certificate and its key."""
    made = self_signed("127.0.0.1")
    (tmp_path / "server.pem").write_text(made.certificate)
    (tmp_path / "server.key").write_text(made.key)
    return {
        "GC_OPERATIONS__TLS__CERT_FILE": str(tmp_path / "server.pem"),
        "GC_OPERATIONS__TLS__KEY_FILE": str(tmp_path / "server.key"),
    }


OPEN = {"GC_OPERATIONS__PORT": "9464", "GC_OPERATIONS__HOST": "0.0.0.0"}  # noqa: S104  that is what is tried
LOGIN = {"GC_OPERATIONS__USERNAME": "monitor", "GC_OPERATIONS__PASSWORD": "geheim"}


def test_there_is_none_by_default() -> None:
    assert to_operations(load(None, {})) is None


def test_on_this_machine() -> None:
    """Needs nothing but the port."""
    ours = to_operations(load(None, {"GC_OPERATIONS__PORT": "0"}))
    assert ours is not None
    assert (ours.host, ours.port, ours.username, ours.ssl_context) == ("127.0.0.1", 0, "", None)


def test_for_other_machines(certificate: dict[str, str], tmp_path: Path) -> None:
    """With TLS of version 1.2 or later, and a password, which may stand in a file."""
    (tmp_path / "password").write_text("geheim\n")
    environ = {**OPEN, **certificate, "GC_OPERATIONS__USERNAME": "monitor"}
    ours = to_operations(load(None, {**environ, "GC_OPERATIONS__PASSWORD_FILE": str(tmp_path / "password")}))
    assert ours is not None
    assert ours.ssl_context is not None
    assert ours.ssl_context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert (ours.host, ours.port, ours.username, ours.password) == (
        OPEN["GC_OPERATIONS__HOST"],
        9464,
        "monitor",
        "geheim",
    )
    assert "geheim" not in repr(ours)


def test_unprotected_where_that_is_meant() -> None:
    ours = to_operations(load(None, {**OPEN, "GC_OPERATIONS__ALLOW_UNPROTECTED": "true"}))
    assert ours is not None
    assert (ours.host, ours.ssl_context) == (OPEN["GC_OPERATIONS__HOST"], None)


@pytest.mark.parametrize("login", [{}, LOGIN])
def test_strangers_are_kept_out(login: dict[str, str]) -> None:
    """A password without TLS would be read on its way."""
    with pytest.raises(UserError, match=r"operations: everybody who reaches 0\.0\.0\.0 could read the metrics; give"):
        load(None, {**OPEN, **login})


def test_tls_alone_is_not_enough(certificate: dict[str, str]) -> None:
    with pytest.raises(UserError, match="could read the metrics"):
        load(None, {**OPEN, **certificate})


@pytest.mark.parametrize("half", ["GC_OPERATIONS__USERNAME", "GC_OPERATIONS__PASSWORD"])
def test_half_a_login(half: str) -> None:
    with pytest.raises(UserError, match="operations: username and password go together"):
        load(None, {half: "geheim"})


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "server.pem").write_text("no certificate")
    environ = {"GC_OPERATIONS__PORT": "0", "GC_OPERATIONS__TLS__CERT_FILE": str(tmp_path / "server.pem")}
    with pytest.raises(UserError, match=r"operations\.tls: certificate or key cannot be used"):
        to_operations(load(None, environ))
