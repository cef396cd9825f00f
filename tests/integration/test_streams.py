"""Engines by WebSocket while all goes well: audio, keys, marks, and what is told and said."""

import asyncio
import json

import pytest

from bridge.media.messages import SendDigits, Side
from bridge.media.stream_messages import (
    AnswerTool,
    ShowScreenPop,
    StreamNote,
    StreamReady,
    StreamRecording,
    StreamTool,
    StreamTranscript,
    StreamVerdict,
    TellTransfer,
)
from bridge.verdicts import Complete, Transfer
from sip.messages import Codec
from tests.integration.media_bench import until
from tests.integration.stream_world import talking, world
from tests.integration.told_engine import VOICE, Connection, Engine, serving


async def test_an_engine_is_reached_with_its_headers_and_is_ready_when_it_says_so() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine, headers={"X-Tenant": "north"})
        call = made.call()
        call.start()
        await until(lambda: call.events(StreamReady))
        request = engine.connections[0].request
        assert request.headers["X-Tenant"] == "north"
        assert request.headers["X-Secret"] == "hush"
        assert request.headers["Sec-WebSocket-Protocol"] == "told"
        assert "Sec-WebSocket-Extensions" not in request.headers  # no compression
        await until(lambda: engine.connections[0].values("hello") == [1])
        assert call.events() == [StreamReady("c1", 1)]


@pytest.mark.parametrize("codec", list(Codec))
async def test_audio_goes_both_ways(codec: Codec) -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call = made.call(codec=codec)
        call.start()
        await until(lambda: call.events(StreamReady))
        (connection,) = engine.connections
        await connection.speak(100)
        await asyncio.sleep(0.1)
        assert not call.engine_packets()  # the customer is not on the line yet
        call.answer()
        for _ in range(5):
            call.speak(VOICE if codec is Codec.PCMU else bytes(byte ^ 0x55 for byte in VOICE))
        await until(lambda: len(call.engine_packets()) == 5)
        await until(lambda: sum(len(set(heard)) == 1 and heard != b"\xff" * 160 for heard in connection.heard) >= 5)
        assert {len(heard) for heard in connection.heard} == {160}


async def test_the_engine_hears_silence_before_the_customer_says_anything() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call = made.call()
        call.start()
        await until(lambda: engine.connections and len(engine.connections[0].heard) > 5)
        assert set(engine.connections[0].heard) == {b"\xff" * 160}


async def test_what_the_bridge_tells_reaches_the_dialect_only_when_the_engine_is_ready() -> None:
    async def script(connection: Connection) -> None:
        await asyncio.sleep(0.2)
        assert connection.told == [{"hello": 1}]
        await connection.say(ready=True)

    async with serving(Engine(script)) as engine, world() as made:
        made.define(engine)
        call = made.call()
        call.start()
        made.streams.obey(ShowScreenPop("c1", 1, (("Name", "Ann"),), (("name", "Ann"),)))
        made.streams.obey(TellTransfer("c1", 1, 404))
        await until(lambda: call.events(StreamReady))
        await until(lambda: engine.connections[0].values("progress") == [404])
        assert engine.connections[0].values("pop") == [{"name": "Ann"}]


async def test_keys_go_to_the_engine_and_to_the_customer() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        made.obey(SendDigits("c1", Side.ENGINE, "12#"))
        await until(lambda: connection.values("key") == ["1", "2", "#"])
        await connection.say(press="5")
        await until(lambda: any(packet[1] & 0x7F == 101 and packet[12] == 5 for packet in call.customer.heard))


async def test_marks_and_clear() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        await connection.say(mark="nothing waits")
        await until(lambda: connection.values("played") == ["nothing waits"])
        await connection.speak(5000)
        await connection.say(mark="after five seconds")
        await until(lambda: call.heard() >= 5)
        assert connection.values("played") == ["nothing waits"]
        await connection.say(clear=True)
        await until(lambda: connection.values("played")[1:] == ["after five seconds"])
        heard = call.heard()
        assert connection.values("cut")[0] == pytest.approx(heard * 20, abs=60)
        await asyncio.sleep(0.1)
        assert call.heard() <= heard + 1


async def test_what_the_bot_says_besides_audio_is_reported() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        await connection.say(transcript="hello")
        await connection.say(note="usage")
        await connection.say(complete="paid")
        await connection.say(transfer="people")
        await connection.say(record=False)
        await connection.say(tool='{"a": 1}')
        await until(lambda: call.events(StreamTool))
        assert call.events()[1:] == [
            StreamTranscript("c1", 1, "bot", "hello"),
            StreamVerdict("c1", 1, complete=Complete("paid")),
            StreamVerdict("c1", 1, transfer=Transfer("people")),
            StreamRecording("c1", 1, paused=True),
            StreamTool("c1", 1, "t1", "look", '{"a": 1}'),
        ]
        assert call.events(StreamNote) == [StreamNote("c1", 1, "usage", '{"number": 1}')]
        made.streams.obey(AnswerTool("c1", 1, "t1", "42"))
        await until(lambda: connection.values("t1") == ["42"])


async def test_a_function_that_cannot_be_forwarded_is_answered_with_an_error() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        await connection.say(tool="x" * 100_000)
        await until(lambda: connection.values("t1"))
        assert "error" in json.loads(connection.values("t1")[0])
        assert not call.events(StreamTool)


async def test_a_dialect_is_woken_at_its_deadline() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        _, connection = await talking(made, engine)
        begun = asyncio.get_running_loop().time()
        await connection.say(expire=0.3)
        await until(lambda: connection.values("expired"))
        assert asyncio.get_running_loop().time() - begun > 0.25


async def test_dead_air_is_said_to_the_engine_once() -> None:
    async with serving(Engine()) as engine, world(dead_air_s=0.5) as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        call.speak()
        await until(lambda: connection.values("dead air"))
        await asyncio.sleep(1.2)  # the second report is for the bridge
        assert len(connection.values("dead air")) == 1
