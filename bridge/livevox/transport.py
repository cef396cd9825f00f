"""One request to LiveVox and its answer: turn, time limit, size limit, and what went wrong by name."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import time
from types import SimpleNamespace
from urllib.parse import quote

import aiohttp
from yarl import URL

from bridge.livevox.answers import MAX_ANSWER, RawAnswer, judged
from bridge.livevox.errors import LiveVoxError, LiveVoxRefused, LiveVoxUnreachable, UnreadableAnswer
from bridge.livevox.requests import Request
from bridge.livevox.turnstile import Turnstile

#: Requests that wait for their turn. Beyond it the agents' routine fails at once, and is tried again later; what a
#: customer waits for is always taken: a call has a few of them at most.
MAX_WAITING = 1_000


@dataclass(frozen=True)
class Exchange:
    """What became of a request, for metrics and a call's story; no ids and no secrets in what is shown of it."""

    method: str
    endpoint: str
    """The path's template."""
    status: int | None
    """None: no answer came."""
    ms: float
    """From its turn to the whole answer."""
    waited_ms: float
    """For its turn."""
    error: str | None
    """Name of the error; None: it went well."""
    request: Request | None = field(default=None, repr=False)
    """With its secrets."""
    answer: bytes = field(default=b"", repr=False)
    """The body."""


class Transport:
    """Requests to one LiveVox host over one pool of connections; open it inside the event loop."""

    def __init__(
        self,
        url: str,
        *,
        turnstile: Turnstile,
        timeout_s: float,
        api_version: str | None,
        connections: int,
        on_exchange: Callable[[Exchange], None] | None,
    ) -> None:
        root = URL(url)
        if root.scheme not in ("http", "https") or not root.host or root.user or root.query_string:
            raise ValueError("the API's address is a plain http or https URL, without user and query")
        self._root = str(root).rstrip("/")
        self._turnstile = turnstile
        self._version = api_version.strip("/") if api_version else ""
        self._on_exchange = on_exchange
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        tracing = aiohttp.TraceConfig()
        tracing.on_request_headers_sent.append(_note_sending)
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[tracing],
            # A compressed answer could be small on the wire and huge in memory.
            auto_decompress=False,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        """Close all connections; whoever waits for a turn or an answer gets LiveVoxUnreachable."""
        await self._http.close()
        self._turnstile.open()

    def change(self, *, rate: float, burst: int, timeout_s: float) -> None:
        """Other limits for requests that begin from now on."""
        self._turnstile.change(rate, burst)
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)

    async def perform(self, request: Request) -> RawAnswer:
        """Send the request once; raises LiveVoxRefused (SessionLost), LiveVoxUnreachable or UnreadableAnswer."""
        clock = asyncio.get_running_loop().time
        asked = clock()
        if not request.urgent and self._turnstile.waiting >= MAX_WAITING:
            raise LiveVoxUnreachable(request.endpoint, "too many requests wait for their turn", maybe_done=False)
        await self._turnstile.pass_through(urgent=request.urgent)
        started = clock()
        status: int | None = None
        error: str | None = "Cancelled"
        content = b""
        try:
            status, headers, content = await self._exchange(request)
            answer = judged(request, status, content, _retry_after(headers))
            error = None
            return answer
        except LiveVoxError as exc:
            error = type(exc).__name__
            raise
        finally:
            if self._on_exchange:
                spent, waited = (clock() - started) * 1000, (started - asked) * 1000
                made = Exchange(request.method, request.path, status, spent, waited, error, request, content)
                self._on_exchange(made)

    async def _exchange(self, request: Request) -> tuple[int, Mapping[str, str], bytes]:
        if self._http.closed:
            raise LiveVoxUnreachable(request.endpoint, "the client is closed", maybe_done=False)
        sending = SimpleNamespace(method=request.method, begun=False)
        with _named_errors(request.endpoint, sending):
            async with self._http.request(
                request.method,
                self._address(request),
                data=None if request.body is None else json.dumps(request.body).encode(),
                headers=_headers(request),
                allow_redirects=False,
                timeout=self._timeout,
                trace_request_ctx=sending,
            ) as response:
                content = bytearray()
                async for chunk in response.content.iter_any():
                    content += chunk
                    if len(content) > MAX_ANSWER:
                        response.close()
                        break
                return response.status, response.headers, bytes(content)

    def _address(self, request: Request) -> URL:
        category, _, resource = request.path.partition("/")
        template = "/".join(filter(None, (category, self._version, resource)))
        ids = {name: _one_segment(request.endpoint, name, value) for name, value in (request.ids or {}).items()}
        return URL(f"{self._root}/{template.format(**ids)}", encoded=True).with_query(request.query)


class _SentAgain(Exception):
    """aiohttp repeats PUT and DELETE by itself when a kept connection breaks; whether to repeat is not its decision."""


async def _note_sending(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
    """Called before each attempt's first byte."""
    sending = context.trace_request_ctx
    if sending.begun and sending.method != "GET":
        raise _SentAgain
    sending.begun = True


@contextlib.contextmanager
def _named_errors(endpoint: str, sending: SimpleNamespace) -> Iterator[None]:
    def unreachable(cause: str) -> LiveVoxUnreachable:
        return LiveVoxUnreachable(endpoint, cause, maybe_done=sending.begun)

    try:
        yield
    except _SentAgain as exc:
        raise unreachable("the connection broke") from exc
    except TimeoutError as exc:
        raise unreachable("time-out") from exc
    except aiohttp.ClientResponseError as exc:
        # Its text has the address with ids in it: neither the text nor the cause goes on.
        raise UnreadableAnswer(endpoint, exc.status, "not HTTP as it should be") from None
    except aiohttp.ClientConnectionError as exc:
        raise unreachable(f"{type(exc).__name__} {getattr(exc, 'strerror', None) or ''}".strip()) from exc
    except aiohttp.ClientError as exc:
        raise unreachable(type(exc).__name__) from exc


def _one_segment(endpoint: str, name: str, value: str) -> str:
    """An id as one segment of the path, whatever is in it; without one the path would name something else."""
    if not value:
        raise LiveVoxRefused(endpoint, 400, 400, f"not sent: {name} is empty")
    if value in (".", ".."):
        return value.replace(".", "%2E")
    return quote(value, safe="", errors="replace")


def _headers(request: Request) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if request.session:
        headers["LV-Session"] = request.session
    if request.token:
        headers["LV-Access"] = request.token
    return headers


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; LiveVox may write seconds or a date (RFC 9110 section 10.2.3)."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal() and len(value) < 10:
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time()) if value else None
    except (ValueError, OverflowError):
        return None
