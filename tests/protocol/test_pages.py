from __future__ import annotations

import re

from generic_connector.errors import ERRORS, Blame
from generic_connector.protocol.commands import COMMANDS
from generic_connector.protocol.layouts import LAYOUTS
from generic_connector.protocol.pages import commands_markdown, errors_markdown, events_markdown
from generic_connector.protocol.pages_words import EVENT_MEANINGS, WHAT_TO_DO
from generic_connector.protocol.samples import SAMPLES


def test_every_command_has_a_section() -> None:
    assert re.findall(r"^## (\S+)$", commands_markdown(), re.MULTILINE) == list(COMMANDS)


def test_every_event_has_a_section_with_a_meaning_and_its_samples() -> None:
    page = events_markdown()
    names = list(dict.fromkeys(row.event.name for row in LAYOUTS))
    assert re.findall(r"^## (\S+)$", page, re.MULTILINE) == names
    assert set(names) == set(EVENT_MEANINGS)
    assert [title for title in SAMPLES if f"{title}:\n" not in page] == []


def test_a_text_layout_reads_as_in_the_contract() -> None:
    assert (
        "`<agentId>#InboundCall#<state>#DialogID:<dialogId>#<fromAddress>#<callData>#<startTime>#CallType:<callType>"
        "#ParticipantsCount:<participantsCount>#participants:<participants>`"
    ) in events_markdown()


def test_every_error_is_listed() -> None:
    page = errors_markdown()
    assert [code for code in ERRORS if f"| `{code}`" not in page] == []
    assert [line for line in page.splitlines() if line.endswith("|  |")] == []
    assert set(WHAT_TO_DO) == set(Blame)
