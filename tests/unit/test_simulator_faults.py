"""The switches of the simulator."""

import dataclasses

import pytest

from bridge.simulator.errors import FaultUnusable
from bridge.simulator.faults import EndCall, Faults, MidCall, notes


def test_every_switch_has_a_meaning_in_words() -> None:
    assert set(notes(Faults)) == {field.name for field in dataclasses.fields(Faults)}


def test_switches_are_changed_by_name_from_text_or_from_their_own_values() -> None:
    faults = Faults().changed(
        {
            "status_lag_s": "1.5",
            "old_call_end": "TRUE",
            "lock_after": 3,
            "require_end_call": "call_end",
            "ready_in_call": MidCall.DEFERRED,
            "bye_after_leave_s": None,
            "rate_limit_rps": "20",
        }
    )
    assert (faults.status_lag_s, faults.old_call_end, faults.lock_after) == (1.5, True, 3)
    assert (faults.require_end_call, faults.ready_in_call) == (EndCall.CALL_END, MidCall.DEFERRED)
    assert (faults.bye_after_leave_s, faults.rate_limit_rps) == (None, 20.0)
    assert faults.changed({"rate_limit_rps": "none"}).rate_limit_rps is None


def test_all_switches_survive_a_round_trip_through_plain_values() -> None:
    faults = Faults(require_end_call=EndCall.BYE, rate_limit_rps=3.0)
    assert Faults().changed({name: value for name, value in vars(faults).items()}) == faults


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("latency", 1, "no switch"),
        ("latency_s", "slow", "float"),
        ("latency_s", [1], "float"),
        ("lock_after", float("inf"), "int"),
        ("old_call_end", "yes", "true or false"),
        ("require_end_call", "shout", "any, bye, call_end, term_code"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name: str, value: object, says: str) -> None:
    with pytest.raises(FaultUnusable) as caught:
        Faults().changed({name: value})
    assert caught.value.name == name
    assert says in str(caught.value)
