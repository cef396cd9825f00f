"""Real workers for tests: a pool whose edge is one UDP socket of the test's own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sip.dispatch import Dispatch
from sip.messages import (
    Answer,
    Command,
    Dial,
    Header,
    InviteArrived,
    Leg,
    LegAnswered,
    LegEnded,
    MediaOffer,
    WorkerEvent,
)
from sip.pool import PoolSettings, WorkerPool
from tests.integration.sip_peer import OUR_MEDIA, Customer, Message, SipPeer, respond, sdp

E = TypeVar("E", bound=WorkerEvent)


async def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Wait for something that no event tells."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class WorkerBench:
    """A pool, and everything it has said."""

    def __init__(self, peer: SipPeer, settings: PoolSettings) -> None:
        self.peer = peer
        self.dispatch = Dispatch()
        self.events: list[WorkerEvent] = []
        self.lost: list[str] = []
        self._said = asyncio.Event()
        self.pool = WorkerPool(settings, self.dispatch, self._on_event, self._on_worker_lost)

    def _on_event(self, event: WorkerEvent) -> None:
        self.events.append(event)
        self._said.set()

    def _on_worker_lost(self, calls: list[str]) -> None:
        self.lost += calls
        self._said.set()

    async def event(self, kind: type[E], call: str, leg: Leg | None = None, within: float = 20.0) -> E:
        """Take the first event of that kind about that call (and leg)."""
        async with asyncio.timeout(within):
            while True:
                for event in self.events:
                    about = getattr(event, "call", None) == call and leg in (None, getattr(event, "leg", None))
                    if isinstance(event, kind) and about:
                        self.events.remove(event)
                        return event
                self._said.clear()
                await self._said.wait()

    def said(self, kind: type[E], call: str) -> list[E]:
        """Events of that kind about that call that nobody took."""
        return [event for event in self.events if isinstance(event, kind) and getattr(event, "call", None) == call]

    def tell(self, command: Command) -> None:
        assert not isinstance(command, type(None)) and hasattr(command, "call")
        self.pool.send(command.call, command)

    async def until_free(self, within: float = 20.0) -> None:
        """Wait until no worker holds a reserved or lingering dialog."""
        await until(lambda: len(self.dispatch.idle_workers()) == self.dispatch.workers, within)

    # calls

    async def customer(self, dialogs: int = 2, media: MediaOffer = OUR_MEDIA) -> Customer:
        """A call with its dialogs reserved, its INVITE not sent yet."""
        customer = Customer(self.peer, 0, media=media)
        worker = await self.pool.reserve(customer.call, dialogs)
        customer.worker_port = self.dispatch.port(worker) or 0
        return customer

    async def answered(self, *headers: str, body: str | None = None) -> Customer:
        """A call that is up on the customer's side."""
        customer = await self.customer()
        customer.invite(*headers, body=body)
        await self.event(InviteArrived, customer.call)
        self.tell(Answer(customer.call, customer.media))
        await customer.expect(200)
        customer.ack(cseq=1)
        await self.event(LegAnswered, customer.call)
        return customer

    async def dialled(self, call: str, *headers: Header) -> Message:
        """The INVITE the engine gets."""
        uri = f"sip:bot@127.0.0.1:{self.peer.port}"
        self.tell(Dial(call, uri, "sip:5551234@127.0.0.1", "", f"{call}@engine", headers, OUR_MEDIA))
        return await self.peer.expect(f"{call}@engine", "INVITE")

    async def joined(self, call: str, *headers: str) -> Message:
        """Dial the engine, which answers; returns its INVITE."""
        invite = await self.dialled(call)
        respond(self.peer, invite, 200, *headers, body=sdp(6000, "0 101"))
        await self.peer.expect(f"{call}@engine", "ACK")
        await self.event(LegAnswered, call, Leg.ENGINE)
        return invite

    async def ended(self, call: str, leg: Leg, within: float = 20.0) -> LegEnded:
        return await self.event(LegEnded, call, leg, within)


@asynccontextmanager
async def worker_bench(
    spare_calls: int = 1,
    max_calls: int = 2,
    session_expires_s: int = 1800,
    min_se_s: int = 90,
    timeout_s: float = 6.0,
    python: str = sys.executable,
) -> AsyncIterator[WorkerBench]:
    """A pool that runs; by default with one worker."""
    peer = SipPeer()
    contact = "127.0.0.1:5070"
    settings = PoolSettings(
        peer.port, contact, spare_calls, max_calls, session_expires_s, min_se_s, timeout_s, python=python
    )
    bench = WorkerBench(peer, settings)
    await bench.pool.start()
    try:
        yield bench
    finally:
        peer.agrees = True  # whatever calls are left end at once
        await bench.pool.stop()
        peer.close()
