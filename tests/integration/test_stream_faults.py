"""Engines by WebSocket that misbehave, and what it costs other calls: nothing."""

import asyncio
import json
import zlib
from contextlib import suppress

import pytest

from bridge.media.messages import SendDigits, Side
from bridge.media.stream import MAX_INVALID
from bridge.media.stream_messages import (
    StreamEnded,
    StreamNote,
    StreamReady,
)
from bridge.media.stream_world import Patience
from tests.integration.media_bench import until
from tests.integration.stream_world import talking, world
from tests.integration.told_engine import Connection, Engine, serving


async def test_what_cannot_be_used_costs_the_call_nothing() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        for _ in range(MAX_INVALID):
            await connection.ws.send_str("Ann Smith")
        await connection.speak(100)
        await until(lambda: call.heard() == 5)
        assert call.events(StreamNote) == [
            StreamNote("c1", 1, "engine_message_invalid", '{"detail": "it is not JSON"}')
        ]


async def test_too_much_that_cannot_be_used_ends_the_connection() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        for _ in range(MAX_INVALID + 1):
            await connection.ws.send_str("Ann Smith")
        await until(lambda: call.events(StreamEnded))
        assert call.events()[-1] == StreamEnded("c1", 1, True, "too many unusable messages")
        assert call.events(StreamNote)[-1].what == "engine_messages_unused"
        await until(connection.ended.is_set)
        assert connection.close_code == 1008


async def test_a_fault_of_a_dialect_ends_its_call_alone(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        other, sound = await talking(made, engine, "c2")
        await connection.say(divide=0)
        await until(lambda: call.events(StreamEnded))
        assert call.events()[-1] == StreamEnded("c1", 1, True, "a fault of the bridge (ZeroDivisionError)")
        assert "ZeroDivisionError" in capsys.readouterr().err
        await until(connection.ended.is_set)
        assert connection.close_code == 1011
        await sound.speak(100)
        await until(lambda: other.heard() == 5)


async def test_frames_that_break_the_protocol_end_the_connection() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        transport = connection.request.transport
        assert transport is not None
        transport.write(b"\xff\xff\xff\xff")
        await until(lambda: call.events(StreamEnded))
        assert call.events()[-1].lost
        assert "broke the WebSocket protocol" in call.events()[-1].reason


async def test_a_message_that_is_too_long_ends_the_connection() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        with suppress(ConnectionError):  # it is cut off in the middle
            await connection.ws.send_str("x" * (5 * 1024 * 1024))
        await until(lambda: call.events(StreamEnded))
        assert call.events()[-1].lost


def stop_reading(connection: Connection) -> asyncio.Transport:
    """The engine hangs, and TCP holds."""
    transport = connection.request.transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()
    return transport


async def flood(connection: Connection, message: bytes) -> None:
    """As fast as the network takes it, until the connection is gone."""
    transport = connection.request.transport
    assert isinstance(transport, asyncio.Transport)
    while not transport.is_closing():
        for _ in range(200):
            transport.write(message)
        while transport.get_write_buffer_size() > 1_000_000 and not transport.is_closing():  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        await asyncio.sleep(0)


@pytest.mark.alone
@pytest.mark.parametrize(
    "message", [b"\x82\x00", b"\x81\x0d" + b'{"clear": 1 }', b"\x82\x7e\xff\xff" + b"\x55" * 65535, b"\x89\x00"]
)
async def test_an_engine_that_floods_keeps_no_other_call_waiting(message: bytes) -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        _, mad = await talking(made, engine)
        other, sound = await talking(made, engine, "c2")
        flooding = asyncio.ensure_future(flood(mad, message))
        await asyncio.sleep(0.2)
        await sound.speak(1000)
        await until(lambda: other.heard() == 50)
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)
        made.close("c2")
        playout = other.closed().playout
        assert playout is not None
        # Half of the packets: a machine that stands still for a moment makes single ones late, a flood nearly all.
        assert playout.late_p50_ms < 60  # this process is the flood, the engine and the customers, too


async def test_an_engine_that_does_not_read_loses_audio_first_and_is_given_up_in_the_end() -> None:
    async with serving(Engine()) as engine, world(Patience(stuck_s=3.0)) as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        stop_reading(connection)
        for _ in range(4):
            await connection.say(big=200_000)  # fills the buffers of the network, and ours
        await until(lambda: "engine_reads_slowly" in call.notes())
        await connection.speak(100)
        await until(lambda: call.heard() == 5)  # what it says is heard all the same
        await until(lambda: call.events(StreamEnded))
        assert call.events()[-1] == StreamEnded("c1", 1, True, "the engine does not read what it is sent")
        assert call.events(StreamNote)[-1].what == "engine_messages_unused"
        assert json.loads(call.events(StreamNote)[-1].facts)["unsent"] > 10


async def test_an_engine_that_reads_slowly_gets_every_word_and_no_stale_audio() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        transport = stop_reading(connection)
        for _ in range(4):
            await connection.say(big=200_000)
        await until(lambda: "engine_reads_slowly" in call.notes())
        made.obey(SendDigits("c1", Side.ENGINE, "1"))
        before = len(connection.heard)
        transport.resume_reading()
        await until(lambda: connection.values("key") == ["1"])
        await asyncio.sleep(0.2)
        assert call.events() == [StreamReady("c1", 1)]
        assert len(connection.heard) - before < 130  # two seconds and what has come since


async def test_an_engine_that_falls_silent_altogether_is_pinged_and_given_up() -> None:
    patience = Patience(heartbeat_s=0.3, silent_s=0.6)
    async with serving(Engine()) as engine, world(patience) as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        await asyncio.sleep(1.0)  # it answers pings, so it is there
        assert call.events() == [StreamReady("c1", 1)]
        stop_reading(connection)
        await until(lambda: call.events(StreamEnded))
        assert call.events()[-1] == StreamEnded("c1", 1, True, "the engine did not answer a ping")


async def test_an_engine_that_does_not_answer_our_close_frame_is_cut_off() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        stop_reading(connection)
        call.stop()
        assert made.streams.busy
        await until(lambda: not made.streams.busy)


async def test_fifty_streams_at_once() -> None:
    async with serving(Engine()) as engine, world(calls=50) as made:
        made.define(engine)
        calls = [made.call(f"c{place}") for place in range(50)]
        for call in calls:
            call.start()
        await until(lambda: all(call.events(StreamReady) for call in calls))
        for call in calls:
            call.answer()
        for _ in range(50):
            for connection in engine.connections:
                await connection.speak(20)
            for call in calls:
                call.speak()
            await asyncio.sleep(0.01)
        await until(lambda: all(call.heard() == 50 for call in calls))
        for call in calls:
            call.stop()
            made.close(call.name)
        await until(lambda: not made.streams.busy)
        late = [playout.late_max_ms for call in calls if (playout := call.closed().playout) is not None]
        assert len(late) == 50
        assert sorted(late)[25] < 200  # engine and customers share this process; the real one is measured elsewhere


async def test_a_message_in_fragments_without_end_ends_the_connection() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        transport = connection.request.transport
        assert transport is not None
        transport.write(b"\x01\x02{ ")
        async with asyncio.timeout(20.0):
            while not call.events(StreamEnded):
                if not transport.is_closing():
                    transport.write(b"\x00\x7e\xff\xff" + b" " * 65_535)
                await asyncio.sleep(0.001)
        assert call.events()[-1].lost


async def test_compressed_messages_are_not_agreed_and_not_unpacked() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine)
        call, connection = await talking(made, engine)
        assert "Sec-WebSocket-Extensions" not in connection.request.headers
        transport = connection.request.transport
        assert transport is not None
        bomb = zlib.compress(b" " * 10_000_000, wbits=-15)[:100]
        transport.write(b"\xc1" + bytes([len(bomb)]) + bomb)
        await until(lambda: call.events(StreamEnded))
        assert "broke the WebSocket protocol" in call.events()[-1].reason
