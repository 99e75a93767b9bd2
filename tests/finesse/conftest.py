import ssl
from pathlib import Path

import pytest

from finesse_simulator.certificate import Certificate, self_signed


@pytest.fixture(scope="session")
def certificate() -> Certificate:
    return self_signed("localhost", "127.0.0.1")


@pytest.fixture(scope="session")
def ca_file(certificate: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("pki") / "node.pem"
    file.write_text(certificate.certificate, encoding="ascii")
    return file


@pytest.fixture(scope="session")
def server_tls(certificate: Certificate) -> ssl.SSLContext:
    return certificate.server_context()
