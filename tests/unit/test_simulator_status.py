"""What the simulated platform says of agents, calls and term codes."""

import json

from bridge.simulator.endpoints import Endpoint
from bridge.simulator.faults import Faults, StatusShape, StatusUnchanged, TermCodeShape
from tests.simulated_platform import busy_desk, ready_desk


def test_status_names_the_call_by_ids_as_text() -> None:
    desk, call = busy_desk()
    status = desk.status()
    assert status["agentCallConnected"] is True
    line = status["lines"][0]
    assert (line["lineNumber"], line["state"]) == ("ACD", "INCALL")
    assert line["call"]["callTransactionId"] == call.transaction_id
    assert line["call"]["callSessionId"] == call.session_id
    assert (line["call"]["serviceId"], line["call"]["phoneNumber"]) == (46014, "2134634007")
    assert "accountNumber" not in line["call"]
    assert line["stateChangedTime"] == str(int(desk.now * 1000))


def test_status_needs_a_json_object_even_an_empty_one() -> None:
    desk = ready_desk()
    assert desk.ask(Endpoint.STATUS)[0] == 400
    assert desk.ask(Endpoint.STATUS, [])[0] == 400
    assert desk.ask(Endpoint.STATUS, {})[0] == 200


def test_nothing_new_since_the_given_time_gives_an_empty_or_a_missing_status() -> None:
    desk = ready_desk()
    changed = desk.line()["stateChangedTime"]
    body = {"stateChangedAfter": changed}
    assert desk.ask(Endpoint.STATUS, body) == (200, {"agentStatus": []})
    desk.platform.set_faults(Faults(status_unchanged=StatusUnchanged.MISSING), desk.now)
    assert desk.ask(Endpoint.STATUS, body) == (200, {})
    assert desk.ask(Endpoint.STATUS, {"stateChangedAfter": int(changed) - 1})[1] != {}
    assert desk.ask(Endpoint.STATUS, {"stateChangedAfter": ""})[1] != {}
    assert desk.ask(Endpoint.STATUS, {"stateChangedAfter": "yesterday"})[0] == 400


def test_status_can_be_an_object() -> None:
    desk = ready_desk(Faults(status_shape=StatusShape.OBJECT))
    assert desk.ask(Endpoint.STATUS, {})[1]["agentStatus"]["lines"][0]["state"] == "READY"


def test_only_the_acd_line_has_anything_on_it() -> None:
    desk, _ = busy_desk()
    assert desk.ask(Endpoint.SCREENPOP, query={"lineNumber": "ACD"})[0] == 200
    assert desk.ask(Endpoint.SCREENPOP, query={"lineNumber": "EXT1"})[0] == 400


def test_the_screen_pop_has_rows_during_a_call_and_none_without() -> None:
    assert ready_desk().ask(Endpoint.SCREENPOP) == (200, {})
    rows = busy_desk()[0].ask(Endpoint.SCREENPOP)[1]["screenPopRow"]
    assert {"key": "PHONE DIALED", "value": "2134634007"} in rows
    assert "ACCOUNT NUMBER" in [row["key"] for row in rows]


def test_term_codes_belong_to_a_service_and_come_in_categories_or_bare() -> None:
    desk = ready_desk()
    first = desk.ask(Endpoint.TERM_CODES, query={"serviceId": "46014"})[1]["termCodeCategories"]
    second = desk.ask(Endpoint.TERM_CODES, query={"serviceId": "46015"})[1]["termCodeCategories"]
    ids = [{code["id"] for row in rows for code in row["termCodes"]} for rows in (first, second)]
    assert not ids[0] & ids[1]
    assert all(isinstance(code_id, str) for code_id in ids[0])
    desk.platform.set_faults(Faults(term_code_shape=TermCodeShape.BARE), desk.now)
    bare = desk.ask(Endpoint.TERM_CODES, query={"serviceId": "46014"})[1]
    assert {code["id"] for code in bare} == ids[0]
    assert desk.ask(Endpoint.TERM_CODES, query={"serviceId": "1"})[0] == 404
    assert json.dumps(bare)
