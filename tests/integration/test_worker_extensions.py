"""SIP extensions a real worker speaks: PRACK, requests inside a dialog; and what it refuses."""

import asyncio

import pytest

from sip.messages import (
    Answer,
    CommandFailed,
    HangUp,
    Header,
    InviteArrived,
    Leg,
    LegEnded,
    LegMedia,
    RequestAnswered,
    SendRequest,
)
from tests.integration.sip_peer import OUR_MEDIA, Customer, respond, sdp
from tests.integration.worker_bench import worker_bench

pytestmark = pytest.mark.pjsua2


# PRACK (RFC 3262)


@pytest.mark.parametrize("header", ["Require: 100rel", "Supported: 100rel"])
async def test_180_is_reliable_for_a_caller_that_can_acknowledge_it(header: str) -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite(header)
        ringing = await customer.expect(180)
        assert ringing.header("Require") == "100rel"
        await bench.event(InviteArrived, customer.call)
        bench.tell(Answer(customer.call, OUR_MEDIA))
        customer.request("PRACK", f"RAck: {ringing.header('RSeq')} 1 INVITE")
        answered = {(await customer.expect(200)).method for _ in range(2)}
        assert answered == {"PRACK", "INVITE"}, "in the order in which PRACK and Answer reached the worker"
        customer.ack(cseq=1)
        await bench.event(LegMedia, customer.call)


async def test_180_is_repeated_until_it_is_acknowledged() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite("Require: 100rel")
        first = await customer.expect(180)
        again = await customer.expect(180)
        assert again.header("RSeq") == first.header("RSeq")
        customer.request("PRACK", f"RAck: {again.header('RSeq')} 1 INVITE")
        assert (await customer.expect(200)).method == "PRACK"


async def test_an_engine_that_requires_prack_gets_it() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        invite = await bench.dialled(customer.call)
        assert "100rel" in invite.header("Supported")
        respond(bench.peer, invite, 183, "Require: 100rel", "RSeq: 7", body=sdp(6000, "0 101"))
        prack = await bench.peer.expect(invite.header("Call-ID"), "PRACK")
        assert prack.header("RAck") == f"7 {invite.header('CSeq')}"
        respond(bench.peer, prack, 200)
        respond(bench.peer, invite, 200)
        await bench.peer.expect(invite.header("Call-ID"), "ACK")
        assert (await bench.event(LegMedia, customer.call)).port == 6000


# Requests inside a dialog


async def test_info_and_notify_go_out_and_their_answers_come_back() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        invite = await bench.joined(customer.call)
        body = '{"name":"Zoë","lines":"a\\r\\nb"}'
        bench.tell(SendRequest(customer.call, Leg.ENGINE, "INFO", (Header("X-Kind", "pop"),), "application/json", body))
        info = await bench.peer.expect(invite.header("Call-ID"), "INFO")
        assert (info.body, info.header("Content-Type"), info.header("X-Kind")) == (body, "application/json", "pop")
        respond(bench.peer, info, 200)
        assert await bench.event(RequestAnswered, customer.call) == RequestAnswered(
            customer.call, Leg.ENGINE, "INFO", 200
        )
        headers = (Header("Event", "refer;id=93809823"), Header("Subscription-State", "active;expires=60"))
        fragment = "SIP/2.0 100 Trying\r\n"
        bench.tell(SendRequest(customer.call, Leg.ENGINE, "NOTIFY", headers, "message/sipfrag;version=2.0", fragment))
        notify = await bench.peer.expect(invite.header("Call-ID"), "NOTIFY")
        assert notify.body == fragment
        assert notify.header("Event") == "refer;id=93809823"
        assert notify.header("Subscription-State") == "active;expires=60"
        assert notify.header("Content-Type").replace(" ", "") == "message/sipfrag;version=2.0"
        respond(bench.peer, notify, 501)
        assert (await bench.event(RequestAnswered, customer.call)).status == 501
        assert bench.said(LegEnded, customer.call) == []


async def test_an_info_that_is_never_answered_is_408_and_ends_the_leg() -> None:
    async with worker_bench(timeout_s=1.0) as bench:
        customer = await bench.answered()
        bench.tell(SendRequest(customer.call, Leg.CUSTOMER, "INFO", (), "text/plain", "hello"))
        await customer.expect("INFO")
        assert (await bench.event(RequestAnswered, customer.call)).status == 408
        bench.peer.agrees = True
        ended = await bench.ended(customer.call, Leg.CUSTOMER)
        assert (ended.by_peer, ended.status, ended.reason) == (False, 408, "no answer to a request")


async def test_an_info_that_meets_no_dialog_ends_the_leg() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        bench.tell(SendRequest(customer.call, Leg.CUSTOMER, "INFO", (), "text/plain", "hello"))
        respond(bench.peer, await customer.expect("INFO"), 481)
        assert (await bench.event(RequestAnswered, customer.call)).status == 481
        bench.peer.agrees = True
        ended = await bench.ended(customer.call, Leg.CUSTOMER)
        assert (ended.by_peer, ended.status) == (True, 481)


async def test_a_request_too_long_for_pjsip_fails_and_the_leg_lives() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        bench.tell(SendRequest(customer.call, Leg.CUSTOMER, "INFO", (), "text/plain", "x" * 5000))
        assert (await bench.event(CommandFailed, customer.call)).command == "SendRequest"
        bench.tell(SendRequest(customer.call, Leg.CUSTOMER, "INFO", (), "text/plain", "short"))
        respond(bench.peer, await customer.expect("INFO"), 200)
        assert (await bench.event(RequestAnswered, customer.call)).status == 200


# What must not happen behind the bridge's back


async def test_refer_places_no_call() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        customer.request("REFER", f"Refer-To: <sip:other@127.0.0.1:{bench.peer.port}>")
        await customer.expect(603)
        await asyncio.sleep(0.1)
        assert not [message for message in bench.peer.unclaimed() if message.startswith("INVITE")]


async def test_replaces_takes_over_no_dialog() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        thief = Customer(bench.peer, customer.worker_port)
        thief.invite(f"Replaces: {customer.call_id};to-tag={customer.to_tag};from-tag={customer.call}")
        await thief.expect(603)
        customer.request("BYE")
        await customer.expect(200)
        assert bench.lost == []


@pytest.mark.parametrize(("method", "status"), [("SUBSCRIBE", 489), ("OPTIONS", 200)])
async def test_requests_outside_a_dialog_take_no_slot(method: str, status: int) -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.request(method, "Event: presence", "Expires: 60")
        await customer.expect(status)
        bench.pool.release(customer.call)
        await bench.until_free()


@pytest.mark.parametrize("media", ["", "X-Bridge-Media: not json", 'X-Bridge-Media: ["MediaOffer",{"port":1}]'])
async def test_an_invite_without_our_private_headers_is_refused(media: str) -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.request("INVITE", *([media] if media else []), body=sdp(), cseq=1)
        await customer.expect(500)
        customer.ack(cseq=1)
        bench.pool.release(customer.call)
        await bench.until_free()
        assert bench.events == []


@pytest.mark.parametrize(
    ("header", "status"),
    [("Require: teleport", 420), ("Replaces: nobody@nowhere;to-tag=1;from-tag=2", 481)],
)
async def test_what_pjsip_refuses_by_itself_is_reported_once(header: str, status: int) -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite(header)
        await customer.expect(status)
        customer.ack(cseq=1)
        ended = await bench.ended(customer.call, Leg.CUSTOMER)
        assert (ended.by_peer, ended.status) == (False, status)
        bench.pool.release(customer.call)
        await bench.until_free()
        assert bench.events == []


async def test_a_second_invite_for_a_call_does_not_disturb_the_first() -> None:
    async with worker_bench(spare_calls=2, max_calls=2) as bench:
        customer = await bench.answered()
        again = Customer(bench.peer, customer.worker_port, call=customer.call)
        again.call_id = "another@customer"
        again.invite()
        await again.expect(500)
        customer.request("BYE")
        await customer.expect(200)
        assert (await bench.ended(customer.call, Leg.CUSTOMER)).by_peer


async def test_one_invite_too_many_is_refused_and_reported() -> None:
    async with worker_bench(spare_calls=2, max_calls=2) as bench:
        customers = [await bench.answered() for _ in range(2)]
        for customer in customers:
            await bench.joined(customer.call)
        extra = Customer(bench.peer, customers[0].worker_port)
        extra.invite()
        await extra.expect(486)
        ended = await bench.event(LegEnded, extra.call)
        assert (ended.by_peer, ended.status) == (False, 486)


async def test_garbage_on_the_worker_s_port_is_ignored() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        for text in ("\0\0\0", "INVITE", "SIP/2.0 200\r\n\r\n", "BYE sip:x SIP/2.0\r\n\r\n", "x" * 9000, "\r\n" * 50):
            bench.peer.send(text, customer.worker_port)
        bench.tell(HangUp(customer.call, Leg.CUSTOMER))
        respond(bench.peer, await customer.expect("BYE"), 200)
        await bench.ended(customer.call, Leg.CUSTOMER)
        assert bench.lost == []
