"""The table of the benchmark: what the terminal, the README and the JSON show of the same figures."""

import json

import pytest

from tests.benchmarks.figures import Goal, Row, Side, Subject
from tests.benchmarks.table import (
    BEGIN,
    END,
    NoMarkers,
    Report,
    as_json,
    as_markdown,
    as_text,
    number,
    put_between_markers,
)
from tests.integration.bridge_process import ROOT

CPU = Row(
    "relayed",
    "CPU a call",
    "% of a core",
    "50 calls",
    {Subject.BRIDGE: [0.3, 0.2, 0.25], Subject.BARE: [0.18, 0.16, 0.17]},
    (Goal(1.25, than=Subject.BARE), Goal(1, than=Subject.KAMAILIO)),
)
RATE = Row("setup", "highest rate", "a second", "", {Subject.BRIDGE: [310.0]}, (Goal(300, Side.AT_LEAST),))
PLAIN = Row("setup", "not answered", "calls", "20 a second", {Subject.BRIDGE: [0.0]})


def report(*rows: Row, runs: int = 3) -> Report:
    return Report(
        "A processor, 2 cores", "2026-01-02", runs, {"relayed": "Relayed calls", "setup": "Set-up"}, rows, ("How.",)
    )


def line(text: str, begin: str) -> list[str]:
    """The cells of the one line that begins so."""
    (found,) = [each for each in text.splitlines() if each.strip(" |").startswith(begin)]
    return [
        cell.strip() for cell in (found.strip("|").split("|") if "|" in found else found.split("  ")) if cell.strip()
    ]


def test_the_terminal_shows_medians_with_their_spans_goals_and_whether_they_are_met() -> None:
    shown = as_text(report(CPU, RATE))
    assert shown.startswith("A processor, 2 cores, 2026-01-02; medians of 3 runs\n\nRelayed calls\n")
    assert line(shown, "CPU a call") == [
        "CPU a call, % of a core", "50 calls", "0.25 (0.20–0.30)", "0.17 (0.16–0.18)",
        "≤ 1.25 × bare loop, ≤ Kamailio + rtpengine", "no",
    ]  # fmt: skip
    assert line(shown, "highest rate") == ["highest rate, a second", "310", "≥ 300", "yes"]
    assert shown.endswith("How.\n")


def test_one_run_is_not_called_a_median() -> None:
    assert "; one run\n" in as_text(report(RATE, runs=1))


def test_the_readme_shows_medians_of_what_has_a_goal_under_each_measures_title() -> None:
    shown = as_markdown(report(CPU, RATE, PLAIN))
    assert "Measured on A processor, 2 cores, 2026-01-02; medians of 3 runs." in shown
    assert line(shown, "CPU a call")[2:4] == ["0.25", "0.17"]
    assert line(shown, "**Set-up**") == ["**Set-up**"]
    assert "not answered" not in shown
    table = [each for each in shown.splitlines() if each.startswith("|")]
    assert {each.count("|") for each in table} == {8}


def test_missed_goals_are_named() -> None:
    assert [(row.figure, str(goal)) for row, goal in report(CPU, RATE).missed] == [("CPU a call", "≤ 1.25 × bare loop")]


def test_the_json_has_every_runs_value_the_medians_and_what_became_of_goals() -> None:
    (cpu, rate) = json.loads(as_json(report(CPU, RATE)))["figures"]
    assert cpu["values"] == {"bridge": [0.3, 0.2, 0.25], "bare loop": [0.18, 0.16, 0.17]}
    assert cpu["medians"] == {"bridge": 0.25, "bare loop": 0.17}
    assert [goal["met"] for goal in cpu["goals"]] == [False, None]
    assert rate["goals"] == [{"goal": "≥ 300", "met": True}]


def test_a_table_takes_the_place_of_the_one_before_and_nothing_else_changes() -> None:
    text = f"Before.\n\n{BEGIN}\nold\nold\n{END}\n\nAfter.\n"
    once = put_between_markers(text, "new\n")
    assert once == f"Before.\n\n{BEGIN}\nnew\n{END}\n\nAfter.\n"
    assert put_between_markers(once, "new\n") == once


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}\n"])
def test_a_text_without_a_place_for_the_table_is_left_alone(text: str) -> None:
    with pytest.raises(NoMarkers, match="put the lines"):
        put_between_markers(text, "new\n")


def test_the_readme_has_a_place_for_the_table() -> None:
    assert put_between_markers((ROOT / "README.md").read_text(), "table\n").count("table\n") >= 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.0123, "0.012"),
        (0.1745, "0.17"),
        (6.25, "6.25"),
        (23.456, "23.5"),
        (1234.5, "1,234"),
        (-0.5, "-0.50"),
    ],
)
def test_a_number_has_as_many_digits_as_mean_something(value: float, shown: str) -> None:
    assert number(value) == shown
