"""Which calls hold ports, which are not settled, and who waits for none being left."""

import asyncio

from bridge.calls.occupancy import Occupancy
from tests.virtual_time import run_virtually


def test_a_call_holds_ports_until_its_legs_are_over_and_is_settled_later() -> None:
    async def life() -> None:
        calls = Occupancy()
        assert (calls.held, calls.is_idle) == (0, True)
        calls.came("a")
        calls.came("b")
        assert (calls.held, calls.is_idle) == (2, False)
        calls.legs_over("a")
        calls.legs_over("a")
        assert (calls.held, calls.is_idle) == (1, False)
        calls.settled("a")
        calls.settled("b")  # it was not taken after all
        assert (calls.held, calls.is_idle) == (0, True)

    run_virtually(life())


def test_the_line_is_quiet_before_all_is_settled() -> None:
    async def life() -> None:
        calls = Occupancy()
        calls.came("a")
        quiet = asyncio.create_task(calls.quiet_within(100), name="quiet")
        idle = asyncio.create_task(calls.idle_within(100), name="idle")
        await asyncio.sleep(50)
        assert not quiet.done()
        calls.legs_over("a")
        assert await quiet
        assert not idle.done()
        calls.settled("a")
        assert await idle
        await calls.idle()

    run_virtually(life())


def test_a_limit_ends_the_waiting() -> None:
    async def life() -> None:
        calls = Occupancy()
        calls.came("a")
        assert not await calls.quiet_within(5)
        assert not await calls.idle_within(5)
        assert asyncio.get_running_loop().time() >= 10
        calls.legs_over("a")
        assert await calls.quiet_within(0)

    run_virtually(life())


def test_a_call_that_comes_while_others_are_waited_for_is_waited_for_too() -> None:
    async def life() -> None:
        calls = Occupancy()
        calls.came("a")
        idle = asyncio.create_task(calls.idle_within(100), name="idle")
        await asyncio.sleep(1)
        calls.came("b")
        calls.settled("a")
        await asyncio.sleep(1)
        assert not idle.done()
        calls.settled("b")
        assert await idle

    run_virtually(life())
