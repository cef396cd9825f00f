"""HTTP servers that answer a byte at a time, or elsewhere, and a queue for LiveVox that is full."""

import asyncio

import pytest

from bridge.engines.http_client import EngineHttp
from bridge.errors import EngineUnreachable
from bridge.livevox.client import LiveVoxClient
from bridge.livevox.errors import LiveVoxUnreachable
from bridge.livevox.transport import MAX_WAITING
from tests.odd_server import Odd, OddServer, answer

#: Would take ten seconds and more.
DRIP = Odd(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n" + b"x" * 100, drip_s=0.1)
LIMIT_S = 0.5


async def test_an_engine_that_answers_byte_by_byte_is_given_up_in_time() -> None:
    http = EngineHttp()
    async with OddServer() as server, asyncio.timeout(5.0):
        server.give(DRIP)
        with pytest.raises(EngineUnreachable, match="no answer within"):
            await http.post(server.url, {}, b"", timeout_s=LIMIT_S)
    await http.close()


async def test_an_engine_that_answers_elsewhere_is_not_followed() -> None:
    http = EngineHttp()
    async with OddServer() as server, OddServer() as elsewhere:
        server.give(answer(307, None, Location=elsewhere.url))
        given = await http.post(server.url, {"X-Key": "secret"}, b"", timeout_s=5.0)
        assert (given.status, elsewhere.asked) == (307, [])
    await http.close()


async def test_livevox_answering_byte_by_byte_is_given_up_in_time() -> None:
    async with OddServer() as server, LiveVoxClient(server.url, "token", rate=10, burst=5, timeout_s=LIMIT_S) as client:
        server.give(DRIP)
        async with asyncio.timeout(5.0):
            with pytest.raises(LiveVoxUnreachable, match="time-out") as caught:
                await client.ready("session")
        assert caught.value.retryable


async def test_routine_requests_fail_at_once_when_too_many_wait_and_those_of_calls_do_not() -> None:
    async with OddServer() as server, LiveVoxClient(server.url, "token", rate=1, burst=1, timeout_s=5.0) as client:
        waiting = [asyncio.create_task(client.not_ready("session")) for _ in range(MAX_WAITING + 1)]
        await server.wait_asked(1)
        with pytest.raises(LiveVoxUnreachable, match="too many requests wait") as caught:
            await client.not_ready("session")
        assert caught.value.retryable and not caught.value.maybe_done
        await asyncio.wait_for(client.ready("session", urgent=True), 10.0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
