"""WebSockets that are lost, made anew, or renewed while the call goes on."""

import asyncio

from bridge.media.stream_messages import (
    StreamEnded,
    StreamReady,
    TellTransfer,
)
from tests.integration.media_bench import until
from tests.integration.stream_world import talking, world
from tests.integration.told_engine import Engine, serving


async def test_a_cut_connection_is_a_lost_engine() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        await connection.speak(3000)
        connection.cut()
        await until(lambda: call.events(StreamEnded))
        assert call.events()[-1] == StreamEnded("c1", 1, True, "the connection was cut")
        heard = call.heard()
        await asyncio.sleep(0.1)
        assert call.heard() <= heard + 1  # of a lost engine nothing more is played


async def test_a_lost_connection_is_made_anew_and_the_customer_hears_a_prompt_meanwhile() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine, reconnect_s=5)
        call, connection = await talking(made, engine)
        engine.answers = [503, 503]
        connection.cut()
        await until(lambda: call.prompt_packets() > 5)
        made.streams.obey(TellTransfer("c1", 1, 404))  # is told when the engine is back
        await until(lambda: "engine_reconnected" in call.notes())
        again = engine.connections[1]
        await until(lambda: again.values("progress") == [404])
        assert again.values("hello") == [2]
        assert call.notes() == ["engine_reconnecting", "engine_reconnected"]
        assert call.events() == [StreamReady("c1", 1)]
        await again.speak(100)
        await until(lambda: call.heard() == 5)
        prompts = call.prompt_packets()
        await asyncio.sleep(0.1)
        assert call.prompt_packets() <= prompts + 1


async def test_an_engine_that_cannot_be_reached_again_is_lost() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine, reconnect_s=0.5)
        call, connection = await talking(made, engine)
        engine.answers = [503] * 100
        begun = asyncio.get_running_loop().time()
        connection.cut()
        await until(lambda: call.events(StreamEnded))
        assert 0.4 < asyncio.get_running_loop().time() - begun < 1.5
        assert call.events()[-1].lost
        assert call.events()[-1].reason == "the connection was cut, and it could not be reached again within 0.5 s"


async def test_hanging_up_while_it_is_being_reconnected() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine, reconnect_s=5)
        call, connection = await talking(made, engine)
        engine.answers = [503] * 100
        connection.cut()
        await until(lambda: "engine_reconnecting" in call.notes())
        call.stop()
        assert call.events()[-1].lost is False
        requests = engine.requests
        await asyncio.sleep(0.4)
        assert engine.requests <= requests + 1


async def test_a_renewed_connection_takes_over_when_it_is_open_and_the_old_one_is_closed_as_it_should() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, first = await talking(made, engine)
        engine.accept_after_s = 0.3
        await first.say(renew=True)
        await asyncio.sleep(0.1)
        await first.speak(100)  # the first goes on meanwhile
        await until(lambda: call.heard() == 5)
        await until(lambda: len(engine.connections) == 2 and engine.connections[1].values("hello") == [2])
        await until(first.ended.is_set)
        assert first.close_code == 1000
        await engine.connections[1].speak(100)
        await until(lambda: call.heard() == 10)
        assert call.notes() == ["engine_connection_renewed"]
        assert call.events() == [StreamReady("c1", 1)]


async def test_a_renewal_that_fails_leaves_the_connection_as_it_is() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        engine.answers = [503]
        await connection.say(renew=True)
        await until(lambda: "engine_connection_not_renewed" in call.notes())
        await connection.speak(100)
        await until(lambda: call.heard() == 5)
        await connection.say(renew=True)
        await until(lambda: "engine_connection_renewed" in call.notes())


async def test_another_engine_takes_the_place_of_a_lost_one() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        connection.cut()
        await until(lambda: call.events(StreamEnded))
        call.start()
        await until(lambda: len(call.events(StreamReady)) == 2)
        call.answer()
        await engine.connections[1].speak(100)
        await until(lambda: call.heard() == 5)
        call.stop()
        assert [event.stream for event in call.events()] == [1, 1, 2, 2]
