"""A worker that is full: the next engine gets the slot of one that is gone, and nobody else loses theirs."""

import asyncio

import pytest

from sip.messages import CommandFailed, Dial, HangUp, InviteArrived, Leg, LegAnswered, LegRinging, SendRequest
from tests.integration.sip_peer import OUR_MEDIA, Customer, Message, respond, sdp
from tests.integration.worker_bench import WorkerBench, worker_bench

pytestmark = pytest.mark.pjsua2


def dial(bench: WorkerBench, call: str, sip_call_id: str) -> None:
    uri = f"sip:bot@127.0.0.1:{bench.peer.port}"
    bench.tell(Dial(call, uri, "sip:5551234@127.0.0.1", "", sip_call_id, (), OUR_MEDIA))


async def answer(bench: WorkerBench, call: str, invite: Message) -> None:
    respond(bench.peer, invite, 200, body=sdp(6000, "0 101"))
    await bench.peer.expect(invite.header("Call-ID"), "ACK")
    await bench.event(LegAnswered, call, Leg.ENGINE)


async def two_calls(bench: WorkerBench) -> tuple[Customer, Customer]:
    """Both in the one worker, without their engines."""
    first, second = await bench.answered(), await bench.answered()
    assert first.worker_port == second.worker_port
    return first, second


async def test_the_next_engine_is_dialled_at_once_when_the_one_before_does_not_answer_bye() -> None:
    async with worker_bench() as bench:
        first, second = await two_calls(bench)
        await bench.joined(first.call)
        other = await bench.joined(second.call)
        for turn in range(6):  # more often than a worker has slots
            gone = f"{first.call}@engine" if turn == 0 else f"next{turn - 1}"
            bench.tell(HangUp(first.call, Leg.ENGINE))
            dial(bench, first.call, f"next{turn}")
            await bench.ended(first.call, Leg.ENGINE)
            invite = await bench.peer.expect(f"next{turn}", "INVITE", within=4.0)
            await answer(bench, first.call, invite)
            # An engine that is there after all is still asked to go.
            await bench.peer.expect(gone, "BYE")
            again = await bench.peer.expect(gone, "BYE")
            respond(bench.peer, again, 200)
        assert bench.said(CommandFailed, first.call) == []
        # The other call has lost nothing.
        bench.tell(SendRequest(second.call, Leg.ENGINE, "INFO", (), "application/json", "{}"))
        respond(bench.peer, await bench.peer.expect(other.header("Call-ID"), "INFO"), 200)
        for customer in (first, second):
            customer.request("BYE")
            await customer.expect(200)
        bench.peer.agrees = True
        for customer in (first, second):
            bench.tell(HangUp(customer.call, Leg.ENGINE))
            bench.pool.release(customer.call)
        await bench.until_free()
        assert bench.lost == []


@pytest.mark.parametrize("rings", [True, False])
async def test_the_next_engine_is_dialled_soon_when_the_one_before_has_never_answered(rings: bool) -> None:
    async with worker_bench() as bench:
        first, second = await two_calls(bench)
        await bench.joined(second.call)
        invite = await bench.dialled(first.call)
        if rings:
            respond(bench.peer, invite, 180)
            await bench.event(LegRinging, first.call)
        bench.tell(HangUp(first.call, Leg.ENGINE))
        dial(bench, first.call, "next")
        await bench.ended(first.call, Leg.ENGINE)
        await answer(bench, first.call, await bench.peer.expect("next", "INVITE", within=4.0))
        assert bench.said(CommandFailed, first.call) == []
        # What the one before says now does no harm.
        respond(bench.peer, invite, 200, body=sdp(6002, "0 101"))
        first.request("BYE")
        await first.expect(200)
        assert bench.lost == []


async def test_an_engine_takes_no_slot_of_a_customer_whose_invite_is_on_its_way() -> None:
    async with worker_bench() as bench:
        first, second = await bench.answered(), await bench.customer()
        await bench.joined(first.call)
        await bench.joined(second.call)
        bench.tell(HangUp(first.call, Leg.ENGINE))
        dial(bench, first.call, "next")
        await answer(bench, first.call, await bench.peer.expect("next", "INVITE", within=4.0))
        second.invite()
        await second.expect(180)
        await bench.event(InviteArrived, second.call)


async def test_a_slot_that_comes_free_by_itself_goes_to_the_engine_that_waits() -> None:
    async with worker_bench() as bench:
        first, second = await two_calls(bench)
        await bench.joined(second.call)
        invite = await bench.dialled(first.call)
        respond(bench.peer, invite, 180)
        await bench.event(LegRinging, first.call)
        bench.tell(HangUp(first.call, Leg.ENGINE))
        dial(bench, first.call, "next")
        cancel = await bench.peer.expect(invite.header("Call-ID"), "CANCEL")
        assert bench.peer.find("next", "INVITE") is None
        respond(bench.peer, cancel, 200)
        respond(bench.peer, invite, 487)
        await bench.peer.expect(invite.header("Call-ID"), "ACK")
        await bench.peer.expect("next", "INVITE")


async def test_an_engine_that_waits_for_a_slot_can_be_hung_up() -> None:
    async with worker_bench() as bench:
        first, second = await two_calls(bench)
        await bench.joined(second.call)
        await bench.dialled(first.call)
        bench.tell(HangUp(first.call, Leg.ENGINE))
        dial(bench, first.call, "next")
        await bench.ended(first.call, Leg.ENGINE)
        bench.tell(HangUp(first.call, Leg.ENGINE))
        ended = await bench.ended(first.call, Leg.ENGINE)
        assert (ended.by_peer, ended.status) == (False, 487)
        await asyncio.sleep(1.0)
        assert bench.peer.waiting("next") == []
        assert bench.said(CommandFailed, first.call) == []


async def test_a_customer_who_does_not_answer_bye_keeps_the_slot() -> None:
    async with worker_bench(timeout_s=2.0) as bench:
        first, second = await two_calls(bench)
        await bench.joined(first.call)
        await bench.joined(second.call)
        bench.tell(HangUp(second.call, Leg.CUSTOMER))
        await bench.ended(second.call, Leg.CUSTOMER)
        dial(bench, first.call, "next")  # its engine leg before goes, the customer's BYE stays
        await bench.peer.expect("next", "INVITE", within=1.5)
        assert bench.dispatch.room(1) == 0
        await bench.peer.expect(second.call_id, "BYE")
        await bench.peer.expect(second.call_id, "BYE")
