"""Ports that are bound before there is a call."""

import asyncio
from collections.abc import Iterator
from itertools import count

from bridge.media.messages import BindPorts, PortsBound
from bridge.media.ports_ahead import PAIRS, REFILL_S, PortsAhead
from tests.virtual_time import run_virtually


class PaperProcess:
    """Binds what it is asked for when the test says so; `range` is what is left of its ports."""

    def __init__(self, range: int = 1000) -> None:
        self.ahead = PortsAhead(self.send)
        self.asked: list[int] = []
        self.lives = True
        self._left = range
        self._numbers: Iterator[int] = count(10_000, 4)

    def send(self, command: BindPorts) -> bool:
        if self.lives:
            self.asked.append(command.pairs)
        return self.lives

    def bind(self) -> None:
        pairs = min(self.asked.pop(), self._left)
        self._left -= pairs
        firsts = [next(self._numbers) for _ in range(pairs)]
        self.ahead.came(PortsBound(tuple((first, first + 2) for first in firsts)))


def test_each_pair_is_handed_out_once() -> None:
    async def life() -> None:
        process = PaperProcess()
        process.ahead.fill()
        process.bind()
        taken = [process.ahead.take() for _ in range(PAIRS + 1)]
        assert taken == [*((port, port + 2) for port in range(10_000, 10_000 + 4 * PAIRS, 4)), None]

    run_virtually(life())


def test_what_was_taken_is_replaced_once_a_burst_is_over() -> None:
    async def life() -> None:
        process = PaperProcess()
        process.ahead.fill()
        process.bind()
        for _ in range(3):
            process.ahead.take()
        assert process.asked == []
        await asyncio.sleep(2 * REFILL_S)
        assert process.asked == [3]
        process.bind()
        await asyncio.sleep(1.0)
        assert process.asked == []

    run_virtually(life())


def test_a_process_that_is_behind_is_not_asked_again_and_again() -> None:
    async def life() -> None:
        process = PaperProcess()
        process.ahead.fill()
        for _ in range(5):
            assert process.ahead.take() is None
            await asyncio.sleep(2 * REFILL_S)
        assert process.asked == [PAIRS]

    run_virtually(life())


def test_a_range_that_has_no_more_ports_is_asked_again_with_the_next_call() -> None:
    async def life() -> None:
        process = PaperProcess(range=1)
        process.ahead.fill()
        process.bind()
        await asyncio.sleep(1.0)
        assert process.asked == []
        assert process.ahead.take() is not None
        await asyncio.sleep(1.0)
        assert process.asked == [PAIRS]

    run_virtually(life())


def test_the_ports_of_a_process_that_died_are_void_and_the_next_one_binds_others() -> None:
    async def life() -> None:
        process = PaperProcess()
        process.ahead.fill()
        process.bind()
        process.lives = False
        process.ahead.void()
        assert process.ahead.take() is None
        await asyncio.sleep(1.0)
        process.lives = True
        process.ahead.fill()
        assert process.asked == [PAIRS]

    run_virtually(life())
