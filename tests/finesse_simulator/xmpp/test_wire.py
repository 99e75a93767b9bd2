"""What a client that is nothing but a socket sends and sees (finesse-notifications.md sections 3 to 7)."""

from __future__ import annotations

import re

import pytest

from finesse_simulator.xmpp.server import XmppServer
from notification_clients.directory import DOMAIN, TEAM, Agents
from notification_clients.raw import HEADER, RawClient, plain
from notification_clients.waiting import until

ME = f"1001@{DOMAIN}/cti"
STREAM = (
    "<?xml version='1.0' encoding='UTF-8'?>"
    '<stream:stream xmlns:stream="http://etherx.jabber.org/streams" xmlns="jabber:client" '
    f'from="{DOMAIN}" id="ID" xml:lang="en" version="1.0">'
)
MECHANISMS = (
    '<stream:features><mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>PLAIN</mechanism>'
    "</mechanisms></stream:features>"
)


def without_ids(text: str) -> str:
    return re.sub(r' id="[A-Za-z0-9]{8}"', ' id="ID"', text, count=1)


def stream_error(condition: str) -> str:
    return f'<stream:error><{condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error></stream:stream>'


async def test_signing_in_is_answered_as_the_transcript_says(port: int, agents: Agents) -> None:
    """The transcript of section 4, line by line."""
    async with RawClient(port) as client:
        assert without_ids(await client.ask(HEADER, "</stream:features>")) == STREAM + MECHANISMS
        assert await client.ask(plain("1001"), "/>") == '<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>'
        assert without_ids(await client.ask(HEADER, "</stream:features>")) == (
            f'{STREAM}<stream:features><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>'
            '<session xmlns="urn:ietf:params:xml:ns:xmpp-session"/></stream:features>'
        )
        assert await client.ask(
            "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>cti</resource></bind>"
            "</iq>",
            "</iq>",
        ) == (f'<iq type="result" id="b1"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>{ME}</jid></bind></iq>')
        assert (
            await client.ask(
                "<iq type='set' id='s1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>", "</iq>"
            )
            == f'<iq type="result" id="s1" to="{ME}"><session xmlns="urn:ietf:params:xml:ns:xmpp-session"/></iq>'
        )
        assert await client.ask("<iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>", "</iq>") == (
            f'<iq type="result" id="r1" to="{ME}"><query xmlns="jabber:iq:roster"/></iq>'
        )
        assert agents.presence == []
        client.send("<presence><priority>0</priority></presence>")
        assert await client.ping() == f'<iq type="result" id="ping" from="{DOMAIN}" to="{ME}"/>'
        assert agents.presence == [("1001", "cti", True)]
        assert await client.ask("</stream:stream>", "</stream:stream>") == "</stream:stream>"
        assert await client.rest() == ""
        assert agents.presence[1:] == [("1001", "cti", False)]


async def test_one_byte_a_write_is_as_good_as_whole_stanzas(port: int, server: XmppServer) -> None:
    async with RawClient(port) as client:
        for text, ending in (
            (HEADER, "</stream:features>"),
            (plain("1001"), "/>"),
            (HEADER, "</stream:features>"),
            ("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "</iq>"),
            ("  <presence/>\n<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", "/>"),
        ):
            await client.dribble(text)
            await client.read(ending)
        (address,) = server.sessions()
        assert re.fullmatch(rf"1001@{DOMAIN}/\w{{10}}", address), "a random resource, for none was named"


async def test_many_stanzas_in_one_write_are_answered_in_order(port: int) -> None:
    async with RawClient(port) as client:
        await client.sign_in("1001")
        client.send("".join(f"<iq type='get' id='{n}'><ping xmlns='urn:xmpp:ping'/></iq>" for n in range(3)))
        answers = "".join([await client.read("/>") for _ in range(3)])
        assert answers == "".join(f'<iq type="result" id="{n}" to="{ME}"/>' for n in range(3))


async def test_the_envelope_of_a_notification(port: int, server: XmppServer) -> None:
    """Double quotes, no type, the Update escaped once, an item id of a UUID and a counter, to the bare address."""
    node = "/finesse/api/User/1001/Dialogs"
    async with RawClient(port) as client:
        await client.sign_in("1001")
        server.publish(node, ("1001",), "<Update><data>a &amp; \"b\" 'c'</data></Update>")
        received = await client.read("</message>")
        found = re.search(r'<item id="([0-9a-f-]{36})1">', received)
        assert found
        suffix = received.partition('">')[0][-5:]
        assert received == (
            f'<message from="pubsub.{DOMAIN}" to="1001@{DOMAIN}" id="{node}__1001@{DOMAIN}__{suffix}">'
            f'<event xmlns="http://jabber.org/protocol/pubsub#event"><items node="{node}"><item id="{found[1]}1">'
            '<notification xmlns="http://jabber.org/protocol/pubsub">&lt;Update&gt;&lt;data&gt;a &amp;amp; "b" '
            "'c'&lt;/data&gt;&lt;/Update&gt;</notification></item></items></event></message>"
        )
        server.message_id_style = "random"
        server.publish(node, ("1001",), "<Update/>")
        received = await client.read("</message>")
        assert re.match(rf'<message from="pubsub.{DOMAIN}" to="1001@{DOMAIN}" id="\w{{8}}">', received)
        assert f'<item id="{found[1]}2">' in received


async def test_the_local_part_is_lower_case_and_the_node_keeps_its_case(port: int, server: XmppServer) -> None:
    node = "/finesse/api/User/Agent001"
    async with RawClient(port) as client:
        await client.sign_in("Agent001")
        assert server.sessions() == [f"agent001@{DOMAIN}/cti"]
        server.publish(node, ("Agent001",), "<Update/>")
        received = await client.read("</message>")
        assert f'to="agent001@{DOMAIN}"' in received
        assert f'node="{node}"' in received


@pytest.mark.parametrize(
    ("auth", "answer"),
    [
        pytest.param(plain("1001", "wrong"), "not-authorized", id="wrong password"),
        pytest.param(plain("4711"), "not-authorized", id="unknown agent"),
        pytest.param(plain("1001@x/y"), "not-authorized", id="not a user name"),
        pytest.param(plain("1001").replace(">AD", ">*"), "incorrect-encoding", id="not base64"),
        pytest.param(plain("1001")[: plain("1001").index(">") + 1] + "AAAA</auth>", "malformed-request", id="no user"),
    ],
)
async def test_a_refused_sign_in_ends_the_stream(port: int, auth: str, answer: str) -> None:
    async with RawClient(port) as client:
        await client.ask(HEADER, "</stream:features>")
        client.send(auth)
        assert await client.rest() == (
            f'<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><{answer}/></failure></stream:stream>'
        )


async def test_another_mechanism_is_refused_and_plain_may_follow(port: int) -> None:
    async with RawClient(port) as client:
        await client.ask(HEADER, "</stream:features>")
        answer = await client.ask(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='DIGEST-MD5'/>", "</failure>"
        )
        assert answer == '<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><invalid-mechanism/></failure>'
        without_response = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>"
        assert await client.ask(without_response, "/>") == '<challenge xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>'
        response = plain("1001").replace("auth", "response").replace(" mechanism='PLAIN'", "")
        assert await client.ask(response, "/>") == '<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>'


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        pytest.param("<iq type='get'></message>", "not-well-formed", id="bad XML"),
        pytest.param("<iq type='get'>&bomb;</iq>", "not-well-formed", id="an entity of nobody"),
        pytest.param("<iq type='get'>\x00</iq>", "not-well-formed", id="NUL"),
        pytest.param(b"<message><body>\xff\xfe</body></message>", "not-well-formed", id="not UTF-8"),
        pytest.param("<!DOCTYPE a><iq/>", "not-well-formed", id="a DTD inside the stream"),
        pytest.param("<!-- hello -->", "restricted-xml", id="a comment"),
        pytest.param("<?hello world?>", "restricted-xml", id="a processing instruction"),
        pytest.param("hello", "bad-format", id="text between stanzas"),
        pytest.param("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "unsupported-stanza-type", id="STARTTLS"),
        pytest.param("<a>" * 100, "policy-violation", id="deep"),
        pytest.param("<message><body>" + "x" * 300_000, "policy-violation", id="huge and unfinished"),
        pytest.param(f"<message><body>{'x' * 300_000}</body></message>", "policy-violation", id="huge"),
    ],
)
async def test_what_breaks_the_rules_ends_the_stream_and_says_why(
    port: int, server: XmppServer, agents: Agents, text: str | bytes, condition: str
) -> None:
    async with RawClient(port) as client:
        await client.sign_in("1001")
        client.send(text)
        assert await client.read("</stream:stream>") == stream_error(condition)
        assert await client.rest() == ""
    assert server.sessions() == []
    assert agents.presence == [("1001", "cti", True), ("1001", "cti", False)]


async def test_what_came_before_a_fault_is_still_answered(port: int) -> None:
    async with RawClient(port) as client:
        await client.sign_in("1001")
        client.send("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq></message>")
        assert await client.rest() == f'<iq type="result" id="1" to="{ME}"/>' + stream_error("not-well-formed")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        pytest.param("<!DOCTYPE x [<!ENTITY a 'b'>]>" + HEADER, "restricted-xml", id="a DTD"),
        pytest.param("GET / HTTP/1.1\r\n\r\n", "not-well-formed", id="HTTP"),
        pytest.param("<stream/>", "invalid-namespace", id="another root"),
        pytest.param(HEADER + "<iq type='get'/>", "not-authorized", id="a stanza before signing in"),
    ],
)
async def test_a_stream_that_begins_wrongly_gets_a_header_and_the_error(port: int, text: str, condition: str) -> None:
    async with RawClient(port) as client:
        client.send(text.removeprefix("<?xml version='1.0'?>"))
        answer = without_ids(await client.rest())
        assert answer in (STREAM + stream_error(condition), STREAM + MECHANISMS + stream_error(condition))


async def iq(client: RawClient, kind: str, recipient: str, payload: str) -> str:
    """Send a request and give the answer without what is the same in all."""
    to = f"to='{recipient}'" if recipient else ""
    client.send(f"<iq type='{kind}' id='q' {to}>{payload}</iq>")
    answer = await client.read(f'to="{ME}"')
    return answer + await client.read("</iq>")


@pytest.mark.parametrize(
    ("kind", "recipient", "payload", "condition"),
    [
        ("get", "", "<vCard xmlns='vcard-temp'/>", "service-unavailable"),
        ("get", DOMAIN, "<query xmlns='jabber:iq:version'/>", "service-unavailable"),
        ("get", f"pubsub.{DOMAIN}", "<vCard xmlns='vcard-temp'/>", "service-unavailable"),
        ("get", f"1002@{DOMAIN}/cti", "<ping xmlns='urn:xmpp:ping'/>", "service-unavailable"),
        ("get", "elsewhere.example", "<ping xmlns='urn:xmpp:ping'/>", "service-unavailable"),
        ("get", "", "", "bad-request"),
        ("push", "", "<ping xmlns='urn:xmpp:ping'/>", "bad-request"),
        (
            "get",
            f"pubsub.{DOMAIN}",
            "<query xmlns='http://jabber.org/protocol/disco#info' node='/finesse/api/Team/1/Users'/>",
            "item-not-found",
        ),
        ("set", f"pubsub.{DOMAIN}", "<pubsub xmlns='http://jabber.org/protocol/pubsub'/>", "bad-request"),
        (
            "set",
            f"pubsub.{DOMAIN}",
            f"<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{TEAM}'/></pubsub>",
            "feature-not-implemented",
        ),
    ],
)
async def test_a_request_that_cannot_be_met_is_answered_with_an_error(
    port: int, kind: str, recipient: str, payload: str, condition: str
) -> None:
    async with RawClient(port) as client:
        await client.sign_in("1001")
        answer = await iq(client, kind, recipient, payload)
        sender = f' from="{recipient}"' if recipient else ""
        assert answer.startswith(f'<iq type="error" id="q"{sender} to="{ME}"><error type="')
        assert f'<{condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>' in answer


async def test_discovery(port: int) -> None:
    info, items = ("http://jabber.org/protocol/disco#" + each for each in ("info", "items"))
    async with RawClient(port) as client:
        await client.sign_in("1001")
        assert '<identity category="server" type="im"' in await iq(client, "get", DOMAIN, f"<query xmlns='{info}'/>")
        assert f'<item jid="pubsub.{DOMAIN}"' in await iq(client, "get", DOMAIN, f"<query xmlns='{items}'/>")
        service = await iq(client, "get", f"pubsub.{DOMAIN}", f"<query xmlns='{info}'/>")
        assert '<identity category="pubsub" type="service"' in service
        leaf = await iq(client, "get", f"pubsub.{DOMAIN}", f"<query xmlns='{info}' node='{TEAM}'/>")
        assert f'<query xmlns="{info}" node="{TEAM}"><identity category="pubsub" type="leaf"' in leaf
        assert f'node="{TEAM}"' in await iq(
            client, "get", f"pubsub.{DOMAIN}", f"<query xmlns='{items}' node='{TEAM}'/>"
        )


async def pubsub(client: RawClient, operation: str, *, kind: str = "set") -> str:
    return await iq(
        client, kind, f"pubsub.{DOMAIN}", f"<pubsub xmlns='http://jabber.org/protocol/pubsub'>{operation}</pubsub>"
    )


def refused(condition: str, pubsub_condition: str, kind: str) -> str:
    return (
        f'<iq type="error" id="q" from="pubsub.{DOMAIN}" to="{ME}"><error type="{kind}">'
        f'<{condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>'
        f'<{pubsub_condition} xmlns="http://jabber.org/protocol/pubsub#errors"/></error></iq>'
    )


async def test_explicit_subscriptions(port: int, server: XmppServer, agents: Agents) -> None:
    """Subscribe twice, get two copies; unsubscribe one by one; the errors of section 6.1."""
    subscribe = f"<subscribe node='{TEAM}' jid='{ME}'/>"
    unsubscribe = f"<unsubscribe node='{TEAM}' jid='{ME}'"
    async with RawClient(port) as client:
        await client.sign_in("1001")
        assert await pubsub(client, unsubscribe + "/>") == refused("unexpected-request", "not-subscribed", "cancel")
        subids = []
        for _ in range(2):
            answer = await pubsub(client, subscribe)
            found = re.search(r'subid="(\w{40})"', answer)
            assert found
            subids.append(found[1])
            assert answer == (
                f'<iq type="result" id="q" from="pubsub.{DOMAIN}" to="{ME}">'
                '<pubsub xmlns="http://jabber.org/protocol/pubsub">'
                f'<subscription node="{TEAM}" jid="{ME}" subid="{found[1]}" subscription="subscribed">'
                "<subscribe-options/></subscription></pubsub></iq>"
            )
        listed = await pubsub(client, "<subscriptions/>", kind="get")
        assert re.findall(r'subid="(\w+)"', listed) == subids
        server.publish(TEAM, (), "<Update/>")
        for _ in range(2):
            assert f'to="{ME}"' in await client.read("</message>")
        assert await pubsub(client, unsubscribe + "/>") == refused("bad-request", "subid-required", "modify")
        wrong = await pubsub(client, unsubscribe + " subid='nonsense'/>")
        assert wrong == refused("not-acceptable", "invalid-subid", "modify")
        for subid in subids:
            client.send(
                f"<iq type='set' id='u' to='pubsub.{DOMAIN}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                f"{unsubscribe} subid='{subid}'/></pubsub></iq>"
            )
            assert await client.read("/>") == f'<iq type="result" id="u" from="pubsub.{DOMAIN}" to="{ME}"/>'
        server.publish(TEAM, (), "<Update/>")
        assert (await client.ping()).startswith('<iq type="result" id="ping"')
        stranger = await pubsub(client, f"<subscribe node='{TEAM}' jid='1002@{DOMAIN}/x'/>")
        assert stranger == refused("bad-request", "invalid-jid", "modify")
        assert await pubsub(client, "<subscribe jid='x'/>") == refused("bad-request", "nodeid-required", "modify")
        assert "<item-not-found " in await pubsub(client, f"<subscribe node='/nowhere' jid='{ME}'/>")
        agents.forbidden.add("1001")
        assert '<error type="auth"><forbidden ' in await pubsub(client, subscribe)


async def test_subscriptions_outlive_the_session_and_do_not_reach_another(port: int, server: XmppServer) -> None:
    async with RawClient(port) as client:
        await client.sign_in("1001")
        await pubsub(client, f"<subscribe node='{TEAM}' jid='{ME}'/>")
    await until(lambda: not server.sessions())
    async with RawClient(port) as other:
        await other.sign_in("1001", "desktop")
        server.publish(TEAM, (), "<Update/>")
        assert await other.nothing(within=0.05)
    async with RawClient(port) as again:
        await again.sign_in("1001")
        server.publish(TEAM, (), "<Update/>")
        assert f'to="{ME}"' in await again.read("</message>")
