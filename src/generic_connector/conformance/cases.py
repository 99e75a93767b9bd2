"""All cases of a deployment, out of the tables: one or more per row of the command table and per documented error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from generic_connector.conformance.case import ANY_ERROR, Case, Provocation, Script, Told
from generic_connector.conformance.cases_calls import CALLS, DATA
from generic_connector.conformance.cases_errors import provocations
from generic_connector.conformance.cases_life import life_cases
from generic_connector.conformance.cases_lists import LISTS, SUPERVISORS
from generic_connector.conformance.cases_orders import order_cases
from generic_connector.conformance.cases_outbound import OUTBOUND
from generic_connector.conformance.cases_session import SESSION, STATES
from generic_connector.protocol.command_rows import CommandRow, Heard
from generic_connector.protocol.commands import COMMANDS

_ALL = (*SESSION, *STATES, *CALLS, *DATA, *LISTS, *SUPERVISORS, *OUTBOUND)
SCRIPTS: Mapping[str, tuple[Script, ...]] = {
    command: tuple(scripts)
    for command, scripts in groupby(sorted(_ALL, key=lambda script: script.command), lambda script: script.command)
}
"""How each command is tried, by its name; the first is the plain way."""

LEAVE = frozenset({"Connect", "Login", "MobileAgentLogin", "Logout", "LogoutWithReason", "force_logout"})
"""Commands after which an agent's session is not as it was."""


def all_cases(*, uccx: bool) -> list[Case]:
    """Give every case for a deployment."""
    orders = [replace(case, row="order lists") for case in order_cases(uccx=uccx)]
    life = [replace(case, row="sessions and service") for case in life_cases()]
    return [*row_cases(uccx=uccx), *error_cases(uccx=uccx), *orders, *life]


# --- rows ------------------------------------------------------------------------------------------------------------


def row_cases(*, uccx: bool) -> Iterator[Case]:
    """Give the cases of rows: what their commands lead to, or that UCCX refuses them."""
    for row in COMMANDS.values():
        for script in SCRIPTS.get(row.name, ()):
            refused = uccx and (script.refused_on_uccx or not row.uccx)
            if refused:
                yield _refused(row, script)
            else:
                yield _row_case(row, script, uccx=uccx)
                yield from _told_before(row, script, uccx=uccx)
        yield from _other_spellings(row, uccx=uccx)


def _row_case(row: CommandRow, script: Script, *, uccx: bool) -> Case:
    own = next((heard for heard in row.others if heard.who == script.told), row)
    events = _events(own, uccx=uccx)
    told = [Told(who=script.sender, events=events)] if events else []
    if script.also:
        told.append(Told(who=script.sender, events=script.also))
    told += [
        Told(who=script.listeners[heard.who], events=_events(heard, uccx=uccx))
        for heard in row.others
        if heard.who in script.listeners
    ]
    needs = script.needs_uccx if uccx and script.needs_uccx else script.needs
    return _case(row, script, _named(row, script), told=tuple(told), then=script.then, needs=needs)


def _other_spellings(row: CommandRow, *, uccx: bool) -> Iterator[Case]:
    """Give the plain case of a command once more for each of its aliases."""
    for script in SCRIPTS.get(row.name, ())[:1]:
        for alias in row.aliases:
            case = _refused(row, script) if uccx and not row.uccx else _row_case(row, script, uccx=uccx)
            yield replace(case, name=f"{case.name} as {alias}", spelling=alias)


def _told_before(row: CommandRow, script: Script, *, uccx: bool) -> Iterator[Case]:
    """Give the cases of what is heard before the command is sent."""
    for heard in row.others:
        if heard.who in script.before:
            told = Told(who=script.before[heard.who], events=_events(heard, uccx=uccx), from_the_start=True)
            name = f"{row.name}: {heard.who.strip(',')}"
            yield Case(name=name, row=row.name, situation=script.situation, told=(told,))


def _events(heard: CommandRow | Heard, *, uccx: bool) -> tuple[str, ...]:
    return heard.events_uccx if uccx and heard.events_uccx is not None else heard.events


def _refused(row: CommandRow, script: Script) -> Case:
    return _case(row, script, f"{_named(row, script)}: refused on UCCX", error=ANY_ERROR)


def _named(row: CommandRow, script: Script) -> str:
    return f"{row.name} {script.title}".strip()


def _case(row: CommandRow, script: Script, name: str, *, needs: str = "", **more: object) -> Case:
    return Case(
        name=name,
        command=row.name,
        sender=script.sender,
        subject=script.subject,
        arguments=script.arguments,
        answers_to=script.answers_to,
        situation=script.situation,
        needs=needs,
        leaves=row.name in LEAVE,
        **more,  # type: ignore[arg-type]
    )


# --- errors ----------------------------------------------------------------------------------------------------------


def error_cases(*, uccx: bool) -> Iterator[Case]:
    """Give the cases of the errors that rows document."""
    for row in COMMANDS.values():
        script = next(iter(SCRIPTS.get(row.name, ())), None)
        if script is None or (uccx and not row.uccx):
            continue
        for code in row.errors:
            ways = [way for way in provocations(row, script, code) if (way.uccx if uccx else way.ucce)]
            for number, way in enumerate(ways, 1):
                yield _error_case(row, script, code, way, number)


def _error_case(row: CommandRow, script: Script, code: str, way: Provocation, number: int) -> Case:
    error = way.code or code
    return Case(
        name=f"{row.name} {error}" + (f" ({number})" if number > 1 else ""),
        command=row.name,
        sender=way.sender or script.sender,
        subject=script.subject,
        arguments=script.arguments if way.arguments is None else way.arguments,
        answers_to=script.answers_to,
        situation=way.situation or script.situation,
        failures=way.failures,
        then=way.then,
        error=error,
        code=code,
        needs=way.needs or script.needs,
        leaves=row.name in LEAVE,
    )


# --- what is without a case ------------------------------------------------------------------------------------------


def uncovered() -> list[str]:
    """Name every row of the command table, every party of it and every documented error that is without a case."""
    return [name for uccx in (False, True) for name in _uncovered(uccx=uccx)]


def _uncovered(*, uccx: bool) -> Iterator[str]:
    deployment = "UCCX" if uccx else "UCCE"
    rows = {case.command for case in row_cases(uccx=uccx)}
    errors = {(case.command, case.code) for case in error_cases(uccx=uccx)}
    for row in COMMANDS.values():
        if row.name not in rows:
            yield f"{row.name} ({deployment})"
        for heard in row.others:
            scripts = SCRIPTS.get(row.name, ())
            if not any(heard.who in (script.told, *script.listeners, *script.before) for script in scripts):
                yield f"{row.name}: {heard.who}"
        for code in row.errors:
            if (row.name, code) not in errors and not (uccx and not row.uccx):
                yield f"{row.name} {code} ({deployment})"
