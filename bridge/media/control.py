"""The control channel between the bridge and its media process: messages over a SOCK_SEQPACKET socket."""

import asyncio
import socket
import typing
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from bridge.media import messages
from bridge.media.long_frames import PART, Assembly, parts
from bridge.media.messages import MediaSettings
from sip.channel import MessageCodec
from sip.errors import InvalidFrame

#: How the settings travel on the command line.
SETTINGS_CODEC = MessageCodec(MediaSettings)

#: What the bridge says and the media process reads.
COMMANDS = MessageCodec(*typing.get_args(messages.Command))
#: What the media process says and the bridge reads.
EVENTS = MessageCodec(*typing.get_args(messages.Event))

#: Datagrams that wait while the other end does not read; more than that means it hangs.
MAX_QUEUED = 20_000
#: More than a datagram can be, so that one that is too long shows.
_READ = PART + 1


Said = TypeVar("Said")
Heard = TypeVar("Heard")


class ControlChannel(Generic[Said, Heard]):
    """One end of the channel: `on_message` gets what the other end says, `on_closed` is called once when it is gone.

    `on_invalid` gets what cannot be read; it is skipped. A message never blocks: what the socket does not take waits.
    """

    def __init__(
        self,
        sock: socket.socket,
        says: MessageCodec,
        hears: MessageCodec,
        on_message: Callable[[Heard], None],
        on_closed: Callable[[], None],
        on_invalid: Callable[[InvalidFrame], None],
    ) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._says, self._hears = says, hears
        self._on_message, self._on_closed, self._on_invalid = on_message, on_closed, on_invalid
        self._queue: deque[bytes] = deque()
        self._assembly = Assembly()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._loop.add_reader(sock.fileno(), self._read)

    def send(self, message: Said) -> bool:
        """Send a message, now or when there is room; False when it is lost: closed, or the other end hangs."""
        if self._closed or len(self._queue) >= MAX_QUEUED:
            return False
        idle = not self._queue
        self._queue.extend(parts(self._says.encode(message)))
        if idle:
            self._write()
        return not self._closed

    def close(self) -> None:
        """Close this end; `on_closed` is not called."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._sock.fileno())
            self._loop.remove_writer(self._sock.fileno())
            self._sock.close()

    def _write(self) -> None:
        try:
            while self._queue:
                self._sock.send(self._queue[0])
                self._queue.popleft()
        except BlockingIOError:
            self._loop.add_writer(self._sock.fileno(), self._write)
        except OSError:
            self._lose()
        else:
            self._loop.remove_writer(self._sock.fileno())

    def _read(self) -> None:
        """One datagram a turn: audio gets its turn between two commands."""
        try:
            datagram = self._sock.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            datagram = b""
        if not datagram:
            self._lose()
            return
        try:
            frame = self._assembly.add(datagram)
            if frame is None:
                return
            message: Heard = self._hears.decode(frame)
        except InvalidFrame as exc:
            self._on_invalid(exc)
            return
        self._on_message(message)

    def _lose(self) -> None:
        if not self._closed:
            self.close()
            self._on_closed()
