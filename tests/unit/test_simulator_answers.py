"""Who may ask what on the simulated platform, and the faults that strike."""

import json
from typing import Any

import pytest

from bridge.simulator.endpoints import Endpoint
from bridge.simulator.faults import Faults
from bridge.simulator.injections import Fault, Injection
from bridge.simulator.requests import Reply, Request
from bridge.simulator.states import AgentState
from tests.simulated_platform import Desk, ready_desk


def struck(desk: Desk, injection: Injection, endpoint: Endpoint, body: Any = None) -> Reply:
    return desk.answers.answer(Request(endpoint, body=body, session_id=desk.session), desk.now, injection)


def test_requests_without_a_session_are_refused_with_401() -> None:
    desk = Desk()
    for endpoint in (Endpoint.READY, Endpoint.SCREENPOP, Endpoint.CONTACT_SEARCH, Endpoint.UNKNOWN):
        assert desk.ask(endpoint, {})[0] == 401


def test_unknown_paths_are_404_and_unknown_methods_405() -> None:
    desk = ready_desk()
    request = Request(Endpoint.UNKNOWN, {"path": "/x"}, session_id=desk.session)
    assert desk.answers.answer(request, desk.now).status == 404
    request = Request(Endpoint.UNKNOWN, {"path": "/x"}, session_id=desk.session, method_known=False)
    assert desk.answers.answer(request, desk.now).status == 405


def test_requests_must_say_that_they_are_json_unless_the_switch_says_otherwise() -> None:
    desk = ready_desk()
    request = Request(Endpoint.NOT_READY, session_id=desk.session, is_json=False)
    assert desk.answers.answer(request, desk.now).status == 400
    desk.platform.set_faults(Faults(json_required=False), desk.now)
    assert desk.answers.answer(request, desk.now).status == 204


def test_a_body_that_is_not_json_is_a_bad_request() -> None:
    desk = ready_desk()
    request = Request(Endpoint.STATUS, readable=False, session_id=desk.session)
    assert desk.answers.answer(request, desk.now).status == 400


@pytest.mark.parametrize("fault", [Fault.STATUS, Fault.HTML, Fault.BODY_401, Fault.DROP_BEFORE])
def test_some_faults_keep_the_request_from_being_carried_out(fault: Fault) -> None:
    desk = ready_desk()
    reply = struck(desk, Injection(fault, status=503), Endpoint.NOT_READY)
    assert desk.agent.state is AgentState.READY
    expected = {Fault.STATUS: 503, Fault.HTML: 503, Fault.BODY_401: 200, Fault.DROP_BEFORE: None}
    assert reply.status == expected[fault]


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.LATE, Fault.TRUNCATED, Fault.WRONG_TYPES, Fault.EMPTY])
def test_other_faults_spoil_the_answer_to_what_was_carried_out(fault: Fault) -> None:
    desk = ready_desk()
    struck(desk, Injection(fault), Endpoint.NOT_READY)
    assert desk.agent.state is AgentState.NOTREADY


def test_spoilt_answers_look_as_their_faults_say() -> None:
    desk = ready_desk()
    whole = struck(desk, Injection(Fault.LATE, delay_s=2.0), Endpoint.STATUS, {})
    assert (whole.status, whole.delay_s) == (200, 2.0)
    assert struck(desk, Injection(Fault.DROP_AFTER), Endpoint.STATUS, {}).status is None
    assert struck(desk, Injection(Fault.EMPTY), Endpoint.STATUS, {}).payload == b""
    truncated = struck(desk, Injection(Fault.TRUNCATED), Endpoint.STATUS, {}).payload
    assert whole.payload.startswith(truncated) and len(truncated) == len(whole.payload) // 2
    wrong = json.loads(struck(desk, Injection(Fault.WRONG_TYPES), Endpoint.STATUS, {}).payload)
    assert isinstance(wrong["agentStatus"], dict)
    assert struck(desk, Injection(Fault.HTML), Endpoint.STATUS, {}).content_type == "text/html"


def test_an_expiring_session_is_lost_for_good() -> None:
    desk = ready_desk()
    assert struck(desk, Injection(Fault.EXPIRE), Endpoint.STATUS, {}).status == 401
    assert desk.ask(Endpoint.STATUS, {})[0] == 401
    assert desk.agent.state is AgentState.LOGOFF


def test_the_ledger_names_the_fault_and_the_lost_answer() -> None:
    desk = ready_desk()
    struck(desk, Injection(Fault.DROP_AFTER), Endpoint.NOT_READY)
    entry = desk.platform.ledger.requests("not_ready")[0]
    assert (entry.agent, entry.status, entry.facts["fault"]) == ("VA0001", None, "drop_after")
    assert entry.step == "not_ready dropped"


def test_a_slow_request_waits_and_latency_adds_up() -> None:
    desk = ready_desk(Faults(latency_s=0.5))
    desk.platform.injections.add(Injection(Fault.SLOW, "status", delay_s=1.0))
    request = Request(Endpoint.STATUS, body={}, session_id=desk.session)
    assert [desk.answers.plan(request, desk.now).delay_s for _ in range(2)] == [1.5, 0.5]


def test_random_latency_stays_in_its_span_and_follows_the_seed() -> None:
    desk, runs = ready_desk(), []
    for _ in range(2):
        desk.platform.set_faults(Faults(), desk.now)
        desk.platform.set_faults(Faults(latency_s=0.1, latency_jitter_s=0.2, seed=3), desk.now)
        request = Request(Endpoint.STATUS, body={}, session_id=desk.session)
        runs.append([desk.answers.plan(request, desk.now).delay_s for _ in range(50)])
    assert runs[0] == runs[1]
    assert 0.1 <= min(runs[0]) < max(runs[0]) <= 0.3


def test_more_requests_in_a_second_than_the_limit_are_answered_with_429() -> None:
    desk = ready_desk()
    desk.now += 1
    desk.platform.set_faults(Faults(rate_limit_rps=3), desk.now)
    assert [desk.ask(Endpoint.STATUS, {})[0] for _ in range(5)] == [200, 200, 200, 429, 429]
    desk.now += 1.0
    assert desk.ask(Endpoint.STATUS, {})[0] == 200


def test_a_request_is_attributed_to_its_agent_and_the_call_it_had() -> None:
    desk = ready_desk()
    call = desk.receive_call()
    desk.set_term_code(call)
    assert [entry.call for entry in desk.platform.ledger.requests("set_term_code", "VA0001")] == [call.id]
