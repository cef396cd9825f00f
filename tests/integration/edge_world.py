"""An Edge on real sockets, with plain UDP sockets as LiveVox, engine and workers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Self

from sip.dispatch import Dispatch
from sip.edge import Admitted, Edge, EdgeSettings, Invite, Refused
from sip.message import Message
from sip.messages import EdgeEvent, LegEnded
from tests.sip_texts import MEDIA, SDP, request

LOOPBACK = (IPv4Network("127.0.0.0/8"),)


class Phone(asyncio.DatagramProtocol):
    """A UDP socket that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.transport: asyncio.DatagramTransport
        self.port = 0

    @classmethod
    async def open(cls, host: str = "127.0.0.1") -> Self:
        loop = asyncio.get_running_loop()
        transport, phone = await loop.create_datagram_endpoint(cls, local_addr=(host, 0))
        phone.transport = transport
        phone.port = transport.get_extra_info("sockname")[1]
        return phone

    @property
    def sent_by(self) -> str:
        """For its Via."""
        return f"127.0.0.1:{self.port}"

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.put_nowait(data)

    def send(self, text: str | bytes, port: int) -> None:
        self.transport.sendto(text.encode() if isinstance(text, str) else text, ("127.0.0.1", port))

    async def hear(self) -> Message:
        """The next message, within two seconds."""
        return Message.parse(await asyncio.wait_for(self.heard.get(), 2))

    async def silence(self, seconds: float = 0.05) -> bool:
        """Nothing comes for a moment."""
        await asyncio.sleep(seconds)
        return self.heard.empty()


@dataclass
class Desk:
    """An Admission that does as it is told."""

    answer: Callable[[Invite], Admitted | Refused]
    accepts_calls: bool = True
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    invites: list[Invite] = field(default_factory=list)
    events: list[EdgeEvent | LegEnded] = field(default_factory=list)
    cancelled: int = 0

    async def admit(self, invite: Invite) -> Admitted | Refused:
        self.invites.append(invite)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.answer(invite)

    def sip_event(self, event: EdgeEvent | LegEnded) -> None:
        self.events.append(event)


@dataclass
class World:
    """Everything one test needs."""

    edge: Edge
    dispatch: Dispatch
    desk: Desk
    livevox: Phone
    worker: Phone
    engine: Phone

    async def at_the_worker(self) -> Message:
        """Place a call and return its INVITE as the worker has it."""
        self.livevox.send(request("INVITE", self.livevox.sent_by, body=SDP), self.edge.public_port)
        assert (await self.livevox.hear()).status == 100
        return await self.worker.hear()


@asynccontextmanager
async def world(desk: Desk | None = None, **settings: object) -> AsyncIterator[World]:
    """An edge with one worker, number 1; without a desk of its own it admits every call as "call1"."""
    dispatch = Dispatch()
    if desk is None:
        desk = Desk(lambda invite: Admitted("call1", 1, MEDIA))
        desk.gate.set()
    values: dict[str, object] = {"allow": LOOPBACK, **settings}
    edge = await Edge.open(EdgeSettings("127.0.0.1", 0, "127.0.0.1", **values), dispatch, desk)  # type: ignore[arg-type]
    phones = [await Phone.open() for _ in range(3)]
    dispatch.add_worker(1, phones[1].port, 4)
    dispatch.reserve("call1", 2)
    try:
        yield World(edge, dispatch, desk, *phones)
    finally:
        edge.close()
        for phone in phones:
            phone.transport.close()
