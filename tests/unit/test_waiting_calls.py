"""sip.waiting_calls: calls wait for room in their order."""

import asyncio

import pytest

from sip.dispatch import Dispatch
from sip.errors import NoFreeWorker
from sip.waiting_calls import WaitingCalls


def waiter(waiting: WaitingCalls, call: str, dialogs: int = 2) -> asyncio.Task[int]:
    return asyncio.create_task(waiting.wait(call, dialogs), name=call)


async def test_room_goes_to_whoever_came_first() -> None:
    dispatch = Dispatch()
    waiting = WaitingCalls(dispatch, patience_s=5)
    large, small = waiter(waiting, "large", 4), waiter(waiting, "small", 1)
    await asyncio.sleep(0)
    assert len(waiting) == 2
    dispatch.add_worker(1, 5001, 2)
    waiting.serve()
    assert len(waiting) == 2, "the small one would fit, but the large one came first"
    dispatch.add_worker(2, 5002, 4)
    waiting.serve()
    assert (await large, await small) == (2, 1)
    assert len(waiting) == 0


async def test_patience_ends() -> None:
    waiting = WaitingCalls(Dispatch(), patience_s=0)
    with pytest.raises(NoFreeWorker):
        await waiting.wait("call", 2)
    assert len(waiting) == 0


async def test_a_call_that_is_cancelled_as_it_gets_room_gives_it_back() -> None:
    dispatch = Dispatch()
    waiting = WaitingCalls(dispatch, patience_s=5)
    task = waiter(waiting, "call")
    await asyncio.sleep(0)
    dispatch.add_worker(1, 5001, 4)
    waiting.serve()
    assert dispatch.room(1) == 2
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert dispatch.room(1) == 4


async def test_a_call_that_is_cancelled_takes_no_room_later() -> None:
    dispatch = Dispatch()
    waiting = WaitingCalls(dispatch, patience_s=5)
    task = waiter(waiting, "call")
    await asyncio.sleep(0)
    task.cancel()
    dispatch.add_worker(1, 5001, 4)
    waiting.serve()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert dispatch.room(1) == 4


async def test_refusing_ends_all_waiting() -> None:
    waiting = WaitingCalls(Dispatch(), patience_s=5)
    tasks = [waiter(waiting, "one"), waiter(waiting, "two")]
    await asyncio.sleep(0)
    waiting.refuse()
    for task in tasks:
        with pytest.raises(NoFreeWorker):
            await task
