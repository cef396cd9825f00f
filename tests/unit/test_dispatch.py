"""Which worker has this dialog, and who has room."""

from hypothesis import given
from hypothesis import strategies as st

from sip.dispatch import Dialog, Dispatch
from sip.messages import Leg


def two_workers() -> Dispatch:
    dispatch = Dispatch()
    dispatch.add_worker(1, 40001, 4)
    dispatch.add_worker(2, 40002, 4)
    return dispatch


def test_calls_fill_one_worker_before_the_next() -> None:
    dispatch = two_workers()
    assert [dispatch.reserve(call, 2) for call in "abcde"] == [1, 1, 2, 2, None]


def test_the_fullest_worker_with_room_is_taken() -> None:
    dispatch = two_workers()
    assert [dispatch.reserve(call, dialogs) for call, dialogs in (("a", 1), ("b", 4), ("c", 2), ("d", 1))] == [
        1,
        2,
        1,
        1,
    ]


def test_a_call_that_asks_again_keeps_its_worker_and_takes_no_more() -> None:
    dispatch = two_workers()
    assert (dispatch.reserve("a", 2), dispatch.reserve("a", 2)) == (1, 1)
    assert dispatch.room(1) == 6


def test_release_gives_back_once() -> None:
    dispatch = two_workers()
    dispatch.reserve("a", 3)
    for _ in range(2):
        dispatch.release("a")
    assert (dispatch.room(1), dispatch.worker_of_call("a"), dispatch.calls) == (8, None, 0)


def test_calls_with_a_living_worker_are_counted() -> None:
    dispatch = two_workers()
    for call in "abc":
        dispatch.reserve(call, 2)
    assert dispatch.calls == 3
    dispatch.remove_worker(1)
    assert dispatch.calls == 1


def test_room_counts_whole_calls_a_worker() -> None:
    dispatch = two_workers()
    dispatch.reserve("a", 1)
    assert (dispatch.room(1), dispatch.room(2), dispatch.room(4), dispatch.room(5)) == (7, 3, 1, 0)


def test_lingering_slots_are_taken_until_the_worker_says_otherwise() -> None:
    dispatch = two_workers()
    dispatch.set_lingering(1, 3)
    dispatch.set_lingering(7, 3)
    assert [dispatch.reserve(call, 2) for call in "abc"] == [2, 2, None]
    assert dispatch.idle_workers() == []
    dispatch.set_lingering(1, 0)
    assert dispatch.reserve("c", 2) == 1


def test_more_lingering_than_capacity_is_no_room_and_no_debt() -> None:
    dispatch = two_workers()
    dispatch.reserve("a", 2)
    dispatch.set_lingering(1, 4)
    assert dispatch.room(1) == 4
    dispatch.set_lingering(1, 0)
    assert dispatch.room(1) == 6


def test_a_dead_worker_takes_its_calls_along_and_its_dialogs_stay_known() -> None:
    dispatch = two_workers()
    dispatch.reserve("a", 2)
    dispatch.bind("id", Dialog("a", Leg.CUSTOMER, 1))
    assert dispatch.remove_worker(1) == ["a"]
    assert dispatch.remove_worker(1) == []
    assert dispatch.dialog("id") == Dialog("a", Leg.CUSTOMER, 1)
    assert (dispatch.port(1), dispatch.worker_at(40001), dispatch.worker_of_call("a")) == (None, None, None)
    dispatch.release("a")
    assert (dispatch.workers, dispatch.room(1)) == (1, 4)


def test_a_port_used_again_belongs_to_the_new_worker() -> None:
    dispatch = two_workers()
    dispatch.add_worker(3, 40001, 4)
    dispatch.remove_worker(1)
    assert dispatch.worker_at(40001) == 3


def test_idle_workers_come_newest_first() -> None:
    dispatch = two_workers()
    assert dispatch.idle_workers() == [2, 1]
    dispatch.reserve("a", 1)
    assert dispatch.idle_workers() == [2]


def test_forgetting_a_call_forgets_all_its_dialogs_and_no_others() -> None:
    dispatch = two_workers()
    dispatch.bind("one", Dialog("a", Leg.CUSTOMER, 1))
    dispatch.bind("two", Dialog("a", Leg.ENGINE, 1))
    dispatch.bind("three", Dialog("b", Leg.CUSTOMER, 1))
    dispatch.forget("a")
    dispatch.forget("a")
    assert [dispatch.dialog(name) is None for name in ("one", "two", "three")] == [True, True, False]


def test_a_call_id_tried_again_belongs_to_the_later_call() -> None:
    dispatch = two_workers()
    dispatch.bind("id", Dialog("first", Leg.CUSTOMER, 1))
    dispatch.bind("id", Dialog("second", Leg.CUSTOMER, 2))
    dispatch.forget("first")
    assert dispatch.dialog("id") == Dialog("second", Leg.CUSTOMER, 2)
    dispatch.forget("second")
    assert dispatch.dialog("id") is None


names = st.sampled_from("abcdef")
numbers = st.integers(1, 4)
steps = st.one_of(
    st.tuples(st.just("reserve"), names, st.integers(1, 2)),
    st.tuples(st.just("release"), names, st.just(0)),
    st.tuples(st.just("lingering"), numbers, st.integers(0, 5)),
    st.tuples(st.just("remove"), numbers, st.just(0)),
    st.tuples(st.just("bind"), names, numbers),
    st.tuples(st.just("forget"), names, st.just(0)),
)


def take(dispatch: Dispatch, step: tuple[str, str | int, int], held: dict[str, tuple[int, int]]) -> None:
    match step:
        case ("reserve", str(call), dialogs):
            worker = dispatch.reserve(call, dialogs)
            if worker is not None:
                held.setdefault(call, (worker, dialogs))
        case ("release", str(call), _):
            dispatch.release(call)
            held.pop(call, None)
        case ("lingering", int(worker), count):
            dispatch.set_lingering(worker, count)
        case ("remove", int(worker), _):
            lost = dispatch.remove_worker(worker)
            assert sorted(lost) == sorted(call for call, (number, _) in held.items() if number == worker)
            for call in lost:
                del held[call]
        case ("bind", str(call), number):
            dispatch.bind(f"id{number}", Dialog(call, Leg.CUSTOMER, number))
        case ("forget", str(call), _):
            dispatch.forget(call)


@given(st.lists(steps, max_size=60))
def test_no_order_of_events_leaks_a_dialog_or_promises_one_twice(taken: list[tuple[str, str | int, int]]) -> None:
    dispatch = Dispatch()
    for number in range(1, 5):
        dispatch.add_worker(number, 40000 + number, 4)
    held: dict[str, tuple[int, int]] = {}
    for step in taken:
        take(dispatch, step, held)
        for worker in range(1, 5):
            assert sum(dialogs for number, dialogs in held.values() if number == worker) <= 4
        assert {call: dispatch.worker_of_call(call) for call in held} == {call: held[call][0] for call in held}
    for call in "abcdef":
        dispatch.release(call)
        dispatch.forget(call)
    for number in range(1, 5):
        dispatch.set_lingering(number, 0)
    assert dispatch.room(1) == 4 * dispatch.workers
    assert len(dispatch.idle_workers()) == dispatch.workers
    assert [dispatch.dialog(f"id{number}") for number in range(1, 5)] == [None] * 4
