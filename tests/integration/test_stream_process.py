"""Engines by WebSocket in a real media process: what its death costs, and how punctual it is."""

import asyncio
import base64
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bridge.dialects.twilio_section import TwilioSection
from bridge.media.held import PROCESS_DIED
from bridge.media.messages import SessionClosed, Side
from bridge.media.rtp import payload
from bridge.media.stream_messages import (
    AnswerStream,
    DefineEngine,
    StartStream,
    StopStream,
    StreamEnded,
    StreamEvent,
    StreamFailed,
    StreamReady,
)
from sip.messages import Codec
from tests.integration.media_bench import Bench, Peer, of_stream, remote, running, settings, until, voice
from tests.integration.stream_world import facts
from tests.integration.told_engine import CERTIFICATE, VOICE, Connection, Engine, serving

pytestmark = pytest.mark.alone


async def speak(connection: Connection, ms: int) -> None:
    audio = base64.b64encode(VOICE * (ms // 20)).decode()
    await connection.ws.send_json({"event": "media", "media": {"payload": audio}})


async def greet(connection: Connection) -> None:
    await connection.ws.send_json({"event": "mark", "mark": {"name": "here"}})


@asynccontextmanager
async def bridged(calls: int = 4, *, tls: bool = False) -> AsyncIterator[tuple[Bench, Engine]]:
    """A media process that knows the engine "bot"."""
    async with serving(Engine(greet, tls=tls)) as engine, running(settings(4 * calls + 8)) as bench:
        section = TwilioSection(kind="twilio", url=engine.url)
        secret = "\x01é\U0001f600" * 30_000  # more than a datagram of the channel holds
        bench.media.define_engine(DefineEngine("bot", "twilio", section.model_dump_json(), secret, (), ()))
        yield bench, engine


def said(bench: Bench, call: str) -> list[StreamEvent]:
    return [event for event in bench.events if isinstance(event, StreamEvent) and event.call == call]


async def start(bench: Bench, call: str) -> tuple[Peer, int]:
    """The customer and the port of a call whose engine is ready and whose customer is on the line."""
    opened = await bench.media.open(call, Codec.PCMU)
    customer = bench.peer()
    bench.media.set_remote(remote(call, Side.CUSTOMER, customer))
    assert bench.media.stream(StartStream(call, 1, "bot", facts(call)))
    await until(lambda: StreamReady(call, 1) in said(bench, call))
    assert bench.media.stream(AnswerStream(call, 1))
    return customer, opened.customer_port


def heard(customer: Peer) -> int:
    return sum(payload(packet) == VOICE for packet in customer.heard)


@pytest.mark.parametrize("tls", [False, True])
async def test_audio_goes_both_ways_and_is_counted(tls: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    async with bridged(tls=tls) as (bench, engine):
        customer, port = await start(bench, "c1")
        (connection,) = engine.connections
        await speak(connection, 200)
        customer.send(voice(1, 77, VOICE), port)
        await until(lambda: heard(customer) == 10)
        expected = base64.b64encode(VOICE).decode()
        await until(lambda: any(each["payload"] == expected for each in connection.values("media")))
        assert bench.media.stream(StopStream("c1", 1, "customer_hung_up"))
        await until(connection.ended.is_set)
        closed = await bench.media.close("c1")
        assert closed.playout is not None
        assert closed.playout.played_ms == 200
        assert said(bench, "c1")[-1] == StreamEnded("c1", 1, False, "the bridge hung up (customer_hung_up)")
        assert not bench.media.stream(AnswerStream("c1", 1))


async def test_keys_for_the_engine_are_passed_on_while_a_stream_is_up() -> None:
    async with bridged() as (bench, engine):
        await bench.media.open("c2", Codec.PCMU)
        assert not bench.media.send_digits("c2", Side.ENGINE, "1")
        await start(bench, "c1")
        assert bench.media.send_digits("c1", Side.ENGINE, "12")
        await until(lambda: [each["digit"] for each in engine.connections[0].values("dtmf")] == ["1", "2"])


async def test_closing_a_call_closes_its_engine() -> None:
    async with bridged() as (bench, engine):
        await start(bench, "c1")
        await bench.media.close("c1")
        await until(engine.connections[0].ended.is_set)
        assert engine.connections[0].values("stop")
        assert not bench.media.stream(StartStream("c1", 2, "bot", facts("c1")))


async def test_a_dead_process_loses_its_streams_and_relayed_calls_go_on() -> None:
    async with bridged() as (bench, engine):
        relayed, customer, other_end = await bench.call("relayed")
        await start(bench, "talking")
        await bench.media.open("connecting", Codec.PCMU)
        engine.accept_after_s = 5.0
        assert bench.media.stream(StartStream("connecting", 1, "bot", facts("connecting")))
        await until(lambda: engine.requests == 2)
        engine.accept_after_s = 0.0
        pid = bench.media.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        begun = time.monotonic()
        await until(lambda: said(bench, "talking")[1:] and said(bench, "connecting"))
        assert time.monotonic() - begun < 2.0
        assert said(bench, "talking")[1:] == [StreamEnded("talking", 1, True, PROCESS_DIED)]
        assert said(bench, "connecting") == [StreamFailed("connecting", 1, PROCESS_DIED)]
        other_end.heard.clear()
        customer.send(voice(1, 77), relayed.customer_port)
        await until(lambda: of_stream(other_end.heard, 77))
        # the next try needs no definition: it was said again
        assert bench.media.stream(StartStream("talking", 2, "bot", facts("talking")))
        await until(lambda: StreamReady("talking", 2) in said(bench, "talking"))


async def test_what_is_said_while_the_process_is_replaced_is_said_to_the_new_one() -> None:
    async with bridged() as (bench, engine):
        await bench.media.open("c1", Codec.PCMU)
        await bench.media.open("c2", Codec.PCMU)
        assert bench.media.pid is not None
        os.kill(bench.media.pid, signal.SIGKILL)
        await until(lambda: bench.media.pid is None)
        for call in ("c1", "c2"):
            assert bench.media.stream(StartStream(call, 1, "bot", facts(call)))
            assert bench.media.stream(AnswerStream(call, 1))
        assert bench.media.stream(StopStream("c2", 1, "customer_hung_up"))
        await until(lambda: said(bench, "c1") == [StreamReady("c1", 1)])
        assert [type(event) for event in said(bench, "c2")] == [StreamFailed]
        await until(lambda: engine.connections and engine.connections[0].values("media"))  # it was answered, too
        assert len(engine.connections) == 1


async def test_fifty_streams_at_once_are_punctual() -> None:
    async with bridged(50) as (bench, engine):
        calls = [await start(bench, f"c{place}") for place in range(50)]
        for sequence in range(100):
            for customer, port in calls:
                customer.send(voice(sequence, 77, VOICE), port)
            for connection in engine.connections:
                await speak(connection, 20)
            await asyncio.sleep(0.012)
        await until(lambda: all(heard(customer) == 100 for customer, _ in calls))
        closed = [await bench.media.close(f"c{place}") for place in range(50)]
        assert max(late_max(each) for each in closed) < 60  # milliseconds; nothing else runs beside this test


def late_max(closed: SessionClosed) -> float:
    assert closed.playout is not None
    return closed.playout.late_max_ms
