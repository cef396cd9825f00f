"""Call context data on the simulated platform."""

from typing import Any

import pytest

from bridge.simulator.endpoints import Endpoint
from bridge.simulator.floor import Call
from tests.simulated_platform import busy_desk


def path_of(call: Call) -> dict[str, str]:
    return {"session": call.session_id, "transaction": call.transaction_id, "account": "100200300"}


def test_entries_are_set_read_and_deleted() -> None:
    desk, call = busy_desk()
    path = path_of(call)
    body = {"entry": [{"key": "intent", "value": "billing"}, {"key": "language", "value": "es"}]}
    assert desk.ask(Endpoint.CONTEXT_WRITE, body, **path) == (204, None)
    assert desk.ask(Endpoint.CONTEXT_WRITE, {"entry": [{"key": "intent", "value": "payment"}]}, **path)[0] == 204
    assert desk.ask(Endpoint.CONTEXT_READ, **path)[1]["entry"] == [
        {"key": "intent", "value": "payment"},
        {"key": "language", "value": "es"},
    ]
    assert desk.ask(Endpoint.CONTEXT_READ_KEY, key="language", **path)[1]["entry"][0]["value"] == "es"
    assert desk.ask(Endpoint.CONTEXT_DELETE_KEY, key="language", **path)[0] == 204
    assert desk.ask(Endpoint.CONTEXT_DELETE_KEY, key="language", **path)[0] == 404
    assert desk.ask(Endpoint.CONTEXT_READ_KEY, key="language", **path)[0] == 404
    assert desk.ask(Endpoint.CONTEXT_DELETE, **path)[0] == 204
    assert desk.ask(Endpoint.CONTEXT_READ, **path)[1]["entry"] == []


@pytest.mark.parametrize("body", [None, [], {}, {"entry": {}}, {"entry": ["x"]}, {"entry": [{"value": "x"}]}])
def test_entries_of_the_wrong_shape_are_refused(body: Any) -> None:
    desk, call = busy_desk()
    assert desk.ask(Endpoint.CONTEXT_WRITE, body, **path_of(call))[0] == 400


def test_the_ids_must_name_a_call() -> None:
    desk, call = busy_desk()
    path = path_of(call) | {"transaction": "1"}
    assert desk.ask(Endpoint.CONTEXT_READ, **path)[0] == 404
