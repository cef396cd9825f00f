"""How fast an engine is read."""

from bridge.media.message_pace import BATCH_BYTES, BATCH_MESSAGES, PAUSE_S, MessagePace


def test_an_engine_that_speaks_in_real_time_is_never_paused() -> None:
    pace = MessagePace()
    assert not any(pace.take(300, 100.0 + place * 0.02) for place in range(500))


def test_a_short_burst_is_read_at_once() -> None:
    pace = MessagePace()
    assert not any(pace.take(300, 100.0) for _ in range(BATCH_MESSAGES - 1))


def test_a_flood_is_read_at_a_bounded_rate() -> None:
    pace, now, read = MessagePace(), 100.0, 0
    while now < 101.0:
        now += pace.take(10, now)
        read += 1
    assert read <= BATCH_MESSAGES / PAUSE_S * 1.01


def test_large_messages_count_for_their_length() -> None:
    pace, now, read = MessagePace(), 100.0, 0
    while now < 101.0:
        now += pace.take(4 * 1024 * 1024, now)
        read += 4 * 1024 * 1024
    assert read <= BATCH_BYTES / PAUSE_S + 4 * 1024 * 1024


def test_after_a_pause_it_counts_anew() -> None:
    pace = MessagePace()
    for _ in range(BATCH_MESSAGES - 1):
        pace.take(10, 100.0)
    assert pace.take(10, 100.0) == PAUSE_S
    assert pace.take(10, 100.0 + PAUSE_S) == 0.0
