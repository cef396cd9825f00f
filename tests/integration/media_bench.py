"""A real media process on loopback with peers that speak RTP to it."""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bridge.media.client import MediaProcess
from bridge.media.messages import (
    Event,
    MediaSettings,
    SessionOpened,
    SetRemote,
    Side,
)
from bridge.media.rtp import build, unpack_header
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

    async def obeyed(self) -> None:
        """Everything said so far has been done: commands are obeyed in order."""
        await self.media.open("barrier", Codec.PCMU)
        await self.media.close("barrier")


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


def of_stream_but(packets: list[bytes], ssrc: int) -> list[bytes]:
    return [packet for packet in packets if numbers(packet)[2] != ssrc]
