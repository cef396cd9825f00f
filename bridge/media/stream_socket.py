"""One open WebSocket to an engine: messages out at once, messages in one by one, and a clean end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType

#: The engine has so long to answer our close frame.
CLOSE_LIMIT_S = 2.0
#: More than this is in our own buffer: the engine does not read as fast as it is spoken to. One second of audio.
CONGESTED_BYTES = 16 * 1024
#: Small, so that what the engine does not read waits where it can still be dropped, not in the kernel.
KERNEL_BUFFER = 32 * 1024
#: aiohttp must never wait in the middle of a message: how much is sent is decided here. uvloop keeps it in 32 bits.
_NO_LIMIT = 1 << 30

#: Close codes of RFC 6455 section 7.4.1.
NORMAL, POLICY_VIOLATION, INTERNAL_ERROR = 1000, 1008, 1011
#: Those that never travel: no code was given, and no close frame came.
NO_CODE, VANISHED = 1005, 1006


class OpenWebSocket(ClientWebSocketResponse):
    """aiohttp's WebSocket, with hands on what it writes to."""

    def __init__(self, reader: Any, writer: Any, protocol: Any, response: Any, *rest: Any, **more: Any) -> None:
        super().__init__(reader, writer, protocol, response, *rest, **more)
        self.writer = writer
        self.response: aiohttp.ClientResponse = response
        self.transport: asyncio.Transport = writer.transport


@dataclass(frozen=True)
class Gone:
    """The connection is over."""

    code: int
    """1006: without a close frame."""
    reason: str


class StreamSocket:
    """Sending never waits: what the network does not take is counted by `buffered`, and the caller holds back."""

    def __init__(self, ws: OpenWebSocket) -> None:
        self._ws = ws
        self._transport = ws.transport
        self._frame = ws.writer.send_frame
        #: Waits for the next message, which `read` understands; not wrapped, as it is called for each message.
        self.receive = ws.receive
        #: How many bytes wait to be sent.
        self.buffered: Callable[[], int] = ws.transport.get_write_buffer_size
        self._leaving = False
        self._abort_timer: asyncio.TimerHandle | None = None
        ws.transport.set_write_buffer_limits(high=_NO_LIMIT)

    def send(self, message: str | bytes) -> bool:
        """Send a message; False when the connection is gone, which `read` says, too."""
        if self._leaving:
            return False
        if isinstance(message, str):
            return self._write(message.encode("utf-8", "replace"), WSMsgType.TEXT)
        return self._write(message, WSMsgType.BINARY)

    def ping(self) -> None:
        """Ask for a sign of life."""
        if not self._leaving:
            self._write(b"", WSMsgType.PING)

    def leave(self, code: int) -> None:
        """Send a close frame. Go on with `receive` until `read` says Gone, which takes 2 s at most."""
        if self._leaving:
            return
        self._leaving = True
        if not self._write(_close_frame(code), WSMsgType.CLOSE):
            self.abort()
            return
        self._abort_timer = asyncio.get_running_loop().call_later(CLOSE_LIMIT_S, self.abort)

    def abort(self) -> None:
        """Cut the connection; what was not sent yet is lost."""
        self._leaving = True
        self._transport.abort()
        self._ws.response.close()

    def read(self, message: aiohttp.WSMessage) -> str | bytes | Gone | None:
        """What `receive` gave; None: a ping, which is answered, or a pong."""
        kind = message.type
        if kind is WSMsgType.TEXT or kind is WSMsgType.BINARY:
            data: str | bytes = message.data
            return data
        if kind is WSMsgType.PING or kind is WSMsgType.PONG:
            if kind is WSMsgType.PING and not self._leaving and self.buffered() <= CONGESTED_BYTES:
                self._write(message.data, WSMsgType.PONG)
            return None
        self._forget_timer()
        if kind is WSMsgType.CLOSE:
            self._answer_close()
            code = message.data or NO_CODE
            return Gone(code, _words(code, message.extra or ""))
        self.abort()
        return Gone(VANISHED, _cause(message.data))

    def _answer_close(self) -> None:
        """RFC 6455 section 5.5.1: a close frame is answered by one, unless it is an answer itself."""
        if not self._leaving:
            self._leaving = True
            self._write(_close_frame(NORMAL), WSMsgType.CLOSE)
        self._ws.response.close()

    def _forget_timer(self) -> None:
        if self._abort_timer is not None:
            self._abort_timer.cancel()
            self._abort_timer = None

    def _write(self, data: bytes, kind: WSMsgType) -> bool:
        """Run aiohttp's coroutine here and now: it waits for nothing, as the buffer has no limit it knows of."""
        frame = self._frame(data, kind)
        try:
            frame.send(None)
        except StopIteration:
            return True
        except (aiohttp.ClientError, ConnectionError, RuntimeError):
            return False
        frame.close()  # the frame is written; what it waits for is nothing to us
        return True


def _close_frame(code: int) -> bytes:
    return code.to_bytes(2, "big")


def _words(code: int, said: str) -> str:
    """A close code with what the engine said, fit for a log."""
    text = "".join(each if each.isprintable() else " " for each in said[:100]).strip()
    return f"the engine closed the connection ({code}{' ' + text if text else ''})"


def _cause(error: Any) -> str:
    """Why a connection without a close frame is over."""
    if isinstance(error, aiohttp.WebSocketError):
        return f"the engine broke the WebSocket protocol ({error})"
    return "the connection was cut"
