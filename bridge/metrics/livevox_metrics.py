"""What is counted of the requests to LiveVox."""

import re

from prometheus_client import CollectorRegistry

from bridge.livevox.transport import Exchange
from bridge.metrics import catalogue
from bridge.metrics.metric import OTHER

#: By the name of the error.
_RESULTS = {
    None: "ok",
    "LiveVoxRefused": "refused",
    "SessionLost": "session_lost",
    "LiveVoxUnreachable": "unreachable",
    "UnreadableAnswer": "unreadable",
    "Cancelled": "cancelled",
}
_STATUS = re.compile(r"[1-5][0-9][0-9]")


class LiveVoxMetrics:
    """`heard` is told of every request's end."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = catalogue.LIVEVOX_REQUESTS.counter(registry)
        self._seconds = catalogue.LIVEVOX_REQUEST.histogram(registry)
        self._waits = catalogue.LIVEVOX_WAIT.histogram(registry)

    def heard(self, exchange: Exchange) -> None:
        """A request has ended. Its endpoint is one of ours, its status whatever a server has sent."""
        endpoint = f"{exchange.method} {exchange.endpoint}"
        status = "none" if exchange.status is None else str(exchange.status)
        known = exchange.status is None or _STATUS.fullmatch(status)
        result = _RESULTS.get(exchange.error, OTHER)
        self._requests.labels(endpoint, status if known else OTHER, result).inc()
        self._waits.observe(exchange.waited_ms / 1000)
        if result != "cancelled":
            self._seconds.labels(endpoint).observe(exchange.ms / 1000)
