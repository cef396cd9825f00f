"""New INVITEs: asked about, forwarded or refused, cancelled, acknowledged, repeated."""

from typing import Unpack

import pytest

from sip.actions import WithdrawAdmission
from sip.admission import Admitted, Refused
from sip.channel import MEDIA_OFFER
from sip.counters import Count
from sip.dispatch import Dialog
from sip.invitations import TRANSACTIONS_AT_ONCE
from sip.messages import Header, Leg, LegEnded
from tests.sip_texts import MEDIA, SDP, InviteFields, engine_invite, request, response
from tests.unit.sip_gate import INSIDE, LIVEVOX, SENT_BY, WORKER, GateWorld

ADMITTED = Admitted("call1", 1, MEDIA)


def invite(**changes: Unpack[InviteFields]) -> str:
    return request("INVITE", SENT_BY, body=SDP, **changes)


# asking


def test_a_new_invite_gets_100_and_admission_is_asked_with_all_it_says() -> None:
    world = GateWorld()
    heard = world.hear(request("INVITE", SENT_BY, body=SDP, headers=("X-transaction-id: 14", "s:  folded\r\n  text")))
    assert heard.statuses == [100]
    assert heard.targets == [LIVEVOX]
    asked = heard.asked[0].invite
    assert asked.request_uri == "sip:+18990000001@192.0.2.1:5070"
    assert (asked.caller, asked.display_name) == ("+12135550100", 'Ann, "A" <x>')
    assert asked.sip_call_id == "call-a@192.0.2.50"
    assert asked.sdp == SDP.encode()
    assert asked.source == LIVEVOX
    assert Header("X-transaction-id", "14") in asked.headers
    assert Header("Subject", "folded text") in asked.headers
    assert [header.name for header in asked.headers][:3] == ["Via", "Max-Forwards", "From"]


def test_an_invite_without_a_body_has_no_sdp() -> None:
    assert GateWorld().hear(request("INVITE", SENT_BY)).asked[0].invite.sdp == b""


def test_bytes_that_are_not_utf8_reach_admission_replaced_and_the_worker_untouched() -> None:
    world = GateWorld()
    datagram = invite().encode().replace(b"Contact:", b"X-Name: \xff\xfe\r\nContact:")
    asked = world.hear(datagram).asked[0]
    assert Header("X-Name", "\ufffd\ufffd") in asked.invite.headers
    sent = world.answer(asked.request, ADMITTED).worker[0]
    assert b"X-Name: \xff\xfe" in sent.lines


def test_a_retransmission_before_the_answer_gets_100_again_and_asks_nobody() -> None:
    world = GateWorld()
    world.hear(invite())
    heard = [world.hear(invite()) for _ in range(7)]
    assert [each.statuses for each in heard] == [[100]] * 7
    assert [each.asked for each in heard] == [[]] * 7
    assert (world.count(Count.INVITES), world.count(Count.RETRANSMISSIONS)) == (1, 7)


def test_admission_that_never_answers_is_withdrawn_and_the_caller_gets_503() -> None:
    world = GateWorld()
    asked = world.asked()
    heard = world.wait(32.0)
    assert heard.statuses == [503]
    assert heard.others == [WithdrawAdmission(asked.key)]
    late = world.answer(asked, ADMITTED)
    assert late.events == [LegEnded("call1", Leg.CUSTOMER, True, 487, "cancelled")]
    assert late.worker == []


def test_admission_that_breaks_gives_500() -> None:
    world = GateWorld()
    asked = world.asked()
    actions = world.gate.admission_failed(asked, world.now)
    assert b"SIP/2.0 500" in actions[0].datagram  # type: ignore[union-attr]
    assert world.gate.admission_failed(asked, world.now) == []


# admitted


def test_an_admitted_invite_goes_to_its_worker_with_private_headers_and_is_bound() -> None:
    world = GateWorld()
    sent = world.admitted()
    assert sent.value(b"x-bridge-call") == b"call1"
    assert MEDIA_OFFER.decode(sent.value(b"x-bridge-media") or b"") == MEDIA
    assert world.dispatch.dialog("call-a@192.0.2.50") == Dialog("call1", Leg.CUSTOMER, 1)


def test_a_retransmission_after_that_goes_to_the_same_worker_unchanged() -> None:
    world = GateWorld()
    sent = world.admitted()
    again = world.hear(invite())
    assert [each.to_bytes() for each in again.worker] == [sent.to_bytes()]
    assert again.network == []


def test_the_workers_100_is_absorbed_and_its_180_and_200_pass() -> None:
    world = GateWorld()
    sent = world.admitted()
    statuses = [world.hear_worker(response(sent, status, "x")).statuses for status in (100, 180, 200, 200)]
    assert statuses == [[], [180], [200], [200]]


def test_a_retransmission_after_the_answer_is_absorbed() -> None:
    world = GateWorld()
    world.answered()
    heard = world.hear(invite())
    assert (heard.network, heard.worker) == ([], [])
    assert world.count(Count.RETRANSMISSIONS) == 1


def test_the_ack_to_a_workers_refusal_goes_to_that_worker() -> None:
    world = GateWorld()
    sent = world.admitted()
    assert world.hear_worker(response(sent, 486, "Busy")).statuses == [486]
    acked = world.hear(request("ACK", SENT_BY, to_tag="ua1")).worker[0]
    assert acked.values(b"via")[0] == sent.values(b"via")[0]


def test_an_ack_without_a_to_tag_never_reaches_a_worker() -> None:
    world = GateWorld()
    sent = world.admitted()
    ack = request("ACK", SENT_BY)
    assert world.hear(ack).worker == []
    world.hear_worker(response(sent, 486, "Busy"))
    for hidden in (ack, ack.replace("5070>", '5070>;x="y;tag=z"'), ack.replace("5070>", "5070>;tag=")):
        assert world.hear(hidden).worker == []


def test_with_too_many_at_once_invites_get_503() -> None:
    world = GateWorld()
    reply = world.asked().reply()
    for number in range(TRANSACTIONS_AT_ONCE - 1):
        world.board.transactions.open(b"%d" % number, (b"%d" % number, b"", 1), reply, world.now)
    heard = world.hear(invite(branch="z9hG4bK-b", call_id="b"))
    assert (heard.statuses, heard.asked, world.count(Count.OVERLOADED)) == ([503], [], 1)


def test_a_call_whose_worker_died_in_between_gets_503_and_admission_is_told() -> None:
    world = GateWorld()
    asked = world.asked()
    world.dispatch.remove_worker(1)
    heard = world.answer(asked, ADMITTED)
    assert heard.statuses == [503]
    assert heard.events == [LegEnded("call1", Leg.CUSTOMER, False, 503, "worker lost")]
    assert world.dispatch.dialog("call-a@192.0.2.50") is None


def test_an_invite_its_worker_did_not_hear_is_sent_again() -> None:
    world = GateWorld()
    sent = world.admitted()
    assert [each.to_bytes() for each in world.wait(3.5).worker] == [sent.to_bytes()] * 3
    world.hear_worker(response(sent, 180, "Ringing"))
    assert world.wait(100.0).worker == []


def test_an_invite_its_worker_never_reacts_to_gets_500_and_admission_is_told() -> None:
    world = GateWorld()
    sent = world.admitted()
    heard = world.wait(4.0)
    assert heard.statuses == [500]
    assert heard.events == [LegEnded("call1", Leg.CUSTOMER, False, 500, "worker silent")]
    assert world.count(Count.WORKER_SILENT) == 1
    for late in (180, 200):
        assert world.hear_worker(response(sent, late, "x")).network == []


def test_a_refusal_of_pjsips_own_is_reported_and_one_after_ringing_left_to_the_worker() -> None:
    world = GateWorld()
    sent = world.admitted()
    assert world.hear_worker(response(sent, 100, "Trying")).events == []
    heard = world.hear_worker(response(sent, 420, "Bad Extension"))
    assert heard.statuses == [420]
    assert heard.events == [LegEnded("call1", Leg.CUSTOMER, False, 420, "Bad Extension")]
    assert world.hear_worker(response(sent, 420, "Bad Extension")).events == []
    other = world.admitted(branch="z9hG4bK-other", call_id="other")
    world.hear_worker(response(other, 180, "Ringing"))
    assert world.hear_worker(response(other, 486, "Busy")).events == []


# refused without asking


def test_while_draining_invites_get_503_with_retry_after() -> None:
    world = GateWorld(retry_after=9)
    world.accepts = False
    heard = world.hear(invite())
    assert heard.statuses == [503]
    assert heard.network[0].value(b"retry-after") == b"9"
    assert (heard.asked, len(world.board.transactions)) == ([], 0)


def test_a_copy_by_another_way_gets_482() -> None:
    world = GateWorld()
    world.asked()
    heard = world.hear(invite(branch="z9hG4bK-other-way"))
    assert (heard.statuses, heard.asked) == ([482], [])


def test_the_same_call_id_tried_again_with_the_next_cseq_is_a_new_call() -> None:
    world = GateWorld()
    world.answer(world.asked(), Refused(503, ""))
    assert len(world.hear(request("INVITE", SENT_BY, branch="z9hG4bK-b", cseq=2, body=SDP)).asked) == 1


def test_an_invite_of_ours_that_comes_back_gets_482() -> None:
    world = GateWorld()
    world.hear_worker(engine_invite(WORKER, INSIDE, "192.0.2.7:5060"))
    heard = world.hear(invite(call_id="engine-leg-1"))
    assert (heard.statuses, heard.asked) == ([482], [])


@pytest.mark.parametrize(
    ("headers", "body", "status", "name", "value"),
    [
        (("Content-Type: multipart/mixed;boundary=x",), "--x", 415, b"accept", b"application/sdp"),
        (("Content-Type: application/sdp", "Content-Encoding: gzip"), "v=0", 415, b"accept-encoding", b"identity"),
        (("Content-Type: Application/SDP ; x=y",), "v=0", 100, b"accept", None),
        (("c: application/sdp", "e: identity"), "v=0", 100, b"accept", None),
    ],
)
def test_only_plain_sdp_is_taken(
    headers: tuple[str, ...], body: str, status: int, name: bytes, value: bytes | None
) -> None:
    heard = GateWorld().hear(request("INVITE", SENT_BY, headers=headers, body=body))
    assert heard.statuses == [status]
    assert heard.network[0].value(name) == value


@pytest.mark.parametrize(("header", "body", "status"), [(0, 3600, 413), (3600, 10, 513), (1200, 1500, 100)])
def test_what_a_worker_could_not_read_is_refused(header: int, body: int, status: int) -> None:
    text = request("INVITE", SENT_BY, headers=(f"X-Long: {'x' * header}",), body="v" * body)
    assert GateWorld().hear(text).statuses == [status]


def test_the_longest_invite_that_is_taken_stays_below_the_workers_buffer() -> None:
    world = GateWorld()
    empty = len(request("INVITE", SENT_BY, headers=("X-Long: ",), body=SDP))
    text = request("INVITE", SENT_BY, headers=(f"X-Long: {'x' * (3500 - empty)}",), body=SDP)
    assert len(text) == 3500
    asked = world.hear(text, ("192.0.2.255", 65535)).asked[0].request
    assert 3500 < len(world.answer(asked, ADMITTED).worker[0].to_bytes()) <= 3900
    assert world.hear(text.replace("xx", "xxx", 1).replace("-one", "-two")).statuses == [513]
