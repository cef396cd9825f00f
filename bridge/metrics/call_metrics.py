"""[sans-IO] What is counted of calls, from the entries of their timelines."""

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from bridge.calls.timeline import Entry
from bridge.engines.events import Fate
from bridge.metrics import catalogue
from bridge.metrics.audio_metrics import AudioMetrics
from bridge.metrics.engine_metrics import EngineMetrics
from bridge.metrics.names import Names
from bridge.metrics.recording_metrics import RecordingMetrics
from bridge.wrapup.steps import Confirmation


@dataclass
class _Open:
    """What must be remembered of a call until it is closed; milliseconds from its INVITE."""

    answered_ms: float | None = None
    left_ms: float | None = None
    """When LiveVox's leg ended."""


class CallMetrics:
    """`heard` is a listener of all calls."""

    def __init__(self, registry: CollectorRegistry, names: Names) -> None:
        self._names = names
        self._open: dict[str, _Open] = {}
        self._engines = EngineMetrics(registry, names)
        self._audio = AudioMetrics(registry, names)
        self._recordings = RecordingMetrics(registry)
        self._calls = catalogue.CALLS_TOTAL.counter(registry)
        self._setup = catalogue.CALL_SETUP.histogram(registry)
        self._talk = catalogue.CALL_TALK.histogram(registry)
        self._screen_pop = catalogue.SCREEN_POP.histogram(registry)
        self._no_screen_pop = catalogue.SCREEN_POPS_MISSING.counter(registry)
        self._transfers = catalogue.TRANSFERS.counter(registry)
        self._dispositions = catalogue.DISPOSITIONS.counter(registry)
        self._wrap_up = catalogue.WRAP_UP.histogram(registry)
        self._hears: dict[str, Callable[[Entry], None]] = {
            "answered": self._answered,
            "customer_leg_ended": self._left,
            "screen_pop": lambda entry: self._screen_pop.observe(seconds(entry.facts["ms"])),
            "screen_pop_missing": lambda entry: self._no_screen_pop.inc(),
            "transfer_succeeded": lambda entry: self._transfers.labels("succeeded").inc(),
            "transfer_failed": lambda entry: self._transfers.labels("failed").inc(),
            "closed": self._closed,
            "recovered": self._recovered,
        }
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """A series that begins with 1 shows no increase."""
        for fate in Fate:
            self._calls.labels(fate, fate)
        for outcome in self._names.bot_outcomes:
            self._calls.labels(outcome, Fate.FINISHED)
        for confirmation in (*Confirmation, "none"):
            self._dispositions.labels(confirmation)
        for result in ("succeeded", "failed"):
            self._transfers.labels(result)

    def heard(self, entry: Entry) -> None:
        """Something happened to a call."""
        self._engines.heard(entry)
        self._audio.heard(entry)
        self._recordings.heard(entry)
        hear = self._hears.get(entry.what)
        if hear is not None:
            hear(entry)

    def _call(self, entry: Entry) -> _Open:
        return self._open.setdefault(entry.call, _Open())

    def _answered(self, entry: Entry) -> None:
        self._call(entry).answered_ms = entry.elapsed_ms
        self._setup.observe(entry.elapsed_ms / 1000)

    def _left(self, entry: Entry) -> None:
        call = self._call(entry)
        call.left_ms = entry.elapsed_ms
        if call.answered_ms is not None:
            self._talk.observe((entry.elapsed_ms - call.answered_ms) / 1000)

    def _closed(self, entry: Entry) -> None:
        call = self._open.pop(entry.call, _Open())
        self._count(entry)
        if call.left_ms is not None and entry.facts.get("confirmation") == Confirmation.CONFIRMED:
            self._wrap_up.observe((entry.elapsed_ms - call.left_ms) / 1000)

    def _recovered(self, entry: Entry) -> None:
        """A call of before the start, and before the first scrape."""
        self._count(entry)

    def _count(self, entry: Entry) -> None:
        facts = entry.facts
        self._calls.labels(self._names.outcome(facts.get("outcome")), self._names.fate(facts.get("fate"))).inc()
        self._dispositions.labels(self._names.confirmation(facts.get("confirmation"))).inc()


def seconds(ms: object) -> float:
    """A fact in milliseconds."""
    return ms / 1000 if isinstance(ms, int | float) else 0.0
