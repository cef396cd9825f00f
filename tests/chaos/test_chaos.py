"""A short chaos run: whatever dies, nothing is lost."""

from pathlib import Path

import pytest

from bridge.simulator.ledger import Kind
from tests.chaos.driver import Driver, script_of
from tests.chaos.plan import Plan, Target
from tests.chaos.report import story, table
from tests.chaos.verdict import Limits, violations
from tests.chaos.world import ChaosWorld

pytestmark = pytest.mark.pjsua2

#: Other tests run beside it, on machines that may be slow: only what lasts is a breach here. `make chaos` is strict.
PATIENT = Limits(silence_s=10.0, rescue_s=30.0, notice_s=20.0)


async def test_nothing_is_lost_whatever_dies(tmp_path: Path) -> None:
    plan = Plan.make(seed=7, calls=28)
    said: list[str] = []
    async with ChaosWorld(tmp_path, script_of(plan)) as world:
        evidence = await Driver(plan, world, said.append).run()
    found = violations(evidence, PATIENT)
    told = "\n\n".join([*said, table(evidence), *(story(each, evidence) for each in found)])
    assert not found, told
    assert len(evidence.calls) == len(plan.calls), told
    assert {blow.what for blow in evidence.blows} == set(Target), told
    disposed = [entry for entry in evidence.ledger if entry.kind is Kind.DISPOSITION]
    assert len(disposed) >= 5, "hardly a call came on the line\n" + told
