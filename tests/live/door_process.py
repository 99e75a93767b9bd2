"""A process with an ActiveMQ door and nothing else, to be killed and frozen: it prints the commands that it takes over.

The body "die" ends it as kill -9 does, in the middle of taking the command over.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings
from generic_connector.broker.door import CommandMessage


def receive(command: CommandMessage) -> None:
    """Print the command."""
    if command.body == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stderr.write(f"TOOK {command.type} {command.redelivered}\n")
    sys.stderr.flush()


async def main(url: str, heart_beat_ms: str) -> None:
    """Run for ever."""
    await ActiveMqDoor(ActiveMqSettings(urls=(url,), heart_beat_ms=int(heart_beat_ms))).start(receive)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
