"""Which packets may pass unread."""

from bridge.media.lane import UNREAD, Lane
from bridge.media.rtp import build


def test_a_lane_is_closed_until_a_packet_was_read() -> None:
    lane = Lane()
    assert lane.left == 0
    assert lane.close() == 0


def test_those_that_passed_are_counted_once() -> None:
    lane = Lane()
    lane.open(build(0, False, 1, 160, 7, bytes(160)))
    lane.left -= 4
    assert lane.close() == 4
    assert (lane.left, lane.close()) == (0, 0)
    lane.open(build(0, False, 6, 960, 7, bytes(160)))
    assert lane.left == UNREAD


def test_those_that_passed_can_be_counted_while_it_stays_open() -> None:
    lane = Lane()
    lane.open(build(0, False, 1, 160, 7, bytes(160)))
    lane.left -= 4
    assert (lane.take_passed(), lane.take_passed()) == (4, 0)
    assert lane.left == UNREAD - 4
    lane.left -= 1
    assert lane.close() == 1


def test_what_follows_a_marked_packet_looks_like_it_without_the_mark() -> None:
    lane = Lane()
    lane.open(build(8, True, 1, 160, 7, bytes(80)))
    assert (lane.size, lane.first, lane.second) == (92, 0x80, 8)
