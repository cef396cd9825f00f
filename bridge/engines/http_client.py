"""HTTP requests to speech engines: one pool of connections for all, each request limited in time and answer.

Engines are not trusted: redirects are not followed, cookies not kept, compressed answers not unpacked, proxies of the
environment not used.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog

from bridge.errors import EngineUnreachable

log = structlog.get_logger()

#: Bytes of an answer's body; a longer one is cut there.
MAX_ANSWER = 16_384
#: A connection is kept for so long. Many servers close theirs after 5 s: a POST must not meet one that is closing.
KEPT_S = 3.0
#: How long requests that are under way may go on when the bridge stops.
CLOSING_S = 2.0


@dataclass(frozen=True)
class HttpAnswer:
    """What an engine answered."""

    status: int
    content: bytes
    """Its body, the first MAX_ANSWER bytes."""
    cut: bool
    """The body was longer."""


class EngineHttp:
    """Open it inside the event loop; one for the whole bridge.

    `start` is for what must be said to an engine although its call is over: such a task outlives the call, and ends
    with the bridge.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            # A compressed answer could be small on the wire and huge in memory.
            auto_decompress=False,
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "livevox-bridge"},
            trust_env=False,
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float) -> HttpAnswer:
        """One POST, sent once; raises EngineUnreachable when no answer comes in time."""
        if self._http.closed:
            raise EngineUnreachable("the bridge stops", maybe_done=False)
        try:
            async with self._http.post(
                url,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout_s),
            ) as response:
                content = bytearray()
                async for chunk in response.content.iter_any():
                    content += chunk
                    if len(content) > MAX_ANSWER:
                        response.close()
                        break
                return HttpAnswer(response.status, bytes(content[:MAX_ANSWER]), len(content) > MAX_ANSWER)
        except TimeoutError as exc:
            raise EngineUnreachable(f"no answer within {timeout_s:g} s", maybe_done=True) from exc
        except aiohttp.ClientResponseError as exc:
            # Its text has the address in it, which may name a customer or a key.
            raise EngineUnreachable("the answer is not HTTP as it should be", maybe_done=True) from exc
        except aiohttp.ClientConnectorError as exc:
            cause = getattr(exc, "strerror", None) or type(exc).__name__  # a bad certificate has none
            raise EngineUnreachable(f"cannot connect: {cause}", maybe_done=False) from exc
        except (aiohttp.ClientError, ValueError) as exc:
            raise EngineUnreachable(f"the connection broke ({type(exc).__name__})", maybe_done=True) from exc

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Do something that outlives its call."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Let what is under way come to its end for a moment, then close all connections."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSING_S)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.close()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()) is not None:
            log.error("engine_task_failed", task=task.get_name(), exc_info=exc)
