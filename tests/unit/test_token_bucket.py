"""The token bucket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.livevox.token_bucket import TokenBucket


def test_a_burst_goes_through_at_once_and_the_rest_at_the_rate() -> None:
    bucket = TokenBucket(2.0, 3, 100.0)
    tickets = [bucket.ask() for _ in range(5)]
    assert bucket.grant(100.0) == tickets[:3]
    assert bucket.deadline == pytest.approx(100.5)
    assert bucket.grant(100.4) == []
    assert bucket.grant(100.5) == [tickets[3]]
    assert bucket.grant(101.0) == [tickets[4]]
    assert bucket.deadline is None


def test_whoever_came_first_goes_first_and_calls_go_before_routine() -> None:
    bucket = TokenBucket(1.0, 1, 0.0)
    routine = [bucket.ask(), bucket.ask()]
    urgent = [bucket.ask(urgent=True), bucket.ask(urgent=True)]
    assert [ticket for second in range(4) for ticket in bucket.grant(float(second))] == urgent + routine


def test_tokens_are_not_saved_beyond_the_burst() -> None:
    bucket = TokenBucket(10.0, 2, 0.0)
    tickets = [bucket.ask() for _ in range(4)]
    assert bucket.grant(1_000.0) == tickets[:2]


def test_who_withdraws_takes_no_token() -> None:
    bucket = TokenBucket(1.0, 1, 0.0)
    first, second, third = bucket.ask(), bucket.ask(urgent=True), bucket.ask()
    bucket.withdraw(second)
    assert bucket.grant(0.0) == [first]
    bucket.withdraw(first)
    assert (bucket.waiting, bucket.grant(1.0)) == (1, [third])


def test_a_clock_that_stands_still_or_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(1.0, 1, 10.0)
    bucket.ask()
    bucket.ask()
    assert len(bucket.grant(10.0)) == 1
    assert bucket.grant(10.0) == bucket.grant(9.0) == []


@pytest.mark.parametrize(("rate", "burst"), [(0.0, 1), (-1.0, 1), (1.0, 0)])
def test_a_bucket_that_lets_nothing_through_is_refused(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="let nothing through"):
        TokenBucket(rate, burst, 0.0)


@given(
    rate=st.floats(0.1, 1000.0),
    burst=st.integers(1, 50),
    asks=st.lists(st.tuples(st.floats(0.0, 10.0), st.booleans()), min_size=1, max_size=60),
)
def test_never_more_than_the_burst_and_the_rate_and_nobody_is_forgotten(
    rate: float, burst: int, asks: list[tuple[float, bool]]
) -> None:
    bucket, now, granted = TokenBucket(rate, burst, 0.0), 0.0, 0
    for pause, urgent in asks:
        now += pause
        bucket.ask(urgent=urgent)
        granted += len(bucket.grant(now))
        assert granted <= burst + rate * now + 1e-6
    rounds = 0
    while (deadline := bucket.deadline) is not None:
        now = max(now, deadline)
        granted += len(bucket.grant(now))
        rounds += 1
        assert rounds <= len(asks), "the deadline came and nobody went through"
    assert granted == len(asks)


def test_another_rate_holds_for_those_who_wait_and_keeps_their_order() -> None:
    bucket = TokenBucket(1.0, 5, 0.0)
    tickets = [bucket.ask() for _ in range(8)]
    assert bucket.grant(0.0) == tickets[:5]
    bucket.change(10.0, 2, 0.5)
    assert bucket.deadline == pytest.approx(0.55)
    assert [ticket for tenth in range(5, 10) for ticket in bucket.grant(tenth / 10)] == tickets[5:]
    bucket.change(10.0, 1, 100.0)
    more = [bucket.ask() for _ in range(2)]
    assert bucket.grant(100.0) == more[:1]
