import pytest

from finesse_simulator.nodes import Nodes
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import default


@pytest.fixture
def nodes() -> Nodes:
    return Nodes(Rehearsal(default()).engine)


@pytest.mark.parametrize(
    ("node", "exists"),
    [
        ("/finesse/api/SystemInfo", True),
        ("/finesse/api/User/1001", True),
        ("/finesse/api/User/1001/Dialogs", True),
        ("/finesse/api/User/1001/Media", True),
        ("/finesse/api/User/1001/Queues", True),
        ("/finesse/api/Team/5001/Users", True),
        ("/finesse/api/Queue/5033", True),
        ("/finesse/api/User/9", False),
        ("/finesse/api/User/1001/Else", False),
        ("/finesse/api/Team/9/Users", False),
        ("/finesse/api/Queue/9", False),
        ("/finesse/api/Dialog/16777217", False),
        ("", False),
    ],
)
def test_which_nodes_exist(nodes: Nodes, node: str, *, exists: bool) -> None:
    assert nodes.exists(node) is exists


@pytest.mark.parametrize(
    ("user", "node", "may"),
    [
        ("1001", "/finesse/api/User/1001", True),
        ("1001", "/finesse/api/User/1002", False),
        ("1003", "/finesse/api/User/1002/Dialogs", True),
        ("1003", "/finesse/api/Team/5001/Users", True),
        ("1003", "/finesse/api/Team/5002/Users", False),
        ("1001", "/finesse/api/Team/5001/Users", False),
        ("1001", "/finesse/api/Team/5001/TeamMessages", True),
        ("1001", "/finesse/api/Team/5002/TeamMessages", False),
        ("1003", "/finesse/api/Team/5001/TeamMessages", True),
        ("1001", "/finesse/api/Queue/5033", True),
        ("1001", "/finesse/api/Queue/9", False),
        ("9", "/finesse/api/SystemInfo", False),
    ],
)
def test_who_may_subscribe(nodes: Nodes, user: str, node: str, *, may: bool) -> None:
    assert nodes.may_subscribe(user, node) is may
