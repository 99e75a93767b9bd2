"""Records as an agent in a call leaves them."""

from __future__ import annotations

from generic_connector.finesse.model import Credentials, Dialog, Participant, ReasonCode, Team, User
from generic_connector.protocol.events import State
from generic_connector.protocol.formats import Format
from generic_connector.store.door import Changes, Key
from generic_connector.store.records import AgentRecord, CallRecord, DestinationRecord, Kind

PASSWORD = "geheim-canary"
CUSTOMER = "0043123456789"

DIALOG = Dialog(
    id="17",
    from_address=CUSTOMER,
    state="ACTIVE",
    call_variables=(("callVariable1", "😀 gold"), ("user.name[0]", "")),
    participants=(Participant(media_address="4001", state="ACTIVE", actions=("HOLD", "DROP")),),
)
AGENT = AgentRecord(
    id="1001",
    destination="CRM1",
    credentials=Credentials(user_id="1001", secret=PASSWORD),
    extension="4001",
    watched=True,
    user=User(
        login_id="1001",
        state="TALKING",
        reason_code=ReasonCode(id="31", code="27", label="Lunch"),
        roles=("Agent", "Supervisor"),
        teams=(Team(id="5001", name="Sales"),),
    ),
    told=State(agent_id="1001", state="TALKING", extension="4001"),
    calls=(CallRecord(dialog=DIALOG, announced=True, parties=("4001", "4002")),),
    nodes=("/finesse/api/Team/5001/Users",),
    mobile={"mode": "true", "dial_number": "0043111"},
)
DESTINATION = DestinationRecord(name="CRM1", door="activemq", format=Format.JSON)

AGENT_KEY = Key(Kind.AGENT, "1001")
DESTINATION_KEY = Key(Kind.DESTINATION, "CRM1")
EVERYTHING: Changes = {AGENT_KEY: AGENT, DESTINATION_KEY: DESTINATION}
