"""One TCP connection to the API: bounded in time, and what is not HTTP gets an error of ours too, without versions."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import structlog
from aiohttp import web

from bridge.admin.errors import error_body, error_headers, http_refused
from bridge.errors import ApiRefused

SERVER = "livevox-bridge"

log = structlog.get_logger()

# aiohttp would log what is not HTTP as a fault, with all that was sent: tokens, customers' data.
_log = logging.getLogger("bridge.admin.http")
_log.disabled = True


@dataclass(frozen=True)
class ConnectionLimits:
    """What the connections may take; times in seconds."""

    at_once: int = 256
    """Further ones get 503 and are closed."""
    head_s: float = 15.0
    """The whole head of a request must have come by then, from the connection or from the last answer on."""
    reading_s: float = 20.0
    """A client that leaves an answer lying for so long is cut off: 64 KB while it is served, all that is left after."""
    warning_s: float = 60.0
    """Between two log lines about refused connections."""


class Connections:
    """Makes a protocol for each TCP connection that comes: `loop.create_server(connections.accept, …)`."""

    def __init__(self, server: web.Server, limits: ConnectionLimits) -> None:
        self._server = server
        self._limits = limits
        self._refused = 0
        self._warn_at = 0.0

    def accept(self) -> asyncio.Protocol:
        """What reads as a request goes to the application, unless there are too many connections."""
        if len(self._server.connections) < self._limits.at_once:
            return Connection(self._server, self._limits)
        self._refused += 1
        now = asyncio.get_running_loop().time()
        if now >= self._warn_at:
            self._warn_at = now + self._limits.warning_s
            log.warning("api_connections_refused", refused=self._refused, at_once=self._limits.at_once)
            self._refused = 0
        return _TooMany()


class Connection(web.RequestHandler):
    """A connection that is served."""

    __slots__ = ("_limits", "_served", "_timer", "_wire")

    def __init__(self, server: web.Server, limits: ConnectionLimits) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(server, loop=loop, keepalive_timeout=limits.head_s, logger=_log, access_log=_log)
        self._limits = limits
        self._timer: asyncio.TimerHandle | None = None
        self._served = False
        self._wire: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Serve it; once nothing more is served, what was answered must be taken in time."""
        self._wire = cast(asyncio.Transport, transport)  # by its class uvloop's is none
        super().connection_made(transport)
        assert self._task_handler is not None
        self._task_handler.add_done_callback(lambda _: self._nothing_more())

    def connection_lost(self, exc: BaseException | None) -> None:
        """It is over."""
        self._need_not_take()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not take what it is told: 64 KB wait."""
        super().pause_writing()
        self._must_take()

    def resume_writing(self) -> None:
        """The client has taken most of it."""
        super().resume_writing()
        self._need_not_take()
        if self._served:
            self._must_take()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what no handler sees."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is on its way already")
        response = refusal(http_refused(status, as_twilio=False))
        response.headers["Server"] = SERVER
        response.force_close()
        return response

    def _nothing_more(self) -> None:
        self._served = True
        self._must_take()

    def _must_take(self) -> None:
        if self._timer is None and self._manager is not None:  # it has none when the connection is gone
            abort: Callable[[], None] = self._wire.abort
            self._timer = self._loop.call_later(self._limits.reading_s, abort)

    def _need_not_take(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _TooMany(asyncio.Protocol):
    """A connection more than are served."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say so and close it."""
        wire = cast(asyncio.Transport, transport)
        body = json.dumps(error_body(http_refused(503, as_twilio=False)))
        wire.write(
            "HTTP/1.1 503 Service Unavailable\r\n"
            f"Server: {SERVER}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Retry-After: 1\r\nConnection: close\r\n\r\n{body}".encode()
        )
        wire.close()


def refusal(refused: ApiRefused, *, basic: bool = False) -> web.Response:
    """An error as an answer; `basic`: a browser may ask for the token."""
    headers = error_headers(refused, basic=basic)
    return web.json_response(error_body(refused), status=refused.status, headers=headers)
