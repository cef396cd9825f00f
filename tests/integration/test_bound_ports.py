"""Ports that are bound for sessions that are there, and for those that are to come."""

import socket
from collections.abc import Iterator

import pytest

from bridge.media.bound_ports import BoundPorts
from tests.integration.media_bench import LOOPBACK, settings


@pytest.fixture
def ports() -> Iterator[BoundPorts]:
    made = BoundPorts(settings(6))
    yield made
    made.close()


def test_a_range_gives_no_more_pairs_than_it_has_and_keeps_the_odd_one(ports: BoundPorts) -> None:
    ((customer, engine),) = ports.bind_ahead(5, 0.0)
    assert engine == customer + 2
    assert ports.is_ahead(customer) and ports.is_ahead(engine)
    with ports.take(0, 0.0) as last:
        assert last.getsockname()[1] == engine + 2
    with pytest.raises(OSError, match="taken or rests"):
        ports.take(0, 0.0)


def test_what_came_before_there_was_a_call_is_not_heard(ports: BoundPorts) -> None:
    ((number, _),) = ports.bind_ahead(1, 0.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for _ in range(3):
            stranger.sendto(b"early", (LOOPBACK, number))
        with ports.take(number, 0.0) as sock:
            assert not ports.is_ahead(number)
            stranger.sendto(b"now", (LOOPBACK, number))
            assert sock.recv(100) == b"now"


def test_a_port_that_rests_is_not_bound_ahead(ports: BoundPorts) -> None:
    ports.take(0, 0.0).close()
    ((number, _),) = ports.bind_ahead(1, 0.0)
    ports.take(number, 0.0).close()
    ports.release(number, 0.0)
    ports.rest(number - 2, 0.0)
    assert ports.bind_ahead(1, 29.0) == ()
    assert len(ports.bind_ahead(1, 31.0)) == 1


def test_a_session_comes_back_to_its_port(ports: BoundPorts) -> None:
    (first, _), *_ = ports.bind_ahead(1, 0.0)
    ports.take(first, 0.0).close()
    with ports.take(first, 0.0) as again:
        assert again.getsockname()[1] == first
