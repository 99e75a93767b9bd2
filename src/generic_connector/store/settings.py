"""What an operator can set about the session store."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStoreSettings:
    """A file on this machine. keys: the first seals, all open."""

    path: Path
    keys: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSettings:
    """A Redis, or a server that speaks its protocol.

    name: all keys begin with it; instances that share it are one connector. lease: seconds that an instance serves on
    without renewing. timeout: seconds for each answer. ca_file: certificates to trust beside the system's.
    """

    host: str
    port: int = 6379
    database: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    keys: tuple[str, ...] = field(repr=False)
    name: str = "generic-connector"
    lease: float = 4.0
    timeout: float = 1.0
    tls: bool = False
    ca_file: Path | None = None
    verify: bool = True
    minimum_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
