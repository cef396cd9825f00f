"""What a call with an engine by WebSocket costs, next to a bare loop: `python -m tests.integration.stream_bench`.

Both speak Media Streams (20 ms of µ-law as base64 in JSON, both ways) to the same engine and RTP to the same customers,
one after the other on the same machine. The bare loop is the least that can be written with asyncio and aiohttp: a
datagram in, a message out; a message in, a datagram out. It has no clock, no queue, no marks and no care for faults.
"""

import argparse
import asyncio
import base64
import json
import os
import socket
import struct
import sys
import time
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import uvloop
from aiohttp import web

from bridge.call_facts import CallFacts
from bridge.dialects.twilio_section import TwilioSection
from bridge.media.messages import Event, SessionClosed, Side
from bridge.media.rtp import build
from bridge.media.stream_messages import AnswerStream, DefineEngine, StartStream, StreamReady
from sip.messages import Codec
from tests.integration.media_bench import LOOPBACK, Peer, remote, running, settings, until

_VOICE = bytes(range(96, 256))
_FRAME_S = 0.02


class Engine:
    """Speaks to every connection in real time, and counts what it hears."""

    def __init__(self) -> None:
        self.connections: list[web.WebSocketResponse] = []
        self.heard = 0
        self.url = ""
        payload = base64.b64encode(_VOICE).decode()
        self._media = json.dumps({"event": "media", "media": {"payload": payload}})

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_str('{"event":"mark","mark":{"name":"hello"}}')
        self.connections.append(ws)
        async for _ in ws:
            self.heard += 1
        return ws

    async def speak(self) -> None:
        for ws in self.connections:
            await ws.send_str(self._media)


async def serve(stack: AsyncExitStack) -> Engine:
    engine = Engine()
    app = web.Application()
    app.router.add_get("/media", engine.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, LOOPBACK, 0).start()
    engine.url = f"ws://{LOOPBACK}:{runner.addresses[0][1]}/media"
    return engine


def cpu_s(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def load(pid: int, engine: Engine, customers: list[tuple[Peer, int]], seconds: float) -> float:
    """Both sides talk for so long; the process's CPU in per cent of a core a call."""
    start, sequence = time.monotonic(), 0
    begun_cpu = begun_at = 0.0
    for _ in range(round((seconds + 1) / _FRAME_S)):
        sequence += 1
        packet = build(0, False, sequence & 0xFFFF, sequence * 160, 77, _VOICE)
        for peer, port in customers:
            peer.send(packet, port)
        await engine.speak()
        await asyncio.sleep(max(0.0, start + sequence * _FRAME_S - time.monotonic()))
        if sequence == 50:
            begun_cpu, begun_at = cpu_s(pid), time.monotonic()
    return (cpu_s(pid) - begun_cpu) / (time.monotonic() - begun_at) * 100 / len(customers)


async def ours(calls: int, seconds: float, engine: Engine) -> float:
    async with running(settings(calls * 4 + 8)) as bench:
        section = TwilioSection(kind="twilio", url=engine.url)
        bench.media.define_engine(DefineEngine("bot", "twilio", section.model_dump_json(), "", (), ()))
        customers: list[tuple[Peer, int]] = []
        for place in range(calls):
            call = f"c{place}"
            opened = await bench.media.open(call, Codec.PCMU)
            customers.append((bench.peer(), opened.customer_port))
            bench.media.set_remote(remote(call, Side.CUSTOMER, customers[-1][0]))
            bench.media.stream(StartStream(call, 1, "bot", CallFacts(call, "8990000001", "", "", "", "", "")))
        await until(lambda: count(bench.events, StreamReady) == calls)
        for place in range(calls):
            bench.media.stream(AnswerStream(f"c{place}", 1))
        assert bench.media.pid is not None
        cost = await load(bench.media.pid, engine, customers, seconds)
        closed = [await bench.media.close(f"c{place}") for place in range(calls)]
        heard = sum(len(peer.heard) for peer, _ in customers)
        say(f"  {heard / calls:.0f} packets to each customer, {engine.heard / calls:.0f} messages to the engine")
        say(f"  {lateness(closed)}")
        return cost


def count(events: list[Event], kind: type) -> int:
    return sum(isinstance(event, kind) for event in events)


def lateness(closed: list[SessionClosed]) -> str:
    found = [each.playout for each in closed if each.playout is not None]
    p99 = sorted(each.late_p99_ms for each in found)[len(found) // 2]
    return f"late p99 {p99} ms (median call), max {max(each.late_max_ms for each in found)} ms"


async def bare(calls: int, seconds: float, engine: Engine) -> float:
    peers = [Peer() for _ in range(calls)]
    addresses = ",".join(str(peer.address[1]) for peer in peers)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.stream_bench", "--bare", engine.url, addresses,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    ports = [int(port) for port in (await child.stdout.readline()).split()]
    cost = await load(child.pid, engine, list(zip(peers, ports, strict=True)), seconds)
    child.kill()
    await child.wait()
    heard = sum(len(peer.heard) for peer in peers)
    say(f"  {heard / calls:.0f} packets to each customer, {engine.heard / calls:.0f} messages to the engine")
    for peer in peers:
        peer.close()
    return cost


class BareCall(asyncio.DatagramProtocol):
    """One call of the bare loop."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, customer: tuple[str, int]) -> None:
        self.ws, self.customer = ws, customer
        self.transport: Any = None
        self.sequence = self.chunk = 0
        self.sending: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.chunk += 1
        message = json.dumps(
            {
                "event": "media",
                "sequenceNumber": str(self.chunk),
                "streamSid": "MZ",
                "media": {"chunk": str(self.chunk), "payload": base64.b64encode(data[12:]).decode()},
            }
        )
        task = asyncio.ensure_future(self.ws.send_str(message))
        self.sending.add(task)
        task.add_done_callback(self.sending.discard)

    async def read(self) -> None:
        async for message in self.ws:
            said = json.loads(message.data)
            if said["event"] == "media":
                self.sequence += 1
                header = struct.pack("!BBHII", 0x80, 0, self.sequence & 0xFFFF, self.sequence * 160, 7)
                self.transport.sendto(header + base64.b64decode(said["media"]["payload"]), self.customer)


async def bare_loop(url: str, customers: list[int]) -> None:
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        calls: list[BareCall] = []
        for customer in customers:
            ws = await http.ws_connect(url, compress=0)
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind((LOOPBACK, 0))
            call = BareCall(ws, (LOOPBACK, customer))
            await loop.create_datagram_endpoint(lambda call=call: call, sock=sock)  # type: ignore[misc]
            calls.append(call)
        ports = " ".join(str(call.transport.get_extra_info("sockname")[1]) for call in calls)
        sys.stdout.write(f"{ports}\n")
        sys.stdout.flush()
        await asyncio.gather(*(call.read() for call in calls))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def compare(calls: int, seconds: float, rounds: int) -> None:
    for _ in range(rounds):
        costs = {}
        for name, measure in (("bare loop", bare), ("media process", ours)):
            async with AsyncExitStack() as stack:
                engine = await serve(stack)
                costs[name] = await measure(calls, seconds, engine)
            say(f"{name}: {costs[name]:.3f} % of a core a call")
        say(f"ratio {costs['media process'] / costs['bare loop']:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--bare", nargs=2, metavar=("URL", "PORTS"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.bare:
        uvloop.run(bare_loop(chosen.bare[0], [int(port) for port in chosen.bare[1].split(",")]))
    else:
        uvloop.run(compare(chosen.calls, chosen.seconds, chosen.rounds))


if __name__ == "__main__":
    main()
