"""A simulated bot that takes calls, of whatever kind: its calls by number, and how to wait for them."""

import asyncio
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar


class LiveCall(Protocol):
    """A call that the bot has."""

    over: asyncio.Event


RecordT = TypeVar("RecordT")
CallT = TypeVar("CallT", bound=LiveCall)


class AnsweringBot(Generic[RecordT, CallT]):
    """A bot that listens inside `async with`. A kind of bot derives from it and writes `open` and `close`."""

    def __init__(self) -> None:
        self.calls: list[RecordT] = []
        """Every call that came, the oldest first."""
        self._live: dict[int, CallT] = {}
        """By place in `calls`: nobody keeps a peer from using a call's name twice."""
        self._arrived = asyncio.Event()

    async def open(self) -> None:
        """Listen."""
        raise NotImplementedError

    async def close(self) -> None:
        """End every call and stop listening."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def call(self, number: int) -> CallT:
        """The live call with this number, from 0, to talk by hand. KeyError when it is over."""
        return self._live[number]

    async def wait_call(self, number: int) -> RecordT:
        """Wait until the call with this number, from 0, has come."""
        while len(self.calls) <= number:
            self._arrived.clear()
            await self._arrived.wait()
        return self.calls[number]

    async def wait_over(self, number: int) -> RecordT:
        """Wait until the call with this number, from 0, has come and is over."""
        record = await self.wait_call(number)
        live = self._live.get(number)
        if live is not None:
            await live.over.wait()
        return record

    def _came(self, record: RecordT) -> None:
        """A call has come."""
        self.calls.append(record)
        self._arrived.set()
