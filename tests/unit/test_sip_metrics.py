"""The edge's counters as metrics."""

from bridge.metrics.sip_metrics import SORTED, sip_families
from sip.counters import Count, new_counters


def test_each_counter_of_the_edge_is_one_series() -> None:
    counts = [count for counts in SORTED.values() for count in counts]
    assert sorted(counts) == sorted(Count)


def test_the_series_have_the_edge_s_numbers() -> None:
    counters = new_counters()
    for number, count in enumerate(Count):
        counters[count] = number
    told = {
        next(iter(sample.labels.values())): sample.value
        for family in sip_families(counters)
        for sample in family.samples
    }
    assert told == {count.value: number for number, count in enumerate(Count)}
