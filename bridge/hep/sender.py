"""Packets on their way to a HEP server: over UDP or TCP, in a bounded queue, so that a dead server costs nothing."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()

#: Packets that wait; the oldest are left out for new ones.
MAX_WAITING = 2_000
#: Pause before the server is tried again, in seconds.
RETRY_S = 5.0
#: A TCP server that takes nothing for so long is given up, in seconds.
STUCK_S = 5.0
#: At the end what waits has so long to go, in seconds.
LAST_S = 1.0


@dataclass(frozen=True)
class HepServer:
    """Where packets go."""

    host: str
    port: int
    tcp: bool = False
    capture_id: int = 2001
    key: bytes = field(default=b"", repr=False)


class HepSender:
    """`send` never waits and never fails. Use between `start` and `stop`."""

    def __init__(self, server: HepServer, *, retry_s: float = RETRY_S) -> None:
        self.left_out = 0
        """Packets that were not sent, since the start."""
        self._server = server
        self._retry_s = retry_s
        self._waiting: deque[bytes] = deque()
        self._stirred = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._told = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Send from now on; whether there is a server is seen later."""
        self._task = asyncio.create_task(self._serve(), name="HEP sender")

    async def stop(self) -> None:
        """Give what waits a moment, then forget it."""
        if self._task is None:
            return
        idle = asyncio.create_task(self._idle.wait(), name="HEP sender has sent all")
        await asyncio.wait({self._task, idle}, timeout=LAST_S, return_when=asyncio.FIRST_COMPLETED)
        for task in (self._task, idle):
            task.cancel()
        await asyncio.wait({self._task, idle})

    def send(self, packet: bytes) -> None:
        """Soon."""
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.popleft()
            self.left_out += 1
        self._waiting.append(packet)
        self._stirred.set()
        self._idle.clear()

    async def _serve(self) -> None:
        server = f"{self._server.host}:{self._server.port}"
        while True:
            try:
                await (self._by_tcp() if self._server.tcp else self._by_udp())
            except (OSError, TimeoutError) as exc:
                if not self._told:
                    log.warning("hep_server_unreachable", server=server, reason=str(exc) or type(exc).__name__)
                self._told = True
            await asyncio.sleep(self._retry_s)

    def _reached(self) -> None:
        if self._told:
            log.info("hep_server_reached", server=f"{self._server.host}:{self._server.port}")
        self._told = False

    async def _next(self) -> bytes:
        while not self._waiting:
            self._idle.set()
            self._stirred.clear()
            await self._stirred.wait()
        return self._waiting.popleft()

    async def _by_udp(self) -> None:
        """Until the socket fails. Nobody says whether a server listens; an ICMP error is none of our business."""
        loop, where = asyncio.get_running_loop(), (self._server.host, self._server.port)
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=where)
        self._reached()
        try:
            while not transport.is_closing():
                transport.sendto(await self._next())
        finally:
            transport.close()

    async def _by_tcp(self) -> None:
        """Until the connection breaks."""
        async with asyncio.timeout(STUCK_S):
            reader, writer = await asyncio.open_connection(self._server.host, self._server.port)
        self._reached()
        ended = asyncio.create_task(reader.read(1), name="HEP server ends")
        try:
            while not ended.done():
                writer.write(await self._next())
                async with asyncio.timeout(STUCK_S):
                    await writer.drain()
        finally:
            ended.cancel()
            await asyncio.wait({ended})
            writer.close()
