"""A certificate authority of our own, for tests with TLS."""

from __future__ import annotations

import datetime as dt
import ipaddress
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

PASSWORD = "changeit"


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Authority:
    """Signs certificates; ca_file is its own, as PEM."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._certificate = self._sign(name, self._key, authority=True)
        self.ca_file = folder / f"{name}.pem"
        self.ca_file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def pem(self, common_name: str) -> Path:
        """Give a key and its certificate in one PEM file."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = self._sign(common_name, key)
        path = self._folder / f"{common_name}-{self._name}.pem"
        path.write_bytes(_pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def java_keys(self, common_name: str, address: str) -> Path:
        """Give a key and its certificate for a server at that address or name, as Java reads it."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = self._sign(common_name, key, address=address)
        path = self._folder / f"{common_name}.p12"
        encryption = serialization.BestAvailableEncryption(PASSWORD.encode())
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"server", key, certificate, None, encryption))
        return path

    def java_trust(self) -> Path:
        """Give the authority's certificate as one that Java trusts."""
        path = self._folder / f"trust-{self._name}.p12"
        options = ("-importcert", "-noprompt", "-alias", "ca", "-storetype", "PKCS12", "-storepass", PASSWORD)
        files = ("-file", str(self.ca_file), "-keystore", str(path))
        subprocess.run(["keytool", *options, *files], check=True, capture_output=True)  # noqa: S603, S607 - fixed
        return path

    def _sign(
        self, common_name: str, key: rsa.RSAPrivateKey, *, address: str = "", authority: bool = False
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(common_name))
            .issuer_name(_name(self._name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if address:
            names = [_general_name(address)]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _general_name(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(address))
    except ValueError:
        return x509.DNSName(address)
