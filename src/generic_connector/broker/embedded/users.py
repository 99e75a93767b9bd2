"""Passwords of the embedded broker's users: salted scrypt hashes, checked off the event loop."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping

_N, _R, _P = 2**14, 8, 1
_MEMORY = 64 * 1024 * 1024
_SALT, _KEY = 16, 32
_STORED = re.compile(r"scrypt\$([0-9]{1,6})\$([0-9]{1,2})\$([0-9]{1,2})\$([A-Za-z0-9+/]{22}==)\$([A-Za-z0-9+/]{43}=)")
_AT_ONCE = 2


def hash_password(password: str) -> str:
    """Make what an operator puts into the configuration: scrypt, its costs, a random salt and the key."""
    salt = secrets.token_bytes(_SALT)
    key = _derive(password, salt, _N, _R, _P)
    return "$".join(["scrypt", str(_N), str(_R), str(_P), _to_text(salt), _to_text(key)])


def check_password(password: str, stored: str) -> bool:
    """Compare in constant time. Raises ValueError when what is stored was not made by hash_password()."""
    n, r, p, salt, key = _parse(stored)
    return hmac.compare_digest(_derive(password, salt, n, r, p), key)


def _parse(stored: str) -> tuple[int, int, int, bytes, bytes]:
    match = _STORED.fullmatch(stored)
    if match is None:
        raise ValueError("a stored password is not a scrypt hash as hash_password() makes it")
    n, r, p, salt, key = match.groups()
    return int(n), int(r), int(p), base64.b64decode(salt), base64.b64decode(key)


def _derive(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=_KEY)


def _to_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Users:
    """Says who may come in. Raises ValueError for a stored password that hash_password() did not make.

    A password that was right once is remembered as a digest under a key of this process, so that a thousand clients
    that come back at once need not wait for scrypt a thousand times.
    """

    def __init__(self, stored: Mapping[str, str], *, anonymous: bool) -> None:
        self._stored = dict(stored)
        self._anonymous = anonymous or not stored
        self._nobody = hash_password(secrets.token_hex()) if stored else ""
        self._key = secrets.token_bytes(_KEY)
        self._right: dict[str, bytes] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)
        for value in self._stored.values():
            _parse(value)

    async def admit(self, login: str, password: str) -> str | None:
        """Give the user's name, "" for anonymous, or None for nobody we know. Takes as long for each stranger."""
        if not self._stored or (self._anonymous and not login):
            return ""
        digest = hmac.digest(self._key, f"{login}\0{password}".encode("utf-8", "surrogatepass"), "sha256")
        if hmac.compare_digest(self._right.get(login, b""), digest):
            return login
        stored = self._stored.get(login, self._nobody)
        async with self._turns:
            right = await asyncio.to_thread(check_password, password, stored)
        if not right or login not in self._stored:
            return None
        self._right[login] = digest
        return login
