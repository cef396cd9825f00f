"""Where the dashboard is: the page at /, its style and script, and the events it lives on."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from time import time

from aiohttp import web

from bridge.admin.access import Scope
from bridge.admin.overview import Overview
from bridge.admin.route import Reply, Route
from bridge.calls.timeline import Entry
from bridge.dashboard.feed import Feed
from bridge.dashboard.last_hour import LastHour
from bridge.dashboard.picture import Picture

_FILES = {
    "/": ("index.html", "text/html"),
    "/dashboard.css": ("dashboard.css", "text/css"),
    "/dashboard.js": ("dashboard.js", "text/javascript"),
}

_HEADERS = {
    # The page loads nothing from elsewhere, runs no script but its own file, and stands in nobody's frame.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Dashboard:
    """Hears of calls from the start of the bridge, and is served once there is something to see."""

    def __init__(self) -> None:
        self._hour = LastHour()

    def heard(self, entry: Entry) -> None:
        """A listener of every call's timeline."""
        self._hour.heard(entry, time())

    def routes(self, overview: Overview) -> tuple[Route, ...]:
        """Where it is; browsers open all of it."""
        answers: dict[str, Callable[[web.Request], Awaitable[Reply]]] = {
            path: _File(name, kind).answer for path, (name, kind) in _FILES.items()
        }
        answers["/v1/events"] = Feed(Picture(overview, self._hour)).answer
        return tuple(Route("GET", path, Scope.VIEW, answer, page=True) for path, answer in answers.items())


class _File:
    """A file of the page."""

    def __init__(self, name: str, kind: str) -> None:
        self._text = files("bridge.dashboard").joinpath("page", name).read_text("utf-8")
        self._kind = kind

    async def answer(self, _request: web.Request) -> Reply:
        return web.Response(text=self._text, content_type=self._kind, charset="utf-8", headers=_HEADERS)
