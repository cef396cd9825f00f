"""The dashboard's alarms: what is wrong, and what helps."""

from dataclasses import replace

import pytest

from bridge.admin.readiness import Condition, obstacles, warnings
from bridge.agents.messages import AgentPhase
from bridge.dashboard.alarms import Level, Sight, alarms
from bridge.reload.result import Miss, Result

WELL = Sight(
    obstacles=[], warnings=[], unconfirmed=0, left_out=0, wrapping_up={"a": 59.0}, voices={("a", "customer"): 4.3}
)

#: Everything that readiness can complain of.
SICK = Condition(
    started=True,
    draining_since=None,
    workers=0,
    media_runs=False,
    agents={AgentPhase.LOCKED: 1},
    agents_in_service=0,
    full=True,
    journal_failing_s=3.0,
    livevox_lost_since=100.0,
    engines_out=["bot"],
    webhooks_failing={"crm": 900.0},
    reload_missed=Miss(100.0, Result.REFUSED, "the settings are wrong; nothing was changed", 2),
)


def test_a_bridge_that_is_well_has_none() -> None:
    assert alarms(WELL) == []


def test_what_readiness_names_comes_with_what_helps() -> None:
    broken_off = Miss(100.0, Result.FAILED, "a fault", 0)
    conditions = (SICK, replace(SICK, draining_since=100.0, reload_missed=broken_off))
    found = {reason.code for each in conditions for reason in (*obstacles(each), *warnings(each))}
    assert len(found) >= 12
    for code in found:
        (alarm,) = alarms(replace(WELL, warnings=[{"code": code, "message": "something is so"}]))
        assert (alarm.level, alarm.what) == (Level.WARNING, "Something is so")
        assert alarm.do, f"nothing is said to do against {code}"


def test_what_keeps_calls_away_comes_first() -> None:
    sight = replace(WELL, left_out=3, obstacles=[{"code": "no_sip_worker", "message": "none"}], unconfirmed=1)
    assert [(alarm.level, alarm.code) for alarm in alarms(sight)] == [
        (Level.ALARM, "no_sip_worker"),
        (Level.ALARM, "unconfirmed"),
        (Level.WARNING, "stories_incomplete"),
    ]


@pytest.mark.parametrize(("count", "words"), [(1, "1 call since"), (2, "2 calls since")])
def test_unconfirmed_dispositions_are_counted(count: int, words: str) -> None:
    (alarm,) = alarms(replace(WELL, unconfirmed=count))
    assert alarm.what.startswith(words)


def test_a_wrap_up_that_lasts_is_told_with_its_age() -> None:
    (alarm,) = alarms(replace(WELL, wrapping_up={"a": 61.0, "b": 95.4, "c": 1.0}))
    assert alarm.code == "wrap_up_lasts"
    assert "2 calls for 95 s" in alarm.what


def test_a_bad_voice_is_counted_once_a_call() -> None:
    voices = {("a", "customer"): 2.0, ("a", "engine"): 1.5, ("b", "customer"): 3.1}
    (alarm,) = alarms(replace(WELL, voices=voices))
    assert alarm.what.startswith("1 call can hardly")
