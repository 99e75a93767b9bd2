"""The cases that cannot pass yet, by name, and why. A case that passes must not stand here; the list is to be empty."""

from __future__ import annotations

from collections.abc import Mapping

NOT_YET: Mapping[str, str] = {}
