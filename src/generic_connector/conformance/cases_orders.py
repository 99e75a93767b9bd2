"""The order lists of the original's documentation: what a client relies on, told to every party."""

from __future__ import annotations

from collections.abc import Iterator

from generic_connector.conformance import situations as when
from generic_connector.conformance.case import Case, Told

_WITH_BOB = ("{bob}", "{dialog}")
_CALLBACK = ("{extension}", "{dialog}", "2030-01-02T10:30", "{customer}")


def order_cases(*, uccx: bool) -> Iterator[Case]:
    """Give one case for each list and deployment."""
    yield from _transfers(uccx=uccx)
    yield from _supervisors()
    yield from _previews(uccx=uccx)
    yield from _callbacks()


def _transfers(*, uccx: bool) -> Iterator[Case]:
    talking, on_hold = ("State TALKING",) if not uccx else (), ("State HOLD",) if not uccx else ()
    yield Case(
        name="list: blind transfer",
        command="Transfer_sst",
        arguments=_WITH_BOB,
        situation=when.talking,
        then=(when.bob_answers_transferred,),
        told=(
            Told(
                who="ann",
                events=(
                    *(*on_hold, *talking, "InboundCall"),
                    *("ConsultCall INITIATING", "ConsultCall INITIATED", "ConsultCall ALERTING", "ConsultCall DROPPED"),
                    "InboundCall DROPPED",
                ),
            ),
            Told(who="bob", events=("NewInboundCall", "InboundCall ACTIVE")),
        ),
    )
    consultation = ("ConsultCall INITIATING", "ConsultCall INITIATED", "ConsultCall ALERTING", "ConsultCall ACTIVE")
    yield Case(
        name="list: consult",
        command="ConsultCall",
        arguments=_WITH_BOB,
        situation=when.talking,
        then=(when.bob_answers,),
        told=(
            Told(who="ann", events=consultation),
            Told(who="bob", events=("NewInboundCall CONSULT_IN", "InboundCall ACTIVE CONSULT_IN")),
        ),
    )
    yield Case(
        name="list: consult transfer",
        command="TransferCall",
        arguments=_WITH_BOB,
        situation=when.consulting,
        then=(when.hears("bob", "InboundCall ACTIVE TRANSFER"), when.customer_hangs_up),
        told=(
            Told(who="ann", events=("InboundCall DROPPED", "ConsultCall DROPPED", "State")),
            Told(who="bob", events=("InboundCall ACTIVE TRANSFER", "InboundCall DROPPED", "State")),
        ),
    )
    yield Case(
        name="list: conference",
        command="ConferenceCall",
        arguments=_WITH_BOB,
        situation=when.consulting,
        told=(
            Told(who="ann", events=("InboundCall ACTIVE", "ConsultCall DROPPED", "InboundCall ACTIVE")),
            Told(who="bob", events=("InboundCall DROPPED", "InboundCall ACTIVE CONFERENCE")),
        ),
    )


def _supervisors() -> Iterator[Case]:
    yield Case(
        name="list: silent monitor",
        command="SilentMonitor",
        sender="sue",
        arguments=("{ann}",),
        situation=when.talking,
        told=(
            Told(who="sue", events=("InboundCall INITIATING SM", "InboundCall INITIATED SM", "InboundCall ACTIVE SM")),
            Told(who="ann", events=("NewInboundCall SM", "InboundCall ACTIVE SM")),
        ),
    )
    yield Case(
        name="list: end of silent monitor",
        command="EndSilentMonitor",
        sender="sue",
        arguments=("{monitor}",),
        situation=when.monitoring,
        told=(
            Told(who="sue", events=("InboundCall ACTIVE SM", "InboundCall DROPPED")),
            Told(who="ann", events=("InboundCall DROPPED",)),
        ),
    )
    yield Case(
        name="list: barge",
        command="BargeIn",
        sender="sue",
        arguments=("{ann}", "{monitor}"),
        situation=when.monitoring,
        told=(
            Told(
                who="sue",
                events=(
                    *("InboundCall ACTIVE", "InboundCall DROPPED", "NewInboundCall", "NewInboundCall"),
                    *("InboundCall DROPPED", "NewInboundCall", "InboundCall ACTIVE"),
                ),
            ),
            Told(
                who="ann",
                events=(
                    *("InboundCall DROPPED", "InboundCall HELD", "ConsultCall INITIATING", "ConsultCall INITIATED"),
                    *("InboundCall ACTIVE", "InboundCall DROPPED", "InboundCall ACTIVE"),
                ),
            ),
        ),
    )
    yield Case(
        name="the parties of a conference are told to a supervisor in it",
        command="BargeIn",
        sender="sue",
        arguments=("{ann}", "{monitor}"),
        situation=when.monitoring,
        told=(Told(who="sue", events=("InboundCall ACTIVE CONFERENCE", "ConferenceParticipants")),),
    )


def _previews(*, uccx: bool) -> Iterator[Case]:
    offered: tuple[str, ...] = ("NewOutboundPreviewCall", "State RESERVED", "InboundCall ACTIVE", "InboundCall ACTIVE")
    accepted: tuple[str, ...] = ("InboundCall ACCEPTED", "InboundCall INITIATING", "InboundCall DROPPED")
    dialled: tuple[str, ...] = ("InboundCall INITIATING", "InboundCall INITIATED", "InboundCall ACTIVE")
    if uccx:
        offered = ("State RESERVED", "InboundCall INITIATING", "NewOutboundPreviewCall")
        accepted = ("InboundCall DROPPED",)
        dialled = ("InboundCall INITIATING", "InboundCall INITIATED", "Control", "InboundCall ACTIVE")
    yield Case(
        name="list: outbound preview, before acceptance",
        situation=when.previewing,
        told=(Told(who="ann", events=offered, from_the_start=True),),
    )
    yield Case(
        name="list: outbound preview, after acceptance",
        command="AcceptOutboundPreview",
        arguments=("{dialog}", "ACCEPT"),
        situation=when.previewing,
        then=(when.customer_answers,),
        told=(Told(who="ann", events=(*accepted, *dialled)),),
    )
    yield Case(
        name="list: personal callback, before and after acceptance",
        command="AcceptOutboundPreview",
        arguments=("{dialog}", "ACCEPT"),
        situation=when.called_back,
        then=(when.customer_answers,),
        told=(Told(who="ann", events=(*accepted, *dialled)),),
    )
    for command, word in (("RejectOutboundPreview", "REJECT"), ("CloseOutboundPreview", "CLOSE")):
        yield Case(
            name=f"list: outbound preview, {word.lower()}ed" if word == "REJECT" else "list: outbound preview, closed",
            command=command,
            arguments=("{dialog}", word),
            situation=when.previewing,
            told=(Told(who="ann", events=("InboundCall ACTIVE", "InboundCall DROPPED")),),
        )


def _callbacks() -> Iterator[Case]:
    told = ("Control", "InboundCall ACTIVE", "{}", "Control", "InboundCall ACTIVE")
    yield Case(
        name="list: schedule a callback",
        command="SHCEDULECALLBACK",
        arguments=_CALLBACK,
        situation=when.in_outbound_call,
        told=(Told(who="ann", events=tuple(word.format("CallBack Scheduled") for word in told)),),
    )
    yield Case(
        name="list: update a callback",
        command="UPDATECALLBACK",
        arguments=_CALLBACK,
        situation=when.callback_scheduled,
        told=(Told(who="ann", events=tuple(word.format("CallBack Updated") for word in told)),),
    )
    yield Case(
        name="list: cancel a callback",
        command="CANCELSHCEDULECALLBACK",
        arguments=_CALLBACK[:2],
        situation=when.callback_scheduled,
        told=(Told(who="ann", events=("CallBack Canceled", "Control", "InboundCall ACTIVE")),),
    )
    yield Case(
        name="list: reclassify",
        command="RECLASSIFYCALL",
        arguments=(*_CALLBACK[:2], "ANS_MACHINE"),
        situation=when.in_direct_call,
        told=(Told(who="ann", events=("Reclassify", "Control", "InboundCall ACTIVE")),),
    )
