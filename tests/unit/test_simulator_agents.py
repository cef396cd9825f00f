"""A simulated agent in and out of service."""

import dataclasses

import pytest

from bridge.simulator.endpoints import Endpoint
from bridge.simulator.faults import Faults, MidCall
from bridge.simulator.states import AgentState
from bridge.simulator.world import World
from tests.simulated_platform import PASSWORD, TOKEN, Desk, busy_desk, ready_desk


def test_a_login_alone_does_not_put_the_agent_into_the_system() -> None:
    desk = Desk()
    desk.log_in()
    assert desk.ask(Endpoint.STATUS, {})[0] == 400
    assert desk.ask(Endpoint.READY)[0] == 400
    assert desk.ask(Endpoint.LEAVE_SERVICE)[0] == 400


def test_logoff_is_shown_where_the_switch_says_so() -> None:
    desk = Desk(Faults(logoff_is_shown=True))
    desk.log_in()
    assert desk.line()["state"] == "LOGOFF"


def test_joining_makes_the_agent_not_ready_and_ready_makes_it_ready() -> None:
    desk = Desk()
    desk.log_in()
    assert desk.ask(Endpoint.JOIN, query={"serviceId": "46014", "phoneNumber": "8990000009"}) == (204, None)
    assert desk.line()["state"] == "NOTREADY"
    assert desk.agent.number == "8990000009"
    assert desk.ask(Endpoint.READY) == (204, None)
    assert desk.line()["state"] == "READY"


def test_joining_without_a_number_takes_the_configured_one() -> None:
    desk = ready_desk()
    assert desk.agent.number == "8990000001"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"serviceId": "1"}, 404),
        ({}, 400),
        ({"serviceId": "x"}, 400),
        ({"serviceId": "46014", "phoneNumber": "899"}, 400),
        ({"serviceId": "46014", "phoneNumber": "٨٩٩٠٠٠٠٠٠١"}, 400),
    ],
)
def test_a_join_that_makes_no_sense_is_refused(query: dict[str, str], status: int) -> None:
    desk = Desk()
    desk.log_in()
    assert desk.ask(Endpoint.JOIN, query=query)[0] == status
    assert desk.agent.state is AgentState.LOGOFF


def test_a_service_the_agent_has_no_access_to_is_forbidden() -> None:
    world = World.default(1, PASSWORD, token=TOKEN)
    desk = Desk(world=dataclasses.replace(world, agents=(dataclasses.replace(world.agents[0], services=(46015,)),)))
    desk.log_in()
    assert desk.ask(Endpoint.JOIN, query={"serviceId": "46014"})[0] == 403
    assert desk.ask(Endpoint.TERM_CODES, query={"serviceId": "46014"})[0] == 403


def test_joining_the_same_service_again_changes_nothing_and_another_one_is_refused() -> None:
    desk = ready_desk()
    assert desk.ask(Endpoint.JOIN, query={"serviceId": "46014"})[0] == 204
    assert desk.ask(Endpoint.JOIN, query={"serviceId": "46015"})[0] == 400
    assert desk.agent.state is AgentState.READY


def test_status_fails_as_often_as_the_switch_says_until_the_agent_is_registered() -> None:
    desk = Desk(Faults(registration_polls=2, unregistered_status=404))
    desk.log_in()
    desk.ask(Endpoint.JOIN, query={"serviceId": "46014"})
    assert [desk.ask(Endpoint.STATUS, {})[0] for _ in range(3)] == [404, 404, 200]
    assert desk.agent.state is AgentState.NOTREADY


def test_an_agent_may_be_ready_as_soon_as_it_has_joined() -> None:
    desk = Desk(Faults(ready_after_join=True))
    desk.log_in()
    desk.ask(Endpoint.JOIN, query={"serviceId": "46014"})
    assert desk.agent.state is AgentState.READY


def test_not_ready_keeps_its_reason_and_ready_forgets_it() -> None:
    desk = ready_desk()
    assert desk.ask(Endpoint.NOT_READY, query={"reasonCode": "Break"})[0] == 204
    assert desk.status()["reasonCode"] == "Break"
    desk.ask(Endpoint.READY)
    assert "reasonCode" not in desk.status()


@pytest.mark.parametrize(
    ("rule", "status", "after"),
    [
        (MidCall.REFUSED, 409, AgentState.READY),
        (MidCall.IGNORED, 204, AgentState.READY),
        (MidCall.DEFERRED, 204, AgentState.NOTREADY),
    ],
)
def test_not_ready_during_a_call_follows_the_switch(rule: MidCall, status: int, after: AgentState) -> None:
    desk, call = busy_desk(Faults(not_ready_in_call=rule, mid_call_status=409))
    assert desk.ask(Endpoint.NOT_READY)[0] == status
    assert desk.agent.state is AgentState.INCALL
    desk.platform.calls.ended(call, True, desk.now)
    desk.set_term_code(call)
    assert desk.agent.state is after


def test_ready_in_wrap_up_is_refused_and_the_call_keeps_its_wrap_up() -> None:
    desk, call = busy_desk()
    desk.platform.calls.ended(call, True, desk.now)
    assert desk.ask(Endpoint.READY)[0] == 400
    assert desk.agent.state is AgentState.WRAPUP


def test_a_supervisor_puts_a_ready_agent_into_not_ready_at_once() -> None:
    desk = ready_desk()
    desk.platform.agents.supervisor_not_ready(desk.agent, desk.now)
    assert (desk.line()["state"], desk.status()["reasonCode"]) == ("NOTREADY", "OTHER")


def test_a_supervisor_puts_a_busy_agent_into_not_ready_after_its_call() -> None:
    desk, call = busy_desk()
    desk.platform.agents.supervisor_not_ready(desk.agent, desk.now)
    assert desk.line()["state"] == "INCALL"
    desk.platform.calls.ended(call, True, desk.now)
    desk.set_term_code(call)
    assert desk.line()["state"] == "NOTREADY"
    desk.ask(Endpoint.READY)
    second = desk.receive_call()
    desk.platform.calls.ended(second, True, desk.now)
    desk.set_term_code(second)
    assert desk.line()["state"] == "READY"


def test_a_supervisor_who_logs_an_agent_off_ends_its_call_with_the_default_result() -> None:
    desk, call = busy_desk()
    desk.platform.agents.supervisor_log_off(desk.agent, desk.now)
    assert desk.agent.state is AgentState.LOGOFF
    assert call.result == "Operator Transfer"
    assert [type(command).__name__ for command in desk.platform.commands()] == ["HangUpLeg"]


def test_the_service_cannot_be_left_during_a_call_but_in_wrap_up_it_can() -> None:
    desk, call = busy_desk()
    assert desk.ask(Endpoint.LEAVE_SERVICE)[0] == 400
    desk.platform.calls.ended(call, True, desk.now)
    assert desk.ask(Endpoint.LEAVE_SERVICE)[0] == 204
    assert (desk.agent.state, call.result) == (AgentState.LOGOFF, "Operator Transfer")


def test_access_features_and_stats_describe_the_service() -> None:
    desk = ready_desk()
    access = desk.ask(Endpoint.SERVICE_ACCESS)[1]
    assert access["services"][0] == {"serviceId": 46014, "serviceName": "AI Voice (Agent Call Out 7)"}
    features = desk.ask(Endpoint.SERVICE_FEATURES, query={"serviceId": "46014"})[1]
    assert (features["features"]["featureCode"], features["serviceId"], features["clientCode"]) == (7, "46014", "Demo")
    assert desk.ask(Endpoint.SERVICE_STATS)[1]["agentsReady"] == 1
