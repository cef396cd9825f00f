"""Whole calls through a real worker: set up, talk, end."""

import asyncio

import pytest

from sip.messages import (
    Answer,
    Codec,
    CommandFailed,
    Dial,
    Direction,
    HangUp,
    Header,
    InviteArrived,
    Leg,
    LegAnswered,
    LegEnded,
    LegMedia,
    LegRinging,
    MediaOffer,
    Refuse,
)
from tests.integration.sip_peer import OUR_MEDIA, respond, sdp
from tests.integration.worker_bench import WorkerBench, worker_bench

pytestmark = pytest.mark.pjsua2


async def test_a_call_with_two_legs_is_set_up_and_torn_down() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite()
        await customer.expect(180)
        assert await bench.event(InviteArrived, customer.call) == InviteArrived(customer.call)

        invite = await bench.dialled(customer.call, Header("X-Call-ID", customer.call))
        assert invite.header("X-Bridge-Call") == customer.call
        assert invite.header("X-Call-ID") == customer.call
        assert invite.header("Contact") == "<sip:bridge@127.0.0.1:5070;w=1>"
        assert invite.header("Route") == f"<sip:127.0.0.1:{bench.peer.port};lr>"
        assert "m=audio 4000 RTP/AVP 0 101" in invite.sdp
        respond(bench.peer, invite, 180)
        assert (await bench.event(LegRinging, customer.call)).status == 180
        respond(bench.peer, invite, 200, body=sdp(6000, "0 101"))
        await bench.peer.expect(invite.header("Call-ID"), "ACK")
        assert await bench.event(LegMedia, customer.call, Leg.ENGINE) == LegMedia(
            customer.call, Leg.ENGINE, "127.0.0.1", 6000, Codec.PCMU, 101, Direction.SENDRECV
        )
        await bench.event(LegAnswered, customer.call, Leg.ENGINE)

        bench.tell(Answer(customer.call, OUR_MEDIA))
        answer = await customer.expect(200)
        assert "m=audio 4000 RTP/AVP 0 101" in answer.sdp
        customer.ack(cseq=1)
        assert await bench.event(LegMedia, customer.call, Leg.CUSTOMER) == LegMedia(
            customer.call, Leg.CUSTOMER, "127.0.0.1", 5000, Codec.PCMU, 101, Direction.SENDRECV
        )
        await bench.event(LegAnswered, customer.call, Leg.CUSTOMER)

        customer.request("BYE", "Reason: Q.850;cause=16", "X-Why: done")
        await customer.expect(200)
        assert await bench.ended(customer.call, Leg.CUSTOMER) == LegEnded(
            customer.call,
            Leg.CUSTOMER,
            by_peer=True,
            status=200,
            reason="BYE received",
            headers=(Header("Reason", "Q.850;cause=16"), Header("X-Why", "done")),
        )
        bench.tell(HangUp(customer.call, Leg.ENGINE, (Header("Reason", 'SIP;cause=200;text="customer hung up"'),)))
        bye = await bench.peer.expect(invite.header("Call-ID"), "BYE")
        assert bye.header("Reason") == 'SIP;cause=200;text="customer hung up"'
        respond(bench.peer, bye, 200)
        ended = await bench.ended(customer.call, Leg.ENGINE)
        assert (ended.by_peer, ended.status) == (False, 200)
        bench.pool.release(customer.call)
        await bench.until_free()
        assert bench.events == []


@pytest.mark.long
async def test_a_thousand_calls_in_a_row_leave_nothing_behind_in_one_worker() -> None:
    async with worker_bench(spare_calls=2, max_calls=2) as bench:
        for _ in range(1000):
            customer = await bench.answered()
            customer.request("BYE")
            await customer.expect(200)
            await bench.ended(customer.call, Leg.CUSTOMER)
            bench.pool.release(customer.call)
            bench.events.clear()
        await bench.until_free()
        assert bench.dispatch.workers == 1
        assert bench.dispatch.port(1) is not None
        assert bench.dispatch.room(1) == 4


async def _one_call(bench: WorkerBench) -> None:
    customer = await bench.answered()
    await bench.joined(customer.call)
    customer.request("BYE")
    await customer.expect(200)
    ended = await bench.ended(customer.call, Leg.CUSTOMER)
    assert ended.by_peer
    bench.tell(HangUp(customer.call, Leg.ENGINE))
    respond(bench.peer, await bench.peer.expect(f"{customer.call}@engine", "BYE"), 200)
    await bench.ended(customer.call, Leg.ENGINE)
    assert bench.said(LegEnded, customer.call) == []
    bench.pool.release(customer.call)


async def test_three_hundred_calls_two_at_a_time_never_disturb_each_other() -> None:
    """A Call object that outlives its dialog would hang up the other call in the slot that is used again."""

    async def caller(bench: WorkerBench) -> None:
        for _ in range(150):
            await _one_call(bench)

    async with worker_bench(spare_calls=2, max_calls=2) as bench:
        async with asyncio.TaskGroup() as tasks:
            for number in range(2):
                tasks.create_task(caller(bench), name=f"caller {number}")
        await bench.until_free()
        assert bench.lost == []
        assert not [event for event in bench.events if isinstance(event, (CommandFailed, LegEnded))]


async def test_a_refusal_carries_its_headers() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite()
        await bench.event(InviteArrived, customer.call)
        bench.tell(Refuse(customer.call, 503, (Header("Retry-After", "5"),)))
        refusal = await customer.expect(503)
        assert refusal.header("Retry-After") == "5"
        customer.ack(cseq=1)
        ended = await bench.ended(customer.call, Leg.CUSTOMER)
        assert (ended.by_peer, ended.status) == (False, 503)


@pytest.mark.parametrize("status", [404, 486, 503, 603])
async def test_an_engine_that_refuses_ends_the_leg_with_its_status_and_headers(status: int) -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        invite = await bench.dialled(customer.call)
        respond(bench.peer, invite, status, "Retry-After: 7", "X-Cause: full", "Subject: not told")
        await bench.peer.expect(invite.header("Call-ID"), "ACK")
        assert await bench.ended(customer.call, Leg.ENGINE) == LegEnded(
            customer.call, Leg.ENGINE, True, status, "Because", (Header("Retry-After", "7"), Header("X-Cause", "full"))
        )


async def test_a_redirection_ends_the_leg_and_is_not_followed() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        invite = await bench.dialled(customer.call)
        respond(bench.peer, invite, 302, f"Contact: <sip:other@127.0.0.1:{bench.peer.port}>")
        await bench.peer.expect(invite.header("Call-ID"), "ACK")
        ended = await bench.ended(customer.call, Leg.ENGINE)
        assert (ended.by_peer, ended.status) == (True, 302)
        assert bench.peer.waiting(invite.header("Call-ID")) == []


async def test_early_media_of_the_engine_is_reported_before_its_answer() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        invite = await bench.dialled(customer.call)
        respond(bench.peer, invite, 183, body=sdp(6000, "0 101"))
        assert (await bench.event(LegMedia, customer.call)).port == 6000
        assert (await bench.event(LegRinging, customer.call)).status == 183
        respond(bench.peer, invite, 200, body=sdp(6000, "0 101"))
        await bench.event(LegAnswered, customer.call)


async def test_an_engine_may_answer_before_the_invite_comes() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        await bench.joined(customer.call)
        customer.invite()
        await customer.expect(180)
        await bench.event(InviteArrived, customer.call)
        bench.tell(Answer(customer.call, OUR_MEDIA))
        await customer.expect(200)
        customer.ack(cseq=1)
        await bench.event(LegAnswered, customer.call, Leg.CUSTOMER)
        for leg in Leg:
            bench.tell(HangUp(customer.call, leg))
        assert bench.said(CommandFailed, customer.call) == []


async def test_calling_another_engine_ends_the_leg_of_the_one_before_first() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        first = await bench.dialled(customer.call)
        respond(bench.peer, first, 180)
        await bench.event(LegRinging, customer.call)
        uri = f"sip:bot@127.0.0.1:{bench.peer.port}"
        bench.tell(Dial(customer.call, uri, "sip:a@127.0.0.1", "", "second@engine", (), OUR_MEDIA))
        ended = await bench.ended(customer.call, Leg.ENGINE)
        assert (ended.by_peer, ended.status) == (False, 487)
        respond(bench.peer, await bench.peer.expect(first.header("Call-ID"), "CANCEL"), 200)
        respond(bench.peer, first, 200, body=sdp(7000, "0 101"))  # it crossed the CANCEL
        respond(bench.peer, await bench.peer.expect(first.header("Call-ID"), "BYE"), 200)
        second = await bench.peer.expect("second@engine", "INVITE")
        respond(bench.peer, second, 200, body=sdp(6000, "0 101"))
        assert (await bench.event(LegMedia, customer.call)).port == 6000
        await bench.event(LegAnswered, customer.call)
        assert bench.events == []


@pytest.mark.parametrize("status", [183, 200])
async def test_an_engine_whose_answer_cannot_be_used_is_hung_up(status: int) -> None:
    """pjsip takes an early answer it cannot use for granted, and aborts when the next one is better."""
    async with worker_bench() as bench:
        customer = await bench.customer()
        invite = await bench.dialled(customer.call)
        respond(bench.peer, invite, status, body=sdp(6000, "8"))
        respond(bench.peer, invite, 200, body=sdp(6000, "0 101"))
        ended = await bench.ended(customer.call, Leg.ENGINE)
        assert (ended.by_peer, ended.status) == (False, 488)
        bye = await bench.peer.expect(invite.header("Call-ID"), "BYE")
        respond(bench.peer, bye, 200)
        bench.pool.release(customer.call)
        bench.peer.agrees = True
        await bench.until_free()
        assert bench.lost == []
        assert bench.events == []


async def test_the_from_header_names_the_customer() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        bench.tell(
            Dial(
                customer.call,
                f"sip:bot@127.0.0.1:{bench.peer.port}",
                "sip:+15551234567@livevox.example",
                'Zoë "Z" \\ Doe\r\nX-Evil: 1\0',
                "named@engine",
                (Header("X-Note", "one\r\ntwo\0\udcff"),),
                OUR_MEDIA,
            )
        )
        invite = await bench.peer.expect("named@engine", "INVITE")
        name = r'"Zoë \"Z\" \\ Doe X-Evil: 1"'
        assert invite.header("From").startswith(f"{name} <sip:+15551234567@livevox.example>;tag=")
        assert invite.header("X-Note").startswith("one two")
        assert invite.header("X-Evil") == ""


@pytest.mark.parametrize(
    ("uri", "caller"),
    [
        ("sip:no host", "sip:a@b"),
        ("", "sip:a@b"),
        ("sip:bot@127.0.0.1\r\nX-Evil: 1", "sip:a@b"),
        ("sip:bot@127.0.0.1\udcff", "sip:a@b"),
        ("sip:bot@127.0.0.1", "sip:a@b>\r\nX-Evil: 1\r\nX: <"),
        ("sip:bot@127.0.0.1", ""),
    ],
)
async def test_an_engine_that_cannot_be_dialled_fails_and_ends_the_leg_once(uri: str, caller: str) -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        bench.tell(Dial(customer.call, uri, caller, "", "bad@engine", (), OUR_MEDIA))
        assert (await bench.event(CommandFailed, customer.call)).command == "Dial"
        ended = await bench.ended(customer.call, Leg.ENGINE)
        assert (ended.by_peer, ended.status) == (False, 500)
        invite = await bench.dialled(customer.call)
        respond(bench.peer, invite, 486)
        await bench.ended(customer.call, Leg.ENGINE)
        assert bench.said(LegEnded, customer.call) == []


async def test_a_command_for_a_leg_that_is_gone_fails() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        for command in (Answer(customer.call, OUR_MEDIA), HangUp(customer.call, Leg.ENGINE)):
            bench.tell(command)
            failed = await bench.event(CommandFailed, customer.call)
            assert (failed.command, failed.error) == (type(command).__name__, "the call has no such leg")


async def test_pcma_is_spoken_when_it_is_what_was_chosen() -> None:
    async with worker_bench() as bench:
        media = MediaOffer("127.0.0.1", 4000, (Codec.PCMA,), None)
        customer = await bench.customer(media=media)
        customer.invite()
        await bench.event(InviteArrived, customer.call)
        bench.tell(Answer(customer.call, media))
        answer = await customer.expect(200)
        assert "m=audio 4000 RTP/AVP 8" in answer.sdp
        customer.ack(cseq=1)
        said = await bench.event(LegMedia, customer.call)
        assert (said.codec, said.telephone_event) == (Codec.PCMA, None)
