"""Our client and the embedded broker with TLS, which is the same code for ActiveMQ's stomp+ssl connector."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from generic_connector.broker.activemq import ActiveMqSettings, check
from generic_connector.broker.embedded import EmbeddedBroker, EmbeddedSettings


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a PEM file with a key and a certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "broker.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_tls_is_verified_and_works_on_both_ports(certificate: Path) -> None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    broker = EmbeddedBroker(EmbeddedSettings(tcp_port=0, websocket_port=0, ssl_context=serving))
    await broker.start()
    trusting = ssl.create_default_context(cafile=certificate)
    url = f"stomp+ssl://127.0.0.1:{broker.tcp_port}"

    (trusted,) = await check(ActiveMqSettings(urls=(url,), ssl_context=trusting))
    (distrusted,) = await check(ActiveMqSettings(urls=(url,)))
    (plain,) = await check(ActiveMqSettings(urls=(f"stomp://127.0.0.1:{broker.tcp_port}",), connect_deadline=0.5))
    assert trusted.reachable
    assert "certificate verify failed" in distrusted.reason
    assert not plain.reachable

    async with aiohttp.ClientSession() as http:
        socket = await http.ws_connect(f"https://127.0.0.1:{broker.websocket_port}/stomp", ssl=trusting)
        await socket.send_str("CONNECT\naccept-version:1.2\nhost:x\n\n\0")
        assert (await socket.receive_str()).startswith("CONNECTED\n")
        await socket.close()
    await broker.stop()
