"""Update documents as a live Finesse sends them: structure, order and case from captures, values invented.

Source: finesse-notifications.md sections 7 and 8; finesse-rest.md sections 2.3, 4.1, 6.1.
"""

USER_NOT_READY = """<Update>
  <data>
    <user>
      <dialogs>/finesse/api/User/1001001/Dialogs</dialogs>
      <extension>4001</extension>
      <firstName>Ann</firstName>
      <lastName>Lee</lastName>
      <loginId>1001001</loginId>
      <loginName>ann</loginName>
      <mediaType>1</mediaType>
      <pendingState></pendingState>
      <reasonCode>
        <category>NOT_READY</category>
        <code>27</code>
        <forAll>false</forAll>
        <id>49</id>
        <label>Lunch &amp; more</label>
        <uri>/finesse/api/ReasonCode/49</uri>
      </reasonCode>
      <reasonCodeId>49</reasonCodeId>
      <roles>
        <role>Agent</role>
        <role>Supervisor</role>
      </roles>
      <settings>
        <wrapUpOnIncoming>REQUIRED</wrapUpOnIncoming>
      </settings>
      <state>NOT_READY</state>
      <stateChangeTime>2026-01-02T03:04:05.678Z</stateChangeTime>
      <teamId>5000</teamId>
      <teamName>T1</teamName>
      <teams>
        <Team><id>5000</id><name>T1</name><uri>/finesse/api/Team/5000</uri></Team>
      </teams>
      <uri>/finesse/api/User/1001001</uri>
    </user>
  </data>
  <event>PUT</event>
  <requestId>r-7</requestId>
  <source>/finesse/api/User/1001001</source>
</Update>"""

_VARIABLES = "".join(
    f"<CallVariable><name>callVariable{number}</name><value></value></CallVariable>" for number in range(2, 11)
)
_DIALOG = (
    "<associatedDialogUri>/finesse/api/Dialog/16777299</associatedDialogUri>"
    "<fromAddress>5551230001</fromAddress><id>16777300</id><mediaProperties><DNIS>4001</DNIS>"
    "<callType>PREROUTE_ACD_IN</callType><dialedNumber>801031</dialedNumber>"
    "<outboundClassification></outboundClassification><wrapUpReason>Billing</wrapUpReason><callvariables>"
    "<CallVariable><name>callVariable1</name><value>a &lt; b &amp; c</value></CallVariable>"
    f"{_VARIABLES}<CallVariable><name>user.cust.id</name><value>77</value></CallVariable>"
    "</callvariables></mediaProperties><mediaType>Voice</mediaType><participants><Participant>"
    "<actions><action>ANSWER</action></actions><mediaAddress>4001</mediaAddress>"
    "<mediaAddressType>AGENT_DEVICE</mediaAddressType><startTime>2026-01-02T03:04:05.678Z</startTime>"
    "<state>ALERTING</state><stateCause></stateCause><stateChangeTime>2026-01-02T03:04:05.678Z</stateChangeTime>"
    "</Participant><Participant><actions><action>UPDATE_CALL_DATA</action><action>DROP</action></actions>"
    "<mediaAddress>5551230001</mediaAddress><mediaAddressType></mediaAddressType>"
    "<startTime>2026-01-02T03:04:05.678Z</startTime><state>INITIATED</state><stateCause></stateCause>"
    "<stateChangeTime>2026-01-02T03:04:05.678Z</stateChangeTime></Participant></participants>"
    "<state>ALERTING</state><toAddress>801031</toAddress><uri>/finesse/api/Dialog/16777300</uri>"
)


def _dialogs(event: str) -> str:
    return (
        f"<Update><data><dialogs><Dialog>{_DIALOG}</Dialog></dialogs></data><event>{event}</event>"
        "<requestId></requestId><source>/finesse/api/User/1001001/Dialogs</source></Update>"
    )


DIALOGS_ADDED = _dialogs("POST")
DIALOGS_REMOVED = _dialogs("DELETE")
DIALOG_CHANGED = (
    f"<Update><data><dialog>{_DIALOG}</dialog></data><event>PUT</event><requestId></requestId>"
    "<source>/finesse/api/Dialog/16777300</source></Update>"
)
REQUEST_REFUSED = """<Update>
  <data>
    <apiErrors>
      <apiError>
        <errorData>4001</errorData>
        <errorMessage>INVALID_ACTION UPDATE_CALL_DATA on extension 4001</errorMessage>
        <errorType>Generic Error</errorType>
      </apiError>
    </apiErrors>
  </data>
  <event>put</event>
  <requestId>145</requestId>
  <source>/finesse/api/Dialog/16777300</source>
</Update>"""
SYSTEM_INFO_CHANGED = (
    "<Update><data><systemInfo><status>OUT_OF_SERVICE</status><statusReason>CTI</statusReason></systemInfo></data>"
    "<event>PUT</event><requestId></requestId><source>/finesse/api/SystemInfo</source></Update>"
)
QUEUE_CHANGED = (
    "<Update><data><queue><uri>/finesse/api/Queue/1004</uri><name>Sales</name><statistics><callsInQueue>3</callsInQueue>"
    "<startTimeOfLongestCallInQueue></startTimeOfLongestCallInQueue><agentsReady>-1</agentsReady></statistics></queue>"
    "</data><event>PUT</event><requestId></requestId><source>/finesse/api/Queue/1004</source></Update>"
)
QUEUE_REMOVED = (
    "<Update><data><queue><uri>/finesse/api/Queue/1004</uri></queue></data>"
    "<event>delete</event><requestId></requestId><source>/finesse/api/Queue/1004</source></Update>"
)
QUEUES_ADDED = (
    "<Update><data><queues><Queue><uri>/finesse/api/Queue/1004</uri><name>Sales</name></Queue></queues></data>"
    "<event>POST</event><requestId></requestId><source>/finesse/api/User/1001001/Queues</source></Update>"
)
TEAM_NODE = "/finesse/api/Team/5000/Users"
_MEMBER = (
    "<uri>/finesse/api/User/1001002</uri><loginId>1001002</loginId><firstName>Bob</firstName><lastName>Ray</lastName>"
    "<state>NOT_READY</state><stateChangeTime>2026-01-02T03:04:05.678Z</stateChangeTime><mediaState></mediaState>"
    "<ReasonCode><uri>/finesse/api/ReasonCode/1</uri><code>10</code><label>Tea</label><category>NOT_READY</category>"
    "<id>1</id></ReasonCode>"
)
MEMBER_CHANGED = (
    f"<Update><data><user>{_MEMBER}</user></data><event>put</event><requestId></requestId>"
    "<source>/finesse/api/User/1001002</source></Update>"
)
TEAM_CHANGED = (
    "<Update><data><team><uri>/finesse/api/Team/5000</uri><id>5000</id><name>T1</name><users>"
    f"<User>{_MEMBER}</User><User><uri>/finesse/api/User/1001003</uri><state>READY</state></User></users></team></data>"
    "<event>PUT</event><requestId></requestId><source>/finesse/api/Team/5000</source></Update>"
)
TEAM = (
    "<Team><uri>/finesse/api/Team/5000</uri><id>5000</id><name>T1</name><users>"
    f"<User>{_MEMBER}</User><User><uri>/finesse/api/User/1001003</uri><state>READY</state></User></users></Team>"
)
PHONE_BOOKS = (
    "<PhoneBooks><PhoneBook><name>Escalation</name><type>TEAM</type><Contacts><Contact><firstName>Duty</firstName>"
    "<lastName>Manager</lastName><phoneNumber>5550101</phoneNumber><description>nights</description></Contact>"
    "</Contacts></PhoneBook><PhoneBook><uri>/finesse/api/PhoneBook/7</uri><name>All</name><type>GLOBAL</type>"
    "<contacts><Contact><uri>/finesse/api/PhoneBook/7/Contact/8</uri><phoneNumber>1</phoneNumber></Contact></contacts>"
    "</PhoneBook></PhoneBooks>"
)
USER_REMOVED = (
    "<Update><data></data><event>DELETE</event><requestId></requestId>"
    "<source>/finesse/api/User/1001001</source></Update>"
)
SYSTEM_INFO = """<SystemInfo>
  <deploymentType>UCCE</deploymentType>
  <primaryNode><host>fina.lab.example</host><xmppPort>5222</xmppPort><xmppSecurePort>5223</xmppSecurePort></primaryNode>
  <secondaryNode><host>finb.lab.example</host><xmppSecurePort>6223</xmppSecurePort></secondaryNode>
  <status>IN_SERVICE</status>
  <statusReason></statusReason>
  <systemAuthMode>NON_SSO</systemAuthMode>
  <xmppDomain>{domain}</xmppDomain>
  <xmppPubSubDomain>pubsub.{domain}</xmppPubSubDomain>
</SystemInfo>"""
