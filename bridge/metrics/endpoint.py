"""The endpoint /metrics: what Prometheus scrapes."""

from aiohttp import web

from bridge.admin.access import Scope
from bridge.admin.route import Route
from bridge.metrics.metrics import Metrics
from bridge.section import is_loopback
from bridge.settings.sections import AdminSection


class MetricsEndpoint:
    """For GET; no customer's data is in the answer."""

    def __init__(self, metrics: Metrics, admin: AdminSection) -> None:
        self._metrics = metrics
        self._scope = metrics_scope(admin)

    def routes(self) -> tuple[Route, ...]:
        """Where it is."""
        return (Route("GET", "/metrics", self._scope, self._answer),)

    async def _answer(self, request: web.Request) -> web.Response:
        text, content_type = await self._metrics.text(request.headers.get("Accept", ""))
        return web.Response(body=text, headers={"Content-Type": content_type})


def metrics_scope(admin: AdminSection) -> Scope | None:
    """Whose token opens it; None: it is open."""
    is_open = admin.metrics == "open" or (admin.metrics == "auto" and is_loopback(admin.listen.host))
    return None if is_open else Scope.VIEW
