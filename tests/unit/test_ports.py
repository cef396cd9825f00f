"""The pool of RTP ports."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.media.ports import PortPool


def test_only_even_ports_of_the_range_are_handed_out() -> None:
    pool = PortPool(10001, 10007, 1.0)
    assert [pool.take(0.0) for _ in range(4)] == [10002, 10004, 10006, None]


def test_both_ends_of_the_range_belong_to_it() -> None:
    pool = PortPool(10000, 10002, 1.0)
    assert [pool.take(0.0) for _ in range(3)] == [10000, 10002, None]


def test_a_port_rests_before_it_is_used_again() -> None:
    pool = PortPool(10000, 10001, 5.0)
    pool.take(0.0)
    pool.release(10000, 100.0)
    assert pool.take(104.9) is None
    assert pool.take(105.0) == 10000


def test_the_port_that_has_been_free_longest_comes_first() -> None:
    pool = PortPool(10000, 10005, 1.0)
    pool.take(0.0)
    pool.take(0.0)
    pool.release(10002, 1.0)
    pool.release(10000, 2.0)
    assert [pool.take(9.0) for _ in range(4)] == [10004, 10002, 10000, None]


def test_a_claimed_port_is_not_handed_out() -> None:
    pool = PortPool(10000, 10003, 1.0)
    pool.claim(10000)
    assert [pool.take(0.0), pool.take(0.0)] == [10002, None]


def test_a_resting_port_can_be_claimed() -> None:
    pool = PortPool(10000, 10001, 1.0)
    pool.take(0.0)
    pool.release(10000, 0.0)
    pool.claim(10000)
    assert pool.take(9.0) is None


def test_a_port_outside_the_range_never_enters_the_pool() -> None:
    pool = PortPool(10000, 10001, 0.0)
    pool.claim(20000)
    pool.release(20000, 0.0)
    pool.release(10001, 0.0)
    assert [pool.take(1.0), pool.take(1.0)] == [10000, None]


@given(st.lists(st.booleans(), max_size=80))
def test_no_port_is_ever_handed_out_twice(takes: list[bool]) -> None:
    pool = PortPool(10000, 10019, 3.0)
    held: list[int] = []
    released: dict[int, float] = {}
    for moment, take in enumerate(takes):
        if take:
            port = pool.take(float(moment))
            if port is not None:
                assert port not in held
                assert moment - released.get(port, -10.0) >= 3.0
                held.append(port)
        elif held:
            port = held.pop(0)
            released[port] = float(moment)
            pool.release(port, float(moment))


def test_a_port_that_was_not_used_after_all_is_the_next_one_and_need_not_rest() -> None:
    pool = PortPool(10000, 10003, 5.0)
    assert pool.take(0.0) == 10000
    pool.put_back(10000)
    assert [pool.take(0.0), pool.take(0.0), pool.take(0.0)] == [10000, 10002, None]
