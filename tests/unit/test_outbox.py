"""What waits for an engine that reads slowly."""

from bridge.media.outbox import MAX_BYTES, MAX_MESSAGES, STALE_S, STUCK_S, Outbox


def drained(outbox: Outbox, now: float) -> list[str | bytes]:
    found = []
    while (message := outbox.take(now)) is not None:
        found.append(message)
    return found


def test_messages_leave_in_the_order_they_came() -> None:
    outbox = Outbox()
    for place, is_audio in enumerate((True, False, True)):
        outbox.add(f"m{place}", is_audio, 100.0)
    assert len(outbox) == 3
    assert drained(outbox, 100.1) == ["m0", "m1", "m2"]
    assert len(outbox) == 0


def test_stale_audio_is_dropped_and_counted_and_nothing_else() -> None:
    outbox = Outbox()
    outbox.add(b"old", True, 100.0)
    outbox.add("word", False, 100.0)
    outbox.add(b"new", True, 101.0)
    assert drained(outbox, 100.5 + STALE_S) == ["word", b"new"]
    assert outbox.dropped == 1


def test_audio_is_dropped_while_nothing_is_taken() -> None:
    outbox = Outbox()
    for place in range(500):
        outbox.add(b"a" * 160, True, 100.0 + place * 0.02)
    assert len(outbox) <= STALE_S / 0.02 + 1
    assert outbox.dropped + len(outbox) == 500


def test_an_engine_that_reads_nothing_for_long_is_hopeless() -> None:
    outbox = Outbox()
    now = 100.0
    while not outbox.is_hopeless(now):
        outbox.add(b"a", True, now)
        now += 0.02
    assert STUCK_S <= now - 100.0 < STUCK_S + 0.1


def test_an_engine_that_reads_slowly_is_not_hopeless() -> None:
    outbox = Outbox()
    for place in range(2000):
        now = 100.0 + place * 0.02
        outbox.add(b"a", True, now)
        if place % 100 == 0:
            outbox.take(now)
        assert not outbox.is_hopeless(now)


def test_too_many_messages_that_are_no_audio_are_hopeless() -> None:
    outbox = Outbox()
    for _ in range(MAX_MESSAGES):
        outbox.add("word", False, 100.0)
    assert not outbox.is_hopeless(100.0)
    outbox.add("word", False, 100.0)
    assert outbox.is_hopeless(100.0)
    outbox.take(100.0)
    assert not outbox.is_hopeless(100.0)


def test_too_many_bytes_are_hopeless() -> None:
    outbox = Outbox()
    outbox.add("x" * MAX_BYTES, False, 100.0)
    assert not outbox.is_hopeless(100.0)
    outbox.add("x", False, 100.0)
    assert outbox.is_hopeless(100.0)


def test_a_new_connection_begins_with_nothing() -> None:
    outbox = Outbox()
    for _ in range(MAX_MESSAGES + 1):
        outbox.add("word", False, 100.0)
    outbox.clear()
    assert outbox.take(100.0) is None
    assert not outbox.is_hopeless(100.0)
