"""Phone books by a range of contacts, for users and teams, and the administrator's view of them.

Source: finesse-rest.md section 12.3. The range counts contacts over all books.
"""

from __future__ import annotations

import re

from finesse_simulator import api_errors, team_payloads
from finesse_simulator.rest.incoming import Answer, Incoming, Row
from finesse_simulator.scenario import PhoneBook

_RANGE = re.compile(r"objects=([0-9]{1,9})-([0-9]{1,9})", re.ASCII)


def get_phone_books(incoming: Incoming) -> Answer:
    """Give the phone books of a user."""
    return books_for(incoming, incoming.own_user().profile.team, largest=1500)


def books_for(incoming: Incoming, team: str, *, largest: int, range_optional: bool = False) -> Answer:
    """Give everyone's and a team's phone books, cut to the range of contacts that is asked for.

    largest: the place of the last contact that this address can give.
    """
    books = [book for book in incoming.engine.scenario.phone_books if book.type == "GLOBAL" or team in book.teams]
    total = sum(len(book.contacts) for book in books)
    first, last = _range(incoming.range, total, largest, optional=range_optional)
    cut, place = [], 0
    for book in books:
        low, high = max(first - 1 - place, 0), max(last - place, 0)
        cut.append((book, book.contacts[low:high]))
        place += len(book.contacts)
    status = 200 if first == 1 and last >= total else 206
    return Answer(status, team_payloads.phone_books_answer(cut))


def _range(text: str, total: int, largest: int, *, optional: bool) -> tuple[int, int]:
    """Read the Range header: the first and the last contact wanted, counted from 1."""
    if not text:
        if optional:
            return 1, largest
        raise api_errors.parameter_missing("Range")
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise api_errors.BAD_RANGE
    first, last = int(found[1]), int(found[2])
    if not 1 <= first <= last or first > max(total, 1):
        raise api_errors.BAD_RANGE
    return first, min(last, largest)


# ---- the administrator's view


def get_books(incoming: Incoming) -> Answer:
    """Give every phone book with every contact."""
    incoming.only_administrator()
    return Answer(
        200,
        team_payloads.phone_books_answer([(book, book.contacts) for book in incoming.engine.scenario.phone_books]),
    )


def get_book(incoming: Incoming) -> Answer:
    """Give a phone book without its contacts."""
    return Answer(200, team_payloads.phone_book_answer(_book(incoming)))


def get_contacts(incoming: Incoming) -> Answer:
    """Give the contacts of a phone book."""
    return Answer(200, team_payloads.contacts_answer(_book(incoming)))


def get_contact(incoming: Incoming) -> Answer:
    """Give a contact of a phone book."""
    book, number = _book(incoming), incoming.path["contact"]
    if number not in map(str, range(1, len(book.contacts) + 1)):
        raise api_errors.NOT_FOUND
    return Answer(200, team_payloads.contact_answer(book, int(number)))


def _book(incoming: Incoming) -> PhoneBook:
    incoming.only_administrator()
    found = (book for book in incoming.engine.scenario.phone_books if str(book.id) == incoming.path["book"])
    book = next(found, None)
    if book is None:
        raise api_errors.NOT_FOUND
    return book


ROWS: tuple[Row, ...] = (
    ("GET", "/User/{user}/PhoneBooks", get_phone_books),
    ("GET", "/PhoneBooks", get_books),
    ("GET", "/PhoneBook/{book}", get_book),
    ("GET", "/PhoneBook/{book}/Contacts", get_contacts),
    ("GET", "/PhoneBook/{book}/Contact/{contact}", get_contact),
)
