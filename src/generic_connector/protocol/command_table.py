"""The command table: every command that clients may send, one row each; the rows stand in rows_*.py.

The parser, the documentation, the schemas and many tests are read out of these rows. client-protocol.md section 4 and
the order lists of the first seed are the source of all of them; `repeatable` is ours and argued where it is False.
"""

from __future__ import annotations

from generic_connector.protocol.command_rows import CommandRow
from generic_connector.protocol.rows_calls import CALLS
from generic_connector.protocol.rows_data import DATA
from generic_connector.protocol.rows_lists import LISTS
from generic_connector.protocol.rows_outbound import OUTBOUND
from generic_connector.protocol.rows_session import SESSION
from generic_connector.protocol.rows_states import STATES
from generic_connector.protocol.rows_supervisors import SUPERVISORS

COMMANDS = {row.name: row for row in (*SESSION, *STATES, *CALLS, *DATA, *LISTS, *SUPERVISORS, *OUTBOUND)}
"""Canonical name to row."""

_BY_SPELLING = {spelling.lower(): row for row in COMMANDS.values() for spelling in (row.name, *row.aliases)}


def find_row(name: str) -> CommandRow | None:
    """Give the row of a command name in any case, also of an alias; None when there is no such command."""
    return _BY_SPELLING.get(name.strip().lower())
