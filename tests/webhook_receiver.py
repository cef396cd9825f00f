"""Who gets webhooks: a real HTTP server that verifies what it gets, and fails when a test says so."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

SECRET = "simulated"


@dataclass(frozen=True)
class Got:
    """One POST."""

    id: str
    type: str
    data: dict[str, Any]
    body: bytes = field(repr=False)
    taken: bool


class Receiver:
    """`async with Receiver() as receiver: receiver.mood = lambda number: 500`.

    `mood` gets how many POSTs came before and says the status; 0: the connection is cut, -1: no answer at all.
    """

    def __init__(self, port: int = 0) -> None:
        self.mood: Callable[[int], int] = lambda number: 204
        self.got: list[Got] = []
        self.faults: list[str] = []
        """What was wrong with a POST."""
        self.at_once = 0
        """POSTs of the same call that were served at the same time, at the most."""
        self.port = port
        self._serving: list[str] = []
        self._stopped = asyncio.Event()

    @property
    def url(self) -> str:
        """Where they go."""
        return f"http://127.0.0.1:{self.port}/hooks/crm"

    @property
    def taken(self) -> list[Got]:
        """Those that were answered with 2xx."""
        return [got for got in self.got if got.taken]

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hooks/crm", self._serve)
        app.router.add_post("/elsewhere", self._elsewhere)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        await self._runner.cleanup()

    async def until(self, met: Callable[[], object], limit_s: float = 20.0) -> None:
        """Wait for something to come."""
        async with asyncio.timeout(limit_s):
            while not met():  # noqa: ASYNC110  # any POST may be the one
                await asyncio.sleep(0.01)

    async def _elsewhere(self, request: web.Request) -> web.Response:
        self.faults.append("a redirect was followed")
        return web.Response(status=204)

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        self._verify(request, body)
        said = json.loads(body)
        status, call = self.mood(len(self.got)), said["data"]["call"]
        self.got.append(Got(request.headers["webhook-id"], said["type"], said["data"], body, 200 <= status < 300))
        if status == -1:
            await self._stopped.wait()
        self._serving.append(call)
        self.at_once = max(self.at_once, self._serving.count(call))
        try:
            await asyncio.sleep(0)
            if status == 0:
                assert request.transport is not None
                request.transport.abort()
            answer = b"x" * 100_000 if status == 200 else b""
            headers = {"Location": "/elsewhere"} if 300 <= status < 400 else {}
            return web.Response(status=max(status, 200), body=answer, headers=headers)
        finally:
            self._serving.remove(call)

    def _verify(self, request: web.Request, body: bytes) -> None:
        id, at, signed = (request.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
        digest = hmac.new(SECRET.encode(), f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
        if signed != "v1," + base64.b64encode(digest).decode():
            self.faults.append("the signature is wrong")
        if request.content_type != "application/json":
            self.faults.append("it is not called JSON")
        earlier = [got.body for got in self.got if got.id == id]
        if any(other != body for other in earlier):
            self.faults.append("another body under the same id")
