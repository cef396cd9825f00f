"""The timer of all calls."""

import asyncio

from bridge.media.ticker import Ticker
from tests.integration.media_bench import until


class Ticks:
    """Writes down the slots it gets."""

    def __init__(self) -> None:
        self.sessions = 1
        self.calm = False
        self.numbers: list[int] = []
        self.faulty = False

    def tick(self, number: int, due: float, missed: int) -> None:
        self.numbers.append(number)
        if self.faulty:
            raise RuntimeError

    def gaps(self) -> list[int]:
        return [later - earlier for earlier, later in zip(self.numbers, self.numbers[1:], strict=False)]


async def test_it_ticks_while_there_are_sessions() -> None:
    ticks = Ticks()
    ticker = Ticker(ticks)
    ticks.sessions = 0
    ticker.wake()
    await asyncio.sleep(0.06)
    assert ticks.numbers == []
    ticks.sessions = 1
    ticker.wake()
    await until(lambda: 1 in ticks.gaps())
    ticks.sessions = 0
    await asyncio.sleep(0.05)
    told = len(ticks.numbers)
    await asyncio.sleep(0.06)
    assert len(ticks.numbers) == told
    ticker.stop()


async def test_while_all_is_calm_every_other_slot_is_left_out_until_it_is_not() -> None:
    ticks = Ticks()
    due: list[float] = []
    ticks.calm = True
    ticker = Ticker(ticks, due.append)
    ticker.wake()
    await until(lambda: len(ticks.numbers) >= 5)
    assert min(ticks.gaps()) >= 2
    assert len(due) >= len(ticks.numbers)
    ticks.calm = False
    ticker.wake()
    await until(lambda: 1 in ticks.gaps())
    ticker.stop()


async def test_a_fault_in_a_tick_does_not_end_all_ticks() -> None:
    ticks = Ticks()
    ticks.faulty = True
    ticker = Ticker(ticks)
    faults: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context["exception"]))
    ticker.wake()
    await until(lambda: len(ticks.numbers) >= 3)
    ticker.stop()
    assert len(faults) >= 2
