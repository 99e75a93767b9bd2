from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

pytest.register_assert_rewrite("agents.office")

from agents.office import Office, open_office  # noqa: E402 - its assertions are rewritten


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    """Open an office where nobody is signed in yet."""
    async with open_office() as opened:
        yield opened


@pytest.fixture
async def anns(office: Office) -> Office:
    """Give the office after Ann signed in; what she heard of that is forgotten."""
    await office.sign_in()
    return office
