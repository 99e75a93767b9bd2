"""What an argument has to be, beyond being there: one named check each.

A check is a pattern, so that the schemas of commands can say it too, and the plain spelling of what fits.
Source: client-protocol.md section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from generic_connector.errors import CommandError


def _same(value: str) -> str:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check. pattern: what all of the value has to match, read alike by Python and JavaScript.

    code and text: the error when it does not. plain: gives the plain spelling; ValueError means the same error.
    """

    pattern: str
    code: str = "PLEASE_RETRY"
    text: str = ""
    plain: Callable[[str], str] = _same

    def read(self, value: str) -> str:
        """Give the value in its plain spelling, "" for one that says as much as none. Raises CommandError."""
        if re.fullmatch(self.pattern, value) is None:
            raise CommandError(self.code, self.text)
        try:
            return self.plain(value)
        except ValueError:
            raise CommandError(self.code, self.text) from None


def any_case(word: str) -> str:
    """Give the pattern of a word in any case; JavaScript's patterns have no switch for it inside."""
    return "".join(f"[{letter.upper()}{letter.lower()}]" if letter.isalpha() else letter for letter in word)


def one_of(meanings: Mapping[str, str], text: str) -> Check:
    """Give the check for one of a few words in any case; meanings: word in capitals to plain spelling."""
    return Check(
        pattern="|".join(any_case(word) for word in meanings), text=text, plain=lambda value: meanings[value.upper()]
    )


ID = Check(pattern=r"(?!\.+\s*(?:,|$))[^,\s][^,]*", text="An id does not consist of dots")
"""An id becomes a part of a URL, where dots alone mean another place."""

EXTENSION = Check(pattern=r"\+?[0-9]+", code="WRONG_EXTENSION")
"""Digits, or `+` and digits."""

FORMAT = one_of({"JSON": "JSON", "TEXT": "TEXT"}, "The body of Hello is empty, JSON or TEXT")

MODE = one_of(
    {
        "TRUE": "CALL_BY_CALL",
        "FALSE": "NAILED_CONNECTION",
        "CALL_BY_CALL": "CALL_BY_CALL",
        "NAILED_CONNECTION": "NAILED_CONNECTION",
    },
    "The mode is true (call by call) or false (nailed connection)",
)
"""How a mobile agent is connected; Finesse's own words are taken as well."""

SUBSCRIBE = one_of({"TRUE": "true", "FALSE": ""}, "The second argument is true or left out")

DIGITS = Check(pattern=r"[0-9*#A-Da-d]+", text="The digits are 0 to 9, *, # and A to D", plain=str.upper)
"""What a telephone's keys can send. UCCX knows no A to D and says so itself."""


def _minutes(value: str) -> str:
    """Give a time of the customer's own clock, whose zone nobody names. Raises ValueError for one that never comes."""
    return datetime.fromisoformat(value[:16]).isoformat(timespec="minutes")


CALLBACK_TIME = Check(
    pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?",
    text="The callback_time reads yyyy-MM-ddTHH:mm",
    plain=_minutes,
)
"""A time as Finesse wants it; a blank instead of the T is taken, and seconds, which Finesse does not know, are cut."""


def exactly(word: str) -> Check:
    """Give the check for one word in any case."""
    return one_of({word: word}, f"The last argument is {word}")
