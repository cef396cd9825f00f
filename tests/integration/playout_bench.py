"""A relay in this process, driven as the media process drives it, with engines by WebSocket and customers' phones."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bridge.media.messages import (
    CloseSession,
    Event,
    MediaSettings,
    OpenSession,
    SessionClosed,
    SessionOpened,
    SetRemote,
    Side,
)
from bridge.media.relay import Relay
from bridge.media.session import Session
from bridge.media.ticker import Ticker
from sip.messages import Codec
from tests.integration.media_bench import LOOPBACK
from tests.integration.rtp_customer import Customer


@dataclass
class Engine:
    """An engine by WebSocket, as its call's audio sees it."""

    heard: list[bytes] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    marks: list[tuple[str, float]] = field(default_factory=list)

    def hear(self, audio: bytes, now: float) -> None:
        self.heard.append(audio)

    def key(self, digit: str, now: float) -> None:
        self.keys.append(digit)

    def mark_played(self, name: str, now: float) -> None:
        self.marks.append((name, now))


class Exchange:
    """The relay, what it reported, and its customers."""

    def __init__(self, settings: MediaSettings) -> None:
        self.events: list[Event] = []
        self.relay = Relay(settings, self.events.append)
        self.ticker = Ticker(self.relay)
        self.relay.on_voice = self.ticker.wake
        self.customers: list[Customer] = []

    def call(self, name: str = "c1", codec: Codec = Codec.PCMU) -> tuple[Session, Customer, Engine, int]:
        """An answered call with an engine; the number is the port the customer speaks to."""
        self.relay.obey(OpenSession(name, codec))
        opened = self.events[-1]
        assert isinstance(opened, SessionOpened)
        customer, engine = Customer(), Engine()
        self.customers.append(customer)
        self.relay.obey(SetRemote(name, Side.CUSTOMER, LOOPBACK, customer.address[1], codec, 101, True, True))
        session = self.relay.session(name)
        assert session is not None
        session.attach(engine, time.monotonic())
        session.answered(time.monotonic())
        self.ticker.wake()
        return session, customer, engine, opened.customer_port

    def close(self, name: str = "c1") -> SessionClosed:
        self.relay.obey(CloseSession(name))
        closed = self.events[-1]
        assert isinstance(closed, SessionClosed)
        return closed


@asynccontextmanager
async def exchange(settings: MediaSettings) -> AsyncIterator[Exchange]:
    made = Exchange(settings)
    loop = asyncio.get_running_loop()
    loop.add_reader(made.relay.poll.fileno(), made.relay.poll.drain)
    try:
        yield made
    finally:
        made.ticker.stop()
        loop.remove_reader(made.relay.poll.fileno())
        made.relay.close()
        for customer in made.customers:
            customer.close()
