"""Seals what goes into a store: passwords and customers' data are of no use to whoever reads the store alone.

The key is not in the store. Fernet (AES-128-CBC with HMAC-SHA256, cryptography's) seals; several keys serve to change
the key: the first seals, all open.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


def new_key() -> str:
    """Make a key for the configuration: 32 random bytes, as text."""
    return Fernet.generate_key().decode("ascii")


class Seal:
    """Seals and opens. Raises ValueError for something that new_key() did not make."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("there is no key")
        try:
            self._fernet = MultiFernet([Fernet(key.encode("ascii", "replace")) for key in keys])
        except ValueError:  # its text is of no use to people
            raise ValueError("it must be what `generic-connector store-key` prints") from None

    def seal(self, data: bytes) -> bytes:
        """Give data sealed, different each time."""
        return self._fernet.encrypt(data)

    def open(self, sealed: bytes) -> bytes:
        """Give back what was sealed. Raises ValueError for what was sealed by another key, or was changed."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise ValueError("it was sealed with another key, or was changed") from None
