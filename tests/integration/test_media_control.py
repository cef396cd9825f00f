"""The control channel of the media process over a real socket pair."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from bridge.media.control import COMMANDS, EVENTS, MAX_QUEUED, ControlChannel
from bridge.media.messages import CloseSession, Command, Event, SessionClosed
from sip.errors import InvalidFrame


class End:
    """The bridge's end of a channel, and the bare socket of the other."""

    def __init__(self, ours: socket.socket, other: socket.socket) -> None:
        self.other = other
        self.heard: list[Event] = []
        self.invalid: list[InvalidFrame] = []
        self.closed = 0
        self.channel = ControlChannel[Command, Event](
            ours, COMMANDS, EVENTS, self.heard.append, self.on_closed, self.invalid.append
        )

    def on_closed(self) -> None:
        self.closed += 1


@pytest.fixture
async def end() -> AsyncIterator[End]:
    ours, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    other.setblocking(False)
    made = End(ours, other)
    yield made
    made.channel.close()
    other.close()


async def turns() -> None:
    """Let the loop look at its sockets a few times."""
    for _ in range(5):
        await asyncio.sleep(0.001)


async def test_messages_arrive_whole_and_in_order(end: End) -> None:
    for place in range(5):
        assert end.channel.send(CloseSession(f"c{place}"))
        end.other.send(EVENTS.encode(SessionClosed(f"e{place}")))
    await turns()
    assert [COMMANDS.decode(end.other.recv(65536)) for _ in range(5)] == [CloseSession(f"c{n}") for n in range(5)]
    assert end.heard == [SessionClosed(f"e{place}") for place in range(5)]


async def test_what_the_socket_does_not_take_waits_and_is_sent_in_order(end: End) -> None:
    count = 3000  # more than a socket buffer holds
    for place in range(count):
        assert end.channel.send(CloseSession(f"c{place}"))
    got: list[Command] = []
    async with asyncio.timeout(20):
        while len(got) < count:
            try:
                got.append(COMMANDS.decode(end.other.recv(65536)))
            except BlockingIOError:
                await asyncio.sleep(0)
    assert got == [CloseSession(f"c{place}") for place in range(count)]


async def test_an_end_that_never_reads_is_told_apart(end: End) -> None:
    sent = 0
    while end.channel.send(CloseSession("c")):
        sent += 1
        assert sent <= MAX_QUEUED * 2
    assert sent >= MAX_QUEUED


@pytest.mark.parametrize("frame", [b"{", b"[]", b'["Nothing",{}]', b'["CloseSession",{"call":"c"}]', b"\xff\xfe"])
async def test_a_frame_that_cannot_be_read_is_skipped(end: End, frame: bytes) -> None:
    end.other.send(frame)
    end.other.send(EVENTS.encode(SessionClosed("c")))
    await turns()
    assert end.heard == [SessionClosed("c")]
    assert len(end.invalid) == 1


async def test_the_end_of_the_other_side_is_said_once(end: End) -> None:
    end.other.close()
    await turns()
    assert end.closed == 1
    assert not end.channel.send(CloseSession("c"))
    assert end.closed == 1


async def test_closing_this_end_is_not_said(end: End) -> None:
    end.channel.close()
    end.channel.close()
    await turns()
    assert end.closed == 0
