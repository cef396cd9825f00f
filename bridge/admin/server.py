"""The HTTP server of the API: listens, checks who asks, bounds what a request may take, and answers in JSON."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Self

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bridge.admin.access import Access, TwilioAccount
from bridge.admin.audit import Audit
from bridge.admin.bodies import MAX_BODY
from bridge.admin.caller import let_in
from bridge.admin.calls import CallEndpoints
from bridge.admin.connection import SERVER, ConnectionLimits, Connections, refusal
from bridge.admin.errors import http_refused
from bridge.admin.live_calls import LiveCalls
from bridge.admin.route import Route
from bridge.admin.time_limit import limit
from bridge.admin.twilio_rest import PREFIX as TWILIO
from bridge.admin.twilio_rest import TwilioEndpoints
from bridge.dialects.kinds import DialectTerms
from bridge.errors import ApiRefused
from sip.port_holder import address_error

log = structlog.get_logger()

_CLOSING_S = 1.0


@dataclass(frozen=True)
class AdminSettings:
    """Where the API listens and whom it lets in."""

    host: str
    port: int
    """0 takes a free one."""
    access: Access
    accounts: tuple[TwilioAccount, ...] = ()
    """Of the engines of kind "twilio"."""
    names: DialectTerms = DialectTerms()
    """The outcomes and targets of the settings."""
    request_s: float = 10.0
    """A request that has not been read and answered by then is given up."""
    connections: ConnectionLimits = ConnectionLimits()


class AdminServer:
    """The API; an asynchronous context manager."""

    def __init__(self, settings: AdminSettings, calls: LiveCalls, audit: Audit, further: Sequence[Route] = ()) -> None:
        """`calls` is the controller; `further` are the endpoints that are not about one call."""
        self._settings = settings
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._of_calls = CallEndpoints(calls, settings.names, audit)
        self._as_twilio = TwilioEndpoints(calls, settings.accounts)
        self._routes = [*self._of_calls.routes(), *self._as_twilio.routes(), *further]
        self.port = settings.port
        """The port it listens on, once it does."""

    async def start(self) -> None:
        """Listen; raises AddressInUse or AddressUnusable."""
        app = web.Application(middlewares=[_outermost(self._settings.request_s)], client_max_size=MAX_BODY)
        app.on_response_prepare.append(_name_server)
        for route in self._routes:
            app.router.add_route(route.method, route.path, self._handler(route))
        self._runner = web.AppRunner(app, shutdown_timeout=_CLOSING_S)
        await self._runner.setup()
        server = self._runner.server
        assert server is not None  # it is there from setup to cleanup
        host, port = self._settings.host, self._settings.port
        try:
            connections = Connections(server, self._settings.connections)
            self._listener = await asyncio.get_running_loop().create_server(connections.accept, host, port)
        except OSError as exc:
            await self.stop()
            raise address_error(exc, host, port, "tcp") from exc
        self.port = self._listener.sockets[0].getsockname()[1]
        log.info("admin_api_listens", address=f"{host}:{self.port}")

    def change(self, settings: AdminSettings) -> None:
        """Other tokens, accounts and names from now on; where it listens stays as it is."""
        self._settings = settings
        self._of_calls.change(settings.names)
        self._as_twilio.change(settings.accounts)

    async def stop(self) -> None:
        """Stop listening; requests under way get a second."""
        listener, self._listener = self._listener, None
        runner, self._runner = self._runner, None
        if listener is not None:
            listener.close()
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _handler(self, route: Route) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            if route.scope is not None:
                authorization = request.headers.get("Authorization", "")
                try:
                    let_in(request, self._settings.access.demand(route.scope, authorization, basic=route.page))
                except ApiRefused as exc:
                    return refusal(exc, basic=route.page)
            reply = await route.answer(request)
            if isinstance(reply, web.StreamResponse):
                return reply
            status, body = reply
            return web.json_response(body, status=status)

        return handle


def _outermost(limit_s: float) -> Middleware:
    """The outermost level of a request: whatever goes wrong, or takes longer, becomes an answer."""

    @web.middleware
    async def serve(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = monotonic()
        try:
            async with asyncio.timeout(limit_s) as timeout:
                limit(request, timeout)
                response = await _answer(request, handler)
        except TimeoutError:
            response = _http_refusal(request, 408)
        except (web.RequestPayloadError, ConnectionError):
            response = _http_refusal(request, 400)
        except Exception:
            log.exception("api_fault", method=request.method, route=_pattern(request))
            response = _http_refusal(request, 500)
        ms = round((monotonic() - started) * 1000, 1)
        log.debug("api_request", method=request.method, route=_pattern(request), status=response.status, ms=ms)
        return response

    return serve


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    if (request.content_length or 0) > MAX_BODY:
        return _http_refusal(request, 413)
    try:
        return await handler(request)
    except ApiRefused as exc:
        return refusal(exc)
    except web.HTTPException as exc:
        response = _http_refusal(request, exc.status)
        if "Allow" in exc.headers:
            response.headers["Allow"] = exc.headers["Allow"]
        return response


def _http_refusal(request: web.Request, status: int) -> web.Response:
    return refusal(http_refused(status, as_twilio=request.path.startswith(TWILIO)))


def _pattern(request: web.Request) -> str:
    """The endpoint's path; what was asked for instead of one may hold anything, and is not logged."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


async def _name_server(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = SERVER
