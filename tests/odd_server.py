"""An HTTP server on 127.0.0.1 that answers with whatever bytes a test gives it, and keeps what it was asked."""

import asyncio
import json
import ssl
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Odd:
    """An answer: bytes to send, how slowly, and whether to cut the connection."""

    content: bytes = b""
    before_s: float = 0.0
    cut: bool = False
    """Close (reset) instead of keeping the connection."""
    drip_s: float = 0.0
    """Pause after each byte; 0: all at once."""


def answer(status: int, body: Any = None, **headers: str) -> Odd:
    """A proper answer; `body` as JSON, or as it is when it is bytes."""
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return Odd("\r\n".join([*lines, "", ""]).encode() + content)


class OddServer:
    """Gives its answers in order, 204 when there are no more; over TLS if it is given a context."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.asked: list[Asked] = []
        self.answers: deque[Odd] = deque()
        self.connections = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._more = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        place = "https://127.0.0.1" if self._tls else "http://127.0.0.1"
        self.url = f"{place}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    async def wait_asked(self, count: int) -> list[Asked]:
        """Wait until so many requests have come, answered or not."""
        while len(self.asked) < count:
            self._more.clear()
            await self._more.wait()
        return self.asked

    def give(self, *answers: Odd) -> None:
        """Answer the next requests with these."""
        self.answers.extend(answers)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while True:
                self.asked.append(await _read(reader))
                self._more.set()
                given = self.answers.popleft() if self.answers else answer(204)
                await asyncio.sleep(given.before_s)
                await _write(writer, given)
                if given.cut:
                    return
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


async def _write(writer: asyncio.StreamWriter, given: Odd) -> None:
    if not given.drip_s:
        writer.write(given.content)
        return
    for byte in given.content:
        writer.write(bytes([byte]))
        await asyncio.sleep(given.drip_s)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    return Asked(method, target, headers, await reader.readexactly(int(headers.get("content-length", "0"))))
