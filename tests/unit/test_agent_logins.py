"""How an agent logs in, and how it does not: refusals, back-offs, locks."""

import pytest

from bridge.agents.messages import (
    AgentEvent,
    CallClosed,
    CallStarted,
    Close,
    LeaveService,
    LoggedIn,
    LogIn,
    LoginRefused,
    Open,
    Pause,
    ReadStatus,
    Resume,
    SessionEnded,
    StatusRead,
    StepDropped,
    Stop,
)
from tests.agent_life import BROKEN, LOST, POLICY, REFUSED, UNKNOWN, Life, P


def test_refused_credentials_lock_the_agent_for_good() -> None:
    life = Life()
    life.tell(Open())
    assert life.tell(LoginRefused(permanent=True, detail="refused with 401")) == []
    assert life.is_in(P.LOCKED)
    assert life.agent.locked
    assert life.agent.resting
    assert len(life.alarms) == 1
    for event in (Close(), Open(), Pause(), CallStarted("c1"), CallClosed("c1", None), SessionEnded("s0")):
        assert life.tell(event) == []
        assert life.is_in(P.LOCKED)
        assert life.agent.deadline is None


def test_a_bridge_that_stops_does_not_try_refused_credentials_for_the_sake_of_an_open_call() -> None:
    life = Life()
    life.tell(Open())
    life.tell(CallStarted("of before the restart"))
    life.tell(LoginRefused(permanent=True, detail="refused with 401"))
    assert life.tell(Stop()) == []
    assert (life.agent.deadline, life.agent.resting) == (None, True)


def test_an_operator_lets_a_locked_agent_log_in_again() -> None:
    life = Life()
    life.tell(Open())
    life.tell(LoginRefused(permanent=True, detail="refused with 401"))
    assert life.tell(Resume()) == [LogIn()]
    assert life.is_in(P.LOGGING_IN)


def test_a_locked_agent_resumed_outside_the_hours_waits_for_them() -> None:
    life = Life()
    life.tell(Open())
    life.tell(LoginRefused(permanent=True, detail="refused with 401"))
    life.tell(Close())
    assert life.tell(Resume()) == []
    assert life.is_in(P.CLOSED)
    assert life.tell(Open()) == [LogIn()]


@pytest.mark.parametrize(
    ("failure", "limits"),
    [
        (BROKEN, POLICY.login_backoff_s),
        (UNKNOWN, POLICY.login_backoff_s),
        (LoginRefused(permanent=False, detail="refused with 599"), POLICY.refused_login_backoff_s),
    ],
)
def test_log_ins_that_fail_are_tried_again_ever_later(failure: AgentEvent, limits: tuple[float, float]) -> None:
    life = Life()
    life.tell(Open())
    waits = []
    for _ in range(12):
        assert life.tell(failure) == []
        assert life.is_in(P.LOGGED_OUT)
        waits.append(life.waits_s)
        assert life.wait() == [LogIn()]
    assert waits[0] >= limits[0]
    assert all(later > earlier for earlier, later in zip(waits[:4], waits[1:5], strict=True))
    assert limits[1] <= waits[-1] <= 1.5 * limits[1]
    assert len(life.alarms) == 4


def test_after_one_log_in_without_answer_a_call_does_not_wait_long() -> None:
    life = Life()
    life.tell(Open())
    life.tell(CallStarted("of before the restart"))
    assert life.tell(BROKEN) == []
    assert life.waits_s < 2


def test_a_log_in_waits_as_long_as_livevox_asks() -> None:
    life = Life()
    life.tell(Open())
    life.tell(LoginRefused(permanent=False, detail="refused with 503", retry_after_s=500))
    assert life.waits_s == 500


def test_a_log_in_that_was_not_sent_and_is_wanted_again_is_made_at_once() -> None:
    life = Life()
    life.tell(Open())
    life.tell(Close())
    life.tell(Open())
    assert life.tell(StepDropped()) == [LogIn()]


def test_a_password_that_expires_soon_is_an_alarm() -> None:
    life = Life()
    life.tell(Open())
    life.tell(LoggedIn("s1", 6))
    assert len(life.alarms) == 1
    assert "6 days" in life.alarms[0]


def test_sessions_that_are_lost_at_once_are_remade_ever_later() -> None:
    life = Life()
    life.tell(Open())
    waits = []
    for number in range(12):
        assert life.tell(LoggedIn(f"s{number}")) == [ReadStatus()]
        assert life.tell(LOST) == []
        waits.append(life.waits_s)
        assert life.wait() == [LogIn()]
    assert waits[0] >= POLICY.login_backoff_s[0]
    assert waits[-1] >= POLICY.login_backoff_s[1]


@pytest.mark.parametrize("event", [Close(), Stop()])
def test_a_log_in_that_ends_after_the_hours_leads_out_again(event: AgentEvent) -> None:
    life = Life()
    life.tell(Open())
    assert life.tell(event) == []
    assert life.tell(LoggedIn("s1")) == [ReadStatus()]
    assert life.is_in(P.LEAVING)
    assert life.tell(REFUSED) == []
    while life.is_in(P.LEAVING):
        assert life.wait() == [ReadStatus()]
        commands = life.tell(REFUSED)
    assert commands == [LeaveService()]


@pytest.mark.parametrize(
    ("failure", "limits"),
    [
        (BROKEN, POLICY.login_backoff_s),
        (LoginRefused(permanent=False, detail="refused with 599"), POLICY.refused_login_backoff_s),
    ],
)
def test_a_session_that_proves_good_ends_the_growing_of_waits(failure: AgentEvent, limits: tuple[float, float]) -> None:
    life = Life()
    life.tell(Open())
    for _ in range(5):
        life.tell(failure)
        life.wait()
    life.tell(LoggedIn("s1"))
    life.tell(StatusRead("READY"))
    life.wait()
    assert life.tell(LOST) == [LogIn()]
    life.tell(failure)
    assert life.waits_s <= 1.5 * limits[0]


def test_a_session_lost_soon_after_an_outage_is_remade_soon() -> None:
    life = Life()
    life.tell(Open())
    for _ in range(8):
        life.tell(BROKEN)
        life.wait()
    life.tell(LoggedIn("s1"))
    life.tell(StatusRead("READY"))
    life.tell(CallStarted("c1"))
    life.tell(SessionEnded("s1"))
    assert life.waits_s <= POLICY.login_backoff_s[0]
