"""What the contact centre counts of itself, for those who test with many agents."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """Since the beginning, or since they were cleared.

    forced: agents signed out or made not ready because their presence was lost; late: those of them who had a session
    at another server, or were chosen by hand. calls_dialled: accepted MAKE_CALLs by agent id.
    """

    sign_ins: int = 0
    sign_outs: int = 0
    forced: int = 0
    late: int = 0
    calls_dialled: Counter[str] = field(default_factory=Counter)
