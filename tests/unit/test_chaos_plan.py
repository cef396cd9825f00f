from collections import Counter

import pytest

from bridge.simulator.bot_script import ScriptLine
from bridge.simulator.injections import Injection
from tests.chaos.plan import WEATHER, Ending, Plan, Target


def test_a_seed_gives_the_same_plan_every_time_and_another_one_another() -> None:
    assert Plan.make(7, 50) == Plan.make(7, 50)
    assert Plan.make(7, 50) != Plan.make(8, 50)


@pytest.mark.parametrize("seed", range(20))
def test_a_short_plan_has_every_ending_and_strikes_everything_twice_while_customers_call(seed: int) -> None:
    plan = Plan.make(seed, 28)
    assert Counter(call.ending for call in plan.calls) == Counter({ending: 2 for ending in Ending})
    assert Counter(blow.target for blow in plan.blows) == Counter({target: 2 for target in Target})
    assert all(blow.at <= max(plan.calls[-1].at + 2.0, 3.0) for blow in plan.blows)
    assert [blow.at for blow in plan.blows] == sorted(blow.at for blow in plan.blows)


def test_customers_hang_up_by_plan_where_their_ending_says_so() -> None:
    for call in Plan.make(1, 200).calls:
        span = call.ending.hangs_up_s
        if span is None:
            assert call.hangs_up_after_s is None
        else:
            assert call.hangs_up_after_s is not None
            assert span[0] <= call.hangs_up_after_s <= span[1]


def test_a_long_plan_strikes_more_often() -> None:
    assert len(Plan.make(1, 400).blows) >= 3 * len(Plan.make(1, 40).blows)


@pytest.mark.parametrize("ending", Ending)
def test_the_engines_know_every_script(ending: Ending) -> None:
    for script in ending.scripts:
        ScriptLine.parse(script)


def test_the_simulator_knows_every_fault_of_the_weather() -> None:
    for strike in WEATHER:
        Injection.parse(vars(strike))
