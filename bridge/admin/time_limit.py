"""How long a request may take, and the answers that go on for as long as somebody listens."""

import asyncio

from aiohttp import web

_LIMIT = web.RequestKey("time_limit", asyncio.Timeout)


def limit(request: web.Request, timeout: asyncio.Timeout) -> None:
    """Note what bounds the request."""
    request[_LIMIT] = timeout


def stay_open(request: web.Request) -> None:
    """From here on the answer may take any time; a client that does not take it is cut off by its connection."""
    request[_LIMIT].reschedule(None)
