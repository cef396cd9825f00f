"""Names to addresses."""

import asyncio

from sip.resolver import LOOKUPS, NAMES, Resolver


async def test_a_name_has_an_address_and_keeps_it() -> None:
    resolver = Resolver()
    assert await resolver.resolve("localhost") == "127.0.0.1"
    assert await resolver.resolve("localhost") == "127.0.0.1"
    assert list(resolver._addresses) == ["localhost"]
    assert resolver._lookups == {}


async def test_a_name_that_cannot_be_one_has_none() -> None:
    resolver = Resolver()
    assert await resolver.resolve("x" * 64 + ".example") is None
    assert await resolver.resolve("..") is None
    assert resolver._addresses == {}


async def test_who_asks_at_the_same_time_shares_one_look_up() -> None:
    resolver = Resolver()
    asked = [asyncio.create_task(resolver.resolve("localhost"), name=f"ask {number}") for number in range(5)]
    await asyncio.sleep(0)
    assert len(resolver._lookups) == 1
    assert await asyncio.gather(*asked) == ["127.0.0.1"] * 5


async def test_one_who_gives_up_does_not_end_the_look_up_for_the_others() -> None:
    resolver = Resolver()
    first, second = (asyncio.create_task(resolver.resolve("localhost"), name=name) for name in ("first", "second"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "127.0.0.1"


async def test_too_many_look_ups_are_not_begun() -> None:
    resolver = Resolver()
    waiting = [
        asyncio.create_task(resolver.resolve(f"{'x' * 64}{number}.example"), name=f"ask {number}")
        for number in range(LOOKUPS)
    ]
    await asyncio.sleep(0)
    assert await resolver.resolve("localhost") is None
    assert await asyncio.gather(*waiting) == [None] * LOOKUPS


async def test_the_oldest_names_are_forgotten() -> None:
    resolver = Resolver()
    for number in range(NAMES + 10):
        await resolver.resolve(f"127.0.{number // 250}.{number % 250}")
    assert len(resolver._addresses) == NAMES
