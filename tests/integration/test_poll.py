"""Who reads which socket, and for how long."""

import math
import socket
import time
from functools import partial

from bridge.media.chores import Chores
from bridge.media.poll import Poll


class Reader:
    """Reads one datagram and does something about it."""

    def __init__(self, sock: socket.socket, answer: socket.socket | None = None) -> None:
        self.sock, self.answer = sock, answer
        self.read_at: list[float] = []

    def read(self, now: float) -> None:
        self.sock.recv(100)
        self.read_at.append(now)
        if self.answer is not None:
            self.answer.send(b"!")


def pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)


def test_one_datagram_a_socket_is_read_at_a_time_and_no_more_of_a_socket_that_is_gone() -> None:
    poll = Poll(Chores())
    here, there = pair()
    with here, there:
        reader = Reader(here)
        poll.watch(here, reader)
        for _ in range(3):
            there.send(b"?")
        poll.drain()
        assert len(reader.read_at) == 1
        poll.serve()
        assert len(reader.read_at) == 2
        poll.unwatch(here)
        poll.drain()
        assert len(reader.read_at) == 2
    poll.close()


def test_all_that_comes_is_read_while_we_are_free_and_nothing_waits_for_the_end_of_that() -> None:
    poll = Poll(Chores())
    here, there = pair()
    loop_side, control = pair()
    with here, there, loop_side, control:
        reader = Reader(here, control)
        poll.watch(here, reader)
        poll.yield_to(loop_side)
        there.send(b"?")
        there.send(b"?")
        poll.free_until = time.monotonic() + 20.0
        begun = time.monotonic()
        poll.serve()
        assert time.monotonic() - begun < 10.0  # it came back for what arrived at the event loop's socket
        assert len(reader.read_at) == 2
        assert poll.free_until == -math.inf
    poll.close()


def test_chores_are_done_between_packets_a_few_at_a_time() -> None:
    chores = Chores()
    poll = Poll(chores)
    here, there = pair()
    done: list[int] = []
    with here, there:
        reader = Reader(here)
        poll.watch(here, reader)
        for number in range(3):
            chores.add(poll, partial(done.append, number))
        poll.free_until = time.monotonic() + 0.03
        poll.serve()
        assert done == []  # nothing came: all of them are left to the tick
        for _ in range(2):
            there.send(b"?")
        poll.serve()
        assert (len(reader.read_at), done) == (1, [])  # nobody is free
        poll.free_until = time.monotonic() + 0.03
        poll.serve()
        assert (len(reader.read_at), done) == (2, [0, 1])
    poll.close()


def test_it_comes_back_when_the_free_time_is_over() -> None:
    poll = Poll(Chores())
    here, there = pair()
    with here, there:
        poll.watch(here, Reader(here))
        poll.free_until = until = time.monotonic() + 0.05
        poll.serve()
        assert time.monotonic() >= until
    poll.close()
