"""Opens WebSockets to engines, and says plainly why one could not be opened."""

import asyncio
import os
import socket
import ssl
from http import HTTPStatus
from types import SimpleNamespace

import aiohttp

from bridge.dialects.dialect import Opening
from bridge.errors import WebSocketNotOpened
from bridge.media.stream_socket import KERNEL_BUFFER, OpenWebSocket, StreamSocket

#: Longest message that is taken: six minutes of audio as base64.
MAX_MESSAGE = 4 * 1024 * 1024


class _Redirected(Exception):
    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


class StreamConnector:
    """One HTTP client for all engines: no proxy, no cookies, no redirects; certificates are verified."""

    def __init__(self) -> None:
        tracing = aiohttp.TraceConfig()
        tracing.on_request_redirect.append(_refuse_redirect)
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=10, socket_factory=_socket),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=False,
            ws_response_class=OpenWebSocket,
            trace_configs=[tracing],
        )

    async def open(self, opening: Opening, timeout_s: float) -> StreamSocket:
        """An open WebSocket; raises WebSocketNotOpened."""
        try:
            async with asyncio.timeout(timeout_s):
                ws = await self._http.ws_connect(
                    opening.url,
                    headers=list(opening.headers),
                    protocols=opening.subprotocols,
                    timeout=aiohttp.ClientWSTimeout(ws_close=0.5),
                    autoclose=False,
                    autoping=False,
                    compress=0,
                    max_msg_size=MAX_MESSAGE,
                )
        except TimeoutError as exc:
            raise WebSocketNotOpened(f"the engine did not answer the WebSocket request within {timeout_s:g} s") from exc
        except (aiohttp.ClientError, OSError, ValueError, _Redirected) as exc:
            raise WebSocketNotOpened(_why(exc)) from exc
        if not isinstance(ws, OpenWebSocket):
            raise TypeError(f"aiohttp made a {type(ws).__name__}")
        return StreamSocket(ws)

    async def close(self) -> None:
        """Cut all that is still open."""
        await self._http.close()


def _socket(address: tuple[int, int, int, str, object]) -> socket.socket:
    family, kind, protocol = address[:3]
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)
    return sock


async def _refuse_redirect(
    session: aiohttp.ClientSession, context: SimpleNamespace, redirect: aiohttp.TraceRequestRedirectParams
) -> None:
    """The headers with the secret are for the host of the settings alone."""
    raise _Redirected(redirect.response.status)


def _why(exc: Exception) -> str:
    match exc:
        case _Redirected(status=status):
            return f"the engine answered {status} to the WebSocket request: redirects are not followed, correct its url"
        case aiohttp.ServerDisconnectedError():
            return "the engine closed the connection instead of answering the WebSocket request"
        case aiohttp.ClientResponseError(status=status):
            return _of_answer(status)
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return _of_tls(exc)
        case aiohttp.ClientConnectorDNSError():
            return "the name of the engine's host cannot be resolved"
        case OSError():
            return f"no connection to the engine: {_words(exc)}"
        case _:
            return f"the WebSocket request cannot be made ({type(exc).__name__}): check the engine's url and headers"


def _of_answer(status: int) -> str:
    if status == HTTPStatus.SWITCHING_PROTOCOLS or not 100 <= status <= 999:
        return "the engine's answer to the WebSocket request is not valid (RFC 6455 section 4.1)"
    remedy = ": check its secret and headers" if status in (401, 403) else ""
    return f"the engine answered {status} to the WebSocket request{remedy}"


def _of_tls(exc: Exception) -> str:
    match exc:
        case aiohttp.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError() as error):
            return f"the engine's certificate is not trusted: {error.verify_message}"
        case _:
            return "TLS with the engine failed"


def _words(error: OSError) -> str:
    """What the system says, without the address."""
    inner = getattr(error, "os_error", error)
    return os.strerror(inner.errno) if inner.errno else type(inner).__name__
