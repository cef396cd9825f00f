"""Where config/ names metrics: the expressions of the dashboard and of the alerts, and what each names."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bridge.metrics.metric import PREFIX

CONFIG = Path(__file__).parents[2] / "config"
DASHBOARD: dict[str, Any] = json.loads((CONFIG / "grafana.json").read_text(encoding="utf-8"))
ALERTS: list[dict[str, Any]] = yaml.safe_load((CONFIG / "alerts.yml").read_text(encoding="utf-8"))["groups"]

_METRIC = re.compile(rf"{PREFIX}(?P<name>\w+)(?:\{{(?P<matchers>[^}}]*)\}})?")
_MATCHER = re.compile(r'(?P<label>\w+)(?P<how>=~|!~|!=|=)"(?P<value>[^"]*)"')
_GROUPING = re.compile(r"\b(?:by|on) \((?P<labels>[^)]*)\)")
_SHOWN = re.compile(r"\{\{ ?(?:\$labels\.)?(?P<label>\w+) ?\}\}")


@dataclass(frozen=True)
class Use:
    """A metric in an expression."""

    name: str
    """Without PREFIX; with _bucket, where it is one."""
    matchers: tuple[tuple[str, str, str], ...]
    """Label, operator, value."""


@dataclass(frozen=True)
class Expression:
    """PromQL, and the labels that its result is shown by."""

    where: str
    text: str
    shown: frozenset[str]

    @property
    def uses(self) -> list[Use]:
        """The metrics in it."""
        return [
            Use(found["name"], tuple(_MATCHER.findall(found["matchers"] or "")))
            for found in _METRIC.finditer(self.text)
        ]

    @property
    def grouped_by(self) -> set[str]:
        """The labels that it aggregates by."""
        return {label.strip() for found in _GROUPING.finditer(self.text) for label in found["labels"].split(",")}


def panels() -> list[dict[str, Any]]:
    """Those of the dashboard that show something."""
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def rules() -> list[dict[str, Any]]:
    """The alerts."""
    return [rule for group in ALERTS for rule in group["rules"]]


def expressions() -> Iterator[Expression]:
    """All of both files."""
    for panel in panels():
        for target in panel["targets"]:
            yield Expression(panel["title"], target["expr"], frozenset(_SHOWN.findall(target["legendFormat"])))
    for rule in rules():
        shown = frozenset(_SHOWN.findall(rule["annotations"]["summary"]))
        yield Expression(rule["alert"], rule["expr"], shown)
