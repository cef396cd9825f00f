"""How a real worker agrees on session timers (RFC 4028), as the one that is called and as the one that calls."""

import pytest

from sip.messages import Answer, InviteArrived, Leg, LegEnded
from tests.integration.sip_peer import OUR_MEDIA, respond, sdp
from tests.integration.worker_bench import worker_bench

pytestmark = pytest.mark.pjsua2


async def test_a_caller_with_session_timers_gets_them_and_its_refreshes_are_answered() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite("Supported: timer", "Session-Expires: 120;refresher=uac", "Min-SE: 90")
        await bench.event(InviteArrived, customer.call)
        bench.tell(Answer(customer.call, OUR_MEDIA))
        answer = await customer.expect(200)
        assert answer.header("Session-Expires") == "120;refresher=uac"
        assert "timer" in answer.header("Require")
        customer.ack(cseq=1)
        for method, body in (("UPDATE", ""), ("UPDATE", sdp(5000)), ("INVITE", sdp(5000))):
            customer.request(method, "Supported: timer", "Session-Expires: 120;refresher=uac", body=body)
            refreshed = await customer.expect(200)
            assert refreshed.method == method
            assert refreshed.header("Session-Expires") == "120;refresher=uac"
            if method == "INVITE":
                customer.ack()


async def test_too_short_a_session_interval_gets_422_with_ours_and_costs_no_slot() -> None:
    async with worker_bench(min_se_s=120, session_expires_s=600) as bench:
        for _ in range(8):
            customer = await bench.customer()
            customer.invite("Supported: timer", "Session-Expires: 100")
            refusal = await customer.expect(422)
            assert refusal.header("Min-SE") == "120"
            customer.ack(cseq=1)
            ended = await bench.ended(customer.call, Leg.CUSTOMER)
            assert (ended.by_peer, ended.status) == (False, 422)
            assert bench.said(LegEnded, customer.call) == []
            bench.pool.release(customer.call)
            await bench.until_free()
        assert bench.lost == []
        customer = await bench.answered("Supported: timer", "Session-Expires: 120")
        customer.request("UPDATE", "Supported: timer", "Session-Expires: 100")
        assert (await customer.expect(422)).header("Min-SE") == "120"


async def test_an_engine_that_finds_our_session_interval_too_short_is_asked_again() -> None:
    async with worker_bench(session_expires_s=100, min_se_s=90) as bench:
        customer = await bench.customer()
        invite = await bench.dialled(customer.call)
        assert invite.header("Session-Expires").startswith("100")
        respond(bench.peer, invite, 422, "Min-SE: 300")
        await bench.peer.expect(invite.header("Call-ID"), "ACK")
        again = await bench.peer.expect(invite.header("Call-ID"), "INVITE")
        assert again.header("Session-Expires").startswith("300")
        assert again.header("X-Bridge-Call") == customer.call
        respond(bench.peer, again, 200, "Require: timer", "Session-Expires: 300;refresher=uas", body=sdp(6000, "0 101"))
        await bench.peer.expect(invite.header("Call-ID"), "ACK")


async def test_session_settings_below_the_shortest_interval_are_raised_to_it() -> None:
    async with worker_bench(session_expires_s=10, min_se_s=5) as bench:
        customer = await bench.customer()
        invite = await bench.dialled(customer.call)
        assert (invite.header("Session-Expires"), invite.header("Min-SE")) == ("90", "90")
