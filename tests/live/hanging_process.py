"""The connector's command line, whose event loop hangs from SIGUSR2 on: for good, and inside a callback of its own."""

from __future__ import annotations

import asyncio
import signal
import time

from generic_connector import run as running
from generic_connector.__main__ import main
from generic_connector.config import Settings

_run = running.run


def hang() -> None:
    """Keep the loop from coming round, as a bug or a library that blocks would."""
    time.sleep(3600)


async def run(settings: Settings) -> None:
    """Run the product with one more signal."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, hang)
    await _run(settings)


if __name__ == "__main__":
    running.run = run
    main()
