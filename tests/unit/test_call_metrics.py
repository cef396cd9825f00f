"""What is counted of calls."""

from pathlib import Path

import pytest

from tests.unit.counted_calls import CountedCalls


@pytest.fixture
def calls(tmp_path: Path) -> CountedCalls:
    return CountedCalls(tmp_path)


def test_a_call_is_counted_by_outcome_and_fate_when_it_is_closed(calls: CountedCalls) -> None:
    calls.tell(12, "answered")
    assert calls.value("calls_total", outcome="promised", fate="finished") == 0
    calls.close(4000, outcome="promised")
    assert calls.value("calls_total", outcome="promised", fate="finished") == 1
    assert calls.value("calls_total", outcome="finished", fate="finished") == 0


def test_an_outcome_that_only_the_bot_knows_is_another(calls: CountedCalls) -> None:
    for number in range(50):
        calls.close(4000, f"c{number}", outcome=f"made up {number}")
    assert calls.value("calls_total", outcome="other", fate="finished") == 50


def test_an_outcome_counts_in_whatever_case_the_bot_says_it(calls: CountedCalls) -> None:
    calls.close(4000, outcome=" Promised ")
    assert calls.value("calls_total", outcome="promised", fate="finished") == 1


def test_a_call_without_wrap_up_has_neither_outcome_nor_disposition(calls: CountedCalls) -> None:
    calls.tell(4000, "closed", fate="")
    assert calls.value("calls_total", outcome="none", fate="other") == 1
    assert calls.value("dispositions_total", confirmation="none") == 1


def test_set_up_lasts_from_the_invite_to_the_answer(calls: CountedCalls) -> None:
    calls.tell(7, "answered")
    assert calls.value("call_setup_seconds_count") == 1
    assert calls.value("call_setup_seconds_bucket", le="0.006") == 0
    assert calls.value("call_setup_seconds_bucket", le="0.008") == 1


def test_talk_and_wrap_up_are_told_apart_by_the_end_of_livevox_s_leg(calls: CountedCalls) -> None:
    calls.tell(1000, "answered")
    calls.tell(61_000, "customer_leg_ended", by_livevox=True, status=200)
    calls.close(61_500)
    assert calls.value("call_talk_seconds_sum") == pytest.approx(60)
    assert calls.value("wrapup_seconds_sum") == pytest.approx(0.5)


def test_a_wrap_up_counts_only_if_livevox_confirmed_it(calls: CountedCalls) -> None:
    calls.tell(61_000, "customer_leg_ended", by_livevox=True, status=200)
    calls.close(3_661_000, confirmation="unconfirmed")
    assert calls.value("wrapup_seconds_count") == 0
    assert calls.value("dispositions_total", confirmation="unconfirmed") == 1


def test_a_call_that_was_never_answered_has_no_talk(calls: CountedCalls) -> None:
    calls.tell(2000, "customer_leg_ended", by_livevox=False, status=503)
    calls.close(2100, fate="engine_unavailable", outcome="engine_unavailable", confirmation="nothing_to_set")
    assert (calls.value("call_setup_seconds_count"), calls.value("call_talk_seconds_count")) == (0, 0)
    assert calls.value("calls_total", outcome="engine_unavailable", fate="engine_unavailable") == 1


def test_a_call_that_a_crash_left_is_counted_with_its_disposition(calls: CountedCalls) -> None:
    facts = {"fate": "bridge_failure", "outcome": "bridge_failure", "confirmation": "confirmed"}
    calls.tell(90_000, "recovered", **facts)
    assert calls.value("calls_total", outcome="bridge_failure", fate="bridge_failure") == 1
    assert calls.value("dispositions_total", confirmation="confirmed") == 1


def test_screen_pops_are_timed_and_missing_ones_counted(calls: CountedCalls) -> None:
    calls.tell(900, "screen_pop", rows=7, ms=800.0)
    calls.tell(10_100, "screen_pop_missing", ms=10_000.0)
    assert (calls.value("screen_pop_seconds_count"), calls.value("screen_pop_seconds_sum")) == (1, 0.8)
    assert calls.value("screen_pops_missing_total") == 1


def test_transfers_are_counted_by_result(calls: CountedCalls) -> None:
    calls.tell(1000, "transfer_failed", reason="nobody answered", back_to_bot=True)
    calls.tell(2000, "transfer_succeeded", contact="Billing")
    assert (calls.value("transfers_total", result="succeeded"), calls.value("transfers_total", result="failed")) == (
        1,
        1,
    )


def test_series_begin_at_zero_so_that_the_first_call_is_an_increase(calls: CountedCalls) -> None:
    for fate in ("finished", "customer_hung_up", "transferred", "engine_lost", "dead_air", "bridge_failure"):
        assert calls.value("calls_total", outcome=fate, fate=fate) == 0
    assert calls.value("dispositions_total", confirmation="unconfirmed") == 0


def test_nothing_is_remembered_of_calls_that_are_closed(calls: CountedCalls) -> None:
    for number in range(100):
        call = f"c{number}"
        calls.tell(1, "engine_dialled", call, engine="bot")
        calls.tell(5, "engine_answered", call, engine="bot")
        calls.tell(6, "answered", call)
        calls.tell(9, "audio_started", call, side="engine")
        calls.tell(2000, "customer_leg_ended", call, by_livevox=True, status=200)
        calls.tell(2001, "engine_leg_ended", call, by_us=True, lost=False, reason="", outcome="")
        calls.close(2100, call)
    assert calls._metrics._open == {}
    assert calls._metrics._engines._open == {}
