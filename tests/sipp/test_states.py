"""Scenarios that want the bridge full or draining, or an agent out of service."""

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bridge.simulator.customer_call import CustomerCall
from tests.sipp.sipp import SCENARIOS
from tests.sipp.stage import Stage
from tests.sipp.table import read

pytestmark = [
    pytest.mark.sipp,
    pytest.mark.pjsua2,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(shutil.which("sipp") is None, reason="needs sipp: apt-get install sip-tester"),
]

ROWS = read((SCENARIOS / "README.md").read_text())
HERE = ("full_503", "agent_not_in_service_480", "draining_503", "draining_options_503")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with Stage([ROWS[name] for name in HERE], sip="spare_calls = 1\nmax_calls = 1") as stage:
        yield stage


async def test_a_full_bridge_refuses_the_next_call_and_keeps_the_one_it_has(stage: Stage) -> None:
    seen = await stage.play("full_503")
    assert seen.dispositions == ["Customer Hung Up"]
    assert (await stage.play("full_503")).dispositions == ["Customer Hung Up"]  # the place is free again


async def test_an_agent_that_is_paused_gets_no_call(stage: Stage) -> None:
    agent = stage.parts["agent_not_in_service_480"].agent
    stage.service.agents.pause(agent)
    # Before LiveVox has taken it out of its service a call may come, and is taken.
    await stage.until(lambda: stage.service.agents.refusal(agent) == 480, 15.0)
    await stage.play("agent_not_in_service_480")


async def test_a_draining_bridge_refuses_calls_and_keeps_the_one_it_has(stage: Stage) -> None:
    call_id = stage.livevox.place_call(CustomerCall(agent=stage.parts["draining_503"].agent))
    await stage.livevox.until(lambda: "INCALL" in stage.livevox.ledger.lifecycle(call_id))
    draining = asyncio.create_task(stage.service.controller.drain(20.0, asyncio.Event()), name="drain")
    await stage.until(lambda: not stage.service.controller.accepts_calls, 5.0)
    await stage.sipp(stage.parts["draining_503"]).run()
    await stage.sipp(stage.parts["draining_options_503"]).run()
    assert not draining.done()
    stage.livevox.customer_hangs_up(call_id)
    assert await draining
    assert [entry.name for entry in stage.livevox.ledger.dispositions(call_id)] == ["Customer Hung Up"]
