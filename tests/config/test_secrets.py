"""Settings show no secret, wherever they came from and whatever room they went to."""

from __future__ import annotations

import json

from pydantic import SecretStr

from generic_connector.broker.embedded import hash_password
from generic_connector.config import load
from generic_connector.config.keys import KEYS
from generic_connector.config.mapping import (
    to_activemq,
    to_agents,
    to_clients,
    to_embedded,
    to_finesse,
    to_operations,
    to_recorder,
    to_statistics,
)
from journeys.canaries import assert_nowhere, planted

ROOMS = (to_activemq, to_agents, to_clients, to_embedded, to_finesse, to_operations, to_recorder, to_statistics)


def test_nothing_is_shown() -> None:
    """Every key that holds a secret is filled; neither the settings nor what the rooms get of them tells."""
    secret = planted()["broker password"]
    hashed = hash_password(secret)
    keys = [key for key in KEYS.values() if key.field.annotation is SecretStr]
    environ = {key.variable: secret for key in keys} | {
        "GC_FINESSE__ADMINISTRATOR__USERNAME": "admin",
        "GC_OPERATIONS__USERNAME": "prometheus",
        "GC_OPERATIONS__PORT": "0",
        "GC_STATISTICS__URL": "postgresql+psycopg://db/x",
        "GC_RECORDING__PAUSE_URL": "https://recorder/pause",
        "GC_RECORDING__RESUME_URL": "https://recorder/resume",
        "GC_RECORDING__HEADERS": json.dumps({"Authorization": f"Bearer {secret}"}),
        "GC_BROKER__EMBEDDED__USERS": json.dumps({"crm": hashed}),
    }
    settings = load(None, environ)
    assert len(keys) >= 4
    assert secret in to_activemq(settings).password
    for thing in (settings, *(room(settings) for room in ROOMS)):
        for shown in (repr(thing), str(thing)):
            assert_nowhere(shown, where=type(thing).__name__)
    for room in ROOMS:
        assert hashed not in repr(room(settings))
