"""How legs end in a real worker: races, silence of the other side, and slots that come free again."""

import asyncio

import pytest

from sip.messages import (
    Answer,
    CommandFailed,
    HangUp,
    Header,
    InviteArrived,
    Leg,
    LegAnswered,
    LegEnded,
    LegRinging,
    Refuse,
)
from tests.integration.sip_peer import OUR_MEDIA, respond, sdp
from tests.integration.worker_bench import until, worker_bench

pytestmark = pytest.mark.pjsua2

#: Shorter than the product's 6 s, so that the tests need not wait so long.
TIMEOUT_S = 1.0


async def test_a_caller_who_cancels_gets_487_and_the_leg_ends() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite()
        await bench.event(InviteArrived, customer.call)
        customer.request("CANCEL", 'Reason: SIP;cause=200;text="elsewhere"', cseq=1)
        await customer.expect(487)
        customer.ack(cseq=1)
        assert await bench.ended(customer.call, Leg.CUSTOMER) == LegEnded(
            customer.call,
            Leg.CUSTOMER,
            by_peer=True,
            status=487,
            reason="CANCEL received",
            headers=(Header("Reason", 'SIP;cause=200;text="elsewhere"'),),
        )


@pytest.mark.parametrize("answer_first", [True, False])
async def test_cancel_and_answer_at_the_same_moment_end_the_leg_once(answer_first: bool) -> None:
    async with worker_bench() as bench:
        for _ in range(20):
            customer = await bench.customer()
            customer.invite()
            await bench.event(InviteArrived, customer.call)
            if answer_first:
                bench.tell(Answer(customer.call, OUR_MEDIA))
            customer.request("CANCEL", cseq=1)
            if not answer_first:
                bench.tell(Answer(customer.call, OUR_MEDIA))
            async with asyncio.timeout(20):
                while not (answered := bench.peer.find(customer.call_id, 200)) or answered.method == "CANCEL":
                    if bench.peer.find(customer.call_id, 487):
                        break
                    await asyncio.sleep(0.001)
            if answered and answered.method == "INVITE":
                customer.to_tag = answered.header("To").partition(";tag=")[2]
                customer.ack(cseq=1)
                customer.request("BYE")
            ended = await bench.ended(customer.call, Leg.CUSTOMER)
            assert ended.by_peer
            bench.pool.release(customer.call)
        await bench.until_free()
        assert [event for event in bench.events if isinstance(event, LegEnded)] == []
        assert bench.lost == []


async def test_bye_from_both_sides_at_once_ends_the_leg_once() -> None:
    async with worker_bench() as bench:
        for _ in range(20):
            customer = await bench.answered()
            customer.request("BYE")
            bench.tell(HangUp(customer.call, Leg.CUSTOMER))
            await bench.ended(customer.call, Leg.CUSTOMER)
            bench.peer.agrees = True
            bench.pool.release(customer.call)
            await bench.until_free()
            bench.peer.agrees = False
        assert [event for event in bench.events if isinstance(event, LegEnded)] == []
        assert bench.lost == []


async def test_hanging_up_an_unanswered_customer_refuses_with_480() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite()
        await bench.event(InviteArrived, customer.call)
        bench.tell(HangUp(customer.call, Leg.CUSTOMER))
        await customer.expect(480)
        customer.ack(cseq=1)
        ended = await bench.ended(customer.call, Leg.CUSTOMER)
        assert (ended.by_peer, ended.status) == (False, 480)


async def test_a_ringing_engine_is_cancelled() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        invite = await bench.dialled(customer.call)
        respond(bench.peer, invite, 180)
        await asyncio.sleep(0.05)
        bench.tell(HangUp(customer.call, Leg.ENGINE))
        cancel = await bench.peer.expect(invite.header("Call-ID"), "CANCEL")
        ended = await bench.ended(customer.call, Leg.ENGINE)
        assert (ended.by_peer, ended.status) == (False, 487)
        respond(bench.peer, cancel, 200)
        respond(bench.peer, invite, 487)
        await bench.peer.expect(invite.header("Call-ID"), "ACK")
        bench.pool.release(customer.call)
        await bench.until_free()


async def test_an_engine_that_answers_while_it_is_cancelled_gets_bye() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        invite = await bench.dialled(customer.call)
        respond(bench.peer, invite, 180)
        await asyncio.sleep(0.05)
        bench.tell(HangUp(customer.call, Leg.ENGINE))
        cancel = await bench.peer.expect(invite.header("Call-ID"), "CANCEL")
        respond(bench.peer, invite, 200, body=sdp(6000, "0 101"))
        respond(bench.peer, cancel, 200)
        respond(bench.peer, await bench.peer.expect(invite.header("Call-ID"), "BYE"), 200)
        await bench.ended(customer.call, Leg.ENGINE)
        bench.pool.release(customer.call)
        await bench.until_free()
        assert bench.said(LegEnded, customer.call) == []
        assert bench.said(LegAnswered, customer.call) == []


async def test_an_engine_hung_up_before_it_said_anything_is_cancelled_when_it_does() -> None:
    async with worker_bench(timeout_s=TIMEOUT_S) as bench:
        customer = await bench.customer()
        invite = await bench.dialled(customer.call)
        bench.tell(HangUp(customer.call, Leg.ENGINE))
        await bench.ended(customer.call, Leg.ENGINE)
        respond(bench.peer, invite, 180)
        cancel = await bench.peer.expect(invite.header("Call-ID"), "CANCEL")
        respond(bench.peer, cancel, 200)
        respond(bench.peer, invite, 487)
        bench.pool.release(customer.call)
        await bench.until_free()


async def test_an_engine_that_rings_and_then_ignores_cancel_frees_its_slot_after_the_transaction_timeout() -> None:
    async with worker_bench(timeout_s=TIMEOUT_S) as bench:
        customer = await bench.customer()
        invite = await bench.dialled(customer.call)
        respond(bench.peer, invite, 180)
        await bench.event(LegRinging, customer.call)
        bench.tell(HangUp(customer.call, Leg.ENGINE))
        await bench.ended(customer.call, Leg.ENGINE)
        bench.pool.release(customer.call)
        await bench.until_free(within=TIMEOUT_S + 2)


async def test_a_dead_engine_ends_the_leg_and_frees_its_slot_after_the_transaction_timeout() -> None:
    async with worker_bench(timeout_s=TIMEOUT_S) as bench:
        customer = await bench.customer()
        await bench.dialled(customer.call)
        began = asyncio.get_running_loop().time()
        ended = await bench.ended(customer.call, Leg.ENGINE)
        assert (ended.by_peer, ended.status) == (False, 408)
        assert TIMEOUT_S - 0.2 < asyncio.get_running_loop().time() - began < TIMEOUT_S + 2
        bench.pool.release(customer.call)
        await bench.until_free()


@pytest.mark.parametrize("leg", [Leg.CUSTOMER, Leg.ENGINE])
async def test_a_peer_that_does_not_answer_bye_holds_a_slot_that_is_counted_until_it_is_free(leg: Leg) -> None:
    async with worker_bench(timeout_s=TIMEOUT_S) as bench:
        customer = await bench.answered()
        await bench.joined(customer.call)
        worker = bench.dispatch.worker_of_call(customer.call)
        room = bench.dispatch.room(1)
        bench.tell(HangUp(customer.call, leg))
        await bench.ended(customer.call, leg)
        # By the time the leg's end is known, the slot that stays taken has been counted.
        assert bench.dispatch.room(1) == room - 1
        await until(lambda: bench.dispatch.room(1) == room, within=TIMEOUT_S + 2)
        assert bench.dispatch.worker_of_call(customer.call) == worker


async def test_by_default_a_dead_peer_holds_its_slot_for_about_six_seconds() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        bench.tell(HangUp(customer.call, Leg.CUSTOMER))
        await bench.ended(customer.call, Leg.CUSTOMER)
        began = asyncio.get_running_loop().time()
        bench.pool.release(customer.call)
        await bench.until_free(within=10)
        assert 5.0 < asyncio.get_running_loop().time() - began < 8.0


async def test_a_200_that_is_never_acknowledged_is_repeated_and_then_ends_the_leg() -> None:
    async with worker_bench(timeout_s=2.0) as bench:
        customer = await bench.customer()
        customer.invite()
        await bench.event(InviteArrived, customer.call)
        bench.tell(Answer(customer.call, OUR_MEDIA))
        await customer.expect(200)
        await customer.expect(200)
        ended = await bench.ended(customer.call, Leg.CUSTOMER)
        assert (ended.by_peer, ended.status) == (False, 408)
        assert bench.said(LegAnswered, customer.call) == []
        bench.pool.release(customer.call)
        bench.peer.agrees = True
        await bench.until_free()


async def test_a_refusal_that_is_never_acknowledged_frees_its_slot_at_once() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite()
        await bench.event(InviteArrived, customer.call)
        bench.tell(Refuse(customer.call, 486))
        await bench.ended(customer.call, Leg.CUSTOMER)
        bench.pool.release(customer.call)
        await bench.until_free(within=1)


async def test_a_reinvite_while_one_of_ours_is_under_way_is_refused() -> None:
    """Glare cannot begin with us: the worker sends re-INVITEs for the session timer only. The other way round can."""
    async with worker_bench() as bench:
        customer = await bench.answered()
        customer.request("INVITE")  # without an offer: the negotiation stays open until the ACK
        await customer.expect(200)
        customer.request("INVITE", body=sdp(5002))
        refusal = await bench.peer.expect(customer.call_id, 500)
        assert 0 <= int(refusal.header("Retry-After")) <= 10
        customer.request("UPDATE", body=sdp(5004))
        await customer.expect(491)
        assert bench.lost == []


async def test_commands_for_a_leg_that_ended_meanwhile_fail_and_harm_nobody() -> None:
    async with worker_bench() as bench:
        first = await bench.answered()
        first.request("BYE")
        await first.expect(200)
        second = await bench.customer()
        second.invite()
        await bench.event(InviteArrived, second.call)
        for command in (Answer(first.call, OUR_MEDIA), HangUp(first.call, Leg.CUSTOMER), Refuse(first.call, 486)):
            bench.tell(command)
            await bench.event(CommandFailed, first.call)
        bench.tell(Answer(second.call, OUR_MEDIA))
        await second.expect(200)
