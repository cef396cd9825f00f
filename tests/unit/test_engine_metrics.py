"""What is counted of the engines that calls try."""

from pathlib import Path

import pytest

from tests.unit.counted_calls import CountedCalls


@pytest.fixture
def calls(tmp_path: Path) -> CountedCalls:
    return CountedCalls(tmp_path)


def results(calls: CountedCalls, engine: str) -> dict[str, float]:
    """How its tries ended, those that there were."""
    names = ("ready", "failed", "too_slow", "given_up", "passed_over")
    counted = {name: calls.value("engine_connects_total", engine=engine, result=name) for name in names}
    return {name: count for name, count in counted.items() if count}


def test_an_engine_that_answers_was_ready_and_its_time_is_measured(calls: CountedCalls) -> None:
    calls.tell(5, "engine_dialled", engine="bot")
    calls.tell(12, "engine_answered", engine="bot")
    calls.tell(9000, "engine_leg_ended", by_us=False, lost=False, reason="", outcome="")
    calls.close(9100)
    assert results(calls, "bot") == {"ready": 1}
    assert calls.value("engine_connect_seconds_sum", engine="bot") == pytest.approx(0.007)
    assert calls.value("engine_lost_total", engine="bot") == 0


def test_one_that_fails_is_followed_by_the_next(calls: CountedCalls) -> None:
    calls.tell(5, "engine_dialled", engine="bot")
    calls.tell(8, "engine_failed", engine="bot", reason="486")
    calls.tell(8, "engine_dialled", engine="second")
    calls.tell(18, "engine_answered", engine="second")
    assert (results(calls, "bot"), results(calls, "second")) == ({"failed": 1}, {"ready": 1})
    assert calls.value("engine_connect_seconds_sum", engine="second") == pytest.approx(0.01)


def test_one_that_is_not_ready_in_time_was_too_slow_whatever_its_leg_says_then(calls: CountedCalls) -> None:
    calls.tell(5, "engine_dialled", engine="bot")
    calls.tell(5005, "engine_hung_up_on", engine="bot", fate="engine_unavailable")
    calls.tell(5010, "engine_failed", engine="bot", reason="487")
    assert results(calls, "bot") == {"too_slow": 1}


def test_a_customer_who_hangs_up_meanwhile_is_not_the_engine_s_fault(calls: CountedCalls) -> None:
    calls.tell(5, "engine_dialled", engine="bot")
    calls.tell(900, "engine_hung_up_on", engine="bot", fate="customer_hung_up")
    calls.tell(910, "engine_failed", engine="bot", reason="487")
    assert results(calls, "bot") == {"given_up": 1}


def test_a_try_of_which_nothing_more_is_heard_was_given_up(calls: CountedCalls) -> None:
    calls.tell(5, "engine_dialled", engine="bot")
    calls.close(100)
    assert results(calls, "bot") == {"given_up": 1}


def test_one_whose_circuit_is_open_is_passed_over(calls: CountedCalls) -> None:
    calls.tell(5, "engine_passed_over", engine="bot")
    calls.tell(5, "engine_dialled", engine="second")
    calls.tell(9, "engine_answered", engine="second")
    assert (results(calls, "bot"), results(calls, "second")) == ({"passed_over": 1}, {"ready": 1})


def test_one_that_vanishes_while_talking_is_lost_and_one_that_we_ended_is_not(calls: CountedCalls) -> None:
    for call, by_us in (("c1", False), ("c2", True)):
        calls.tell(5, "engine_dialled", call, engine="bot")
        calls.tell(9, "engine_answered", call, engine="bot")
        calls.tell(3000, "engine_leg_ended", call, by_us=by_us, lost=True, reason="broken", outcome="")
    assert calls.value("engine_lost_total", engine="bot") == 1


def test_an_engine_that_left_the_settings_is_another(calls: CountedCalls) -> None:
    calls.tell(5, "engine_dialled", engine="gone")
    calls.tell(9, "engine_answered", engine="gone")
    assert results(calls, "other") == {"ready": 1}


def test_the_first_audio_is_counted_from_the_answer(calls: CountedCalls) -> None:
    calls.tell(5, "engine_dialled", engine="bot")
    calls.tell(9, "engine_answered", engine="bot")
    calls.tell(10, "answered")
    calls.tell(15, "audio_started", side="customer")
    calls.tell(410, "audio_started", side="engine")
    assert calls.value("first_audio_seconds_sum", engine="bot") == pytest.approx(0.4)
    assert calls.value("first_audio_seconds_count", engine="bot") == 1


def test_audio_that_came_before_the_answer_leaves_nobody_waiting(calls: CountedCalls) -> None:
    calls.tell(5, "engine_dialled", engine="bot")
    calls.tell(7, "audio_started", side="engine")
    calls.tell(9, "engine_answered", engine="bot")
    calls.tell(10, "answered")
    calls.close(3000)
    assert calls.value("first_audio_seconds_sum", engine="bot") == 0
    assert calls.value("first_audio_seconds_count", engine="bot") == 1


def test_an_engine_that_is_never_heard_has_no_first_audio(calls: CountedCalls) -> None:
    calls.tell(5, "engine_dialled", engine="bot")
    calls.tell(9, "engine_answered", engine="bot")
    calls.tell(10, "answered")
    calls.close(3000)
    assert calls.value("first_audio_seconds_count", engine="bot") is None
