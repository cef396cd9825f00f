"""What is counted of recordings."""

from pathlib import Path

import pytest

from tests.unit.counted_calls import CountedCalls


@pytest.fixture
def calls(tmp_path: Path) -> CountedCalls:
    return CountedCalls(tmp_path)


def active(calls: CountedCalls) -> tuple[float | None, float | None]:
    """How many are recorded, and how many of them paused."""
    return calls.value("recordings_active", state="recording"), calls.value("recordings_active", state="paused")


def test_calls_are_counted_as_long_as_they_are_recorded(calls: CountedCalls) -> None:
    assert active(calls) == (0, 0)
    for number, call in enumerate(("c1", "c2", "c3"), 1):
        calls.tell(10, "recording_started", call, paused=call == "c3")
        assert active(calls) == (min(number, 2), number // 3)
    calls.tell(1000, "recording_paused", "c1")
    calls.tell(2000, "customer_leg_ended", "c2")
    assert active(calls) == (0, 2)
    calls.tell(3000, "recording_resumed", "c3")
    assert active(calls) == (1, 1)
    calls.close(4000, "c3")
    calls.tell(4000, "recording_stopped", "c1", reason="Input/output error")
    assert active(calls) == (0, 0)


def test_calls_that_are_not_recorded_are_not_counted(calls: CountedCalls) -> None:
    calls.tell(1000, "customer_leg_ended")
    calls.close(1001)
    assert active(calls) == (0, 0)


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        ("No space left on device", "disk_full"),
        ("Disk quota exceeded", "disk_full"),
        ("the disk is too slow: 10 s of audio wait for it", "disk_slow"),
        ("Permission denied", "disk_failed"),
    ],
)
def test_those_that_the_disk_ended_are_counted_by_what_it_did(calls: CountedCalls, reason: str, label: str) -> None:
    before = calls.value("recordings_stopped_total", reason=label)
    calls.tell(10, "recording_started", paused=False)
    calls.tell(20, "recording_stopped", reason=reason)
    assert (before, calls.value("recordings_stopped_total", reason=label)) == (0, 1)
