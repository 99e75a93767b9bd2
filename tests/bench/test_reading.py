from bench.accounting import BEGINS, News
from bench.crowd import Crowd, Mix

DATA = "ani=55|associatedDialogId=|callVariable1=a"


def crowd() -> Crowd:
    return Crowd(1, 1, Mix(hold=0, consult=0, transfer=0))


def test_events_are_read_as_the_protocol_has_them() -> None:
    """The four events that are counted; others are passed over."""
    found = crowd()
    for text in (
        f"100001#NewInboundCall#55#{DATA}#DialogID:17#CallType:PREROUTE_ACD_IN#2026-01-02 03:04:05",
        f"100001#InboundCall#ACTIVE#DialogID:17#55#{DATA}#2026-01-02 03:04:05#CallType:ACD_IN#ParticipantsCount:0#p",
        f"100001#ConsultCall#ALERTING#AssDialogID:18#55#{DATA}#Ann",
        "100001#State#TALKING####2026-01-02 03:04:05##100001#200001###ann",
        "100001#DialogStatus###",
    ):
        found._hear(1.0, "", text.encode())
    assert found.heard == [
        *(News("100001", "17", BEGINS, 1.0), News("100001", "17", "ACTIVE", 1.0)),
        *(News("100001", "18", BEGINS, 1.0), News("100001", "", "TALKING", 1.0)),
    ]
    assert (found.events, found.states) == (5, {"100001": "TALKING"})


def test_errors_and_the_connectors_state_are_noted() -> None:
    found = crowd()
    found._hear(1.0, "", b"System#IN_SERVICE")
    found._hear(2.0, "", b"100001#Error#PLEASE_RETRY#why")
    assert (found.status, dict(found.errors)) == ("System#IN_SERVICE", {"PLEASE_RETRY": 1})
