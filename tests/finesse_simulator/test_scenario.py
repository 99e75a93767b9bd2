from pathlib import Path

import pytest

from finesse_simulator import scenario
from finesse_simulator.scenario import Scenario, ScenarioError, SecondServer
from finesse_simulator.vocabulary import Deployment, Profile


def test_the_built_in_scenario() -> None:
    built_in = scenario.default()
    assert (built_in.deployment, built_in.profile) == (Deployment.UCCE, Profile.V12_5)
    assert [(agent.id, agent.password) for agent in built_in.agents] == [
        (str(number), f"agent-secret-{number}") for number in (1001, 1002, 1003)
    ]
    assert [queue.number for queue in built_in.queues] == ["8800"]


def test_the_annotated_file_names_every_setting() -> None:
    """A table of the file that lacks a key would leave it undocumented."""
    text = scenario.default_text()
    built_in = scenario.default()
    for table in (
        built_in,
        built_in.rest,
        built_in.xmpp,
        built_in.control,
        built_in.timings,
        built_in.administrator,
        built_in.sso,
        built_in.statistics_database,
        built_in.fidelity,
        SecondServer(),
    ):
        for key in table.__struct_fields__:
            assert f"{key} = " in text or f"[{key}]" in text, f"{key} is not in the file"
    defaults = Scenario()
    assert (built_in.rest, built_in.xmpp, built_in.control) == (defaults.rest, defaults.xmpp, defaults.control)
    assert (built_in.timings, built_in.administrator) == (defaults.timings, defaults.administrator)


def test_many_agents() -> None:
    made = scenario.many_agents(50, deployment=Deployment.UCCX)
    assert len(made.agents) == 50
    assert made.uccx
    assert (made.agents[0].name, made.devices[49].extension) == ("1001", "4050")


def test_agents_by_number_with_a_supervisor() -> None:
    """They replace the people of a scenario, and leave the rest."""
    made = scenario.with_agents(scenario.default(), range(1001, 1004), supervisor=1000)
    assert [(agent.id, agent.password, agent.team, agent.supervises) for agent in made.agents] == [
        ("1001", "agent-secret-1001", "5000", ()),
        ("1002", "agent-secret-1002", "5000", ()),
        ("1003", "agent-secret-1003", "5000", ()),
        ("1000", "agent-secret-1000", "5000", ("5000",)),
    ]
    assert [device.extension for device in made.devices] == ["4001", "4002", "4003", "4000"]
    assert [(queue.number, queue.agents) for queue in made.queues] == [("8800", ("1001", "1002", "1003"))]
    assert (made.reason_codes, made.rest) == (scenario.default().reason_codes, scenario.default().rest)
    with pytest.raises(ScenarioError, match="8800 would be an extension and the queue"):
        scenario.with_agents(Scenario(), range(1001, 6001))


def test_a_second_server() -> None:
    second = scenario.parse('[second_server]\nhost = "b"\nhttps_port = 9445\n').second_server
    assert second == SecondServer(host="b", https_port=9445)
    assert (second.rest.https_port, second.xmpp.domain, second.xmpp.tls_port) == (9445, "finesse-b.example", 5225)
    assert Scenario().second_server is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("paces = 1", "unknown field `paces`"),
        ("[rest]\nport = 1", r"unknown field `port` - at `\$.rest`"),
        ('deployment = "UCC"', r"Invalid enum value 'UCC' - at `\$.deployment`"),
        ('pace = "fast"', r"Expected `float`, got `str` - at `\$.pace`"),
        ("pace = 0", "pace is 0.0: it must be greater than 0"),
        ("[fidelity]\nduplicates = 2.0", "duplicates is 2.0: it must be a share"),
        ("[fidelity]\nreorder_seconds = -1.0", "reorder_seconds is -1.0"),
        ("pace = nan", "pace is nan"),
        ("[second_server]\nport = 1", r"unknown field `port` - at `\$.second_server`"),
        ("[second_server]\ndomain = 'Finesse.example'", "domain is Finesse.example, which is that of the first"),
        ("secondary_host = 'b'\n[second_server]", "secondary_host: its name is second_server.host"),
        ("[fidelity]\nlate_forced_logout = 'on'", "Invalid enum value 'on'"),
        ("pace = inf", "pace is inf"),
        ("[[agents]]\nid = '1'", "missing required field `password`"),
        ("[[agents]]\nid = '1'\npassword = 'x'\nteam = '9'", "agent 1 names the unknown team 9"),
        ("[[agents]]\nid = 'a'\npassword = 'x'\n[[agents]]\nid = 'A'\npassword = 'x'", "agents.id: a occurs more"),
        ("[[queues]]\nnumber = '8'\nid = '1'\nname = 'n'\nagents = ['7']", "queue 8 names the unknown agent 7"),
        ("deployment = ", "Invalid value"),
    ],
)
def test_mistakes_are_named(text: str, why: str) -> None:
    with pytest.raises(ScenarioError, match=why):
        scenario.parse(text)


def test_a_file_is_named_in_its_errors(tmp_path: Path) -> None:
    file = tmp_path / "scene.toml"
    file.write_text("pace = 2.5\n", encoding="utf-8")
    assert scenario.load(file).pace == 2.5
    file.write_bytes(b"\xff")
    for broken in (file, tmp_path / "none.toml"):
        with pytest.raises(ScenarioError, match=broken.name):
            scenario.load(broken)
