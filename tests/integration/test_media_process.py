"""A real media process on loopback: every packet counted, silence, keys, strangers, restart."""

import asyncio
import os
import random
import signal
import socket
import struct
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.errors import MediaUnavailable
from bridge.media.client import MediaProcess
from bridge.media.messages import (
    AudioStarted,
    DtmfReceived,
    Event,
    Flow,
    Follow,
    MediaSettings,
    RtpTimedOut,
    SessionOpened,
    SetRemote,
    Side,
)
from bridge.media.rtp import build, payload, unpack_header
from sip.messages import Codec

LOOPBACK = "127.0.0.1"
#: Nothing that is waited for takes longer unless it is broken.
LIMIT_S = 8.0


class Peer:
    """A UDP socket that speaks RTP, with all it was sent."""

    def __init__(self, address: str = LOOPBACK) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.bind((address, 0))
        self.address: tuple[str, int] = self.sock.getsockname()
        self.heard: list[bytes] = []
        asyncio.get_running_loop().add_reader(self.sock, self._read)

    def _read(self) -> None:
        self.heard.append(self.sock.recv(2048))

    def send(self, datagram: bytes, port: int) -> None:
        self.sock.sendto(datagram, (LOOPBACK, port))

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.sock)
        self.sock.close()


class Bench:
    """A media process, its events, and the peers of its calls."""

    def __init__(self, media: MediaProcess, events: list[Event]) -> None:
        self.media = media
        self.events = events
        self.peers: list[Peer] = []

    def peer(self, address: str = LOOPBACK) -> Peer:
        made = Peer(address)
        self.peers.append(made)
        return made

    async def call(self, name: str = "c1", *, codec: Codec = Codec.PCMU) -> tuple[SessionOpened, Peer, Peer]:
        """An open session whose two sides are agreed and hear silence: the process has done what it was told."""
        opened = await self.media.open(name, codec)
        customer, engine = self.peer(), self.peer()
        self.media.set_remote(remote(name, Side.CUSTOMER, customer, codec))
        self.media.set_remote(remote(name, Side.ENGINE, engine, codec))
        await until(lambda: customer.heard and engine.heard)
        return opened, customer, engine


def remote(call: str, side: Side, peer: Peer, codec: Codec = Codec.PCMU) -> SetRemote:
    return SetRemote(call, side, *peer.address, codec, 101, send=True, receive=True)


def free_range(ports: int) -> tuple[int, int]:
    """An even stretch of ports where nobody else is, as far as can be seen."""
    for first in random.SystemRandom().sample(range(20_000, 31_000, 2), 50):
        taken: list[socket.socket] = []
        try:
            for port in range(first, first + ports):
                sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                taken.append(sock)
                sock.bind((LOOPBACK, port))
            return first, first + ports - 1
        except OSError:
            continue
        finally:
            for sock in taken:
                sock.close()
    raise AssertionError("no free stretch of ports on this machine")


def settings(ports: int = 100) -> MediaSettings:
    first, last = free_range(ports)
    return MediaSettings(LOOPBACK, LOOPBACK, first, last, rtp_timeout_s=30.0, port_rest_s=30.0)


@asynccontextmanager
async def running(chosen: MediaSettings) -> AsyncIterator[Bench]:
    events: list[Event] = []
    media = MediaProcess(chosen, events.append)
    await media.start()
    bench = Bench(media, events)
    try:
        yield bench
    finally:
        await media.stop()
        for peer in bench.peers:
            peer.close()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running(settings()) as made:
        yield made


async def until(holds: Callable[[], object]) -> None:
    """Wait for what another process must do; fails when it does not."""
    async with asyncio.timeout(LIMIT_S):
        while not holds():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.005)


def voice(sequence: int, ssrc: int, filling: bytes | None = None) -> bytes:
    body = filling if filling is not None else struct.pack("!I", sequence) * 40
    return build(0, False, sequence & 0xFFFF, sequence * 160, ssrc, body)


def numbers(packet: bytes) -> tuple[int, int, int]:
    """Sequence, timestamp, SSRC."""
    _, sequence, timestamp, ssrc = unpack_header(packet)
    return sequence, timestamp, ssrc


def of_stream(packets: list[bytes], ssrc: int) -> list[bytes]:
    return [packet for packet in packets if numbers(packet)[2] == ssrc]


async def test_every_packet_of_twenty_calls_arrives_untouched_on_the_other_side(bench: Bench) -> None:
    calls = [await bench.call(f"c{place}") for place in range(20)]
    for sequence in range(50):
        for place, (opened, customer, engine) in enumerate(calls):
            customer.send(voice(sequence, 1000 + place), opened.customer_port)
            engine.send(voice(sequence, 2000 + place), opened.engine_port)
        await asyncio.sleep(0.005)
    await until(lambda: all(len(of_stream(engine.heard, 1000 + n)) == 50 for n, (_, _, engine) in enumerate(calls)))
    await until(lambda: all(len(of_stream(peer.heard, 2000 + n)) == 50 for n, (_, peer, _) in enumerate(calls)))
    for place, (_, customer, engine) in enumerate(calls):
        assert of_stream(engine.heard, 1000 + place) == [voice(n, 1000 + place) for n in range(50)]
        assert of_stream(customer.heard, 2000 + place) == [voice(n, 2000 + place) for n in range(50)]
        closed = await bench.media.close(f"c{place}")
        for side in (closed.customer, closed.engine):
            assert (side.received, side.lost, side.relayed) == (50, 0, 50)
            assert (side.strangers, side.invalid, side.unsent) == (0, 0, 0)
    started = [event for event in bench.events if isinstance(event, AudioStarted)]
    assert len(started) == len(set(started)) == 40


async def test_the_customer_hears_silence_every_20_ms_though_the_engine_is_not_there_yet(bench: Bench) -> None:
    await bench.media.open("c1", Codec.PCMA)
    customer = bench.peer()
    begun = time.monotonic()
    bench.media.set_remote(remote("c1", Side.CUSTOMER, customer, Codec.PCMA))
    await until(lambda: customer.heard)
    assert time.monotonic() - begun < 0.2  # 20 ms, and room for a busy machine
    await until(lambda: len(customer.heard) >= 40)
    lasted = time.monotonic() - begun
    heard = [numbers(packet) for packet in customer.heard]
    assert {payload(packet) for packet in customer.heard} == {b"\xd5" * 160}
    assert {packet[1] & 0x7F for packet in customer.heard} == {8}
    assert [(sequence - heard[0][0]) % 65536 for sequence, _, _ in heard] == list(range(len(heard)))
    stretch = (heard[-1][1] - heard[0][1]) % 2**32 / 8000
    assert stretch == pytest.approx(lasted, abs=0.1)  # the timestamps tell the time
    assert all((timestamp - heard[0][1]) % 160 == 0 for _, timestamp, _ in heard)
    closed = await bench.media.close("c1")
    assert closed.customer.silence >= 40
    assert closed.engine.silence == 0


async def test_relayed_audio_replaces_silence_and_silence_returns_when_it_stops(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    await until(lambda: customer.heard)
    ours = numbers(customer.heard[0])[2]
    for sequence in range(15):
        engine.send(voice(sequence, 55), opened.engine_port)
        await asyncio.sleep(0.02)
    await until(lambda: len(of_stream(customer.heard, 55)) == 15)
    count = len(of_stream(customer.heard, ours))
    await until(lambda: len(of_stream(customer.heard, ours)) > count)
    streams = [numbers(packet)[2] for packet in customer.heard]
    assert streams[-1] == ours
    resumed = of_stream(customer.heard, ours)[-1]
    assert (numbers(resumed)[0] - numbers(customer.heard[0])[0]) % 65536 == len(of_stream(customer.heard, ours)) - 1


async def test_flow_silence_keeps_both_sides_apart(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    bench.media.set_flow("c1", Flow.SILENCE)
    await until(lambda: len(customer.heard) > 2)
    for sequence in range(10):
        engine.send(voice(sequence, 55), opened.engine_port)
    await until(lambda: AudioStarted("c1", Side.ENGINE) in bench.events)
    bench.media.set_flow("c1", Flow.RELAY)
    await asyncio.sleep(0.05)
    engine.send(voice(10, 55), opened.engine_port)
    await until(lambda: of_stream(customer.heard, 55))
    assert of_stream(customer.heard, 55) == [voice(10, 55)]
    assert (await bench.media.close("c1")).engine.received == 11


async def test_nothing_is_sent_to_a_side_on_hold(bench: Bench) -> None:
    _, customer, engine = await bench.call()
    await until(lambda: len(customer.heard) > 2)
    bench.media.set_remote(replace(remote("c1", Side.CUSTOMER, customer), send=False))
    await asyncio.sleep(0.06)
    count, before = len(customer.heard), len(engine.heard)
    await until(lambda: len(engine.heard) > before + 5)
    assert len(customer.heard) == count


async def test_a_stranger_is_ignored_before_and_after_the_source_is_known(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    stranger = bench.peer("127.0.0.2")
    for sequence in range(5):
        stranger.send(voice(sequence, 666), opened.customer_port)
    for sequence in range(5):
        customer.send(voice(sequence, 77), opened.customer_port)
    await until(lambda: len(of_stream(engine.heard, 77)) == 5)
    for sequence in range(5, 10):
        stranger.send(voice(sequence, 666), opened.customer_port)
        customer.send(voice(sequence, 77), opened.customer_port)
    await until(lambda: len(of_stream(engine.heard, 77)) == 10)
    closed = await bench.media.close("c1")
    assert (closed.customer.received, closed.customer.strangers) == (10, 10)
    assert of_stream(engine.heard, 666) == []
    assert stranger.heard == []


async def test_replies_follow_a_changed_port_of_the_same_address_and_move_on_when_it_moves(bench: Bench) -> None:
    opened = await bench.media.open("c1", Codec.PCMU)
    named, first, second, engine = bench.peer(), bench.peer(), bench.peer(), bench.peer()
    bench.media.set_remote(remote("c1", Side.CUSTOMER, named))
    bench.media.set_remote(remote("c1", Side.ENGINE, engine))
    await until(lambda: named.heard and engine.heard)
    for sequence, source in enumerate((first, first, second)):
        if source is second:
            await asyncio.sleep(0.3)  # the first falls quiet
        source.send(voice(sequence, 77), opened.customer_port)
        await until(lambda wanted=sequence + 1: len(of_stream(engine.heard, 77)) == wanted)  # type: ignore[misc]
        engine.send(voice(sequence, 88), opened.engine_port)
        await until(lambda peer=source, mark=sequence: voice(mark, 88) in peer.heard)  # type: ignore[misc]
    assert of_stream(named.heard, 88) == []
    assert (await bench.media.close("c1")).customer.strangers == 0


@pytest.mark.parametrize(("follow", "taken"), [(Follow.ANY, 3), (Follow.NEVER, 0)])
async def test_any_follows_another_address_and_never_follows_nothing(follow: Follow, taken: int) -> None:
    async with running(replace(settings(), follow=follow)) as bench:
        opened, customer, _ = await bench.call()
        elsewhere = bench.peer("127.0.0.3")
        for sequence in range(3):
            elsewhere.send(voice(sequence, 9), opened.customer_port)
        await until(lambda: len(customer.heard) > 3 or elsewhere.heard)
        if taken:
            await until(lambda: elsewhere.heard)
        closed = await bench.media.close("c1")
        assert (closed.customer.received, closed.customer.strangers) == (taken, 3 - taken)


async def test_a_peer_whose_port_is_closed_does_not_hurt_the_call(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    engine.send(voice(0, 5), opened.engine_port)
    await until(lambda: AudioStarted("c1", Side.ENGINE) in bench.events)
    engine.close()
    bench.peers.remove(engine)
    for sequence in range(20):
        customer.send(voice(sequence, 77), opened.customer_port)
        await asyncio.sleep(0.002)
    back = bench.peer()
    bench.media.set_remote(remote("c1", Side.ENGINE, back))
    await until(lambda: back.heard)
    customer.send(voice(20, 77), opened.customer_port)
    await until(lambda: voice(20, 77) in back.heard)
    assert (await bench.media.close("c1")).customer.received == 21


async def test_keys_are_reported_once_and_played_once(bench: Bench) -> None:
    opened, customer, engine = await bench.call()
    for place in range(8):
        event = struct.pack("!BBH", 10, 10 | (0x80 if place >= 5 else 0), min(place + 1, 6) * 160)
        customer.send(build(101, place == 0, place, 4000, 77, event), opened.customer_port)
    await until(lambda: DtmfReceived("c1", Side.CUSTOMER, "*", 120) in bench.events)
    assert bench.media.send_digits("c1", Side.ENGINE, "19")
    await until(lambda: sum(packet[1] & 0x7F == 101 for packet in of_stream_but(engine.heard, 77)) == 14)
    played = [packet for packet in of_stream_but(engine.heard, 77) if packet[1] & 0x7F == 101]
    assert [payload(packet)[0] for packet in played] == [1] * 7 + [9] * 7
    assert len({numbers(packet)[1] for packet in played}) == 2
    assert sum(isinstance(event, DtmfReceived) for event in bench.events) == 1
    assert (await bench.media.close("c1")).customer.digits == "*"


def of_stream_but(packets: list[bytes], ssrc: int) -> list[bytes]:
    return [packet for packet in packets if numbers(packet)[2] != ssrc]


async def test_digits_for_a_side_that_cannot_take_them_are_refused(bench: Bench) -> None:
    await bench.media.open("c1", Codec.PCMU)
    assert not bench.media.send_digits("c1", Side.CUSTOMER, "1")
    bench.media.set_remote(replace(remote("c1", Side.CUSTOMER, bench.peer()), telephone_event=None))
    assert not bench.media.send_digits("c1", Side.CUSTOMER, "1")
    assert not bench.media.send_digits("nobody", Side.CUSTOMER, "1")


async def test_a_silent_side_is_reported() -> None:
    async with running(replace(settings(), rtp_timeout_s=0.3)) as bench:
        opened, customer, _ = await bench.call()
        customer.send(voice(0, 77), opened.customer_port)
        await until(lambda: len([event for event in bench.events if isinstance(event, RtpTimedOut)]) == 2)
        assert {event.side for event in bench.events if isinstance(event, RtpTimedOut)} == set(Side)


async def test_ports_are_even_and_in_the_range_and_rest_after_a_call() -> None:
    chosen = settings(8)
    async with running(chosen) as bench:
        first = await bench.media.open("c1", Codec.PCMU)
        await bench.media.close("c1")
        second = await bench.media.open("c2", Codec.PCMU)
        ports = [first.customer_port, first.engine_port, second.customer_port, second.engine_port]
        assert ports == list(range(chosen.first_port, chosen.first_port + 8, 2))
        with pytest.raises(MediaUnavailable) as refused:
            await bench.media.open("c3", Codec.PCMU)
        assert refused.value.call == "c3"
        assert "rests" in refused.value.reason


async def test_a_port_another_program_holds_is_passed_over() -> None:
    chosen = settings(8)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((LOOPBACK, chosen.first_port))
        async with running(chosen) as bench:
            opened = await bench.media.open("c1", Codec.PCMU)
            assert opened.customer_port == chosen.first_port + 2


async def test_hostile_datagrams_are_counted_and_the_call_goes_on(bench: Bench) -> None:
    rng = random.Random(4242)
    opened, customer, engine = await bench.call()
    customer.send(voice(0, 77), opened.customer_port)
    await until(lambda: of_stream(engine.heard, 77))
    for place in range(400):
        length = rng.choice((0, 1, 3, 11, 12, 13, 60, 172, 1500, 1501, 9000))
        head = bytes([rng.choice((0, 0x80, 0x9F, 0xBF, 0xFF)), rng.choice((0, 101, 200, rng.randrange(256)))])
        customer.send((head + rng.randbytes(length))[:length], opened.customer_port)
        if place % 20 == 19:
            await asyncio.sleep(0.005)
    customer.send(voice(1, 77), opened.customer_port)
    await until(lambda: voice(1, 77) in engine.heard)
    closed = await bench.media.close("c1")
    assert closed.customer.received + closed.customer.invalid == 402
    assert closed.customer.invalid > 100


async def test_audio_is_back_within_a_second_after_the_process_was_killed(bench: Bench) -> None:
    calls = [await bench.call(f"c{place}") for place in range(5)]
    bench.media.set_flow("c4", Flow.SILENCE)
    closed_ports = await bench.media.open("gone", Codec.PCMU)
    await bench.media.close("gone")
    for opened, customer, _ in calls:
        customer.send(voice(0, 77), opened.customer_port)
    await until(lambda: all(of_stream(engine.heard, 77) for _, _, engine in calls[:4]))
    pid = bench.media.pid
    assert pid is not None
    for _, customer, engine in calls:
        customer.heard.clear()
        engine.heard.clear()
    begun = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    sequence = 0
    while not all(of_stream(engine.heard, 77) for _, _, engine in calls[:4]):
        sequence += 1
        for opened, customer, _ in calls:
            customer.send(voice(sequence, 77), opened.customer_port)
        await asyncio.sleep(0.01)
    assert time.monotonic() - begun < 1.0
    await until(lambda: all(customer.heard for _, customer, _ in calls))
    assert of_stream(calls[4][2].heard, 77) == []  # the flow was said again
    assert bench.media.pid not in (None, pid)
    anew = await bench.media.open("new", Codec.PCMU)
    used = {port for opened, _, _ in calls for port in (opened.customer_port, opened.engine_port)}
    resting = {closed_ports.customer_port, closed_ports.engine_port}
    assert not {anew.customer_port, anew.engine_port} & (used | resting)
    started = [event for event in bench.events if isinstance(event, AudioStarted)]
    assert len(started) == len(set(started))


async def test_close_while_the_process_is_dead_gives_empty_statistics_at_once(bench: Bench) -> None:
    await bench.call()
    assert bench.media.pid is not None
    os.kill(bench.media.pid, signal.SIGKILL)
    closed = await bench.media.close("c1")
    assert (closed.call, closed.customer.received) == ("c1", 0)


async def test_a_call_can_be_opened_while_the_process_is_being_replaced(bench: Bench) -> None:
    assert bench.media.pid is not None
    os.kill(bench.media.pid, signal.SIGKILL)
    opened = await bench.media.open("c1", Codec.PCMU)
    assert opened.customer_port


async def test_closing_an_unknown_call_is_nothing(bench: Bench) -> None:
    assert (await bench.media.close("nobody")).customer.received == 0


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_stop_ends_the_process() -> None:
    async with running(settings()) as bench:
        pid = bench.media.pid
        assert pid is not None and exists(pid)
    assert not exists(pid)


async def test_the_process_ignores_sigint_and_sigterm(bench: Bench) -> None:
    pid = bench.media.pid
    assert pid is not None
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGTERM)
    assert await bench.media.open("c1", Codec.PCMU)
    assert bench.media.pid == pid


async def test_the_process_dies_with_its_parent() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PARENT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert exists(pid)
    parent.kill()
    await parent.wait()
    await until(lambda: not exists(pid))


_PARENT = """
import asyncio
from bridge.media.client import MediaProcess
from bridge.media.messages import MediaSettings

async def main():
    media = MediaProcess(MediaSettings("127.0.0.1", "127.0.0.1", 20000, 20010, 1.0, 1.0), print)
    await media.start()
    print(media.pid, flush=True)
    await asyncio.sleep(60)

import structlog
structlog.configure(logger_factory=structlog.PrintLoggerFactory(open("/dev/null", "w")))
asyncio.run(main())
"""
