"""Functions of bots that are carried out by somebody's HTTP server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bridge.call_facts import CallFacts
from bridge.engines.http_client import MAX_ANSWER, EngineHttp
from bridge.engines.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, signature
from bridge.engines.tools import Tool, Tools

FACTS = CallFacts("c1", "8990000001", "+12134634007", "Ann", "108", "U5@10.1.2.3", "46014")
SECRET = "kept-by-both"

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def tools(answer: Answer, *, secret: str = "", timeout_s: float = 2.0) -> AsyncIterator[Tools]:
    """The function find_order, carried out by `answer`."""
    app = web.Application()
    app.router.add_post("/orders", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    http = EngineHttp()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/orders"
        yield Tools(http, [Tool("find_order", url, timeout_s, secret, {"X-Tenant": "7"})])
    finally:
        await http.close()
        await runner.cleanup()


def text(body: str, status: int = 200) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=status)

    return answer


async def test_the_server_gets_the_call_and_the_arguments_and_its_json_is_the_output() -> None:
    asked: list[tuple[object, str | None]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append((await request.json(), request.headers.get("X-Tenant")))
        return web.json_response({"state": "shipped", "to": "Zoë"})

    async with tools(answer) as functions:
        output = await functions.use(FACTS, "find_order", '{"number": 42}')
    assert json.loads(output) == {"state": "shipped", "to": "Zoë"}
    question = {"call": "c1", "agent_number": "8990000001", "name": "find_order", "arguments": {"number": 42}}
    assert asked == [(question, "7")]


async def test_with_a_secret_the_request_is_signed() -> None:
    good: list[bool] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        timestamp, body = int(request.headers[TIMESTAMP_HEADER]), await request.read()
        good.append(request.headers.get(SIGNATURE_HEADER) == signature(SECRET, timestamp, body))
        return web.Response(status=204)

    async with tools(answer, secret=SECRET) as functions:
        assert await functions.use(FACTS, "find_order", "") == "{}"
    assert good == [True]


@pytest.mark.parametrize(
    ("body", "output"),
    [
        ("shipped", '"shipped"'),
        ('"shipped"', '"shipped"'),
        ("[1, 2]", "[1, 2]"),
        ("{bad", '"{bad"'),
        ('{"a": NaN}', '"{\\"a\\": NaN}"'),
        ('"\\ud800"', '"?"'),
        ("[" * 5_000, json.dumps("[" * 5_000)),
    ],
)
async def test_an_answer_that_is_no_json_is_text(body: str, output: str) -> None:
    async with tools(text(body)) as functions:
        assert await functions.use(FACTS, "find_order", "{}") == output


@pytest.mark.parametrize("arguments", ["[]", "null", "{bad", '{"a": Infinity}', '{"a":' * 3_000])
async def test_arguments_that_are_no_object_are_not_sent(arguments: str) -> None:
    async with tools(text("never")) as functions:
        output = await functions.use(FACTS, "find_order", arguments)
    assert output == '{"error": "the arguments are not a JSON object"}'


async def test_a_function_nobody_has_is_an_error_for_the_bot() -> None:
    async with tools(text("never")) as functions:
        assert await functions.use(FACTS, "drop_tables", "{}") == '{"error": "there is no function drop_tables"}'


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_refusal_is_an_error_for_the_bot(status: int) -> None:
    async with tools(text("secrets of the server", status)) as functions:
        assert await functions.use(FACTS, "find_order", "{}") == f'{{"error": "HTTP status {status}"}}'


async def test_an_answer_too_long_is_an_error_for_the_bot() -> None:
    async with tools(text("x" * (MAX_ANSWER + 1))) as functions:
        assert await functions.use(FACTS, "find_order", "{}") == '{"error": "the answer is too long"}'


async def test_a_server_too_slow_is_an_error_for_the_bot() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    async with tools(answer, timeout_s=0.2) as functions:
        assert await functions.use(FACTS, "find_order", "{}") == '{"error": "no answer"}'


async def test_a_server_that_is_not_there_is_an_error_for_the_bot() -> None:
    http = EngineHttp()
    try:
        functions = Tools(http, [Tool("find_order", "http://127.0.0.1:9/", 1.0)])
        assert await functions.use(FACTS, "find_order", "{}") == '{"error": "no answer"}'
    finally:
        await http.close()
