"""A soak finds what grows, and does not mind what goes up and down."""

import random

import pytest

from tests.soak.verdict import MB, Finding, Sample, findings

#: Of ten minutes: a sample every twenty seconds after the warm-up, and three calls a second.
TIMES = range(180, 600, 20)


def judged(name: str, *levels: float) -> Finding:
    """One level, at these samples."""
    samples = [Sample(3 * at, {name: level}) for at, level in zip(TIMES, levels, strict=False)]
    (found,) = findings(samples)
    return found


def over_time(start: float, a_call: float, noise: float) -> list[float]:
    chance = random.Random(7)
    return [start + a_call * 3 * (at - TIMES[0]) + chance.uniform(0, noise) for at in TIMES]


def test_memory_that_goes_up_and_down_is_where_it_was() -> None:
    assert judged("media PSS", *over_time(70 * MB, 0, 5 * MB)).holds


def test_two_kilobytes_of_every_call_are_a_leak() -> None:
    found = judged("media PSS", *over_time(70 * MB, 2048, 0.3 * MB))
    assert not found.holds
    assert found.growth / found.calls == pytest.approx(2048, rel=0.2)


def test_an_object_of_every_call_is_a_leak() -> None:
    assert judged("bridge objects of type dict", *over_time(14_000, 0, 300)).holds
    assert not judged("bridge objects of type dict", *over_time(14_000, 1, 300)).holds
    assert not judged("bridge objects of type Task", *over_time(4, 1, 0)).holds


def test_a_memory_may_grow_to_the_bound_somebody_has_set() -> None:
    assert judged("bridge SipCapture._known", *over_time(100, 2, 0)).holds
    assert not judged("bridge SipCapture._known", *over_time(100, 20, 0)).holds


def test_the_pool_may_keep_a_few_workers_more_for_a_while() -> None:
    assert judged("worker processes", 6, 6, 6, 6, 7, 7, 8, 7).holds
    assert not judged("worker processes", 6, 6, 6, 6, 16, 15, 15, 14).holds


@pytest.mark.parametrize("name", ["bridge Dispatch._dialogs", "bridge tasks", "media UDP ports", "worker processes"])
def test_a_table_or_count_must_come_back(name: str) -> None:
    assert judged(name, 3, 0, 0, 1, 0, 2, 0, 7).holds
    assert not judged(name, 0, 0, 0, 0, 1, 1, 1, 1).holds, "one is one too many"


def test_one_odd_sample_decides_nothing() -> None:
    levels = [float(70 * MB)] * 20
    levels[-1] = 200.0 * MB
    assert judged("bridge PSS", *levels).holds


def test_a_table_that_was_not_there_at_first_counts_as_empty() -> None:
    samples = [Sample(at, {} if at < 300 else {"bridge Late._table": 5}) for at in TIMES]
    assert [found.holds for found in findings(samples)] == [False]


def test_the_journal_may_keep_what_it_says_of_each_call_and_no_more() -> None:
    assert judged("journal bytes", *over_time(MB, 16_000, 0)).holds
    assert not judged("journal bytes", *over_time(MB, 60_000, 0)).holds
    assert not judged("journal calls of before yesterday", *over_time(0, 0.01, 0)).holds


def test_a_machine_that_gets_slower_leaks_no_more_for_it() -> None:
    calls = [0, 100, 200, 300, 320, 330, 335, 340]
    samples = [Sample(each, {"journal calls": 50.0 + each}) for each in calls]
    assert [found.holds for found in findings(samples)] == [True]


def test_too_few_samples_are_no_verdict() -> None:
    with pytest.raises(ValueError, match="too few"):
        findings([Sample(1, {}), Sample(2, {})])
