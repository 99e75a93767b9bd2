"""How the body of a command falls into its arguments: one named function per way that the contract knows.

Each takes a body and gives its parts, blanks around each part trimmed; a row of the command table names the one it
needs. None of them fails: what is missing or too much is the parser's finding.
Source: client-protocol.md section 4, "Passwords may hold commas" and the body column.
"""

from __future__ import annotations

from collections.abc import Callable

Split = Callable[[str], list[str]]
"""Body to parts, in the order of the row's arguments."""

SSO = "SSO"
"""The word behind the last comma of Connect that makes the password a bearer token."""


def at_all_commas(body: str) -> list[str]:
    """Part at every comma: no argument of the command can hold one."""
    return _trimmed(body.split(","))


def at_first_comma(body: str) -> list[str]:
    """Part at the first comma only: everything behind it is one argument."""
    return _trimmed(body.split(",", 1))


def at_last_comma(body: str) -> list[str]:
    """Part at the last comma only: everything before it is one argument (Login's password, wrapup's reason)."""
    return _trimmed(body.rsplit(",", 1))


def at_last_three_commas(body: str) -> list[str]:
    """Part at the last three commas: everything before them is one argument (MobileAgentLogin's password)."""
    return _trimmed(body.rsplit(",", 3))


def connect(body: str) -> list[str]:
    """Part Connect's body: destination, then the password with its commas, then an optional final `,SSO`.

    `<destination>,SSO` is a password that reads SSO: the one comma belongs to the destination.
    """
    destination, *rest = at_first_comma(body)
    if not rest:
        return [destination]
    password, comma, last = rest[0].rpartition(",")
    if comma and last.strip().upper() == SSO:
        return _trimmed([destination, password, SSO])
    return [destination, rest[0]]


def call_variables(text: str) -> tuple[tuple[str, str], ...]:
    """Read what update_call_variable sets: `<name>=<value>|<name>=<value>…` or `<name>,<value>`.

    Whichever of `=` and `,` comes first tells the form. In the first form values may hold commas and `=` but no `|`;
    in the second the one value may hold anything. An empty pair (`a=1|`) is passed over.
    Raises ValueError for a pair without `=`, a name that is empty, or no pair at all.
    """
    equals, comma = text.find("="), text.find(",")
    if comma >= 0 and not 0 <= equals < comma:
        pairs = [text.split(",", 1)]
    else:
        pairs = [pair.split("=", 1) for pair in text.split("|") if pair.strip()]
    variables = tuple((pair[0].strip(), pair[-1].strip()) for pair in pairs if len(pair) == 2)  # noqa: PLR2004 - a pair
    if not variables or len(variables) < len(pairs) or not all(name for name, _ in variables):
        raise ValueError("call data read <name>=<value>|<name>=<value> or <name>,<value>")
    return variables


def _trimmed(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts]
