"""How an engine by WebSocket and its call part."""

import asyncio
import json

from bridge.media.stream_messages import (
    StreamEnded,
    StreamFailed,
    StreamVerdict,
)
from bridge.verdicts import Complete, Transfer
from tests.integration.media_bench import until
from tests.integration.stream_world import talking, world
from tests.integration.told_engine import Engine, serving


async def test_hanging_up_tells_the_engine_why_and_closes_the_connection_as_it_should() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        call.stop("customer_hung_up")
        assert call.events()[-1] == StreamEnded("c1", 1, False, "the bridge hung up (customer_hung_up)")
        await until(connection.ended.is_set)
        assert connection.values("fate") == ["customer_hung_up"]
        assert connection.close_code == 1000


async def test_hanging_up_while_it_is_being_connected_is_a_failure() -> None:
    async with serving(Engine(accept_after_s=0.3)) as engine, world() as made:
        made.define(engine)
        call = made.call()
        call.start()
        await asyncio.sleep(0.05)
        call.stop("customer_hung_up")
        assert call.events() == [StreamFailed("c1", 1, "the bridge hung up (customer_hung_up)")]


async def test_closing_the_session_ends_the_stream() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        made.close("c1")
        assert isinstance(call.events()[-1], StreamEnded)
        await until(connection.ended.is_set)


async def test_a_goodbye_is_played_to_its_end_and_carries_the_verdict() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        await connection.speak(500)
        await connection.say(goodbye="paid")
        await until(lambda: call.events(StreamEnded))
        assert call.heard() == 25
        assert call.events()[-1] == StreamEnded("c1", 1, False, "the bot said goodbye", Complete("paid"))
        await until(connection.ended.is_set)
        assert connection.values("fate") == ["finished"]


async def test_a_goodbye_with_a_transfer_asks_for_it_when_all_has_been_heard() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        await connection.speak(200)
        await connection.ws.send_str(json.dumps({"hand over": "people"}))
        await until(lambda: call.events(StreamEnded))
        assert call.heard() == 10
        assert call.events()[1:] == [
            StreamVerdict("c1", 1, transfer=Transfer("people")),
            StreamEnded("c1", 1, False, "the bot said goodbye"),
        ]


async def test_an_engine_that_closes_and_means_it_is_heard_to_the_end() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine, reconnect_s=5)
        call, connection = await talking(made, engine)
        await connection.speak(300)
        await connection.ws.close(code=1000, message=b"done")
        busy: list[bool] = []
        while not call.events(StreamEnded):
            busy.append(made.streams.busy)
            await asyncio.sleep(0.01)
        assert all(busy)  # with its connection gone it waits for a timer still
        assert call.heard() == 15
        assert call.events()[-1] == StreamEnded("c1", 1, False, "the engine closed the connection (1000 done)")


async def test_the_customer_hanging_up_ends_a_goodbye() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        await connection.speak(9000)
        await connection.say(goodbye="paid")
        await until(lambda: call.heard() > 3)
        call.stop()
        assert call.events()[-1] == StreamEnded(
            "c1", 1, False, "the bridge hung up (customer_hung_up)", Complete("paid")
        )
