"""Spans on their way to an OTLP server, by the OpenTelemetry SDK: batched, in a thread, bounded."""

import asyncio
from importlib.metadata import version
from time import monotonic, time
from typing import TYPE_CHECKING

from bridge.calls.timeline import Entry
from bridge.errors import TracingNotInstalled
from bridge.livevox.call_at_hand import CALL_AT_HAND
from bridge.livevox.transport import Exchange
from bridge.settings import Settings
from bridge.tracing.call_spans import CallSpans

if TYPE_CHECKING:
    from bridge.tracing.exporter import SpanExporter

#: At the end what waits has so long to go, in seconds.
LAST_S = 3.0


class Tracing:
    """`heard` is a listener of all calls; `livevox_answered` is called where a request was made, at its end."""

    def __init__(self, settings: Settings) -> None:
        """Raises TracingNotInstalled."""
        self._exporter = _exporter(settings)
        self._spans = CallSpans(settings.tracing.sample, time() - monotonic(), self._exporter.export)

    def heard(self, entry: Entry) -> None:
        """Something happened to a call."""
        self._spans.heard(entry)

    def livevox_answered(self, exchange: Exchange) -> None:
        """A request has ended."""
        if call := CALL_AT_HAND.get():
            self._spans.asked(call, exchange, time())

    async def stop(self) -> None:
        """Send what waits, within a moment."""
        try:
            async with asyncio.timeout(LAST_S):
                await asyncio.to_thread(self._exporter.close)
        except TimeoutError:
            return


def check_tracing(settings: Settings) -> None:
    """Raises TracingNotInstalled when the settings want spans and nothing can make them."""
    if settings.tracing.endpoint:
        _library()


def _exporter(settings: Settings) -> "SpanExporter":
    _library()
    from bridge.tracing.exporter import SpanExporter

    tracing, token = settings.tracing, settings.export_secrets["tracing"].get_secret_value()
    headers = dict(tracing.headers) | ({"Authorization": f"Bearer {token}"} if token else {})
    return SpanExporter(tracing.endpoint, headers, tracing.service_name, version("livevox-bridge"))


def _library() -> None:
    try:
        import opentelemetry.exporter.otlp.proto.http.trace_exporter
        import opentelemetry.sdk.trace.export  # noqa: F401
    except ImportError as exc:
        raise TracingNotInstalled from exc
