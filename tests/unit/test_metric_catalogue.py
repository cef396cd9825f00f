"""All metrics by name: Prometheus' conventions, and the table in the README."""

import re
from pathlib import Path

from bridge.metrics.catalogue import CATALOGUE
from bridge.metrics.metric import PREFIX, Kind

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
_ROW = re.compile(
    rf"^\| `{PREFIX}(?P<name>\w+)` \| (?P<kind>\w+) \| (?P<labels>[^|]*) \| (?P<meaning>[^|]*) \|$", re.MULTILINE
)


def test_names_follow_prometheus_conventions() -> None:
    for metric in CATALOGUE:
        assert (metric.kind is Kind.COUNTER) == metric.name.endswith("_total"), metric.name
        assert not any(unit in metric.name.split("_") for unit in ("ms", "minutes", "hours", "days", "kb", "percent"))
        if metric.kind is Kind.HISTOGRAM:
            assert metric.name.endswith(("_seconds", "_ratio", "_mos")), metric.name
            assert list(metric.buckets) == sorted(set(metric.buckets)), metric.name
        assert not {"le", "quantile", "job", "instance"} & {*metric.labels}, metric.name
    families = {metric.name.removesuffix("_total") for metric in CATALOGUE}
    assert len(families) == len(CATALOGUE)  # OpenMetrics names a counter without its _total


def test_no_label_is_about_one_call_or_one_customer() -> None:
    known = {label for metric in CATALOGUE for label in metric.labels}
    assert known == {
        "confirmation",
        "direction",
        "endpoint",
        "engine",
        "fate",
        "kind",
        "of",
        "outcome",
        "process",
        "python",
        "reason",
        "result",
        "side",
        "state",
        "status",
        "version",
        "webhook",
    }


def test_the_readme_s_table_is_the_catalogue() -> None:
    rows = [found.groupdict() for found in _ROW.finditer(README)]
    assert rows == [
        {
            "name": metric.name,
            "kind": metric.kind.value,
            "labels": ", ".join(f"`{label}`" for label in metric.labels),
            "meaning": metric.meaning,
        }
        for metric in CATALOGUE
    ]
