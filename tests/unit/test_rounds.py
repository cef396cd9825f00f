"""Rounds through all there are, a few in each slot."""

from bridge.media.rounds import Rounds


def test_all_have_their_turn_once_in_a_round() -> None:
    rounds = Rounds[int](10, 2)
    for first in (10, 20):
        assert [rounds.take(slot, lambda: range(5)) for slot in range(first, first + 10)] == [
            [0, 1],
            [2, 3],
            [4],
            *[[]] * 7,
        ]
    assert rounds.begun == 2


def test_the_share_grows_with_their_number_so_that_a_round_is_over_before_the_next() -> None:
    rounds = Rounds[int](10, 2)
    shares = [len(rounds.take(slot, lambda: range(95))) for slot in range(10, 21)]
    assert shares == [10] * 9 + [5, 10]


def test_who_is_gone_has_no_turn() -> None:
    rounds = Rounds[str](10, 1)
    assert rounds.take(10, lambda: "abc") == ["a"]
    rounds.forget("b")
    rounds.forget("a")
    assert rounds.take(11, lambda: "abc") == ["c"]


def test_a_slot_that_was_left_out_has_its_share_in_the_next_one() -> None:
    rounds = Rounds[int](10, 2)
    assert [rounds.take(slot, lambda: range(95)) for slot in (10, 12)] == [[*range(10)], [*range(10, 30)]]


def test_after_a_standstill_not_all_have_their_turn_at_once() -> None:
    rounds = Rounds[int](10, 2)
    rounds.take(10, lambda: range(95))
    assert len(rounds.take(19, lambda: range(95))) == 20
