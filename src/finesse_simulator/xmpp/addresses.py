"""XMPP addresses (JIDs): 1001@finesse1.example.test/cti."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """One XMPP address. Local part and domain are lower case, as Openfire makes them; the resource is kept as given.

    Source: finesse-notifications.md section 2.
    """

    local: str
    domain: str
    resource: str = ""

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address such as `user@domain/resource`, `user@domain` or `domain`; ValueError if it is none."""
        rest, slash, resource = text.partition("/")
        local, at, domain = rest.rpartition("@")
        if not domain or (at and not local) or (slash and not resource) or "@" in local:
            raise ValueError(f"not an XMPP address: {text!r}")
        return cls(local.lower(), domain.lower(), resource)

    @property
    def bare(self) -> str:
        """The address without its resource, as text: that of the user, whatever session."""
        return f"{self.local}@{self.domain}" if self.local else self.domain

    def __str__(self) -> str:
        return f"{self.bare}/{self.resource}" if self.resource else self.bare
