"""All metrics of one bridge: who counts them, and their text for Prometheus."""

import asyncio
from collections.abc import Callable
from time import monotonic

import prometheus_client
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder

from bridge.calls.timeline import Entry
from bridge.livevox.transport import Exchange
from bridge.metrics import catalogue
from bridge.metrics.bridge_metrics import BridgeMetrics, Watched
from bridge.metrics.call_metrics import CallMetrics
from bridge.metrics.children import Children
from bridge.metrics.livevox_metrics import LiveVoxMetrics
from bridge.metrics.loop_lag import LoopLag
from bridge.metrics.metric import PREFIX
from bridge.metrics.names import Names
from bridge.metrics.webhook_metrics import read_backlogs
from bridge.settings import Settings

_disable_created: Callable[[], None] = prometheus_client.disable_created_metrics
_disable_created()  # a series more for each counter, which nobody asks for


class Metrics:
    """A registry of its own: there may be several bridges in one process.

    `heard` and `livevox_answered` are told of what happens; `watch` says what is asked when there is a scrape.
    """

    def __init__(self, settings: Callable[[], Settings]) -> None:
        """`settings`: those that hold now; their names become labels."""
        self.registry = CollectorRegistry()
        calls, livevox = CallMetrics(self.registry, Names(settings)), LiveVoxMetrics(self.registry)
        self.heard: Callable[[Entry], None] = calls.heard
        self.livevox_answered: Callable[[Exchange], None] = livevox.heard
        self._lag = LoopLag(catalogue.LOOP_LAG.histogram(self.registry).observe)
        self._children = Children()
        self._reading = asyncio.Lock()
        self._watched: Watched | None = None
        self._bridge: BridgeMetrics | None = None
        ProcessCollector(namespace=PREFIX.rstrip("_"), registry=self.registry)

    def watch(self, watched: Watched) -> None:
        """The parts are there."""
        self._watched = watched
        self._bridge = BridgeMetrics(watched)
        self.registry.register(self._bridge)

    def start(self) -> None:
        """Look at the event loop from now on."""
        self._lag.start()

    def stop(self) -> None:
        """Look no more."""
        self._lag.stop()

    async def text(self, accept: str) -> tuple[bytes, str]:
        """The exposition and its content type, in the format that an Accept header asks for."""
        async with self._reading:
            if self._watched is not None and self._bridge is not None:
                media = self._watched.overview.parts.media.pid
                roles = {"media": [] if media is None else [media], "sip_workers": self._watched.pool.pids}
                self._bridge.children = await asyncio.to_thread(self._children.read, roles, monotonic())
                self._bridge.backlogs = await read_backlogs(self._watched.overview.parts.courier)
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type
