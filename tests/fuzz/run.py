"""Look for input that breaks a target: python -m fuzz.run TARGET [libFuzzer's options and folders]. Needs atheris."""

from __future__ import annotations

import importlib
import logging
import sys
import warnings

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]  # in make fuzz's own environment only

_FOLLOWED = ["generic_connector", "slixmpp", "aiohttp"]
"""Whose code tells the fuzzer that an input led somewhere new."""


def main() -> None:
    """Run until a crash, or until the options say that it is enough."""
    name = sys.argv[1]
    with atheris.instrument_imports(include=_FOLLOWED):
        target = importlib.import_module("fuzz.targets").TARGETS[name]
    warnings.simplefilter("error")
    logging.getLogger().addHandler(logging.NullHandler())  # else the library writes its last resort to standard error
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
