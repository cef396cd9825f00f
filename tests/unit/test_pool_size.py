"""sip.pool_size: how many workers are started and stopped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.pool_size import PoolSize

SIZE = PoolSize(spare_calls=10, max_calls=40)


@pytest.mark.parametrize(
    ("calls", "room", "waiting", "starting", "missing"),
    [
        pytest.param(0, 0, 0, 0, 5, id="nothing runs yet"),
        pytest.param(0, 10, 0, 0, 0, id="room enough"),
        pytest.param(1, 9, 0, 0, 1, id="one call came"),
        pytest.param(1, 9, 0, 1, 0, id="the worker for it is on its way"),
        pytest.param(35, 5, 0, 0, 0, id="no more room than calls may come"),
        pytest.param(38, 0, 0, 0, 1, id="the last two calls"),
        pytest.param(40, 0, 0, 0, 0, id="as many calls as allowed"),
        pytest.param(45, 0, 0, 0, 0, id="more calls than allowed"),
        pytest.param(39, 0, 1, 0, 1, id="the last call waits, slots linger"),
        pytest.param(0, 0, 10, 0, 10, id="ten wait, and ten more may come"),
    ],
)
def test_what_is_missing_is_started(calls: int, room: int, waiting: int, starting: int, missing: int) -> None:
    assert SIZE.missing(calls, room, waiting, starting, capacity=4) == missing


def test_a_worker_of_one_dialog_counts_as_one_call() -> None:
    assert SIZE.missing(0, 0, 0, 0, capacity=1) == 10


def test_a_library_with_more_dialogs_needs_fewer_workers() -> None:
    assert SIZE.missing(0, 0, 0, 0, capacity=64) == 1


@given(
    calls=st.integers(0, 60),
    room=st.integers(0, 60),
    waiting=st.integers(0, 20),
    capacity=st.integers(1, 16),
)
def test_what_is_started_is_needed_and_enough(calls: int, room: int, waiting: int, capacity: int) -> None:
    missing = SIZE.missing(calls, room, waiting, 0, capacity)
    per_worker = max(capacity // 2, 1)
    wanted = SIZE.wanted_room(calls + waiting) + waiting
    assert room + missing * per_worker >= wanted
    assert missing == 0 or room + (missing - 1) * per_worker < wanted


@given(calls=st.integers(0, 60), room=st.integers(0, 200), capacity=st.integers(1, 16))
def test_stopping_an_idle_worker_never_leads_to_starting_one(calls: int, room: int, capacity: int) -> None:
    per_worker = max(capacity // 2, 1)
    if SIZE.has_surplus(calls, room, capacity):
        assert SIZE.missing(calls, room - per_worker, 0, 0, capacity) == 0
        assert SIZE.missing(calls + 1, room - per_worker - 1, 0, 0, capacity) == 0


def test_room_far_beyond_need_is_surplus() -> None:
    assert SIZE.has_surplus(0, 24, capacity=4)
    assert not SIZE.has_surplus(0, 23, capacity=4)
