"""Where a broker is: `stomp://host:61613` or `stomp+ssl://host:61614`. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

_PLAIN = ("stomp", "tcp", "stomp+nio")
_TLS = ("stomp+ssl", "ssl", "stomp+nio+ssl")
_PORT, _TLS_PORT = 61613, 61614


@dataclass(frozen=True, slots=True)
class BrokerUrl:
    """One broker's STOMP connector."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'stomp+ssl' if self.tls else 'stomp'}://{host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> BrokerUrl:
        """Read one URL. Schemes: stomp, tcp; stomp+ssl, ssl for TLS. Raises ValueError, saying what would be right."""
        parts = urlsplit(text.strip())
        if parts.scheme not in (*_PLAIN, *_TLS):
            raise ValueError(f"{_without_user(text)!r} is not a STOMP address such as stomp://broker:61613")
        if parts.username is not None or parts.password is not None:
            raise ValueError("a broker URL must not hold a user or a password; there are settings for them")
        if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError(f"{text!r} must be only scheme, host and port, such as stomp://broker:61613")
        tls = parts.scheme in _TLS
        return cls(parts.hostname, parts.port or (_TLS_PORT if tls else _PORT), tls)


def _without_user(text: str) -> str:
    return text.rpartition("@")[2]
