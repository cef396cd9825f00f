"""Figures of the benchmark: medians of runs, goals against numbers and against others of the same sitting."""

import pytest

from tests.benchmarks.figures import Goal, Reading, Row, Side, Subject, quantile, rows, slope


def row(bridge: float, goals: tuple[Goal, ...] = (), **others: float) -> Row:
    values = {Subject.BRIDGE: [bridge]} | {Subject[name]: [value] for name, value in others.items()}
    return Row("relayed", "CPU a call", "%", "10 calls", values, goals)


def test_readings_of_several_runs_are_one_row_for_each_figure_and_load_with_the_median_of_each_subject() -> None:
    runs = [
        [Reading("CPU", "%", "10 calls", value), Reading("CPU", "%", "10 calls", value / 2, Subject.BARE)]
        for value in (0.2, 0.6, 0.3)
    ]
    (found,) = rows("relayed", runs, {})
    assert found.medians == {Subject.BRIDGE: 0.3, Subject.BARE: 0.15}
    assert found.values[Subject.BRIDGE] == [0.2, 0.6, 0.3]


def test_rows_stand_in_the_order_in_which_they_first_came() -> None:
    runs = [[Reading(name, "ms", at, 1.0) for name in ("p50", "p99") for at in ("10", "50")]] * 2
    assert [(each.figure, each.at) for each in rows("m", runs, {})] == [
        ("p50", "10"), ("p50", "50"), ("p99", "10"), ("p99", "50")
    ]  # fmt: skip


def test_goals_of_a_figure_under_one_load_go_before_those_of_the_figure() -> None:
    goals = {"start": (Goal(1),), "start at 100 agents": (Goal(10),)}
    runs = [[Reading("start", "s", at, 1.0) for at in ("1 agent", "100 agents")]]
    assert [list(each.goals) for each in rows("idle", runs, goals)] == [[Goal(1)], [Goal(10)]]


@pytest.mark.parametrize(("side", "limit", "met"), [(Side.AT_MOST, 6, True), (Side.AT_MOST, 5, True),
                                                    (Side.AT_MOST, 4, False), (Side.AT_LEAST, 4, True),
                                                    (Side.AT_LEAST, 6, False)])  # fmt: skip
def test_a_goal_in_numbers_is_met_on_its_side_of_the_limit(side: Side, limit: float, met: bool) -> None:
    goal = Goal(limit, side)
    assert row(5.0, (goal,)).verdicts == {goal: met}


def test_a_goal_against_another_is_held_to_its_figure_of_the_same_load() -> None:
    goal = Goal(1.25, than=Subject.BARE)
    assert row(0.2, (goal,), BARE=0.16).verdicts == {goal: True}
    assert row(0.21, (goal,), BARE=0.16).verdicts == {goal: False}


def test_a_goal_against_another_that_was_not_measured_is_neither_met_nor_missed() -> None:
    goal = Goal(1, than=Subject.KAMAILIO)
    assert row(0.2, (goal,), BARE=0.1).verdicts == {}
    assert row(0.2, (goal,)).met(goal) is None


def test_goals_are_the_bridges_alone() -> None:
    goal = Goal(1)
    assert Row("m", "CPU", "%", "", {Subject.BARE: [5.0]}, (goal,)).verdicts == {}


def test_a_slope_is_what_each_further_one_adds_whatever_was_there_before() -> None:
    assert slope([(0, 7.0), (10, 9.0), (100, 27.0)]) == pytest.approx(0.2)
    assert slope([(1, 5.0), (2, 5.0)]) == 0


def test_a_slope_takes_two_different_points() -> None:
    with pytest.raises(ValueError, match="two different x"):
        slope([(3, 1.0), (3, 2.0)])


def test_a_quantile_is_a_value_that_was_there() -> None:
    values = [float(each) for each in range(100, 0, -1)]
    assert [quantile(values, share) for share in (0, 0.5, 0.99, 1)] == [1, 50, 99, 100]
    assert quantile([3.0], 0.999) == 3
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)
