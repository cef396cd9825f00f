"""A wrap-up's requests, performed with the real client against the simulated LiveVox."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from bridge.calls.wrapup_requests import WrapUpRequests
from bridge.livevox.client import LiveVoxClient
from bridge.livevox.errors import LiveVoxError
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.states import Customer
from bridge.simulator.world import World
from bridge.wrapup import (
    CallIds,
    Confirmation,
    Disposition,
    EndCallBy,
    Failure,
    Finished,
    HangUpCustomer,
    Limits,
    ListTermCodes,
    Plan,
    Request,
    WrapUp,
)
from tests.paper_telephony import PaperTelephony

PASSWORD = "correct-horse"
TOKEN = "token-of-the-test"
DONE = Disposition("done", "Completed")
LIMITS = Limits(poll_s=0.1, first_poll_s=0.05, settle_s=0.1, retry_s=0.1, hang_up_s=0.2, end_s=2.0, start_s=1.0)


@dataclass
class Desk:
    """A Ready agent whose call the bridge has answered."""

    simulator: LiveVoxSimulator
    telephony: PaperTelephony
    client: LiveVoxClient
    session: str
    requests: WrapUpRequests

    async def call(self) -> str:
        """Place a call; its id."""
        call_id = self.simulator.place_call(CustomerCall(agent="8990000001"))
        await self.simulator.until(lambda: "INCALL" in self.simulator.ledger.lifecycle(call_id), timeout_s=2.0)
        return call_id

    async def wrap_up(
        self, call_id: str, transfer: tuple[str, ...] = (), end_call: EndCallBy = EndCallBy.BYE
    ) -> Finished:
        """Wrap the call up; the result."""
        plan = Plan("8990000001", CallIds(), DONE, DONE, DONE, "System Failure", transfer, end_call, limits=LIMITS)
        clock = asyncio.get_running_loop().time
        wrap_up = WrapUp(plan, clock(), random.Random(1))
        while True:
            step = wrap_up.next(clock())
            if step is None:
                assert wrap_up.deadline is not None
                await asyncio.sleep(max(0.0, wrap_up.deadline - clock()))
            elif isinstance(step, Request):
                try:
                    answer = await self.requests.perform(step, self.client, self.session)
                except LiveVoxError as exc:
                    wrap_up.failed(step, Failure.of(exc), clock())
                else:
                    wrap_up.done(step, answer, clock())
            else:
                wrap_up.done(step, None, clock())
                if isinstance(step, HangUpCustomer):
                    self.telephony.bridge_hangs_up(call_id)
                    wrap_up.customer_gone(clock())
                if isinstance(step, Finished):
                    return step


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    telephony = PaperTelephony()
    async with (
        LiveVoxSimulator(World.default(1, PASSWORD, token=TOKEN), telephony) as simulator,
        LiveVoxClient(simulator.url, TOKEN, rate=1000.0, burst=100, timeout_s=0.5) as client,
    ):
        session = (await client.login("Demo", "VA0001", SecretStr(PASSWORD))).session_id
        await client.join(session, "46014", "8990000001")
        await client.ready(session)
        yield Desk(simulator, telephony, client, session, WrapUpRequests())


def steps(desk: Desk, call_id: str) -> list[str]:
    """The call's life without the looks at the status."""
    return [step for step in desk.simulator.ledger.lifecycle(call_id) if not step.startswith("status")]


@pytest.mark.parametrize("end_call", EndCallBy)
async def test_a_call_is_disposed_of_and_the_agent_is_ready(desk: Desk, end_call: EndCallBy) -> None:
    call_id = await desk.call()
    async with asyncio.timeout(20.0):
        result = await desk.wrap_up(call_id, end_call=end_call)
    assert (result.confirmation, result.agent_state) == (Confirmation.CONFIRMED, "READY")
    assert [entry.name for entry in desk.simulator.ledger.dispositions(call_id)] == ["Completed"]
    assert "set_term_code 204" in steps(desk, call_id)


async def test_a_customer_is_handed_over(desk: Desk) -> None:
    call_id = await desk.call()
    async with asyncio.timeout(20.0):
        result = await desk.wrap_up(call_id, transfer=("After Hours Voicemail", "Overflow Queue", "Supervisor Desk"))
    assert (result.confirmation, result.transferred_to) == (Confirmation.CONFIRMED, "Supervisor Desk")
    assert desk.simulator.platform.call(call_id).customer is Customer.HANDED_OVER
    assert [entry.name for entry in desk.simulator.ledger.dispositions(call_id)] == ["Completed"]


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.DROP_BEFORE, Fault.EMPTY, Fault.TRUNCATED, Fault.HTML])
@pytest.mark.parametrize("endpoint", ["status", "term_codes", "set_term_code", "call_end"])
async def test_faults_cost_time_and_nothing_else(desk: Desk, fault: Fault, endpoint: str) -> None:
    call_id = await desk.call()
    desk.simulator.fail(endpoint, fault, status=503, count=1)
    async with asyncio.timeout(20.0):
        result = await desk.wrap_up(call_id, end_call=EndCallBy.CALL_END)
    assert result.confirmation is Confirmation.CONFIRMED
    assert [entry.name for entry in desk.simulator.ledger.dispositions(call_id)] == ["Completed"]


async def test_lists_are_kept_until_they_are_old_or_a_fresh_one_is_wanted(desk: Desk) -> None:
    async def asked(requests: WrapUpRequests, *fresh: bool) -> int:
        before = len(desk.simulator.ledger.requests("term_codes", "VA0001"))
        for one in fresh:
            await requests.perform(ListTermCodes("46014", one), desk.client, desk.session)
        return len(desk.simulator.ledger.requests("term_codes", "VA0001")) - before

    assert await asked(desk.requests, False, False, False) == 1
    assert await asked(desk.requests, True, False) == 1
    assert await asked(WrapUpRequests(keep_s=-1.0), False, False) == 2
