"""The endpoints /live and /ready: what service managers and load balancers ask, without a token."""

from aiohttp import web

from bridge import __version__
from bridge.admin.overview import Overview
from bridge.admin.route import Reply, Route


class HealthEndpoints:
    """Both of them, for GET and HEAD."""

    def __init__(self, overview: Overview) -> None:
        self._overview = overview

    def routes(self) -> tuple[Route, ...]:
        """Where they are."""
        answers = {"/live": self._live, "/ready": self._ready}
        return tuple(
            Route(method, path, None, answer) for path, answer in answers.items() for method in ("GET", "HEAD")
        )

    async def _live(self, _request: web.Request) -> Reply:
        """The loop turns, or this would not be answered."""
        return 200, {"live": True, "version": __version__}

    async def _ready(self, _request: web.Request) -> Reply:
        told = self._overview.readiness()
        return (200 if told["ready"] else 503), told
