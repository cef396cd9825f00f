"""The only module that loads OpenTelemetry, which is an extra: our spans as its own."""

from collections.abc import Callable, Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from bridge.trace_context import trace_id
from bridge.tracing.span import Span

#: A server that does not answer for so long has failed, in seconds.
TIMEOUT_S = 5.0
#: Spans that wait for the server; further ones are left out.
MAX_WAITING = 4_096
#: They go so often, in milliseconds.
BATCH_MS = 2_000

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class SpanExporter:
    """`export` never waits and never fails."""

    def __init__(self, endpoint: str, headers: Mapping[str, str], service: str, version: str) -> None:
        """Starts the SDK's thread."""
        self._resource = Resource({"service.name": service, "service.version": version})
        self._scope = InstrumentationScope("livevox-bridge", version)
        self._processor = BatchSpanProcessor(
            OTLPSpanExporter(endpoint=endpoint, headers=dict(headers), timeout=TIMEOUT_S),
            max_queue_size=MAX_WAITING,
            schedule_delay_millis=BATCH_MS,
        )

    def export(self, span: Span) -> None:
        """Soon."""
        self._processor.on_end(
            ReadableSpan(
                name=span.name,
                context=_context(span.call, span.id),
                parent=None if span.parent is None else _context(span.call, span.parent),
                resource=self._resource,
                attributes=span.attributes,
                events=[Event(what, facts, _nanoseconds(at)) for at, what, facts in span.events],
                kind=SpanKind.CLIENT if span.client else SpanKind.SERVER if span.parent is None else SpanKind.INTERNAL,
                status=Status(StatusCode.ERROR, span.error) if span.error else Status(),
                start_time=_nanoseconds(span.start),
                end_time=_nanoseconds(span.end),
                instrumentation_scope=self._scope,
            )
        )

    def close(self) -> None:
        """Send what waits; blocks."""
        stop: Callable[[], None] = self._processor.shutdown
        stop()


def _context(call: str, span: int) -> SpanContext:
    return SpanContext(trace_id(call), span, is_remote=False, trace_flags=_SAMPLED)


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1_000_000_000)
