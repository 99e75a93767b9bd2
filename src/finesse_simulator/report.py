"""The present state of agents and calls, as plain data for the control door."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from finesse_simulator.engine.engine import Engine
from finesse_simulator.engine.model import Agent, Call, Party
from finesse_simulator.markup import timestamp
from finesse_simulator.servers import Server
from finesse_simulator.system_info import ServiceState


def agent_report(engine: Engine, agent: Agent) -> dict[str, Any]:
    """Describe an agent."""
    return {
        "id": agent.id,
        "loginName": agent.profile.name,
        "state": str(agent.state),
        "pendingState": str(agent.pending or ""),
        "reasonCode": agent.reason.code if agent.reason else None,
        "extension": agent.extension,
        "stateChangeTime": _time(agent.changed),
        "sessions": sorted(resource for resources in agent.sessions.values() for resource in resources),
        "servers": sorted(agent.sessions),
        "dialogs": [view.id for view in engine.dialogs_of(agent)],
    }


def call_report(call: Call) -> dict[str, Any]:
    """Describe a call. A waiting call has a queue and no extension in its parties."""
    return {
        "id": str(call.id),
        "state": str(call.state),
        "callType": str(call.type),
        "from": call.from_address,
        "to": call.to_address,
        "queue": call.queue.number if call.queue else "",
        "reserved": call.reserved.id if call.reserved else "",
        "agents": [agent.id for agent in call.watchers],
        "parties": [_party_report(party) for party in call.parties],
        "variables": dict(call.variables),
        "wrapUpReason": call.wrap_up_reason,
        "digits": call.digits,
        "callback": list(call.outbound.callback) if call.outbound and call.outbound.callback else None,
    }


def _party_report(party: Party) -> dict[str, Any]:
    return {"address": party.address, "state": str(party.state), "device": party.device, "cause": party.cause}


def _time(moment: datetime | None) -> str:
    return timestamp(moment)


def state_report(engine: Engine, *, in_service: bool, pace: float) -> dict[str, Any]:
    """Describe everything."""
    return {
        "deployment": str(engine.scenario.deployment),
        "profile": str(engine.scenario.profile),
        "inService": in_service,
        "pace": pace,
        "time": round(engine.now, 3),
        "agents": [agent_report(engine, agent) for agent in engine.world.agents.values()],
        "calls": [call_report(call) for call in engine.world.calls.values()],
    }


def server_report(server: Server, service: ServiceState) -> dict[str, Any]:
    """Describe a server."""
    return {
        "name": server.name,
        "state": str(server.state),
        "inService": service.in_service,
        "domain": server.domain,
        "restUrl": server.rest_url,
        "sessions": server.sessions.now,
    }
