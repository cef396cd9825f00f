"""Logins to the simulated platform."""

import dataclasses

import pytest

from bridge.simulator.endpoints import Endpoint
from bridge.simulator.faults import Faults, SessionLostAs
from bridge.simulator.requests import Request
from bridge.simulator.states import AgentState
from bridge.simulator.world import World
from tests.simulated_platform import PASSWORD, TOKEN, Desk, busy_desk, ready_desk


def test_a_login_gives_the_session_and_what_belongs_to_it() -> None:
    desk = Desk()
    body = {"clientName": "Demo", "userName": "va0001", "password": PASSWORD, "agent": True}
    status, answer = desk.ask(Endpoint.LOGIN, body)
    assert status == 200
    assert list(answer) == ["sessionId", "clientId", "userId", "daysUntilPasswordExpires"]
    assert isinstance(answer["clientId"], int)


def test_the_password_expiry_can_be_left_out() -> None:
    desk = Desk(Faults(days_until_password_expires=None))
    body = {"clientName": "Demo", "userName": "VA0001", "password": PASSWORD, "agent": "true"}
    assert "daysUntilPasswordExpires" not in desk.ask(Endpoint.LOGIN, body)[1]


def test_the_same_agent_and_token_get_the_same_session_while_it_is_valid() -> None:
    desk = Desk()
    desk.log_in()
    first = desk.session
    desk.log_in()
    assert desk.session == first
    desk.now += 7201
    desk.log_in()
    assert desk.session != first


def test_another_token_gets_another_session_for_the_same_agent() -> None:
    world = dataclasses.replace(World.default(1, PASSWORD), tokens=(TOKEN, "second"))
    desk = Desk(world=world)
    desk.go_ready()
    body = {"clientName": "Demo", "userName": "VA0001", "password": PASSWORD, "agent": "true"}
    reply = desk.answers.answer(Request(Endpoint.LOGIN, body=body, token="second"), desk.now)
    assert reply.status == 200
    assert desk.session.encode() not in reply.payload
    assert desk.platform.sessions.count("VA0001") == 2
    desk.now += 7199
    assert desk.ask(Endpoint.STATUS, {})[0] == 200
    desk.now += 1  # the second session has not been used for two hours, the first one has
    assert desk.ask(Endpoint.STATUS, {})[0] == 200
    assert (desk.platform.sessions.count("VA0001"), desk.agent.state) == (1, AgentState.READY)


@pytest.mark.parametrize(
    "changes",
    [{"clientName": "Other"}, {"userName": "VA9999"}, {"password": "wrong"}, {"agent": "false"}],
)
def test_a_login_that_does_not_fit_is_denied(changes: dict[str, str]) -> None:
    desk = Desk(Faults(login_denied_status=599))
    body = {"clientName": "Demo", "userName": "VA0001", "password": PASSWORD, "agent": "true"}
    status, answer = desk.ask(Endpoint.LOGIN, body | changes)
    assert (status, answer["code"]) == (599, 599)


def test_a_login_without_a_field_is_a_bad_request() -> None:
    assert Desk().ask(Endpoint.LOGIN, {"clientName": "Demo", "userName": "VA0001"})[0] == 400


def test_a_login_with_an_unknown_token_is_denied_without_counting_as_a_bad_password() -> None:
    desk = Desk(Faults(lock_after=1))
    body = {"clientName": "Demo", "userName": "VA0001", "password": "wrong", "agent": "true"}
    assert desk.answers.answer(Request(Endpoint.LOGIN, body=body, token="junk"), desk.now).status == 401
    assert desk.log_in() == 200


def test_five_bad_passwords_lock_the_account_until_it_is_unlocked() -> None:
    desk = Desk()
    assert [desk.log_in(password="wrong") for _ in range(5)] == [401] * 5
    assert desk.log_in() == 401
    desk.platform.sessions.unlock("VA0001")
    assert desk.log_in() == 200


def test_a_good_password_forgives_the_bad_ones_before() -> None:
    desk = Desk()
    for _ in range(3):
        assert [desk.log_in(password="wrong") for _ in range(4)] == [401] * 4
        assert desk.log_in() == 200


def test_closed_logins_deny_everybody() -> None:
    assert Desk(Faults(logins_closed=True)).log_in() == 401


def test_a_session_lives_two_hours_from_its_last_use() -> None:
    desk = Desk()
    desk.log_in()
    for _ in range(3):
        desk.now += 7199
        assert desk.ask(Endpoint.SERVICE_ACCESS)[0] == 200
    desk.now += 7200
    assert desk.ask(Endpoint.SERVICE_ACCESS) == (401, {"code": 401, "message": "Session is not valid"})


def test_a_lost_session_can_be_said_in_the_body_alone() -> None:
    desk = Desk(Faults(session_lost_as=SessionLostAs.BODY))
    assert desk.ask(Endpoint.SERVICE_ACCESS) == (200, {"code": 401, "message": "Session is not valid"})


def test_an_idle_agent_whose_session_expires_leaves_its_service_and_a_busy_one_stays() -> None:
    desk = ready_desk()
    desk.platform.expire_sessions("VA0001", desk.now)
    assert desk.agent.state is AgentState.LOGOFF
    desk, _ = busy_desk()
    desk.platform.expire_sessions("", desk.now)
    assert desk.agent.state is AgentState.INCALL
    assert desk.log_in() == 200
    assert desk.line()["state"] == "INCALL"


def test_an_agent_can_stay_in_its_service_without_a_session() -> None:
    desk = ready_desk(Faults(expiry_leaves_service=False))
    desk.platform.expire_sessions("VA0001", desk.now)
    assert desk.agent.state is AgentState.READY


def test_validate_says_whether_a_session_is_valid() -> None:
    desk = Desk()
    desk.log_in()
    assert desk.ask(Endpoint.VALIDATE, session=desk.session)[0] == 200
    desk.platform.set_faults(Faults(validate_status=204), desk.now)
    assert desk.ask(Endpoint.VALIDATE, session=desk.session) == (204, None)
    assert desk.ask(Endpoint.VALIDATE, session="no-session")[0] == 404


def test_logout_ends_the_session_and_the_agents_service() -> None:
    desk = ready_desk()
    assert desk.ask(Endpoint.LOGOUT, session=desk.session) == (204, None)
    assert desk.agent.state is AgentState.LOGOFF
    assert desk.ask(Endpoint.LOGOUT, session=desk.session)[0] == 404


def test_logout_can_leave_the_agent_in_its_service() -> None:
    desk = ready_desk(Faults(logout_leaves_service=False))
    desk.ask(Endpoint.LOGOUT, session=desk.session)
    assert desk.agent.state is AgentState.READY


def test_a_new_password_ends_the_session() -> None:
    desk = Desk()
    desk.log_in()
    body = {"clientName": "Demo", "userName": "VA0001", "password": PASSWORD, "agent": "true"}
    assert desk.ask(Endpoint.PASSWORD, body | {"newPassword": "short"})[0] == 400
    assert desk.ask(Endpoint.PASSWORD, body | {"newPassword": "battery-staple"})[0] == 204
    assert desk.ask(Endpoint.SERVICE_ACCESS)[0] == 401
    assert desk.log_in() == 401
    assert desk.log_in(password="battery-staple") == 200


def test_no_password_token_or_session_reaches_the_ledger_or_a_repr() -> None:
    desk = ready_desk()
    desk.ask(Endpoint.VALIDATE, session=desk.session)
    desk.ask(
        Endpoint.PASSWORD,
        {"clientName": "Demo", "userName": "VA0001", "password": PASSWORD, "newPassword": PASSWORD, "agent": "true"},
    )
    said = repr(desk.platform.ledger.entries) + repr(desk.platform.floor.world) + repr(Request(Endpoint.READY))
    assert "VA0001" in said
    assert not [secret for secret in (PASSWORD, TOKEN, desk.session) if secret in said]
