"""Whether the bridge can take calls, and what is wrong with it."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.admin.readiness import Condition, obstacles, warnings
from bridge.agents.messages import AgentPhase
from bridge.reload.result import Miss, Result

P = AgentPhase
GOOD = Condition(
    started=True,
    draining_since=None,
    workers=2,
    media_runs=True,
    agents={P.READY: 2, P.ON_CALL: 1},
    agents_in_service=3,
    full=False,
    journal_failing_s=None,
    livevox_lost_since=None,
)


def test_a_bridge_with_nothing_wrong_is_ready() -> None:
    assert obstacles(GOOD) == warnings(GOOD) == []


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"started": False}, "starting", "is starting"),
        ({"draining_since": 0.0}, "draining", "since 1970-01-01T00:00:00.000Z"),
        ({"workers": 0}, "no_sip_worker", "worker_lost"),
        ({"media_runs": False}, "no_media_process", "started again"),
        (
            {"agents": {P.LOGGED_OUT: 2, P.CLOSED: 1}, "agents_in_service": 0},
            "no_agent_in_service",
            "every INVITE gets 480: of 3 agents, 1 closed, 2 logged out",
        ),
        ({"agents": {P.PAUSED: 1}, "agents_in_service": 0}, "no_agent_in_service", "of 1 agent, 1 paused"),
        ({"agents": {}, "agents_in_service": 0}, "no_agent_in_service", "there are no agents"),
    ],
)
def test_what_another_bridge_would_not_have_makes_it_not_ready(change: dict[str, Any], code: str, words: str) -> None:
    (reason,) = obstacles(replace(GOOD, **change))
    assert reason.code == code
    assert words in reason.message


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"full": True}, "full", "503"),
        ({"livevox_lost_since": 0.0}, "livevox_unreachable", "since 1970-01-01T00:00:00.000Z"),
        ({"journal_failing_s": 12.4}, "journal_failing", "for 12 s"),
        ({"engines_out": ["bot", "gpt"]}, "engines_out", "bot, gpt"),
        ({"webhooks_failing": {"crm": 299.0, "bi": 720.0}}, "webhooks_failing", "for 5 minutes or more: bi"),
        ({"reload_missed": Miss(0.0, Result.REFUSED, "no", 2)}, "settings_not_reloaded", ".000Z was refused: no (2 p"),
        ({"reload_missed": Miss(0.0, Result.FAILED, "a fault", 0)}, "settings_half_changed", "broke off by a fault: "),
        ({"agents": {P.READY: 2, P.LOCKED: 1}}, "agents_locked", "of 1 agent:"),
    ],
)
def test_what_calls_go_on_without_is_a_warning(change: dict[str, Any], code: str, words: str) -> None:
    seen = replace(GOOD, **change)
    (warning,) = warnings(seen)
    assert warning.code == code
    assert words in warning.message
    assert obstacles(seen) == []


def test_a_webhook_that_has_just_begun_to_fail_is_no_warning() -> None:
    assert warnings(replace(GOOD, webhooks_failing={"crm": 299.0})) == []


def test_all_that_is_wrong_is_told_at_once() -> None:
    seen = replace(GOOD, workers=0, media_runs=False, full=True, journal_failing_s=1.0)
    assert [reason.code for reason in obstacles(seen)] == ["no_sip_worker", "no_media_process"]
    assert [reason.code for reason in warnings(seen)] == ["full", "journal_failing"]


def test_while_it_starts_there_need_be_no_worker_yet() -> None:
    assert [reason.code for reason in obstacles(replace(GOOD, started=False, workers=0))] == ["starting"]


def test_agents_that_leave_for_a_drain_are_no_reason_of_their_own() -> None:
    seen = replace(GOOD, draining_since=0.0, agents={P.LOGGED_OUT: 3}, agents_in_service=0)
    assert [reason.code for reason in obstacles(seen)] == ["draining"]
