"""A call that LiveVox shows on an agent and that is none of ours: nobody stays stuck with it."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from bridge.agents.messages import AgentStuck
from bridge.agents.policy import AgentPolicy
from bridge.agents.pool import AgentPool, AgentPoolSettings
from bridge.agents.steps import AgentAccount
from bridge.calls.outcomes import Outcomes
from bridge.calls.stray_calls import StrayCalls
from bridge.calls.wrapup_requests import WrapUpRequests
from bridge.journal.records import CallAdmitted, CallClosed
from bridge.livevox.client import LiveVoxClient
from bridge.settings import load
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.world import World
from tests.kept_records import KeptRecords
from tests.paper_telephony import PaperTelephony

PASSWORD = TOKEN = "simulated"
POLICY = AgentPolicy(stuck_wrap_up_s=0.3, stuck_call_s=0.3, busy_poll_s=0.1, reconcile_s=0.2, verify_s=0.1)


@pytest.mark.parametrize("hung_up", [True, False])
async def test_an_agent_with_a_call_that_is_not_ours_is_freed_with_the_failure_disposition(hung_up: bool) -> None:
    telephony, journal = PaperTelephony(answers=True), KeptRecords()
    asked: list[AgentStuck] = []

    async def taken(news: AgentStuck) -> bool:
        """Somebody else looks after the call, so they say twice."""
        asked.append(news)
        return len(asked) < 3

    settings = load(Path("config/demo.toml"), {})
    world = World.default(1, PASSWORD, token=TOKEN)
    async with (
        LiveVoxSimulator(world, telephony) as livevox,
        LiveVoxClient(livevox.url, TOKEN, rate=500, burst=500, timeout_s=5) as client,
    ):
        account = AgentAccount("8990000001", "VA0001", SecretStr(PASSWORD), "46014", phone_number="8990000001")
        pool = AgentPool(
            AgentPoolSettings("Demo", (account,), POLICY),
            client,
            lambda change: None,
            lambda news: strays.stuck(news),
        )
        strays = StrayCalls(pool, Outcomes(settings), WrapUpRequests(), journal, taken)
        await pool.start()
        await livevox.until(lambda: livevox.platform.agent("VA0001").state.name == "READY")
        call = livevox.place_call(CustomerCall(agent="8990000001"))
        await livevox.until(lambda: livevox.platform.agent("VA0001").state.name == "INCALL")
        livevox.fail("set_term_code", Fault.SLOW, delay_s=0.3)
        if hung_up:
            telephony.bridge_hangs_up(call)
        async with asyncio.timeout(10):
            while not strays.wrap_ups:  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.01)
            (pending,) = strays.wrap_ups
            assert len(asked) == 3, "it was told again, and nothing was done while others looked after it"
            shown = livevox.platform.call(call)
            assert (asked[0].transaction_id, asked[0].session_id) == (shown.transaction_id, shown.session_id)
            assert (pending.agent, pending.kind, strays.has("8990000001")) == ("8990000001", "stray", True)
            assert (strays.try_now(pending.call) is None, strays.try_now("another")) == (False, None)
            await livevox.until(lambda: bool(livevox.ledger.dispositions(call)), 10)
            await livevox.until(lambda: livevox.platform.agent("VA0001").state.name == "READY", 10)
            while not journal.of(CallClosed):  # noqa: ASYNC110  # else the next start would look for it
                await asyncio.sleep(0.05)
        assert [entry.name for entry in livevox.ledger.dispositions(call)] == ["System Failure"]
        assert [record.agent for record in journal.of(CallAdmitted)] == ["8990000001"]
        await strays.stop()
        await pool.stop(drain_s=0)
