"""An OTLP server for traces (HTTP, protobuf) on a free port: it keeps the spans it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue


@dataclass(frozen=True)
class KeptSpan:
    """One span as it was sent."""

    trace: str
    """Hexadecimal, as in traceparent."""
    id: str
    parent: str
    """Empty: it has none."""
    name: str
    kind: int
    start: int
    """Nanoseconds since the epoch."""
    end: int
    attributes: Mapping[str, object]
    events: tuple[str, ...]
    error: str | None
    """None: it went well."""
    resource: Mapping[str, object]


class OtlpReceiver:
    """`async with OtlpReceiver() as receiver: … receiver.spans`"""

    def __init__(self, status: int = 200) -> None:
        """`status`: what it answers."""
        self.spans: list[KeptSpan] = []
        self.headers: list[Mapping[str, str]] = []
        self._status = status
        self._runner: web.AppRunner

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/traces", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where spans are posted to."""
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1/traces"

    def named(self, name: str) -> list[KeptSpan]:
        """The spans of this name."""
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> KeptSpan:
        """The only one."""
        (span,) = self.named(name)
        return span

    def below(self, span: KeptSpan) -> list[KeptSpan]:
        """Its children, by start."""
        return sorted((other for other in self.spans if other.parent == span.id), key=lambda other: other.start)

    async def _take(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        told = ExportTraceServiceRequest.FromString(await request.read())
        for of_resource in told.resource_spans:
            resource = _values(of_resource.resource.attributes)
            for of_scope in of_resource.scope_spans:
                for span in of_scope.spans:
                    kept = KeptSpan(
                        trace=span.trace_id.hex(),
                        id=span.span_id.hex(),
                        parent=span.parent_span_id.hex(),
                        name=span.name,
                        kind=span.kind,
                        start=span.start_time_unix_nano,
                        end=span.end_time_unix_nano,
                        attributes=_values(span.attributes),
                        events=tuple(event.name for event in span.events),
                        error=span.status.message if span.status.code == 2 else None,
                        resource=resource,
                    )
                    self.spans.append(kept)
        return web.Response(status=self._status)


def _values(attributes: "list[KeyValue]") -> dict[str, object]:
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def _value(value: AnyValue) -> object:
    return getattr(value, value.WhichOneof("value") or "string_value")
