"""An RTP engine over real HTTP: asked, told, slow, refusing, lying, gone."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.engines.connection import Cancellable, EngineCall
from bridge.engines.events import (
    EngineEnded,
    EngineEvent,
    EngineFailed,
    EngineMedia,
    EngineNote,
    EngineReady,
    Fate,
)
from bridge.engines.http_client import EngineHttp
from bridge.engines.rtp import RtpEngine, RtpEngineSettings
from bridge.simulator.rtp_bot import RtpBot
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings
from sip.messages import Codec, Command, MediaOffer
from tests.odd_server import Odd, OddServer, answer

FACTS = CallFacts("c1", "8990000001", "+12134634007", "Ann", "108821676850", "U5@10.1.2.3", "46014")
MEDIA = MediaOffer("127.0.0.1", 20002, (Codec.PCMU,), 101)
ENDPOINT = {"rtp": {"address": "127.0.0.1", "port": 4000}}
POP = ScreenPopRows((("First Name", "Ann"),), {"first name": "Ann"})


class Line:
    """An engine with what it reports, in order."""

    def __init__(self, http: EngineHttp, url: str, **settings: Any) -> None:
        self.said: list[EngineEvent] = []
        self._more = asyncio.Event()
        told = {"secret": "s3cret", "api_url": "http://127.0.0.1:8080", "timeout_s": 0.4, **settings}
        call = EngineCall(FACTS, 1, self._send, self._report, self._spawn)
        self.engine = RtpEngine(RtpEngineSettings(url, **told), http, call)

    async def wait(self, count: int) -> list[EngineEvent]:
        """So many reports."""
        async with asyncio.timeout(3):
            while len(self.said) < count:
                self._more.clear()
                await self._more.wait()
        return self.said

    async def failure(self) -> str:
        """The reason why it cannot be had."""
        (failed,) = await self.wait(1)
        assert isinstance(failed, EngineFailed)
        return failed.reason

    def _report(self, event: EngineEvent) -> None:
        self.said.append(event)
        self._more.set()

    def _send(self, command: Command) -> None:
        raise AssertionError(f"an RTP engine has no SIP leg: {command}")

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> Cancellable:
        raise AssertionError("its requests outlive the call, so none is a task of the call")


@pytest.fixture
async def http() -> AsyncIterator[EngineHttp]:
    client = EngineHttp()
    yield client
    await client.close()


async def asked(server: OddServer, count: int) -> list[dict[str, Any]]:
    """So many requests, as JSON."""
    return [request.json for request in await asyncio.wait_for(server.wait_asked(count), 3)]


def events(server: OddServer) -> list[str]:
    return [request.json["event"] for request in server.asked]


async def test_an_engine_that_answers_is_ready_and_its_endpoint_is_known_first(http: EngineHttp) -> None:
    async with OddServer() as server:
        server.give(answer(200, ENDPOINT))
        line = Line(http, f"{server.url}/calls?tenant=7", headers={"X-Tenant": "7", "content-type": "text/plain"})
        line.engine.connect(MEDIA)
        assert line.said == []
        assert await line.wait(2) == [EngineMedia("127.0.0.1", 4000, Codec.PCMU, 101), EngineReady()]
    (request,) = server.asked
    assert (request.method, request.target) == ("POST", "/calls?tenant=7")
    assert (request.headers["x-tenant"], request.headers["content-type"]) == ("7", "application/json")
    assert request.json["api"] == "http://127.0.0.1:8080/v1/calls/c1"


async def test_what_follows_is_told_in_order_and_a_bot_can_verify_each_request(http: EngineHttp) -> None:
    async with RtpBot(StreamBotSettings(secret="s3cret", script=BotScriptLine.parse("wait"), speak_s=0)) as bot:
        line = Line(http, bot.url)
        line.engine.connect(MEDIA)
        line.engine.answered()
        line.engine.answered()
        line.engine.screen_pop(POP)
        line.engine.transfer_progress(100)
        line.engine.transfer_progress(503)
        line.engine.dead_air(15.0)
        await line.wait(2)
        line.engine.hang_up(Fate.CUSTOMER_HUNG_UP)
        await line.wait(3)
        assert line.said[2] == EngineEnded(None, lost=False, reason="hung up: customer_hung_up")
        record = await asyncio.wait_for(bot.wait_over(0), 3)
    told = [event.said["event"] for event in record.events]
    assert told == ["answered", "screen_pop", "transfer_failed", "dead_air", "ended"]
    assert record.faults == []
    assert record.facts["caller"] == "+12134634007"
    assert record.screen_pop == {"first name": "Ann"}
    assert record.said("event", "transfer_failed")[0]["status"] == 503
    assert record.said("event", "ended")[0]["fate"] == "customer_hung_up"


async def test_a_bot_notices_a_wrong_secret(http: EngineHttp) -> None:
    async with RtpBot(StreamBotSettings(secret="another", script=BotScriptLine.parse("wait"))) as bot:
        line = Line(http, bot.url)
        line.engine.connect(MEDIA)
        await line.wait(2)
        assert bot.calls[0].faults == ["X-Bridge-Signature is missing or wrong"]


async def test_a_declining_engine_says_why_and_hears_no_more(http: EngineHttp) -> None:
    async with OddServer() as server:
        server.give(answer(409, {"reason": "busy"}))
        line = Line(http, server.url)
        line.engine.connect(MEDIA)
        line.engine.answered()
        assert await line.failure() == "the engine declined with 409: busy"
        line.engine.hang_up(Fate.ENGINE_UNAVAILABLE)
        await asyncio.sleep(0.1)
        assert (events(server), len(line.said)) == (["call"], 1)


async def test_a_slow_engine_is_given_up_and_told_that_it_is_over(http: EngineHttp) -> None:
    async with OddServer() as server:
        slow = answer(200, ENDPOINT)
        server.give(Odd(slow.content, before_s=1.0))
        line = Line(http, server.url, timeout_s=0.2)
        line.engine.connect(MEDIA)
        assert await line.failure() == "the engine cannot be reached: no answer within 0.2 s"
        assert (await asked(server, 2))[1] == {"event": "ended", "call": "c1", "fate": "engine_unavailable"}


async def test_a_body_that_never_ends_is_given_up_too(http: EngineHttp) -> None:
    async with OddServer() as server:
        server.give(Odd(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"))
        line = Line(http, server.url, timeout_s=0.2)
        line.engine.connect(MEDIA)
        assert await line.failure() == "the engine cannot be reached: no answer within 0.2 s"


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (answer(200, b"\x00rubbish{"), 'the engine gave an answer that is not JSON with an object "rtp"'),
        (answer(200, b"[" * 20_000), "the engine gave an answer that has more than 16384 bytes"),
        (answer(500, {"reason": "oops"}), "the engine answered 500 instead of 200"),
        (answer(204), "the engine answered 204 instead of 200"),
        (answer(302, ENDPOINT, Location="/elsewhere"), "the engine answered 302 instead of 200"),
        (Odd(b"SSH-2.0-OpenSSH\r\n\r\n"), "the engine cannot be reached: the answer is not HTTP as it should be"),
        (Odd(b"", cut=True), "the engine cannot be reached: the connection broke (ServerDisconnectedError)"),
    ],
    ids=["rubbish", "huge", "fault", "empty", "redirect", "not-http", "cut"],
)
async def test_whatever_an_engine_answers_there_is_a_reason(http: EngineHttp, odd: Odd, reason: str) -> None:
    async with OddServer() as server:
        server.give(odd)
        line = Line(http, server.url)
        line.engine.connect(MEDIA)
        assert await line.failure() == reason
        assert all(request.target == "/" for request in server.asked)  # a redirect is not followed


async def test_a_huge_body_is_not_read_to_its_end(http: EngineHttp) -> None:
    async with OddServer() as server:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
        server.give(Odd(head + b"[" * 65_536))
        line = Line(http, server.url, timeout_s=2)
        line.engine.connect(MEDIA)
        assert "more than 16384 bytes" in await line.failure()


async def test_nobody_listens(http: EngineHttp) -> None:
    async with OddServer() as server:
        url = server.url
    line = Line(http, url)
    line.engine.connect(MEDIA)
    assert (await line.failure()).startswith("the engine cannot be reached: cannot connect: ")


async def test_a_customer_who_leaves_early_is_told_after_the_call(http: EngineHttp) -> None:
    async with OddServer() as server:
        late = answer(200, ENDPOINT)
        server.give(Odd(late.content, before_s=0.2))
        line = Line(http, server.url)
        line.engine.connect(MEDIA)
        await asked(server, 1)
        line.engine.hang_up(Fate.CUSTOMER_HUNG_UP)
        assert line.said == []  # whoever hangs up is not called back from inside
        assert await line.failure() == "given up before it answered"
        assert (await asked(server, 2))[1] == {"event": "ended", "call": "c1", "fate": "customer_hung_up"}
        await asyncio.sleep(0.05)
        assert len(line.said) == 1


async def test_an_engine_that_declines_after_the_customer_left_is_left_alone(http: EngineHttp) -> None:
    async with OddServer() as server:
        late = answer(404, {"reason": "no such agent"})
        server.give(Odd(late.content, before_s=0.1))
        line = Line(http, server.url)
        line.engine.connect(MEDIA)
        await asked(server, 1)
        line.engine.hang_up(Fate.CUSTOMER_HUNG_UP)
        await asyncio.sleep(0.3)
        assert events(server) == ["call"]


async def test_a_notice_that_fails_is_sent_once_more_and_the_next_ones_keep_their_order(http: EngineHttp) -> None:
    async with OddServer() as server:
        server.give(answer(200, ENDPOINT), answer(503), answer(204), answer(204))
        line = Line(http, server.url)
        line.engine.connect(MEDIA)
        line.engine.answered()
        line.engine.screen_pop(POP)
        await asked(server, 4)
        assert events(server) == ["call", "answered", "answered", "screen_pop"]
        assert [each for each in line.said if isinstance(each, EngineNote)] == []


async def test_a_notice_that_is_refused_is_noted_and_not_repeated(http: EngineHttp) -> None:
    async with OddServer() as server:
        server.give(answer(200, ENDPOINT), answer(404), answer(204))
        line = Line(http, server.url)
        line.engine.connect(MEDIA)
        line.engine.answered()
        line.engine.screen_pop(POP)
        await asked(server, 3)
        assert events(server) == ["call", "answered", "screen_pop"]
        said = await line.wait(3)
        assert said[2] == EngineNote("engine_notice_lost", {"notice": "answered", "cause": "the engine answered 404"})


async def test_hanging_up_again_changes_nothing(http: EngineHttp) -> None:
    async with OddServer() as server:
        server.give(answer(200, ENDPOINT))
        line = Line(http, server.url)
        line.engine.connect(MEDIA)
        await line.wait(2)
        line.engine.hang_up(Fate.FINISHED)
        line.engine.hang_up(Fate.FINISHED)
        line.engine.answered()
        await asked(server, 2)
        await asyncio.sleep(0.05)
        assert (events(server), len(line.said)) == (["call", "ended"], 3)


async def test_the_last_word_is_said_although_the_bridge_stops() -> None:
    async with OddServer() as server:
        server.give(answer(200, ENDPOINT), Odd(answer(204).content, before_s=0.2))
        client = EngineHttp()
        line = Line(client, server.url)
        line.engine.connect(MEDIA)
        await line.wait(2)
        line.engine.hang_up(Fate.DRAINED)
        await client.close()
        assert json.loads(server.asked[-1].body)["fate"] == "drained"
        line = Line(client, server.url)
        line.engine.connect(MEDIA)
        assert await line.failure() == "the engine cannot be reached: the bridge stops"
