"""The REST API of the simulated platform over HTTP: reads requests, lets the platform answer, sends the answers."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web

from bridge.simulator.answers import Answers
from bridge.simulator.platform import Platform
from bridge.simulator.requests import Request
from bridge.simulator.routes import find

log = structlog.get_logger()


class Rest:
    """Serves all endpoints; `settle` is called after each request, to perform what the platform wants done."""

    def __init__(self, platform: Platform, clock: Callable[[], float], settle: Callable[[], None]) -> None:
        self._platform = platform
        self._answers = Answers(platform)
        self._clock = clock
        self._settle = settle

    async def handle(self, http: web.Request) -> web.StreamResponse:
        """Serve one request."""
        request = await read_request(http)
        plan = self._answers.plan(request, self._clock())
        if plan.delay_s > 0:
            await asyncio.sleep(plan.delay_s)
        now = self._clock()
        self._platform.expire(now)
        reply = self._answers.answer(request, now, plan.strike)
        self._settle()
        log.debug("simulator_request", endpoint=request.endpoint.short, status=reply.status)
        if reply.delay_s > 0:
            await asyncio.sleep(reply.delay_s)
        if reply.status is None:
            return _cut(http)
        headers = {"Content-Type": reply.content_type} if reply.payload else {}
        return web.Response(status=reply.status, body=reply.payload, headers=headers)


async def read_request(http: web.Request) -> Request:
    """The request as the platform reads it."""
    route = find(http.method, http.rel_url.raw_path)
    body, readable = _parsed(await http.read())
    return Request(
        endpoint=route.endpoint,
        path=route.parameters,
        query=dict(http.query),
        body=body,
        readable=readable,
        is_json=http.content_type == "application/json",
        method_known=not route.allowed,
        token=http.headers.get("LV-Access", ""),
        session_id=http.headers.get("LV-Session", ""),
    )


def _parsed(raw: bytes) -> tuple[Any, bool]:
    """The JSON of a body, and whether it is JSON; nothing is JSON too."""
    if not raw.strip():
        return None, True
    try:
        return json.loads(raw), True
    except (ValueError, RecursionError):
        return None, False


def _cut(http: web.Request) -> web.StreamResponse:
    """Cut the connection instead of answering."""
    if http.transport is not None:
        http.transport.abort()
    return web.Response(status=500)  # goes nowhere: the connection is gone
