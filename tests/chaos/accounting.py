"""What was lost, doubled or out of order in a play: the client's book compared with Finesse's. Pure.

The rules, which would rather find one too many than one too few:

* command lost: the broker has it, and nothing answered it (see due.py) until all was quiet.
* carried out twice: Finesse accepted a request for a call more often than it was commanded, or one dialled number
  became more than one call. Every MakeCall of a play dials a number of its own.
* events expected: of each call that an agent had, its beginning, its lasting states and its end; each lasting state of
  an agent; and each agent's state after all is quiet. Lasting is what lasted a second while nothing was broken.
  A call that came and went while nobody could know of it (a blind window) is not expected but counted apart.
* lost: never told until all was quiet, neither by its own event nor by a snapshot.
* duplicated: a second NewInboundCall or DROPPED of a call; an event word for word the same as the one before of the
  same call or agent. It is explained, and counts not, only as an answer to one of our commands (correlation id) or as
  part of a snapshot (AgentInfo before it or DialogStatus after it).
* out of order: a call that goes back from answered to ringing, or lives after its end; anything older than what was
  told before, by Finesse's own time of the change.
* forced logouts: sign-outs at Finesse (nobody who is played signs out), and who was made not ready for lost presence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chaos import calls, states
from chaos.due import OURS, answers
from chaos.findings import Finding, Kind
from chaos.transcript import Heard, Sent, Told, Transcript

CONTROLS = {
    "MakeCall": "MAKE_CALL",
    "AnswerCall": "ANSWER",
    "HoldCall": "HOLD",
    "RetrieveCall": "RETRIEVE",
    "ReleaseCall": "DROP",
}
"""What Finesse is asked for by each command that controls a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The result of a play. unconfirmed: commands that the broker may have; unknowable: calls nobody could know of.

    by_snapshot: beginnings and ends of calls that only a snapshot told; forced_out: also those that are not counted.
    """

    commands_sent: int
    events_expected: int
    unconfirmed: int
    unknowable: int
    by_snapshot: int
    forced_out: int
    findings: tuple[Finding, ...]

    def count(self, kind: Kind) -> int:
        """Count what was found of one kind."""
        return sum(finding.kind is kind for finding in self.findings)

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def account(transcript: Transcript, *, count_forced: bool = True) -> Account:
    """Compare the two books. count_forced: False where the fault itself signs agents out."""
    findings = [*_lost_commands(transcript), *_doubled_commands(transcript)]
    findings += _forced_logouts(transcript) if count_forced else ()
    expected = unknowable = by_snapshot = 0
    heard_of, told_of = _by_agent(transcript.heard), _by_agent(transcript.told)
    for agent, destination in transcript.agents.items():
        windows = [window for window in transcript.windows if window.concerns(destination)]
        heard = [one for one in heard_of[agent] if one.destination == destination]
        truth = told_of[agent]
        of_calls = calls.compare(agent, truth, heard, windows)
        final, known = transcript.final_states.get(agent, ""), transcript.known_states.get(agent, "")
        of_states = states.compare(agent, truth, heard, windows, final=final, known=known)
        expected += of_calls.expected + of_states.expected
        unknowable += of_calls.unknowable
        by_snapshot += of_calls.by_snapshot
        findings += [*of_calls.findings, *of_states.findings]
    return Account(
        commands_sent=sum(one.confirmed for one in transcript.sent),
        events_expected=expected,
        unconfirmed=sum(not one.confirmed for one in transcript.sent),
        unknowable=unknowable,
        by_snapshot=by_snapshot,
        forced_out=transcript.forced_out,
        findings=tuple(findings),
    )


def _lost_commands(transcript: Transcript) -> Iterator[Finding]:
    answered = {heard.correlation for heard in transcript.heard if heard.correlation.startswith(OURS)}
    heard_at: defaultdict[tuple[str, str], list[Heard]] = defaultdict(list)
    for heard in transcript.heard:
        heard_at[heard.destination, heard.agent].append(heard)
    for sent in transcript.sent:
        if not sent.confirmed or sent.id in answered:
            continue
        later = (one for one in heard_at[sent.destination, sent.agent] if one.at >= sent.at)
        if not any(answers(sent, one) for one in later):
            yield Finding(Kind.COMMAND_LOST, sent.agent, sent.at, f"{sent.name} {sent.target} {sent.id}")


def _doubled_commands(transcript: Transcript) -> Iterator[Finding]:
    commanded = Counter((sent.agent, CONTROLS[sent.name], sent.target) for sent in _controls(transcript.sent))
    accepted = Counter((one.agent, one.action, one.target) for one in transcript.requests)
    for (agent, action, target), times in accepted.items():
        for _ in range(times - commanded[agent, action, target]):
            yield Finding(Kind.CARRIED_OUT_TWICE, agent, 0.0, f"{action} {target} accepted {times} times")
    dialled: defaultdict[str, set[str]] = defaultdict(set)
    numbers = {sent.target for sent in transcript.sent if sent.name == "MakeCall"}
    for told in transcript.told:
        if told.to_address in numbers:
            dialled[told.to_address].add(told.dialog)
    for number, dialogs in dialled.items():
        if len(dialogs) > 1 and accepted_once(transcript, number):
            yield Finding(Kind.CARRIED_OUT_TWICE, "", 0.0, f"{number} became the calls {sorted(dialogs)}")


def accepted_once(transcript: Transcript, number: str) -> bool:
    """Say whether a number was dialled by at most one accepted request: else the requests tell already."""
    return sum(one.action == "MAKE_CALL" and one.target == number for one in transcript.requests) <= 1


def _controls(sent: Iterable[Sent]) -> Iterator[Sent]:
    return (one for one in sent if one.name in CONTROLS)


def _forced_logouts(transcript: Transcript) -> Iterator[Finding]:
    signed_out = [told for told in transcript.told if not told.dialog and told.state == "LOGOUT"]
    for told in signed_out:
        yield Finding(Kind.FORCED_LOGOUT, told.agent, told.at, "signed out at Finesse")
    for _ in range(transcript.forced_out - len(signed_out)):
        yield Finding(Kind.FORCED_LOGOUT, "", 0.0, "Finesse counted a lost presence")


_Entry = TypeVar("_Entry", Heard, Told)


def _by_agent(entries: Sequence[_Entry]) -> defaultdict[str, list[_Entry]]:
    found: defaultdict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.agent].append(entry)
    return found
