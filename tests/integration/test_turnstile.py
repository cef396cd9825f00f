"""The token bucket's driver on a real event loop."""

import asyncio

from bridge.livevox.turnstile import Turnstile


async def test_coroutines_pass_at_the_rate_in_their_order() -> None:
    turnstile = Turnstile(50.0, 2)
    passed: list[int] = []
    clock = asyncio.get_running_loop().time

    async def walk(number: int, urgent: bool) -> None:
        await turnstile.pass_through(urgent=urgent)
        passed.append(number)

    began = clock()
    await asyncio.gather(*(walk(number, urgent=number >= 5) for number in range(6)))
    assert passed == [0, 1, 5, 2, 3, 4]
    assert 0.07 <= clock() - began < 1.0


async def test_who_is_cancelled_at_its_turn_does_no_harm() -> None:
    turnstile = Turnstile(20.0, 1)
    await turnstile.pass_through(urgent=False)
    first, second = (
        asyncio.create_task(turnstile.pass_through(urgent=False), name=f"walker {number}") for number in range(2)
    )
    await asyncio.sleep(0)
    first.cancel()
    async with asyncio.timeout(1.0):
        await second
    assert first.cancelled()


async def test_an_open_turnstile_lets_all_through() -> None:
    turnstile = Turnstile(0.001, 1)
    await turnstile.pass_through(urgent=False)
    waiting = [asyncio.create_task(turnstile.pass_through(urgent=False), name=f"walker {n}") for n in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    turnstile.open()
    async with asyncio.timeout(1.0):
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_opening_it_for_nobody_is_allowed() -> None:
    Turnstile(1.0, 1).open()


async def test_it_gives_way_to_what_goes_before_and_then_all_pass() -> None:
    first = True
    turnstile = Turnstile(1000.0, 10, lambda now: first)
    walkers = [asyncio.create_task(turnstile.pass_through(urgent=True), name=f"walker {n}") for n in range(3)]
    await asyncio.sleep(0.1)
    assert not any(walker.done() for walker in walkers)
    first = False
    async with asyncio.timeout(5.0):
        await asyncio.gather(*walkers)


async def test_it_gives_way_for_a_second_at_most_and_then_lets_a_few_at_a_time_through() -> None:
    turnstile = Turnstile(1000.0, 100, lambda now: True)
    clock = asyncio.get_running_loop().time
    passed: list[float] = []

    async def walk() -> None:
        await turnstile.pass_through(urgent=False)
        passed.append(clock())

    began = clock()
    async with asyncio.timeout(10.0):
        await asyncio.gather(*(walk() for _ in range(20)))
    assert passed[0] - began >= 0.98
    assert passed[-1] - passed[0] >= 0.07, "not all at once"
