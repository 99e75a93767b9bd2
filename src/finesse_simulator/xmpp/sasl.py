"""SASL PLAIN, the only mechanism of Finesse's server (finesse-notifications.md section 3, RFC 4616)."""

from __future__ import annotations

import base64
import binascii


class SaslError(Exception):
    """Authentication is refused; condition is that of RFC 6120 section 6.5."""

    def __init__(self, condition: str) -> None:
        super().__init__(condition)
        self.condition = condition


def read_plain(text: str) -> tuple[str, str]:
    """Read base64(authzid NUL user NUL password); give user and password. SaslError when it is not that."""
    try:
        decoded = base64.b64decode(text.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise SaslError("incorrect-encoding") from None
    parts = decoded.split("\0")
    match parts:
        case [authzid, user, password] if user:
            if authzid and authzid.partition("@")[0].lower() != user.lower():
                raise SaslError("invalid-authzid")  # nobody may act for someone else
            return user, password
        case _:
            raise SaslError("malformed-request")
