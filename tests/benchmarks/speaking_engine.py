"""A bot by WebSocket in a process of its own, for Media Streams: `python -m tests.benchmarks.speaking_engine`.

It speaks to each connection from the first audio it hears, a frame of 20 ms at a time, stamped as the packets of
tests.benchmarks.probe. It reads no more of what it gets than where each message ends, and what it says is the same for
all connections of one millisecond: it takes little of the machine it measures.
"""

import asyncio
import base64
import hashlib
import json
import sys
import time
from typing import Any

import uvloop

from bridge.simulator.speech import PROMPT, recording
from sip.messages import Codec
from tests.benchmarks.probe import FOREIGN, MAGIC, STAMP

LOOPBACK = "127.0.0.1"
_ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SLOTS, _SLOT_S = 20, 0.001


class _Connection(asyncio.Protocol):
    """One call's."""

    def __init__(self, bot: "_Bot") -> None:
        self._bot = bot
        self._transport: Any = None
        self._data = b""
        self._is_open = False
        self._hears = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._bot.forget(self)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._is_open:
            head, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            self._transport.write(_switching(head))
            self._data, self._is_open = rest, True
        self._read()

    def say(self, frame: bytes) -> None:
        """One message."""
        self._transport.write(frame)

    def _read(self) -> None:
        """Count whole messages; the first that is audio starts the speech."""
        data, at = self._data, 0
        while (end := _end_of_message(data, at)) is not None:
            if not self._hears and b'"media"' in _unmasked(data, at, end)[:200]:
                self._hears = True
                self._bot.speak_to(self)
            at = end
        self._data = data[at:]


class _Bot:
    """Speaks to all connections that hear."""

    def __init__(self) -> None:
        self._slots: list[list[_Connection]] = [[] for _ in range(_SLOTS)]
        self._begun = 0
        self._voice = recording(PROMPT, Codec.PCMU)[10][STAMP.size :]

    def speak_to(self, connection: _Connection) -> None:
        """From now on."""
        self._slots[self._begun % _SLOTS].append(connection)
        self._begun += 1

    def forget(self, connection: _Connection) -> None:
        """It is closed."""
        for slot in self._slots:
            if connection in slot:
                slot.remove(connection)

    async def speak(self) -> None:
        """For ever."""
        number, next_at = 0, time.monotonic()
        while True:
            if slot := self._slots[number % _SLOTS]:
                message = self._message()
                for connection in slot:
                    connection.say(message)
            number += 1
            next_at += _SLOT_S
            await asyncio.sleep(max(next_at - time.monotonic(), 0))

    def _message(self) -> bytes:
        audio = STAMP.pack(MAGIC, FOREIGN, time.monotonic_ns()) + self._voice
        payload = base64.b64encode(audio).decode()
        text = json.dumps({"event": "media", "media": {"payload": payload}}).encode()
        return b"\x81\x7e" + len(text).to_bytes(2) + text


def _switching(head: bytes) -> bytes:
    key = next(
        line.partition(b":")[2].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
    )
    accept = base64.b64encode(hashlib.sha1(key + _ACCEPT).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept
        + b"\r\n\r\n"
    )


def _end_of_message(data: bytes, at: int) -> int | None:
    """Where the client's frame that begins here ends; None while it is not there (RFC 6455 section 5.2)."""
    if len(data) < at + 6:
        return None
    size, head = data[at + 1] & 0x7F, 6
    if size == 126:
        if len(data) < at + 8:
            return None
        size, head = int.from_bytes(data[at + 2 : at + 4]), 8
    end = at + head + size
    return end if end <= len(data) else None


def _unmasked(data: bytes, at: int, end: int) -> bytes:
    head = 8 if data[at + 1] & 0x7F == 126 else 6
    mask = data[at + head - 4 : at + head]
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(data[at + head : end]))


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    bot = _Bot()
    server = await loop.create_server(lambda: _Connection(bot), LOOPBACK, 0, backlog=1024)
    sys.stdout.write(json.dumps({"url": f"ws://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/media"}) + "\n")
    sys.stdout.flush()
    speech = asyncio.create_task(bot.speak(), name="speech")
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    await orders.read()  # at its end who measures is gone
    speech.cancel()


if __name__ == "__main__":
    uvloop.run(_serve())
