"""Calls of before the start, reconciled with LiveVox as it answers, late or not at all."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bridge.agents.policy import AgentPolicy
from bridge.agents.pool import AgentPool, AgentPoolSettings
from bridge.agents.steps import AgentAccount
from bridge.calls.outcomes import Outcomes
from bridge.calls.recovered_call import RecoveryParts
from bridge.calls.recovery import Recovery
from bridge.calls.wrapup_requests import WrapUpRequests
from bridge.journal.open_call import JournalledStep, OpenCall
from bridge.journal.records import CallClosed, CallDisposed, Effect, EntryNoted, OutcomeDecided
from bridge.livevox.client import LiveVoxClient
from bridge.settings import load
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.world import World
from bridge.verdicts import Complete, Remarks
from bridge.wrapup.plan import CallIds
from tests.kept_records import KeptRecords
from tests.paper_telephony import PaperTelephony

PASSWORD = TOKEN = "simulated"
NUMBER = "8990000001"


class Hall:
    """LiveVox with one call on its agent's line, and agents and recovery of a bridge that knows of it."""

    def __init__(self, livevox: LiveVoxSimulator, pool: AgentPool, journal: KeptRecords) -> None:
        outcomes = Outcomes(load(Path("config/demo.toml"), {}))
        self.livevox = livevox
        self.pool = pool
        self.journal = journal
        self.recovery = Recovery(RecoveryParts(pool, outcomes, WrapUpRequests(), journal, (), "collections"))

    def place(self) -> OpenCall:
        """A customer is on the line; what the journal has of it."""
        placed = self.livevox.platform.call(self.livevox.place_call(CustomerCall(agent=NUMBER)))
        ids, now = CallIds(placed.transaction_id, placed.session_id), time.time()
        return OpenCall(placed.id, NUMBER, "2134634007", now - 60, ids, now - 59, 0.0, "", None, (), None)

    async def recover(self, *calls: OpenCall) -> dict[str, CallDisposed]:
        """What became of each."""
        self.recovery.start(calls)
        await self.pool.start()
        assert await self.recovery.wait_idle(15.0)
        assert {record.call for record in self.journal.of(CallClosed)} == {call.call for call in calls}
        return {record.call: record for record in self.journal.of(CallDisposed)}

    def dispositions(self, call: OpenCall) -> list[str]:
        return [entry.name for entry in self.livevox.ledger.dispositions(call.call)]

    def state(self) -> str:
        return self.livevox.platform.agent("VA0001").state.name


@asynccontextmanager
async def hall() -> AsyncIterator[Hall]:
    async with (
        LiveVoxSimulator(World.default(1, PASSWORD, token=TOKEN), PaperTelephony()) as livevox,
        LiveVoxClient(livevox.url, TOKEN, rate=500, burst=500, timeout_s=2) as client,
    ):
        account = AgentAccount(NUMBER, "VA0001", SecretStr(PASSWORD), "46014", phone_number=NUMBER)
        settings = AgentPoolSettings("Demo", (account,), AgentPolicy(verify_s=0.1))
        earlier = AgentPool(settings, client, lambda change: None)
        await earlier.start()
        await livevox.until(lambda: livevox.platform.agent("VA0001").state.name == "READY")
        await earlier.request(NUMBER, lambda livevox, session: livevox.status(session))
        pool = AgentPool(settings, client, lambda change: None)
        there = Hall(livevox, pool, KeptRecords())
        try:
            yield there
        finally:
            await there.recovery.stop()
            for each in (pool, earlier):
                await each.stop(drain_s=0)


async def test_livevox_that_does_not_answer_is_waited_for() -> None:
    async with hall() as there:
        call = there.place()
        there.livevox.fail("status", Fault.DROP_BEFORE, count=3)
        done = await there.recover(call)
        assert done[call.call].result.transferred_to == "Collections Queue"
        assert len(there.dispositions(call)) == 1


async def test_an_operator_need_not_wait_for_the_next_look() -> None:
    async with hall() as there:
        call = there.place()
        there.livevox.fail("status", Fault.DROP_BEFORE, count=None)
        there.recovery.start([call])
        await there.pool.start()
        async with asyncio.timeout(20):
            while not (pending := there.recovery.wrap_ups[0]).progress.failing:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert (pending.call, pending.agent, pending.kind) == (call.call, NUMBER, "recovered")
        assert there.recovery.try_now("another") is None
        there.livevox.platform.injections.clear()
        assert there.recovery.try_now(call.call)
        assert await there.recovery.wait_idle(15.0)
        assert len(there.dispositions(call)) == 1
        assert there.recovery.wrap_ups == ()


async def test_what_is_decided_now_is_written_down_before_anything_is_done() -> None:
    async with hall() as there:
        await there.recover(there.place())
        (decided,) = there.journal.of(OutcomeDecided)
        assert decided.fate == "bridge_failure"
        assert there.journal.waited_at[0] >= there.journal.records.index(decided)


async def test_whether_the_customers_record_was_written_is_said_to_be_uncertain_and_it_is_not_written_late() -> None:
    async with hall() as there:
        said = Complete("finished", Remarks(contact=(("city", ""),), context=(("promise", ""),)))
        call = replace(there.place(), fate="finished", verdict=said, decided_at=time.time())
        await there.recover(call)
        (noted,) = [entry for entry in there.journal.of(EntryNoted) if entry.what == "record_uncertain"]
        assert noted.facts["fields"] == "city, promise"
        requests = {entry.name for entry in there.livevox.ledger.entries}
        assert not {"contact_update", "context_write"} & requests


async def test_the_agents_next_call_is_not_touched() -> None:
    async with hall() as there:
        call = there.place()
        there.livevox.fail("status", Fault.DROP_BEFORE, count=None)
        there.recovery.start([call])
        await there.pool.start()
        await asyncio.sleep(0.3)
        there.recovery.next_call_came(NUMBER, "another")
        assert await there.recovery.wait_idle(5.0)
        there.livevox.platform.injections.clear()
        (disposed,) = there.journal.of(CallDisposed)
        assert (disposed.result.confirmation, disposed.result.reason) == (
            "unconfirmed",
            "the agent has its next call",
        )
        assert there.state() == "INCALL"


async def test_only_an_agents_last_call_can_still_be_on_its_line() -> None:
    async with hall() as there:
        last = there.place()
        sent = JournalledStep("call/termCode", "Completed", last.admitted_at - 50, Effect.DONE)
        first = OpenCall(
            "first", NUMBER, "", last.admitted_at - 100, CallIds("T1"), 1.0, 2.0, "finished", None, (sent,), None
        )
        done = await there.recover(first, last)
        assert (done["first"].result.confirmation, done["first"].result.term_code) == ("confirmed", "Completed")
        assert there.dispositions(last) == ["System Failure"]


async def test_a_call_of_an_agent_that_the_settings_have_no_more_is_closed() -> None:
    async with hall() as there:
        call = OpenCall("c1", "8990009999", "", 1.0, CallIds(), 1.0, 0.0, "", None, (), None)
        done = await there.recover(call)
        assert "no agent of the settings" in done["c1"].result.reason


@pytest.mark.parametrize("hung_up", [True, False])
async def test_agents_are_taken_over_where_they_stand(hung_up: bool) -> None:
    async with hall() as there:
        call = there.place()
        if hung_up:
            there.livevox.customer_hangs_up(call.call)
        await there.recover(call)
        await there.livevox.until(lambda: there.state() == "READY")
        asked = there.livevox.ledger.requests
        assert (len(asked("login")), len(asked("join")), len(asked("leave_service"))) == (2, 1, 0)
