"""[sans-IO] One metric: name, kind, labels and meaning, whoever fills it."""

import enum
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

#: Before every name.
PREFIX = "livevox_bridge_"
#: The label of what is not in the settings: bots and LiveVox may say anything, and each label costs memory for good.
OTHER = "other"


class Kind(enum.StrEnum):
    """Prometheus' own words."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class Metric:
    """What is known of it before anything is counted."""

    name: str
    """Without PREFIX; the unit is in it, counters end in _total."""
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Upper bounds of a histogram, in its unit."""

    @property
    def full_name(self) -> str:
        """As it is scraped."""
        return PREFIX + self.name

    def counter(self, registry: CollectorRegistry) -> Counter:
        """One that is counted up as things happen."""
        return Counter(self.full_name, self.meaning, self.labels, registry=registry)

    def gauge(self, registry: CollectorRegistry) -> Gauge:
        """One that is set as things happen."""
        return Gauge(self.full_name, self.meaning, self.labels, registry=registry)

    def histogram(self, registry: CollectorRegistry) -> Histogram:
        """One that is filled as things happen."""
        return Histogram(self.full_name, self.meaning, self.labels, registry=registry, buckets=self.buckets)

    def family(self) -> CounterMetricFamily | GaugeMetricFamily:
        """One that is filled when it is scraped: `add_metric(labels, value)`."""
        kind = CounterMetricFamily if self.kind is Kind.COUNTER else GaugeMetricFamily
        return kind(self.full_name, self.meaning, labels=self.labels)

    def of(self, value: float) -> CounterMetricFamily | GaugeMetricFamily:
        """The same with its one value."""
        family = self.family()
        family.add_metric([], value)
        return family


def counter(name: str, meaning: str, *labels: str) -> Metric:
    """It only goes up."""
    return Metric(name, Kind.COUNTER, meaning, labels)


def gauge(name: str, meaning: str, *labels: str) -> Metric:
    """It is as it is at the moment."""
    return Metric(name, Kind.GAUGE, meaning, labels)


def histogram(name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Metric:
    """How many were not greater than each of the bounds."""
    return Metric(name, Kind.HISTOGRAM, meaning, labels, buckets)
