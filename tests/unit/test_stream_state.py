"""The life of a stream: ready, lost, reconnecting, goodbye."""

import pytest

from bridge.media.stream_state import BACK_OFF_S, PLAY_OUT_S, STEADY_S, Over, PlayOut, StreamLife, StreamState, TryAgain
from bridge.verdicts import Complete


def ready_life(reconnect_s: float = 0.0, now: float = 100.0) -> StreamLife:
    life = StreamLife(5.0, reconnect_s, now)
    assert life.ready(now) is StreamState.CONNECTING
    return life


def test_an_engine_is_ready_for_the_first_time_once() -> None:
    life = StreamLife(5.0, 0.0, 100.0)
    assert life.ready(101.0) is StreamState.CONNECTING
    assert life.ready(102.0) is StreamState.READY
    assert life.state is StreamState.READY
    assert life.deadline is None


def test_an_engine_that_is_not_ready_in_time_has_failed() -> None:
    life = StreamLife(5.0, 10.0, 100.0)
    assert life.deadline == 105.0
    assert life.expire(105.0) == Over(False, False, "it was not ready within 5 s")
    assert life.over


@pytest.mark.parametrize("reconnect_s", [0.0, 10.0])
def test_a_connection_lost_before_the_engine_was_ready_is_a_failure_at_once(reconnect_s: float) -> None:
    life = StreamLife(5.0, reconnect_s, 100.0)
    assert life.connection_lost("cut", 101.0) == Over(False, False, "cut")


def test_without_a_budget_a_lost_connection_is_a_lost_engine() -> None:
    assert ready_life().connection_lost("cut", 101.0) == Over(True, True, "cut")


def test_a_lost_connection_is_tried_again_with_growing_pauses_until_the_budget_is_used_up() -> None:
    life = ready_life(reconnect_s=10.0)
    steps = [life.connection_lost("cut", 101.0)]
    for place in range(7):
        steps.append(life.connection_lost("refused", 101.5 + place))
    assert [step.after_s for step in steps if isinstance(step, TryAgain)] == [
        *BACK_OFF_S,
        BACK_OFF_S[-1],
        BACK_OFF_S[-1],
    ]
    assert [step.first for step in steps if isinstance(step, TryAgain)] == [True] + [False] * 7
    last = life.connection_lost("refused", 111.0)
    assert last == Over(True, True, "cut, and it could not be reached again within 10 s")


def test_the_budget_ends_while_a_try_is_under_way() -> None:
    life = ready_life(reconnect_s=3.0)
    life.connection_lost("cut", 101.0)
    assert life.deadline == 104.0
    assert isinstance(life.expire(104.0), Over)


def test_a_try_that_hangs_is_given_up_for_the_next() -> None:
    life = ready_life(reconnect_s=60.0)
    life.connection_lost("cut", 101.0)
    assert life.deadline == 106.0
    assert life.expire(106.0) == TryAgain(BACK_OFF_S[1], False)
    assert life.deadline == 106.0 + BACK_OFF_S[1] + 5.0


def test_an_engine_that_is_back_is_ready_again_and_not_for_the_first_time() -> None:
    life = ready_life(reconnect_s=10.0)
    life.connection_lost("cut", 101.0)
    assert life.ready(102.0) is StreamState.RECONNECTING
    assert life.state is StreamState.READY


def test_an_engine_that_is_lost_again_and_again_gets_one_budget() -> None:
    life, now = ready_life(reconnect_s=10.0), 101.0
    while isinstance(life.connection_lost("cut", now), TryAgain):
        life.ready(now + 0.5)
        now += 1.0
        assert now < 120.0
    assert now == 111.0


def test_an_engine_that_held_for_a_while_gets_a_new_budget() -> None:
    life = ready_life(reconnect_s=10.0)
    life.connection_lost("cut", 101.0)
    life.ready(110.0)
    assert life.connection_lost("cut", 110.0 + STEADY_S) == TryAgain(0.0, True)
    assert life.deadline == 110.0 + STEADY_S + 5.0


def test_a_goodbye_lets_what_is_queued_be_heard() -> None:
    life = ready_life()
    assert life.goodbye(Complete("paid"), "the bot said goodbye", 101.0) == PlayOut()
    assert life.deadline == 101.0 + PLAY_OUT_S
    assert life.played_out() == Over(True, False, "the bot said goodbye", Complete("paid"))


def test_a_goodbye_is_heard_for_so_long_at_most() -> None:
    life = ready_life()
    life.goodbye(None, "it closed the connection", 101.0)
    assert life.expire(101.0 + PLAY_OUT_S) == Over(True, False, "it closed the connection")


def test_nothing_that_happens_after_a_goodbye_makes_it_a_loss() -> None:
    life = ready_life(reconnect_s=10.0)
    life.goodbye(None, "the bot said goodbye", 101.0)
    assert life.connection_lost("cut", 102.0) is None
    assert life.fail("error") is None
    assert life.goodbye(Complete("other"), "again", 103.0) is None
    assert life.ready(103.0) is StreamState.LEAVING
    assert life.played_out() == Over(True, False, "the bot said goodbye")


def test_a_goodbye_before_the_engine_was_ready_is_a_failure() -> None:
    life = StreamLife(5.0, 0.0, 100.0)
    assert life.goodbye(Complete("paid"), "it hung up", 101.0) == Over(False, False, "it hung up before it was ready")


def test_a_goodbye_while_reconnecting_counts() -> None:
    life = ready_life(reconnect_s=10.0)
    life.connection_lost("cut", 101.0)
    assert life.goodbye(None, "the bot said goodbye", 102.0) == PlayOut()


def test_an_engine_that_gives_up_while_talking_is_lost_whatever_the_budget() -> None:
    assert ready_life(reconnect_s=10.0).fail("no credit") == Over(True, True, "no credit")


def test_an_engine_that_gives_up_before_it_is_ready_has_failed() -> None:
    assert StreamLife(5.0, 10.0, 100.0).fail("no credit") == Over(False, False, "no credit")


def test_the_bridge_may_stop_it_at_any_time_and_that_is_no_loss() -> None:
    assert StreamLife(5.0, 0.0, 100.0).stop("hung up") == Over(False, False, "hung up")
    assert ready_life().stop("hung up") == Over(True, False, "hung up")
    reconnecting = ready_life(reconnect_s=10.0)
    reconnecting.connection_lost("cut", 101.0)
    assert reconnecting.stop("hung up") == Over(True, False, "hung up")


def test_its_end_is_said_once() -> None:
    life = ready_life(reconnect_s=10.0)
    life.stop("hung up")
    assert life.stop("again") is None
    assert life.fail("no credit") is None
    assert life.connection_lost("cut", 101.0) is None
    assert life.goodbye(None, "it hung up", 101.0) is None
    assert life.played_out() is None
    assert life.expire(200.0) is None
    assert life.ready(200.0) is StreamState.CLOSED
    assert life.deadline is None
