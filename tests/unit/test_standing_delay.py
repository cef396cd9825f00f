"""When a queue has become a delay, and when it has not."""

from collections.abc import Iterable

from bridge.media.standing_delay import StandingDelay

MS = 8


def watched(arrivals: Iterable[int], waiting: Iterable[int]) -> StandingDelay:
    """A queue to which so many milliseconds came in each slot, and in which so many waited."""
    delay = StandingDelay()
    for came, waits in zip(arrivals, waiting, strict=True):
        delay.arrived(came * MS)
        delay.slot(waits * MS)
    return delay


def test_a_queue_that_real_time_audio_never_empties_is_a_delay() -> None:
    assert watched([20] * 250, [400] * 250).excess == 340 * MS


def test_the_least_that_waited_counts() -> None:
    assert watched([20] * 250, [900] * 120 + [150] + [900] * 129).excess == 90 * MS


def test_what_jitter_needs_is_no_delay() -> None:
    assert watched([20] * 250, [90] * 250).excess == 0


def test_it_takes_five_seconds_to_be_sure() -> None:
    assert watched([20] * 249, [400] * 249).excess == 0


def test_speech_that_came_faster_than_real_time_is_no_delay() -> None:
    assert watched([60] * 250, [5000] * 250).excess == 0


def test_bursts_that_are_real_time_on_average_are_no_delay() -> None:
    bursts = ([5000] + [0] * 249) * 2
    assert watched(bursts[125:375], [2000] * 250).excess == 0
    half_and_half = [40] * 125 + [0] * 125
    assert watched(half_and_half, [2000] * 250).excess == 0


def test_a_queue_that_only_empties_is_no_delay() -> None:
    assert watched([0] * 250, range(10_000, 5_000, -20)).excess == 0


def test_what_was_left_out_ends_the_delay_and_a_new_one_needs_new_evidence() -> None:
    delay = watched([20] * 250, [160] * 250)
    assert delay.excess == 100 * MS
    for _ in range(5):
        delay.left_out(20 * MS)
    assert delay.excess == 0
    for _ in range(249):
        delay.arrived(20 * MS)
        delay.slot(400 * MS)
    assert delay.excess == 0
    delay.arrived(20 * MS)
    delay.slot(400 * MS)
    assert delay.excess == 340 * MS
