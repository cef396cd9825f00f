"""[sans-IO] What is counted of the engines that calls try, from the entries of the calls' timelines."""

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from bridge.calls.timeline import Entry
from bridge.engines.events import Fate
from bridge.media.messages import Side
from bridge.metrics import catalogue
from bridge.metrics.names import Names

#: How a try can end.
RESULTS = ("ready", "failed", "too_slow", "given_up", "passed_over")


@dataclass
class _Open:
    """What must be remembered of a call until it is closed; milliseconds from its INVITE."""

    engine: str = ""
    """The one it has, or tries."""
    dialled_ms: float | None = None
    """When that was tried, until it has answered."""
    answered_ms: float | None = None
    """When the call was answered."""
    heard_ms: float | None = None
    """When an engine was heard first."""


class EngineMetrics:
    """A listener of all calls; each has one try at a time."""

    def __init__(self, registry: CollectorRegistry, names: Names) -> None:
        self._names = names
        self._open: dict[str, _Open] = {}
        self._connects = catalogue.ENGINE_CONNECTS.counter(registry)
        self._connect = catalogue.ENGINE_CONNECT.histogram(registry)
        self._lost = catalogue.ENGINES_LOST.counter(registry)
        self._first_audio = catalogue.FIRST_AUDIO.histogram(registry)
        self._hears: dict[str, Callable[[Entry, _Open], None]] = {
            "engine_dialled": self._dialled,
            "engine_answered": self._answered,
            "engine_failed": lambda _, call: self._end(call, "failed"),
            "engine_hung_up_on": self._hung_up_on,
            "engine_passed_over": lambda entry, _: self._count(entry.facts["engine"], "passed_over"),
            "engine_leg_ended": self._leg_ended,
            "answered": self._customer_answered,
            "audio_started": self._audio_started,
        }
        for name in names.engines:
            self._lost.labels(name)
            for result in RESULTS:
                self._connects.labels(name, result)

    def heard(self, entry: Entry) -> None:
        """Something happened to a call."""
        hear = self._hears.get(entry.what)
        if hear is not None:
            hear(entry, self._open.setdefault(entry.call, _Open()))
        elif entry.what == "closed" and (call := self._open.pop(entry.call, None)) is not None:
            self._end(call, "given_up")

    def _dialled(self, entry: Entry, call: _Open) -> None:
        call.engine, call.dialled_ms = self._names.engine(entry.facts["engine"]), entry.elapsed_ms

    def _answered(self, entry: Entry, call: _Open) -> None:
        if call.dialled_ms is not None:
            self._connect.labels(call.engine).observe((entry.elapsed_ms - call.dialled_ms) / 1000)
        self._end(call, "ready")

    def _hung_up_on(self, entry: Entry, call: _Open) -> None:
        self._end(call, "too_slow" if entry.facts["fate"] == Fate.ENGINE_UNAVAILABLE else "given_up")

    def _leg_ended(self, entry: Entry, call: _Open) -> None:
        if entry.facts["lost"] and not entry.facts["by_us"]:
            self._lost.labels(call.engine).inc()

    def _end(self, call: _Open, result: str) -> None:
        """The try is over; what comes later is not about it."""
        if call.dialled_ms is not None:
            call.dialled_ms = None
            self._count(call.engine, result)

    def _count(self, engine: object, result: str) -> None:
        self._connects.labels(self._names.engine(engine), result).inc()

    # the first audio: an engine that sends RTP may do so before the customer is on the line

    def _customer_answered(self, entry: Entry, call: _Open) -> None:
        call.answered_ms = entry.elapsed_ms
        if call.heard_ms is not None:
            self._first_audio.labels(call.engine).observe(0.0)

    def _audio_started(self, entry: Entry, call: _Open) -> None:
        if entry.facts["side"] != Side.ENGINE or call.heard_ms is not None:
            return
        call.heard_ms = entry.elapsed_ms
        if call.answered_ms is not None:
            self._first_audio.labels(call.engine).observe((entry.elapsed_ms - call.answered_ms) / 1000)
