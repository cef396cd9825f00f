"""One TCP connection to the API: what is not HTTP gets an error of ours too, and no version of anything."""

import asyncio
import logging

from aiohttp import web

from bridge.admin.errors import error_body, error_headers, http_refused
from bridge.errors import ApiRefused

SERVER = "livevox-bridge"
_KEEP_ALIVE_S = 15.0

# aiohttp would log what is not HTTP as a fault, with all that was sent: tokens, customers' data.
_log = logging.getLogger("bridge.admin.http")
_log.disabled = True


class Connection(web.RequestHandler):
    """A connection; what reads as a request goes to the application."""

    __slots__ = ()

    def __init__(self, server: web.Server) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(server, loop=loop, keepalive_timeout=_KEEP_ALIVE_S, logger=_log, access_log=_log)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what no handler sees."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is on its way already")
        response = refusal(http_refused(status, as_twilio=False))
        response.headers["Server"] = SERVER
        response.force_close()
        return response


def refusal(refused: ApiRefused) -> web.Response:
    """An error as an answer."""
    return web.json_response(error_body(refused), status=refused.status, headers=error_headers(refused))
