"""The Grafana dashboard and the Prometheus rules in config/: they name only what there is, and say what to do."""

import shutil
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from bridge.metrics.catalogue import CATALOGUE
from bridge.metrics.metric import Kind
from tests.unit.metric_uses import CONFIG, DASHBOARD, Expression, expressions, panels, rules

#: Labels that Prometheus itself gives to every series.
OF_THE_SCRAPE = {"instance", "job"}
#: What prometheus-client says of the bridge's own process.
PROCESS = {f"process_{what}" for what in ("cpu_seconds_total", "resident_memory_bytes", "open_fds", "max_fds")}
LABELS = {
    **{metric.name: {*metric.labels} for metric in CATALOGUE if metric.kind is not Kind.HISTOGRAM},
    **{f"{metric.name}_bucket": {*metric.labels, "le"} for metric in CATALOGUE if metric.kind is Kind.HISTOGRAM},
    **{name: set() for name in PROCESS},
}
EXPRESSIONS = list(expressions())


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda expression: expression.where)
def test_each_metric_and_label_of_an_expression_exists(expression: Expression) -> None:
    assert expression.uses
    known: set[str] = set()
    for use in expression.uses:
        assert use.name in LABELS, use.name
        assert {label for label, _, _ in use.matchers} <= LABELS[use.name] | OF_THE_SCRAPE, use
        known |= LABELS[use.name]
    assert expression.grouped_by <= known | OF_THE_SCRAPE
    if expression.grouped_by:
        assert expression.shown <= expression.grouped_by
    assert expression.shown <= known | OF_THE_SCRAPE


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda expression: expression.where)
def test_each_expression_is_promql(expression: Expression) -> None:
    text = expression.text.replace("$__rate_interval", "1m").replace("$__range", "3h")
    assert "$" not in text.replace('"$instance"', "")
    promql_parser.parse(text)  # raises ValueError


def test_counters_are_never_shown_as_they_are() -> None:
    for expression in EXPRESSIONS:
        for use in expression.uses:
            if use.name.endswith(("_total", "_bucket")):
                assert "rate(" in expression.text or "increase(" in expression.text, expression.where


def test_every_alert_says_how_bad_it_is_what_it_means_and_what_to_do() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) > 20
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description", "action"}, rule["alert"]
        assert all(len(text) > 15 for text in rule["annotations"].values()), rule["alert"]
        assert rule["annotations"]["description"].endswith("."), rule["alert"]


def test_the_dashboard_has_its_rows_and_every_panel_its_place() -> None:
    rows = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    assert rows == ["Calls", "Audio", "LiveVox", "Engines", "Agents", "Machine", "Webhooks, recordings, settings"]
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert not any(overlap(one, other) for one, other in combinations(places, 2))
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    """Two rectangles share a place."""
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return not (beside or above)


def test_the_dashboard_loads_wherever_there_is_a_prometheus() -> None:
    assert (DASHBOARD["uid"], DASHBOARD["schemaVersion"]) == ("livevox-bridge", 39)  # Grafana 10.2 and later
    assert "id" not in DASHBOARD  # Grafana gives it one
    variables: dict[str, dict[str, Any]] = {each["name"]: each for each in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["query"] == "prometheus"
    for panel in panels():
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)
        assert all('instance=~"$instance"' in target["expr"] for target in panel["targets"]), panel["title"]
        assert [target["refId"] for target in panel["targets"]] == list("ABCDEFGH")[: len(panel["targets"])]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Prometheus")
def test_promtool_finds_no_fault_with_the_rules_and_they_tell_what_they_should() -> None:
    examples = Path(__file__).parents[1] / "data" / "alerts_test.yml"
    for arguments in (["check", "rules", str(CONFIG / "alerts.yml")], ["test", "rules", str(examples)]):
        done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
