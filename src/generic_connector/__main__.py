"""`python -m generic_connector` is `generic-connector`."""

from __future__ import annotations

from generic_connector.cli import main

if __name__ == "__main__":
    main()
