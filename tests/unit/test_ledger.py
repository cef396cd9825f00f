"""The ledger of the simulated platform."""

import json

from bridge.simulator.ledger import Kind, Ledger


def test_entries_are_numbered_from_one_and_read_from_any_number_on() -> None:
    ledger = Ledger()
    for name in ("a", "b", "c"):
        ledger.note(1.0, Kind.CALL, name)
    assert [entry.number for entry in ledger.entries] == [1, 2, 3]
    assert [entry.name for entry in ledger.since(1)] == ["b", "c"]
    assert ledger.since(3) == []
    assert len(ledger.since(-5)) == 3


def test_a_request_stands_before_its_effects() -> None:
    ledger = Ledger()
    with ledger.under(lambda: ledger.note(1.0, Kind.REQUEST, "ready", status=204)):
        ledger.note(1.0, Kind.STATE, "READY")
    assert [entry.step for entry in ledger.entries] == ["ready 204", "READY"]


def test_what_happened_stays_in_the_ledger_when_a_request_breaks_off() -> None:
    ledger = Ledger()
    try:
        with ledger.under(lambda: ledger.note(1.0, Kind.REQUEST, "ready")):
            ledger.note(1.0, Kind.STATE, "READY")
            raise RuntimeError
    except RuntimeError:
        ledger.note(1.0, Kind.STATE, "NOTREADY")
    assert [entry.name for entry in ledger.entries] == ["ready", "READY", "NOTREADY"]


def test_the_life_of_a_call_is_its_steps_in_order_without_polls_and_repetitions() -> None:
    ledger = Ledger()
    ledger.note(1.0, Kind.CALL, "placed", call="call-1")
    ledger.note(1.1, Kind.REQUEST, "status", call="call-1", status=200)
    ledger.note(1.1, Kind.CALL, "placed", call="call-2")
    ledger.note(1.2, Kind.REQUEST, "screenpop", call="call-1", status=500)
    ledger.note(1.3, Kind.REQUEST, "screenpop", call="call-1", status=500)
    ledger.note(1.4, Kind.CALL, "audio", call="call-1")
    ledger.note(1.5, Kind.REQUEST, "screenpop", call="call-1", status=None)
    ledger.note(1.6, Kind.TRANSFER, "started", call="call-1")
    ledger.note(1.7, Kind.DISPOSITION, "Completed", call="call-1")
    steps = ["placed", "screenpop 500", "screenpop dropped", "transfer started", "disposition Completed"]
    assert ledger.lifecycle("call-1") == steps
    assert ledger.lifecycle("call-1", without=())[1] == "status 200"
    assert [entry.call for entry in ledger.dispositions()] == ["call-1"]


def test_requests_are_found_by_endpoint_and_agent() -> None:
    ledger = Ledger()
    ledger.note(1.0, Kind.REQUEST, "ready", agent="VA0001", status=204)
    ledger.note(1.0, Kind.REQUEST, "ready", agent="VA0002", status=204)
    ledger.note(1.0, Kind.STATE, "ready")
    assert len(ledger.requests()) == 2
    assert [entry.agent for entry in ledger.requests("ready", "VA0002")] == ["VA0002"]


def test_an_entry_is_plain_json() -> None:
    ledger = Ledger()
    ledger.note(1.23456, Kind.REQUEST, "ready", agent="VA0001", method="POST", status=204)
    assert json.loads(json.dumps(ledger.entries[0].to_json())) == {
        "number": 1,
        "at": 1.2346,
        "kind": "request",
        "name": "ready",
        "agent": "VA0001",
        "call": "",
        "step": "ready 204",
        "facts": {"method": "POST", "status": 204},
    }
