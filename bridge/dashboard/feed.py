"""Server-sent events: each viewer gets every section once, and again whenever it has changed."""

import asyncio
import json
from time import monotonic
from typing import NamedTuple

from aiohttp import web

from bridge.admin.caller import caller_of
from bridge.admin.route import Reply
from bridge.admin.time_limit import stay_open
from bridge.dashboard.picture import Picture, steady
from bridge.errors import ApiRefused

#: Viewers at the same time: each costs a drawing, and a connection.
MAX_VIEWERS = 50
#: How often it is looked whether something has changed, in seconds.
EVERY_S = 1.0
#: A viewer that gets nothing for so long is told that all is well, in seconds.
ALIVE_S = 3.0


class _Drawn(NamedTuple):
    """One section."""

    steady: str
    """What it is compared by."""
    event: bytes


class Feed:
    """The events of one picture for all its viewers; what several see is drawn once."""

    def __init__(self, picture: Picture, every_s: float = EVERY_S) -> None:
        self._picture = picture
        self._every_s = every_s
        self._viewers = 0
        self._drawn: dict[bool, tuple[float, dict[str, _Drawn]]] = {}

    async def answer(self, request: web.Request) -> Reply:
        """GET /v1/events; ends when the viewer goes."""
        if self._viewers >= MAX_VIEWERS:
            raise ApiRefused(503, "too_many_viewers", f"{MAX_VIEWERS} dashboards are open already: close one")
        whole = caller_of(request).sees_all
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        stay_open(request)
        self._viewers += 1
        try:
            await response.prepare(request)
            await self._tell(response, whole=whole)
        except ConnectionError:
            pass  # the viewer has gone
        finally:
            self._viewers -= 1
        return response

    async def _tell(self, response: web.StreamResponse, *, whole: bool) -> None:
        told: dict[str, str] = {}
        said_at = monotonic()
        while True:
            for name, drawn in self._draw(whole=whole).items():
                if told.get(name) != drawn.steady:
                    told[name] = drawn.steady
                    said_at = monotonic()
                    await response.write(drawn.event)
            if monotonic() - said_at >= ALIVE_S:
                said_at = monotonic()
                await response.write(b"event: alive\ndata: {}\n\n")
            await asyncio.sleep(self._every_s)

    def _draw(self, *, whole: bool) -> dict[str, _Drawn]:
        now = monotonic()
        drawn_at, drawn = self._drawn.get(whole, (float("-inf"), {}))
        if now - drawn_at >= self._every_s * 0.9:
            drawn = {
                name: _Drawn(json.dumps(steady(name, section)), _event(name, json.dumps(section)))
                for name, section in self._picture.sections(whole=whole).items()
            }
            self._drawn[whole] = now, drawn
        return drawn


def _event(name: str, data: str) -> bytes:
    """JSON holds no line break of its own: one line of data is enough."""
    return f"event: {name}\ndata: {data}\n\n".encode()
