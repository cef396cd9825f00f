"""Waiting for answers of the media process."""

import asyncio

import pytest

from bridge.media.awaited import ANSWER_LIMIT_S, Awaited
from tests.virtual_time import run_virtually


def test_an_answer_reaches_who_waits_for_it() -> None:
    async def life() -> None:
        awaited = Awaited[int]()
        waiting = {call: asyncio.create_task(awaited.answer(call)) for call in ("a", "b")}
        await asyncio.sleep(0)
        assert (awaited.came("b", 2), awaited.came("a", 1), awaited.came("a", 3)) == (True, True, True)
        assert {call: await task for call, task in waiting.items()} == {"a": 1, "b": 2}
        assert not awaited.came("a", 4)

    run_virtually(life())


def test_who_gets_no_answer_in_time_hears_so() -> None:
    async def life() -> None:
        awaited, loop = Awaited[int](), asyncio.get_running_loop()
        with pytest.raises(TimeoutError):
            await awaited.answer("a")
        assert loop.time() == pytest.approx(ANSWER_LIMIT_S)
        assert not awaited.came("a", 1)

    run_virtually(life())


def test_all_who_wait_can_be_told_that_no_answer_comes() -> None:
    async def life() -> None:
        awaited = Awaited[str]()
        waiting = [asyncio.create_task(awaited.answer(call)) for call in ("a", "b")]
        await asyncio.sleep(0)
        awaited.give_up(str.upper)
        assert [await task for task in waiting] == ["A", "B"]

    run_virtually(life())
