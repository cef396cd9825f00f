"""Whose packets are taken."""

import pytest

from bridge.media.messages import Follow
from bridge.media.source import Source

SDP = ("192.0.2.10", 4000)
SAME_HOST = ("192.0.2.10", 4444)
OTHER_HOST = ("198.51.100.7", 4000)
THIRD_HOST = ("203.0.113.9", 9999)


def source(follow: Follow) -> Source:
    made = Source(follow)
    made.say(*SDP)
    return made


@pytest.mark.parametrize("follow", list(Follow))
def test_nothing_is_taken_before_the_sdp_is_known(follow: Follow) -> None:
    made = Source(follow)
    assert not made.takes(SDP, 1.0)
    assert made.remote is None


@pytest.mark.parametrize("follow", list(Follow))
def test_what_the_sdp_says_is_taken(follow: Follow) -> None:
    made = source(follow)
    assert made.takes(SDP, 1.0)
    assert made.remote == SDP
    assert made.latched


@pytest.mark.parametrize(
    ("follow", "same_host", "other_host"),
    [(Follow.ADDRESS, True, False), (Follow.ANY, True, True), (Follow.NEVER, False, False)],
)
def test_each_policy_follows_as_far_as_it_says(follow: Follow, same_host: bool, other_host: bool) -> None:
    assert source(follow).takes(SAME_HOST, 1.0) is same_host
    made = source(follow)
    assert made.takes(OTHER_HOST, 1.0) is other_host
    assert made.remote == (OTHER_HOST if other_host else SDP)


def test_a_source_that_speaks_is_not_displaced_by_another_port() -> None:
    made = source(Follow.ADDRESS)
    assert made.takes(SDP, 1.0)
    assert not made.takes(SAME_HOST, 0.02)
    assert made.remote == SDP


def test_another_port_is_followed_once_the_first_is_quiet() -> None:
    made = source(Follow.ADDRESS)
    made.takes(SDP, 1.0)
    assert made.takes(SAME_HOST, 0.25)
    assert made.remote == SAME_HOST


def test_with_any_the_first_source_that_speaks_stays() -> None:
    made = source(Follow.ANY)
    assert made.takes(OTHER_HOST, 1.0)
    assert not made.takes(THIRD_HOST, 60.0)
    assert made.takes(OTHER_HOST, 60.0)


@pytest.mark.parametrize("follow", [Follow.ADDRESS, Follow.ANY])
def test_what_the_sdp_says_is_taken_though_another_source_was_followed(follow: Follow) -> None:
    made = source(follow)
    made.takes(SAME_HOST, 1.0)
    assert made.takes(SDP, 0.02)
    assert made.remote == SDP


def test_packets_under_way_from_the_old_port_do_not_keep_a_new_sdp_port_out() -> None:
    made = source(Follow.ADDRESS)
    made.takes(SDP, 1.0)
    made.say(*SAME_HOST)
    made.takes(SDP, 0.02)
    assert made.takes(SAME_HOST, 0.02)
    assert not made.takes(SDP, 0.02)
    assert made.remote == SAME_HOST


def test_with_any_the_same_sdp_again_lets_another_source_in_but_keeps_sending_to_the_old_one() -> None:
    made = source(Follow.ANY)
    made.takes(OTHER_HOST, 1.0)
    made.say(*SDP)
    assert made.remote == OTHER_HOST
    assert made.takes(THIRD_HOST, 0.02)
    assert made.remote == THIRD_HOST


def test_with_address_the_same_sdp_again_keeps_what_was_learned() -> None:
    made = source(Follow.ADDRESS)
    made.takes(SAME_HOST, 1.0)
    made.say(*SDP)
    assert (made.remote, made.latched) == (SAME_HOST, True)


@pytest.mark.parametrize("follow", list(Follow))
def test_a_new_sdp_is_followed_at_once(follow: Follow) -> None:
    made = source(follow)
    made.takes(SDP, 1.0)
    made.say(*OTHER_HOST)
    assert (made.remote, made.latched) == (OTHER_HOST, False)
    assert made.takes(OTHER_HOST, 0.02)


@pytest.mark.parametrize(
    ("address", "port"),
    [
        ("0.0.0.0", 4000),
        ("192.0.2.10", 0),
        ("192.0.2.10", 65536),
        ("224.0.0.1", 4000),
        ("255.255.255.255", 4000),
        ("240.0.0.1", 4000),
        ("engine.example", 4000),
        ("", 4000),
        ("::1", 4000),
    ],
)
def test_where_no_rtp_may_go_there_is_no_remote(address: str, port: int) -> None:
    made = source(Follow.ANY)
    made.say(address, port)
    assert made.remote is None
    assert not made.takes(SDP, 1.0)


def test_after_a_hold_with_no_address_the_old_sdp_works_again() -> None:
    made = source(Follow.ADDRESS)
    made.takes(SDP, 1.0)
    made.say("0.0.0.0", 4000)
    made.say(*SDP)
    assert made.takes(SDP, 0.02)
