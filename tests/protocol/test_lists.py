"""The events that carry lists, beside client-protocol.md section 5 and the second seed's samples, in both formats."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from generic_connector.protocol import events, json_codec, text
from generic_connector.protocol.layout import UnreadableEventError
from generic_connector.protocol.samples_lists import LISTS
from generic_connector.protocol.text import TextSettings

_TIME = "2022-07-22 18:16:47"
TEXT = {
    "The members of a team": (
        "1009#TeamUsersList"
        "#FirstName:Ada,LastName:Byron,Extension:42053,LoginID:1001,State:NOT_READY,PendingState:,MediaType:1,"
        f"StateChangeTime:{_TIME},Label:Break"
        "#FirstName:Alan,LastName:Turing,Extension:,LoginID:1002,State:LOGOUT,PendingState:,MediaType:1,"
        "StateChangeTime:,Label:"
    ),
    "Who is signed in": (
        "1009#AgentsList#LoginId=1001,Name=Ada Byron,Extension=42053,State=READY,Team=Demo"
        "|LoginId=1002,Name=Alan Turing,Extension=42054,State=TALKING,Team=Demo"
    ),
    "The queues of UCCE": (
        "1009#QueueList#QueueName:Sales,AgentsNotReady:1,AgentsReady:2,AgentsTalkingInbound:3,AgentsTalkingInternal:0,"
        "AgentsTalkingOutbound:1,AgentsWrapUpNotReady:0,AgentsWrapUpReady:0,CallsInQueue:4,"
        f"StartTimeOfLongestCallInQueue:{_TIME}"
    ),
    "The queues of UCCX, for a supervisor": (
        "1009#QueueList#QueueName:MSUSD,Type:SnapShot:WaitingCalls:4,AgentsLoggedIn:3,AgentsReady:0,AgentsNotReady:1,"
        "AgentsInAfterCallWork:0,AgentsTalking:2,AgentsReserved:0"
        "|Type:SinceMidNight:WaitingCalls:4,HandledCalls:50,AbandonedCalls:2,TotalCalls:56,LongestCallInQueue:61000,"
        "LongestHandleTime:543000"
    ),
    "The queues of UCCX, for an agent": (
        "1001#QueueList#QueueName:MSUSD,WaitingCalls:4,LongestCallInQueue:61000"
        "#QueueName:AXA,WaitingCalls:0,LongestCallInQueue:0"
    ),
    "Phone books": "1001#Phonebooks#name:Everybody,type:GLOBAL,id:10#name:Demo team,type:TEAM,id:1",
    "No phone book": "1001#Phonebooks#NoPhoneBookFound",
    "A team's phone books": "1001#TeamPhoneBooks#name:Demo team,type:TEAM,id:1",
    "No phone book of the team": "1001#TeamPhoneBooks#NoTeamPhoneBookFound",
    "Contacts": (
        "1001#PhonebookContacts#description:Head office,firstName:Grace,lastName:Hopper,phoneNumber:5550199,id:10"
    ),
    "No contact": "1001#PhonebookContacts#NoContactFound",
    "Skill groups": "1001#SkillGroups#id:5001,name:Sales#id:5002,name:Service",
    "No skill group": "1001#SkillGroups#NoSkillGroupFound",
    "Supervisors": "1001#Supervisors#id:1009,firstName:Grace,lastName:Hopper,loginName:grace",
    "No supervisor": "1001#Supervisors#NoSupervisorFound",
}


def _user(first: str, last: str, **more: str) -> dict[str, str]:
    return {"firstName": first, "lastName": last, **more}


_DEMO_BOOK = {"name": "Demo team", "type": "TEAM", "id": "1"}
JSON: dict[str, Any] = {
    "The members of a team": [
        {
            "type": "TeamAgents",
            "users": [
                _user(
                    *("Ada", "Byron"),
                    extension="42053",
                    loginId="1001",
                    state="NOT_READY",
                    pendingState="",
                    mediaType="1",
                    stateChangeTime=_TIME,
                    label="Break",
                ),
                _user(
                    *("Alan", "Turing"),
                    extension="",
                    loginId="1002",
                    state="LOGOUT",
                    pendingState="",
                    mediaType="1",
                    stateChangeTime="",
                    label="",
                ),
            ],
        }
    ],
    "Who is signed in": [
        {
            "type": "Agents",
            "users": [_user("Ada", "Byron", extension="42053"), _user("Alan", "Turing", extension="42054")],
        }
    ],
    "The queues of UCCE": [
        {
            "type": "QueueStats",
            "queue": [
                {
                    "queueName": "Sales",
                    "agentsNotReady": "1",
                    "agentsReady": "2",
                    "agentsTalkingInbound": "3",
                    "agentsTalkingInternal": "0",
                    "agentsTalkingOutbound": "1",
                    "agentsWrapUpNotReady": "0",
                    "agentsWrapUpReady": "0",
                    "callsInQueue": "4",
                    "startTimeOfLongestCallInQueue": _TIME,
                }
            ],
        }
    ],
    "The queues of UCCX, for a supervisor": [
        {
            "type": "QueueStats",
            "queues": [
                {
                    "queue": [
                        {
                            "queueName": "MSUSD",
                            "type": "SnapShot",
                            "WaitingCalls": 4,
                            "AgentsLoggedIn": 3,
                            "AgentsReady": 0,
                            "AgentsNotReady": 1,
                            "AgentsInAfterCallWork": 0,
                            "AgentsTalking": 2,
                            "AgentsReserved": 0,
                        },
                        {
                            "type": "SinceMidNight",
                            "WaitingCalls": 4,
                            "AbandonedCalls": 2,
                            "HandledCalls": 50,
                            "TotalCalls": 56,
                            "LongestCallInQueue": 61000,
                            "LongestHandleTime": 543000,
                        },
                    ]
                }
            ],
        }
    ],
    "The queues of UCCX, for an agent": [
        {
            "type": "QueueStats",
            "queue": [
                {"queueName": "MSUSD", "WaitingCalls": 4, "LongestCallInQueue": 61000},
                {"queueName": "AXA", "WaitingCalls": 0, "LongestCallInQueue": 0},
            ],
        }
    ],
    "Phone books": [
        {"type": "PhoneBook", "phoneBook": [{"name": "Everybody", "type": "GLOBAL", "id": "10"}, _DEMO_BOOK]}
    ],
    "No phone book": [{"type": "PhoneBook", "phoneBook": []}],
    "A team's phone books": [{"type": "TeamPhoneBook", "phoneBook": [_DEMO_BOOK]}],
    "No phone book of the team": [{"type": "TeamPhoneBook", "phoneBook": []}],
    "Contacts": [
        {
            "type": "phoneBookContacts",
            "contact": [
                {
                    "description": "Head office",
                    "firstName": "Grace",
                    "lastName": "Hopper",
                    "phoneNumber": "5550199",
                    "id": "10",
                }
            ],
        }
    ],
    "No contact": [{"type": "phoneBookContacts", "contact": []}],
    "Skill groups": {
        "type": "SkillGroups",
        "skillGroups": [{"id": "5001", "name": "Sales"}, {"id": "5002", "name": "Service"}],
        "agentId": "1001",
    },
    "No skill group": {"type": "SkillGroups", "skillGroups": [], "agentId": "1001"},
    "Supervisors": {
        "type": "Supervisors",
        "supervisors": [{"id": "1009", "firstName": "Grace", "lastName": "Hopper", "loginName": "grace"}],
        "agentId": "1001",
    },
    "No supervisor": {"type": "Supervisors", "supervisors": [], "agentId": "1001"},
}


@pytest.mark.parametrize("title", LISTS)
def test_each_list_in_both_formats(title: str) -> None:
    """Each list reads as the contract lays it out; JSON members stand in the order of the seed's samples."""
    assert text.render(LISTS[title], TextSettings()) == TEXT[title]
    assert json_codec.render(LISTS[title]) == json.dumps(JSON[title], separators=(",", ":"))


def test_values_keep_colons_and_equal_signs_and_lose_what_parts_the_list() -> None:
    """The first `:` or `=` ends the label, so values may hold more; `#`, `|` and `,` would part records and values."""
    book = events.PhoneBook(name="a:b=c,d|e#f", type="TEAM", id="1")
    told = text.render(events.Phonebooks(agent_id="1", phone_books=(book,)), TextSettings())
    assert told == "1#Phonebooks#name:a:b=c d e00100011f,type:TEAM,id:1"
    agents = events.AgentsList(agent_id="1", users=(events.ListedAgent(login_id="a=b:c", full_name="D, E|F"),))
    assert text.render(agents, TextSettings()) == "1#AgentsList#LoginId=a=b:c,Name=D  E F,Extension=,State=,Team="
    assert text.parse(text.render(agents, TextSettings())) == dataclasses.replace(
        agents, users=(events.ListedAgent(login_id="a=b:c", full_name="D  E F"),)
    )


def test_empty_lists_without_a_word_of_their_own() -> None:
    """Where the contract names no word for an empty list, the last field is empty."""
    assert text.render(events.TeamUsersList(agent_id="1", users=()), TextSettings()) == "1#TeamUsersList#"
    assert text.render(events.QueueListUccx(agent_id="1", queues=()), TextSettings()) == "1#QueueList#"
    assert json_codec.render(events.TeamUsersList(agent_id="1", users=())) == '[{"type":"TeamAgents","users":[]}]'


@pytest.mark.parametrize(
    "told",
    [
        "1#Phonebooks#",
        "1#Phonebooks#name:a,type:TEAM",
        "1#Phonebooks#name:a,kind:TEAM,id:1",
        "1#QueueList#QueueName:a,WaitingCalls:many,LongestCallInQueue:0",
        TEXT["The queues of UCCX, for a supervisor"].replace("SinceMidNight", "Since"),
    ],
)
def test_a_reader_refuses_other_labels(told: str) -> None:
    with pytest.raises(UnreadableEventError):
        text.parse(told)


@pytest.mark.parametrize(
    "told",
    [
        "[]",
        '[{"type":"PhoneBook","phoneBook":[]},{"type":"PhoneBook","phoneBook":[]}]',
        '{"type":"PhoneBook","phoneBook":[]}',
        '[{"type":"PhoneBook","phoneBook":[{"name":"a","type":"TEAM","id":1}]}]',
        '[{"type":"QueueStats","queue":[{"queueName":"a","WaitingCalls":true,"LongestCallInQueue":0}]}]',
        json.dumps(JSON["The queues of UCCX, for a supervisor"]).replace("SinceMidNight", "Since"),
    ],
)
def test_a_reader_refuses_other_members(told: str) -> None:
    with pytest.raises(UnreadableEventError):
        json_codec.parse(told)
