"""A client of the HTTP API of a bridge that runs: asks, orders, and says by name why it could not."""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientError, ClientSession, ClientTimeout

from bridge.errors import BridgeRefused, BridgeUnreachable

#: The API answers in milliseconds, or gives up after 10 s.
TIMEOUT_S = 15.0
#: A list of thousands of calls fits; what does not is no answer of a bridge.
_MAX_ANSWER = 16_777_216


class Api:
    """`async with Api("http://127.0.0.1:8080", token) as api: body = await api.get("/v1/calls")`.

    All methods raise BridgeUnreachable and BridgeRefused.
    """

    def __init__(self, url: str, token: str, timeout_s: float = TIMEOUT_S) -> None:
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._http = ClientSession(
            headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"},
            timeout=ClientTimeout(total=timeout_s),
            auto_decompress=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def get(self, path: str) -> dict[str, Any]:
        """The JSON object at a path."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """What an order is answered with."""
        return await self._ask("POST", path, body)

    async def text(self, path: str) -> str:
        """The text, or the page, at a path."""
        status, content = await self._fetch("GET", path, None)
        if status != 200 or len(content) > _MAX_ANSWER:
            _answered(self.url, status if status >= 300 else 500, content)
        return content.decode("utf-8", "replace")

    async def _ask(self, method: str, path: str, body: Mapping[str, object] | None) -> dict[str, Any]:
        return _answered(self.url, *await self._fetch(method, path, body))

    async def _fetch(self, method: str, path: str, body: Mapping[str, object] | None) -> tuple[int, bytes]:
        try:
            # A redirect would take the token elsewhere.
            async with self._http.request(method, self.url + path, json=body, allow_redirects=False) as response:
                content = await response.content.read(_MAX_ANSWER + 1)
                while len(content) <= _MAX_ANSWER and (more := await response.content.read(_MAX_ANSWER)):
                    content += more
                return response.status, content
        except TimeoutError as exc:
            raise BridgeUnreachable(self.url, f"no answer within {self._timeout_s:g} s", slow=True) from exc
        except (ClientError, OSError) as exc:
            raise BridgeUnreachable(self.url, str(exc)) from exc


def _answered(url: str, status: int, content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content) if len(content) <= _MAX_ANSWER else None
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise BridgeRefused(url, status, "no_bridge", "what answers there is no livevox-bridge")
    if status < 300:
        return body
    error = body.get("error")
    if not isinstance(error, dict):
        raise BridgeRefused(url, status, "no_bridge", "what answers there is no livevox-bridge")
    problems = error.get("problems")
    told = tuple(map(str, problems)) if isinstance(problems, list) else ()
    raise BridgeRefused(url, status, str(error.get("code")), str(error.get("message")), told)
