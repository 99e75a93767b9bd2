"""`python -m finesse_simulator` is `finesse-simulator`. Here, so that Ctrl-C while it is being loaded is told well."""

from __future__ import annotations

import sys


def main() -> None:
    """Load the command line and be it."""
    try:
        from finesse_simulator.cli import main as command_line  # noqa: PLC0415  loading takes a moment
    except KeyboardInterrupt:
        sys.exit(130)
    command_line()


if __name__ == "__main__":
    main()
