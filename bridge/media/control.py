"""The control channel between the bridge and its media process: messages over a SOCK_SEQPACKET socket."""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from bridge.media.messages import (
    AudioStarted,
    CloseSession,
    DtmfReceived,
    MediaSettings,
    OpenSession,
    ProcessReady,
    RestPorts,
    RtpTimedOut,
    SendDigits,
    SessionClosed,
    SessionOpened,
    SessionRefused,
    SetFlow,
    SetRemote,
)
from sip.channel import MAX_FRAME, MessageCodec
from sip.errors import InvalidFrame

#: How the settings travel on the command line.
SETTINGS_CODEC = MessageCodec(MediaSettings)

#: What the bridge says and the media process reads.
COMMANDS = MessageCodec(OpenSession, SetRemote, SetFlow, SendDigits, CloseSession, RestPorts)
#: What the media process says and the bridge reads.
EVENTS = MessageCodec(
    ProcessReady, SessionOpened, SessionRefused, AudioStarted, DtmfReceived, RtpTimedOut, SessionClosed
)

#: Frames that wait while the other end does not read; more than that means it hangs.
MAX_QUEUED = 20_000


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
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._loop.add_reader(sock.fileno(), self._read)

    def send(self, message: Said) -> bool:
        """Send a message, now or when there is room; False when it is lost: closed, or the other end hangs."""
        if self._closed or len(self._queue) >= MAX_QUEUED:
            return False
        self._queue.append(self._says.encode(message))
        if len(self._queue) == 1:
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
        """One frame a turn: audio gets its turn between two commands."""
        try:
            frame = self._sock.recv(MAX_FRAME)
        except BlockingIOError:
            return
        except OSError:
            frame = b""
        if not frame:
            self._lose()
            return
        try:
            message: Heard = self._hears.decode(frame)
        except InvalidFrame as exc:
            self._on_invalid(exc)
            return
        self._on_message(message)

    def _lose(self) -> None:
        if not self._closed:
            self.close()
            self._on_closed()
