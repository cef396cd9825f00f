"""Offers and answers of a real worker: hold and resume, late offers, and descriptions that cannot be used."""

import re
from collections.abc import Awaitable, Callable

import pytest

from sip.channel import MEDIA_OFFER
from sip.messages import Answer, Codec, Direction, InviteArrived, Leg, LegAnswered, LegMedia, MediaOffer, WorkerReady
from tests.integration.sip_peer import OUR_MEDIA, Customer, Message, sdp
from tests.integration.worker_bench import worker_bench

pytestmark = pytest.mark.pjsua2

IPV6 = sdp(5000).replace("IN IP4 127.0.0.1\r\nt", "IN IP6 ::1\r\nt")
SRTP = sdp(5000).replace("RTP/AVP", "RTP/SAVP")
NO_CONNECTION = sdp(5000).replace("c=IN IP4 127.0.0.1\r\n", "")
LONG = sdp(5000, extra="".join(f"a=note:{number}\r\n" for number in range(100)))
MULTIPART = (
    f"--part\r\nContent-Type: application/isup\r\n\r\nnothing\r\n"
    f"--part\r\nContent-Type: application/sdp\r\n\r\n{LONG}\r\n--part--\r\n"
)


async def _reinvite(customer: Customer, body: str) -> Message:
    customer.request("INVITE", body=body)
    answer = await customer.expect(200)
    customer.ack()
    return answer


async def _update(customer: Customer, body: str) -> Message:
    customer.request("UPDATE", body=body)
    return await customer.expect(200)


def _origin(message: Message) -> tuple[str, int]:
    """Session id and version of the o= line."""
    match = re.search(r"o=- (\d+) (\d+) ", message.body)
    assert match
    return match[1], int(match[2])


@pytest.mark.parametrize("change", [_reinvite, _update])
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("sendonly", Direction.RECVONLY), ("recvonly", Direction.SENDONLY), ("inactive", Direction.INACTIVE)],
)
async def test_hold_is_mirrored_and_reported_and_so_is_the_resume(
    change: Callable[[Customer, str], Awaitable[Message]], theirs: str, ours: Direction
) -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        await bench.event(LegMedia, customer.call)
        held = await change(customer, sdp(5000, extra=f"a={theirs}\r\n"))
        assert f"a={ours}" in held.sdp
        assert (await bench.event(LegMedia, customer.call)).direction is ours
        resumed = await change(customer, sdp(5002))
        assert "a=sendrecv" in resumed.sdp
        said = await bench.event(LegMedia, customer.call)
        assert (said.port, said.direction) == (5002, Direction.SENDRECV)
        assert _origin(resumed)[0] == _origin(held)[0]
        assert _origin(resumed)[1] > _origin(held)[1]


async def test_hold_by_a_null_address_is_inactive_until_an_address_comes_again() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        await bench.event(LegMedia, customer.call)
        held = await _reinvite(customer, sdp(5000, address="0.0.0.0"))
        assert "a=inactive" in held.sdp
        said = await bench.event(LegMedia, customer.call)
        assert (said.address, said.direction) == ("0.0.0.0", Direction.INACTIVE)
        await _reinvite(customer, sdp(5002))
        said = await bench.event(LegMedia, customer.call)
        assert (said.address, said.port, said.direction) == ("127.0.0.1", 5002, Direction.SENDRECV)


async def test_a_call_that_begins_on_hold_is_resumed() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered(body=sdp(5000, address="0.0.0.0"))
        said = await bench.event(LegMedia, customer.call)
        assert (said.address, said.direction) == ("0.0.0.0", Direction.INACTIVE)
        await _reinvite(customer, sdp(5002))
        said = await bench.event(LegMedia, customer.call)
        assert (said.port, said.direction) == (5002, Direction.SENDRECV)


async def test_the_engine_may_hold_too() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        invite = await bench.joined(customer.call)
        await bench.event(LegMedia, customer.call, Leg.ENGINE)
        engine = Customer(bench.peer, customer.worker_port)
        engine.call_id, engine.contact = invite.header("Call-ID"), invite.header("Contact").strip("<>")
        engine.call, engine.to_tag = "peer", invite.header("From").partition(";tag=")[2]
        await _reinvite(engine, sdp(6000, "0 101", "a=sendonly\r\n"))
        assert (await bench.event(LegMedia, customer.call, Leg.ENGINE)).direction is Direction.RECVONLY


async def test_an_invite_without_an_offer_gets_ours_with_the_200() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite(body="")
        await bench.event(InviteArrived, customer.call)
        later = MediaOffer("127.0.0.2", 4444, (Codec.PCMU, Codec.PCMA), 96)
        bench.tell(Answer(customer.call, later))
        offer = await customer.expect(200)
        assert {"c=IN IP4 127.0.0.2", "m=audio 4444 RTP/AVP 0 8 96", "a=rtpmap:96 telephone-event/8000"} < set(
            offer.sdp
        )
        customer.ack(body=sdp(5000, "8 96").replace("101", "96"), cseq=1)
        assert await bench.event(LegMedia, customer.call) == LegMedia(
            customer.call, Leg.CUSTOMER, "127.0.0.1", 5000, Codec.PCMA, 96, Direction.SENDRECV
        )
        await bench.event(LegAnswered, customer.call)


@pytest.mark.parametrize("body", ["", sdp(5000, "18")])
async def test_an_offer_of_ours_without_a_usable_answer_ends_the_leg(body: str) -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite(body="")
        await bench.event(InviteArrived, customer.call)
        bench.tell(Answer(customer.call, OUR_MEDIA))
        await customer.expect(200)
        customer.ack(body=body, cseq=1)
        bye = await customer.expect("BYE")
        customer.respond(bye, 200)
        ended = await bench.ended(customer.call, Leg.CUSTOMER)
        assert (ended.by_peer, ended.status) == (False, 488)
        assert bench.said(LegAnswered, customer.call) == []
        bench.pool.release(customer.call)
        await bench.until_free()


async def test_a_reinvite_without_an_offer_gets_the_same_offer_and_its_answer_is_reported() -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        await bench.event(LegMedia, customer.call)
        customer.request("INVITE")
        offer = await customer.expect(200)
        assert "m=audio 4000 RTP/AVP 0 101" in offer.sdp
        customer.ack(body=sdp(5020, "0 101", "a=sendonly\r\n"))
        said = await bench.event(LegMedia, customer.call)
        assert (said.port, said.direction) == (5020, Direction.RECVONLY)


async def test_a_reinvite_without_an_offer_keeps_the_refused_lines() -> None:
    async with worker_bench() as bench:
        video = "m=video 5004 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
        customer = await bench.answered(body=sdp(5000, extra=video))
        customer.request("INVITE")
        offer = await customer.expect(200)
        assert [line.split()[0:2] for line in offer.sdp if line.startswith("m=")] == [
            ["m=audio", "4000"],
            ["m=video", "0"],
        ]
        customer.ack(body=sdp(5020, "0 101", "m=video 0 RTP/AVP 96\r\n"))
        await bench.event(LegMedia, customer.call)
        assert (await bench.event(LegMedia, customer.call)).port == 5020


async def test_streams_that_are_not_ours_are_refused_in_their_place() -> None:
    async with worker_bench() as bench:
        head, _, audio = sdp(5002, "0 101").partition("m=audio")
        body = f"{head}m=video 5004 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\nm=audio{audio}m=image 5006 udptl t38\r\n"
        customer = await bench.customer()
        customer.invite(body=body)
        await bench.event(InviteArrived, customer.call)
        bench.tell(Answer(customer.call, OUR_MEDIA))
        answer = await customer.expect(200)
        customer.ack(cseq=1)
        assert [line for line in answer.sdp if line.startswith("m=")] == [
            "m=video 0 RTP/AVP 96",
            "m=audio 4000 RTP/AVP 0 101",
            "m=image 0 udptl t38",
        ]
        assert (await bench.event(LegMedia, customer.call)).port == 5002


@pytest.mark.parametrize("headers", [(), ("Content-Type: multipart/mixed;boundary=part",)])
async def test_an_offer_too_long_for_pjsua2_to_show_is_answered(headers: tuple[str, ...]) -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        private = f"X-Bridge-Media: {MEDIA_OFFER.encode_text(OUR_MEDIA)}"
        content_type = "multipart/mixed;boundary=part" if headers else "application/sdp"
        body = MULTIPART if headers else LONG
        customer.request(
            "INVITE", f"X-Bridge-Call: {customer.call}", private, body=body, content_type=content_type, cseq=1
        )
        await bench.event(InviteArrived, customer.call)
        bench.tell(Answer(customer.call, OUR_MEDIA))
        answer = await customer.expect(200)
        assert "m=audio 4000 RTP/AVP 0 101" in answer.sdp
        customer.ack(cseq=1)
        assert (await bench.event(LegMedia, customer.call)).port == 5000


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
@pytest.mark.parametrize("body", [IPV6, SRTP, NO_CONNECTION, sdp(0), sdp(5000, "8 101"), sdp(5000, "18")])
async def test_a_later_offer_that_cannot_be_used_is_refused_and_changes_nothing(method: str, body: str) -> None:
    async with worker_bench() as bench:
        customer = await bench.answered()
        await bench.event(LegMedia, customer.call)
        customer.request(method, body=body)
        await customer.expect(415 if (method, body) == ("INVITE", NO_CONNECTION) else 488)
        if method == "INVITE":
            customer.ack()
        await _update(customer, sdp(5002))
        assert (await bench.event(LegMedia, customer.call)).port == 5002
        assert bench.events == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(IPV6, id="IPv6"),
        pytest.param(SRTP, id="SRTP"),
        pytest.param(NO_CONNECTION, id="no c="),
        pytest.param(sdp(0), id="port 0"),
        pytest.param(sdp(5000, "18"), id="G.729"),
        pytest.param("garbage\r\n", id="garbage"),
        pytest.param("v=0\r\n", id="v= only"),
        pytest.param(sdp(5000).replace("m=audio 5000", "m=audio 99999"), id="port 99999"),
        pytest.param(sdp(5000).replace("m=audio", "m=video"), id="video only"),
    ],
)
async def test_a_first_offer_that_cannot_be_used_ends_the_leg_once_and_costs_no_slot(body: str) -> None:
    """The edge refuses such offers; should one come through, the bridge must still hear of it."""
    async with worker_bench() as bench:
        customer = await bench.customer(dialogs=4)
        customer.invite(body=body)
        ended = await bench.ended(customer.call, Leg.CUSTOMER)
        assert not ended.by_peer
        assert ended.status in (400, 415, 488)
        response = await customer.expect(ended.status)
        assert response.status == ended.status
        bench.pool.release(customer.call)
        await bench.until_free()
        assert bench.lost == []
        assert [event for event in bench.events if not isinstance(event, InviteArrived | WorkerReady)] == []


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param("m=audio 5016 RTP/AVP 0\r\n" * 15, id="16 lines"),
        pytest.param("m=audio 5016 RTP/AVP 0\r\n" * 50, id="51 lines"),
        pytest.param("".join(f"a=rtpmap:{number % 128} X/8000\r\n" for number in range(200)), id="200 rtpmaps"),
        pytest.param("a=ptime:4000000000\r\n", id="ptime"),
        pytest.param(f"a={'x' * 2000}\r\n", id="long line"),
        pytest.param("c=IN IP4 0.0.0.0\r\nc=IN IP6 ::\r\n", id="two c="),
        pytest.param("m=\r\n", id="empty m="),
    ],
)
async def test_odd_offers_end_no_worker(extra: str) -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        customer.invite(body=sdp(5000, "0", extra))
        await bench.peer.expect(customer.call_id, 100) if "m=\r" not in extra else None
        bench.tell(Answer(customer.call, OUR_MEDIA))
        after = await bench.answered()
        after.request("BYE")
        await after.expect(200)
        assert bench.lost == []


async def test_a_description_without_a_content_type_is_no_offer_and_ends_no_worker() -> None:
    async with worker_bench() as bench:
        customer = await bench.customer()
        private = f"X-Bridge-Media: {MEDIA_OFFER.encode_text(OUR_MEDIA)}"
        call = f"X-Bridge-Call: {customer.call}"
        customer.request("INVITE", call, private, body=IPV6, content_type="", cseq=1)
        await bench.event(InviteArrived, customer.call)
        bench.tell(Answer(customer.call, OUR_MEDIA))
        assert "m=audio 4000 RTP/AVP 0 101" in (await customer.expect(200)).sdp
        assert bench.lost == []
