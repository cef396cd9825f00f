"""Calls told to CallMetrics entry by entry, and what it has counted."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from bridge.calls.timeline import Entry, Fact
from bridge.metrics.call_metrics import CallMetrics
from bridge.metrics.metric import PREFIX
from bridge.metrics.names import Names
from tests.unit.settings_texts import GOOD, load_text

SETTINGS = (
    GOOD
    + """
[engines.second]
kind = "sip"
uri = "sip:bot@127.0.0.1:5093"
[outcomes.promised]
term_code = "Payment Promised"
"""
)


def names(folder: Path) -> Names:
    """Those of settings with the engines "bot" and "second" and the outcome "promised"."""
    settings = load_text(folder, SETTINGS)
    return Names(lambda: settings)


class CountedCalls:
    """`calls.tell(24, "answered")` tells of one call, 24 ms after its INVITE."""

    def __init__(self, folder: Path) -> None:
        self.registry = CollectorRegistry()
        self._metrics = CallMetrics(self.registry, names(folder))

    def tell(self, ms: float, what: str, call: str = "c1", /, **facts: Fact) -> None:
        """One entry."""
        self._metrics.heard(Entry(call, "8990000001", ms / 1000, ms, what, facts))

    def close(self, ms: float, call: str = "c1", /, **facts: Fact) -> None:
        """The last entry of a call that its bot has finished, unless the facts say otherwise."""
        line: dict[str, Fact] = {
            "fate": "finished",
            "outcome": "finished",
            "confirmation": "confirmed",
            "engine": "bot",
        }
        self.tell(ms, "closed", call, **(line | facts))

    def value(self, name: str, **labels: str) -> float | None:
        """A sample; None: there is none."""
        return self.registry.get_sample_value(PREFIX + name, labels)
