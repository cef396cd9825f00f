"""The line to one engine: whichever WebSocket it is at the moment, while it is opened, lost, renewed and closed."""

import asyncio
import time
from dataclasses import replace
from typing import Protocol

from bridge.dialects.dialect import Opening
from bridge.errors import WebSocketNotOpened
from bridge.media.message_pace import MessagePace
from bridge.media.outbox import Outbox
from bridge.media.stream_socket import CONGESTED_BYTES, NORMAL, VANISHED, Gone, StreamSocket
from bridge.media.stream_world import StreamWorld
from bridge.media.wake_up import WakeUp

#: How often it is tried to send what an engine that reads slowly has not taken.
_FLUSH_S = 0.02


class LineUser(Protocol):
    """Whose line it is. `now` in seconds, monotonic."""

    def line_open(self, renewed: bool, now: float) -> None:
        """There is a connection; `renewed`: it took the place of one that worked."""

    def line_message(self, message: str | bytes, now: float) -> None:
        """The engine says something."""

    def line_down(self, reason: str, code: int | None, now: float) -> None:
        """The connection is gone, with this close code; None: it could not be opened."""

    def line_slow(self) -> None:
        """The engine does not read as fast as it is spoken to; said once."""

    def line_broke(self, exc: Exception) -> None:
        """A fault of ours: the line cannot be used any more."""

    def line_not_renewed(self, reason: str) -> None:
        """The connection stays as it is."""


class StreamLine:
    """At most one connection that counts, and at most one that is being opened beside it."""

    def __init__(self, name: str, world: StreamWorld, user: LineUser, traceparent: str = "") -> None:
        """`traceparent`: a header of every request for a connection; empty: none."""
        self._name = name
        self._headers = (("traceparent", traceparent),) if traceparent else ()
        self._world, self._patience, self._user = world, world.patience, user
        self._opened = 0
        #: What is sent is what the engine is to hear: it may be dropped.
        self.says_audio = False
        #: The connection that counts.
        self.socket: StreamSocket | None = None
        self._heard_at = 0.0
        self._heartbeat = WakeUp(self._look)
        #: In it a connection is being opened, the first or one after a loss, or beside the one that works.
        self._opening: asyncio.Task[None] | None = None
        self._outbox = Outbox(self._patience.stuck_s)
        self._flush_timer: asyncio.TimerHandle | None = None
        self._slow = False

    @property
    def dropped(self) -> int:
        """Messages with audio that the engine was too slow for."""
        return self._outbox.dropped

    def connect(self, opening: Opening, timeout_s: float, after_s: float = 0.0) -> None:
        """Open a connection, after a pause; what there was is closed, what was tried is given up."""
        self.leave(NORMAL)
        self._open(opening, timeout_s, after_s, renewal=False)

    def renew(self, opening: Opening, timeout_s: float) -> None:
        """Open a connection beside the one there is, and go over to it; not while another is being opened."""
        if self._opening is None:
            self._open(opening, timeout_s, 0.0, renewal=True)

    def send(self, message: str | bytes) -> None:
        """Send now, or as soon as the engine reads; dropped without a connection."""
        socket = self.socket
        if socket is None:
            return
        # As long as something waits in the outbox the timer is set.
        if self._flush_timer is not None or socket.buffered() > CONGESTED_BYTES:
            self._hold(message)
        else:
            socket.send(message)

    def leave(self, code: int) -> None:
        """Close the connection as RFC 6455 has it, and give up one that is being opened. `line_down` is not called."""
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        self._heartbeat.cancel()
        socket, self.socket = self.socket, None
        if socket is not None:
            self._empty_into(socket)
            socket.leave(code)

    def _open(self, opening: Opening, timeout_s: float, after_s: float, *, renewal: bool) -> None:
        self._opened += 1
        name = f"{self._name} connection {self._opened}"
        opening = replace(opening, headers=(*opening.headers, *self._headers))
        self._opening = self._world.spawn(name, self._run(opening, timeout_s, after_s, renewal))

    async def _run(self, opening: Opening, timeout_s: float, after_s: float, renewal: bool) -> None:
        """The life of one connection."""
        try:
            await asyncio.sleep(after_s)
            socket = await self._world.connector.open(opening, timeout_s)
            await self._use(socket, renewal)
        except WebSocketNotOpened as exc:
            self._opening = None
            if self.socket is not None:
                self._user.line_not_renewed(exc.reason)
            elif not renewal:
                self._user.line_down(exc.reason, None, time.monotonic())
        except Exception as exc:  # noqa: BLE001  # the outermost level of a connection; its user logs it
            self._user.line_broke(exc)

    async def _use(self, socket: StreamSocket, renewal: bool) -> None:
        try:
            self._go_over(socket, renewal)
            gone = await self._listen(socket)
        except BaseException:
            socket.abort()
            raise
        if socket is self.socket:
            self.socket = None
            self._outbox.clear()
            self._user.line_down(gone.reason, gone.code, time.monotonic())

    def _go_over(self, socket: StreamSocket, renewal: bool) -> None:
        self._opening = None
        before, self.socket = self.socket, socket
        self._heard_at = time.monotonic()
        self._heartbeat.by(self._heard_at + self._patience.heartbeat_s)
        if before is not None:
            self._empty_into(before)
            before.leave(NORMAL)
        self._user.line_open(renewal, time.monotonic())

    async def _listen(self, socket: StreamSocket) -> Gone:
        """Read to the end, ours or the engine's: a close frame is answered only to one who reads."""
        pace, receive = MessagePace(), socket.receive
        while True:
            message = socket.read(await receive())
            if isinstance(message, Gone):
                return message
            now = time.monotonic()
            if socket is self.socket:
                self._heard_at = now
                if message is not None:
                    self._user.line_message(message, now)
            pause = pace.take(len(message) if message else 0, now)
            if pause:
                await asyncio.sleep(pause)

    # an engine that does not answer, or reads slowly

    def _look(self, now: float) -> None:
        socket, silent_s = self.socket, now - self._heard_at
        if socket is None:
            return
        if silent_s >= self._patience.silent_s:
            self._cut("the engine did not answer a ping")
        elif silent_s >= self._patience.heartbeat_s:
            socket.ping()
            self._heartbeat.by(self._heard_at + self._patience.silent_s)
        else:
            self._heartbeat.by(self._heard_at + self._patience.heartbeat_s)

    def _cut(self, reason: str) -> None:
        socket, self.socket = self.socket, None
        self._outbox.clear()
        if socket is not None:
            socket.abort()
            self._user.line_down(reason, VANISHED, time.monotonic())

    def _hold(self, message: str | bytes) -> None:
        self._outbox.add(message, self.says_audio, time.monotonic())
        if self._flush_timer is None:
            self._flush_timer = asyncio.get_running_loop().call_later(_FLUSH_S, self._flush)
        if self._outbox.dropped and not self._slow:
            self._slow = True
            self._user.line_slow()

    def _flush(self) -> None:
        self._flush_timer = None
        socket, now = self.socket, time.monotonic()
        if socket is None:
            return
        while socket.buffered() <= CONGESTED_BYTES:
            message = self._outbox.take(now)
            if message is None:
                return
            socket.send(message)
        if self._outbox.is_hopeless(now):
            self._cut("the engine does not read what it is sent")
        elif self._outbox:
            self._flush_timer = asyncio.get_running_loop().call_later(_FLUSH_S, self._flush)

    def _empty_into(self, socket: StreamSocket) -> None:
        """What still waits goes out before the close frame; there is not much of it."""
        while (message := self._outbox.take(time.monotonic())) is not None:
            socket.send(message)
