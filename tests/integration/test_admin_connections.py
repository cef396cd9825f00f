"""Connections to the HTTP API that want nothing, send too little, read too slowly, or are too many."""

import asyncio
import socket
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bridge.admin.audit import Audit
from bridge.admin.connection import ConnectionLimits
from bridge.admin.server import AdminServer
from tests.integration.admin_world import ENGINE, SETTINGS, AdminWorld
from tests.ordered_call import CALL, OneCall

REQUEST = f"GET /v1/calls/{CALL} HTTP/1.1\r\nHost: bridge\r\nAuthorization: Bearer {ENGINE}\r\n\r\n".encode()
#: More than the kernel and the server keep for one that does not read.
LONG_ANSWER = "x" * 20_000_000


@asynccontextmanager
async def limited(*, answer: str = "", **limits: float) -> AsyncIterator[AdminWorld]:
    """The API with other limits; `answer`: what the customer's call has in its transcript."""
    world = AdminWorld()
    world.call.seen = replace(world.call.seen, transcript=(("user", answer),))
    settings = replace(SETTINGS, connections=ConnectionLimits(**limits))  # type: ignore[arg-type]
    world.server = AdminServer(settings, OneCall(world.call), Audit(world.journal))
    async with world:
        yield world


@asynccontextmanager
async def connected(world: AdminWorld) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def ends(reader: asyncio.StreamReader, limit_s: float = 5.0) -> bytes:
    """All that still comes until the server closes the connection: a reset says it too, to one that still sends."""
    with suppress(ConnectionResetError):
        return await asyncio.wait_for(reader.read(), limit_s)
    return b""


@pytest.mark.parametrize("said", [b"", b"GE", REQUEST[:-2]])
async def test_a_connection_that_sends_no_whole_head_is_closed(said: bytes) -> None:
    async with limited(head_s=0.2) as world, connected(world) as (reader, writer):
        writer.write(said)
        assert await ends(reader) == b""


async def test_a_head_that_comes_byte_by_byte_is_not_waited_for() -> None:
    async with limited(head_s=0.3) as world:
        async with connected(world) as (reader, writer):
            closing = asyncio.create_task(ends(reader))
            sent = 0
            while not closing.done() and sent < len(REQUEST):
                writer.write(REQUEST[sent : sent + 1])
                sent += 1
                await asyncio.sleep(0.02)
            assert closing.done() and closing.result() == b""
            assert sent < len(REQUEST)


async def test_a_connection_is_kept_for_a_while_and_closed_when_no_further_request_comes() -> None:
    async with limited(head_s=0.5) as world:
        async with connected(world) as (reader, writer):
            for _ in range(2):
                writer.write(REQUEST)
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5.0)
                assert head.startswith(b"HTTP/1.1 200 OK\r\n")
                length = next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Length: "))
                await reader.readexactly(int(length.split()[1]))
            writer.write(REQUEST[:20])
            assert await ends(reader) == b""


async def test_connections_over_the_limit_get_503_and_those_before_are_served() -> None:
    with capture_logs() as logs:
        async with limited(at_once=2) as world:
            async with connected(world) as first, connected(world) as second:
                for _ in range(20):
                    async with connected(world) as (reader, _):
                        answer = await ends(reader)
                        assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\nServer: livevox-bridge\r\n")
                        assert b'"too_many_connections"' in answer
                for reader, writer in (first, second):
                    writer.write(REQUEST)
                    assert await asyncio.wait_for(reader.readline(), 5.0) == b"HTTP/1.1 200 OK\r\n"
            await served_again(world)
    assert [entry["event"] for entry in logs].count("api_connections_refused") == 1


async def served_again(world: AdminWorld) -> None:
    """A request is answered, once the server has noticed that others are gone."""
    async with asyncio.timeout(5.0):
        while (await world.ask("GET", f"/v1/calls/{CALL}"))[0] != 200:  # noqa: ASYNC110  # the server does not say
            await asyncio.sleep(0.01)


def stubborn(port: int) -> socket.socket:
    """A client that asks, and takes what it is answered when it likes."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.sendall(REQUEST)
    sock.setblocking(False)
    return sock


async def test_a_client_that_does_not_read_its_answer_is_cut_off() -> None:
    async with limited(answer=LONG_ANSWER, reading_s=0.2, at_once=1) as world:
        sock, loop = stubborn(world.server.port), asyncio.get_running_loop()
        await asyncio.wait_for(loop.sock_recv(sock, 1), 5.0)
        world.call.seen = replace(world.call.seen, transcript=())
        await served_again(world)
        taken = 1
        with suppress(ConnectionResetError):
            while chunk := await asyncio.wait_for(loop.sock_recv(sock, 1_000_000), 5.0):
                taken += len(chunk)
        assert taken < len(LONG_ANSWER)
        sock.close()


async def test_a_client_that_reads_slowly_but_steadily_gets_its_whole_answer() -> None:
    async with limited(answer=LONG_ANSWER, reading_s=1.0) as world:
        sock, loop, read = stubborn(world.server.port), asyncio.get_running_loop(), 0
        async with asyncio.timeout(20.0):
            while read < len(LONG_ANSWER):
                chunk = await loop.sock_recv(sock, 1_000_000)
                assert chunk, "the answer was cut"
                read += len(chunk)
                await asyncio.sleep(0.01)
        sock.close()


async def test_a_small_compressed_body_that_would_be_huge_is_not_unpacked() -> None:
    bomb = zlib.compress(b" " * 50_000_000)
    assert len(bomb) < 60_000
    head = f"POST /v1/calls/{CALL}/complete HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ENGINE}\r\n"
    async with limited() as world:
        async with connected(world) as (reader, writer):
            writer.write(f"{head}Content-Encoding: deflate\r\nContent-Length: {len(bomb)}\r\n\r\n".encode() + bomb)
            assert (await asyncio.wait_for(reader.readline(), 5.0)).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("line", ["X-Long: " + "x" * 9_000, "\r\n".join(f"X-{number}: x" for number in range(200))])
async def test_heads_are_bounded_in_length_and_number_of_lines(line: str) -> None:
    async with limited() as world:
        async with connected(world) as (reader, writer):
            writer.write(REQUEST[:-2] + line.encode() + b"\r\n\r\n")
            assert b" 400 Bad Request" in await asyncio.wait_for(reader.readline(), 5.0)
