"""Engines by WebSocket that cannot be had, and what is said of them."""

import asyncio

import pytest

from bridge.media.stream_messages import (
    DefineEngine,
    StartStream,
    StreamEnded,
    StreamFailed,
)
from tests.integration.media_bench import LOOPBACK, until
from tests.integration.stream_world import Call, facts, talking, world
from tests.integration.told_engine import Connection, Engine, serving


async def failure(call: Call) -> str:
    await until(lambda: call.events(StreamFailed))
    assert len(call.events()) == 1
    return str(call.events()[0].reason)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
async def test_an_engine_that_refuses_is_said_to_have_refused(status: int) -> None:
    async with serving(Engine(answers=[status])) as engine, world() as made:
        made.define(engine)
        call = made.call()
        call.start()
        assert f"the engine answered {status} to the WebSocket request" in await failure(call)


@pytest.mark.parametrize("status", [301, 302, 307])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with serving(Engine(answers=[status])) as engine, world() as made:
        made.define(engine)
        call = made.call()
        call.start()
        assert "redirects are not followed" in await failure(call)
        assert engine.requests == 1


async def test_an_answer_that_is_no_websocket_is_said_to_be_none() -> None:
    async with serving(Engine(answers=[200])) as engine, world() as made:
        made.define(engine)
        call = made.call()
        call.start()
        assert "the engine answered 200 to the WebSocket request" in await failure(call)


async def test_nobody_listens() -> None:
    async with serving(Engine()) as engine:
        pass
    async with world() as made:
        made.define(engine)
        call = made.call()
        call.start()
        assert await failure(call) == "no connection to the engine: Connection refused"


async def test_a_name_that_does_not_exist() -> None:
    async with world() as made:
        made.define(Engine(port=1), url="ws://engine.invalid/media")
        call = made.call()
        call.start()
        assert await failure(call) == "the name of the engine's host cannot be resolved"


@pytest.mark.parametrize("answer", [b"", b"what?\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"])
async def test_a_server_that_is_none(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    async with server, world() as made:
        made.define(Engine(port=server.sockets[0].getsockname()[1]))
        call = made.call()
        call.start()
        reason = await failure(call)
        assert "the engine" in reason and "WebSocket request" in reason


async def test_tls_with_a_server_that_has_none() -> None:
    async with serving(Engine()) as engine, world() as made:
        made.define(engine, url=engine.url.replace("ws:", "wss:"))
        call = made.call()
        call.start()
        assert await failure(call) == "TLS with the engine failed"


async def test_a_certificate_that_nobody_vouches_for() -> None:
    async with serving(Engine(tls=True)) as engine, world() as made:
        made.define(engine)
        call = made.call()
        call.start()
        assert await failure(call) == "the engine's certificate is not trusted: self-signed certificate"
        assert engine.requests == 0


async def test_an_engine_that_is_slow_to_accept_or_to_be_ready_is_given_up() -> None:
    async def silent(connection: Connection) -> None:
        await asyncio.sleep(10)

    async with serving(Engine(accept_after_s=3)) as slow, serving(Engine(silent)) as mute, world() as made:
        made.define(slow, "slow", connect_timeout_s=0.3)
        made.define(mute, "mute", connect_timeout_s=0.3)
        for name in ("slow", "mute"):
            call = made.call(name)
            call.start(name)
            assert "within 0.3 s" in await failure(call)
        await until(mute.connections[0].ended.is_set)


async def test_an_engine_that_closes_before_it_is_ready_has_failed() -> None:
    async def close(connection: Connection) -> None:
        await connection.ws.close(code=1011, message=b"no capacity")

    async with serving(Engine(close)) as engine, world() as made:
        made.define(engine, reconnect_s=5)
        call = made.call()
        call.start()
        assert await failure(call) == "the engine closed the connection (1011 no capacity)"
        assert engine.requests == 1


async def test_an_engine_that_gives_up_before_it_is_ready_has_failed_and_later_is_lost() -> None:
    async def give_up(connection: Connection) -> None:
        await connection.say(fail="no credit")

    async with serving(Engine(give_up)) as poor, serving(Engine()) as engine, world() as made:
        made.define(poor, "poor")
        made.define(engine, reconnect_s=5)
        call = made.call()
        call.start("poor")
        assert await failure(call) == "no credit"
        call, connection = await talking(made, engine, "c2")
        await connection.say(fail="no credit")
        await until(lambda: call.events(StreamEnded))
        assert call.events()[-1] == StreamEnded("c2", 1, True, "no credit")


async def test_an_engine_or_a_call_that_nobody_knows() -> None:
    async with world() as made:
        call = made.call()
        call.start("nobody")
        assert "settings" in await failure(call)
        made.streams.obey(StartStream("c9", 1, "nobody", facts("c9")))
        assert made.events[-1] == StreamFailed("c9", 1, "the call has no audio")


async def test_settings_that_cannot_be_used_make_no_engine(capsys: pytest.CaptureFixture[str]) -> None:
    async with world() as made:
        made.streams.define(DefineEngine("bot", "told", '{"url": "http://secret"}', "hush", (), ()))
        made.streams.define(DefineEngine("other", "morse", "{}", "hush", (), ()))
        call = made.call()
        call.start()
        await failure(call)
        logged = capsys.readouterr().err
        assert "engine bot are unusable" in logged and "unknown kind morse" in logged
        assert "secret" not in logged and "hush" not in logged
