"""A step of an agent: which request it makes, and what result its end is."""

import pytest
from pydantic import SecretStr

from bridge.agents.messages import (
    AgentCommand,
    GoNotReady,
    GoReady,
    JoinService,
    LeaveService,
    LoggedIn,
    LogIn,
    LoginRefused,
    LogOut,
    ReadStatus,
    StatusRead,
    StepDone,
    StepFailed,
    StepResult,
)
from bridge.agents.steps import AgentAccount, StepTexts, carry_out
from bridge.livevox.agent_session import Login
from bridge.livevox.agent_status import AgentStatus, LineState
from bridge.livevox.errors import LiveVoxRefused
from tests.agent_world import LiveVoxWorld, Mishap, WorldClient, at_once

ACCOUNT = AgentAccount("8990000001", "VA0001", SecretStr("simulated"), "46014", "8990000001")


class RecordingClient(WorldClient):
    """Notes what it was told beside the session."""

    def __init__(self, world: LiveVoxWorld) -> None:
        super().__init__(world)
        self.said: list[object] = []

    async def login(self, client_name: str, user_name: str, password: SecretStr, *, urgent: bool = False) -> Login:
        self.said.append((client_name, user_name, urgent))
        return await super().login(client_name, user_name, password, urgent=urgent)

    async def join(self, session: str, service_id: str, phone_number: str | None = None) -> None:
        self.said.append((service_id, phone_number))
        await super().join(session, service_id, phone_number)

    async def not_ready(self, session: str, reason_code: str | None = None) -> None:
        self.said.append(reason_code)
        await super().not_ready(session, reason_code)

    async def status(self, session: str, *, urgent: bool = False) -> AgentStatus | None:
        self.said.append(urgent)
        return await super().status(session, urgent=urgent)


class SilentClient(WorldClient):
    """Says nothing of the agent."""

    async def status(self, session: str, *, urgent: bool = False) -> AgentStatus | None:
        return None


class BusyClient(WorldClient):
    """Asks to be left alone for a while."""

    async def ready(self, session: str) -> None:
        raise LiveVoxRefused("POST callControl/agent/status/ready", 429, 429, "", retry_after_s=30)


def world() -> LiveVoxWorld:
    return LiveVoxWorld(lambda: 1000.0, registration_s=0.0)


def step(
    client: WorldClient, command: AgentCommand, *, session: str = "session-1", reason: str = "", urgent: bool = False
) -> StepResult:
    return at_once(carry_out(client, ACCOUNT, StepTexts("Demo", reason), command, session, urgent=urgent))


def test_the_steps_of_a_day_make_one_request_each() -> None:
    client = RecordingClient(world())
    assert step(client, LogIn(), session="") == LoggedIn("session-1", None)
    assert step(client, JoinService()) == StepDone()
    assert step(client, GoReady()) == StepDone()
    assert step(client, ReadStatus()) == StatusRead("READY", None)
    assert step(client, GoNotReady(), reason="BREAK") == StepDone()
    assert step(client, LeaveService()) == StepDone()
    assert step(client, LogOut()) == StepDone()
    assert [name for _, _, name in client.world.requests] == [
        "login",
        "join",
        "ready",
        "status",
        "not_ready",
        "leave",
        "logout",
    ]
    assert client.said == [("Demo", "VA0001", False), ("46014", "8990000001"), False, "BREAK"]


def test_without_a_reason_none_is_sent_and_urgent_steps_say_so() -> None:
    client = RecordingClient(world())
    step(client, LogIn(), session="", urgent=True)
    step(client, JoinService())
    step(client, GoNotReady())
    step(client, ReadStatus(), urgent=True)
    assert client.said == [("Demo", "VA0001", True), ("46014", "8990000001"), None, True]


def test_a_look_tells_the_call_of_the_line() -> None:
    client = WorldClient(world())
    client.world.log_in("VA0001", "simulated")
    client.world.set_state("VA0001", LineState.WRAPUP)
    client.world.line("VA0001").transaction = 108821676850
    assert step(client, ReadStatus()) == StatusRead("WRAPUP", "108821676850")


def test_a_status_that_says_nothing_of_the_agent_is_an_empty_state() -> None:
    assert step(SilentClient(world()), ReadStatus()) == StatusRead("")


def test_a_wrong_password_is_refused_for_good() -> None:
    client = WorldClient(world())
    client.world.right_password = "another"
    result = step(client, LogIn(), session="")
    assert isinstance(result, LoginRefused)
    assert result.permanent
    assert "simulated" not in result.detail


@pytest.mark.parametrize(
    ("mishap", "retryable", "maybe_done"),
    [
        (Mishap.BROKEN, True, True),
        (Mishap.UNREACHED, True, False),
        (Mishap.UNANSWERED, True, True),
        (Mishap.UNREADABLE, True, True),
    ],
)
@pytest.mark.parametrize("command", [LogIn(), JoinService(), ReadStatus()])
def test_failures_say_whether_to_try_again_and_whether_it_may_be_done(
    command: AgentCommand, mishap: Mishap, retryable: bool, maybe_done: bool
) -> None:
    client = WorldClient(world())
    client.world.log_in("VA0001", "simulated")
    client.world.mishaps.append(mishap)
    result = step(client, command)
    assert isinstance(result, StepFailed)
    assert (result.retryable, result.maybe_done, result.session_lost) == (retryable, maybe_done, False)


def test_a_log_in_refused_without_a_reason_is_not_final() -> None:
    client = WorldClient(world())
    client.world.mishaps.append(Mishap.REFUSED)
    result = step(client, LogIn(), session="")
    assert isinstance(result, LoginRefused)
    assert not result.permanent


def test_a_request_refused_as_it_is_is_not_to_be_repeated() -> None:
    client = WorldClient(world())
    client.world.log_in("VA0001", "simulated")
    result = step(client, GoReady())
    assert isinstance(result, StepFailed)
    assert (result.retryable, result.maybe_done, result.session_lost) == (False, False, False)


def test_a_lost_session_is_told_apart() -> None:
    result = step(WorldClient(world()), ReadStatus(), session="of yesterday")
    assert isinstance(result, StepFailed)
    assert result.session_lost


def test_what_livevox_asks_to_wait_is_handed_on() -> None:
    result = step(BusyClient(world()), GoReady())
    assert isinstance(result, StepFailed)
    assert result.retry_after_s == 30
