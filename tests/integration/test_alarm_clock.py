"""The edge's timer, on the loop the bridge runs on."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from sip.alarm_clock import AlarmClock


def run(scene: Callable[[], Awaitable[None]]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:

        async def bounded() -> None:
            await asyncio.wait_for(scene(), 5.0)

        runner.run(bounded())


@pytest.mark.parametrize("late_s", [0.0, 1.0])
def test_what_is_due_already_rings_once_and_may_be_set_again_meanwhile(late_s: float) -> None:
    async def scene() -> None:
        loop, rung = asyncio.get_running_loop(), asyncio.Event()
        count = 0

        def ring() -> None:
            nonlocal count
            count += 1
            rung.set()

        alarm = AlarmClock(loop, ring)
        due = loop.time() - late_s
        alarm.set(due)
        alarm.set(due)
        alarm.set(due + 60.0)
        alarm.set(due - 1.0)
        await rung.wait()
        await asyncio.sleep(0)
        assert count == 1

    run(scene)


def test_it_rings_at_the_earliest_time_and_again_when_it_is_set_again() -> None:
    async def scene() -> None:
        loop, rung = asyncio.get_running_loop(), asyncio.Event()
        alarm = AlarmClock(loop, rung.set)
        for _ in range(2):
            alarm.set(loop.time() + 60.0)
            alarm.set(loop.time() + 0.01)
            alarm.set(loop.time() + 30.0)
            await rung.wait()
            rung.clear()

    run(scene)


def test_one_that_was_stopped_does_not_ring() -> None:
    async def scene() -> None:
        loop, rung, passed = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        alarm = AlarmClock(loop, rung.set)
        alarm.set(loop.time())
        alarm.stop()
        loop.call_later(0.02, passed.set)
        await passed.wait()
        assert not rung.is_set()

    run(scene)
