"""INVITEs that end early: cancelled, refused and acknowledged, or left by their worker."""

from sip.actions import WithdrawAdmission
from sip.admission import Admitted, Refused
from sip.counters import Count
from sip.messages import Leg, LegEnded
from tests.sip_texts import MEDIA, SDP, request, response
from tests.unit.sip_gate import SENT_BY, GateWorld

ADMITTED = Admitted("call1", 1, MEDIA)


def invite() -> str:
    return request("INVITE", SENT_BY, body=SDP)


# refused


def test_a_refusal_carries_its_reason_and_when_to_try_again() -> None:
    world = GateWorld()
    heard = world.answer(world.asked(), Refused(503, 'full: "12"', 7))
    refusal = heard.network[0]
    assert refusal.status == 503
    assert refusal.value(b"warning") == b'399 203.0.113.1 "full:  12 "'
    assert refusal.value(b"retry-after") == b"7"
    assert b";tag=" in (refusal.value(b"to") or b"")
    assert [note.status for note in heard.notes] == [503]


def test_a_status_no_response_can_have_becomes_500() -> None:
    world = GateWorld()
    assert world.answer(world.asked(), Refused(200, "")).statuses == [500]


def test_a_refusal_is_repeated_until_its_ack_and_for_each_retransmission() -> None:
    world = GateWorld()
    refusal = world.answer(world.asked(), Refused(486, "busy")).network[0].to_bytes()
    assert [each.to_bytes() for each in world.wait(3.5).network] == [refusal] * 3
    assert [each.to_bytes() for each in world.hear(invite()).network] == [refusal]
    assert world.hear(request("ACK", SENT_BY, to_tag="x")).worker == []
    assert world.wait(4.0).network == []
    assert world.hear(invite()).network == []
    assert world.hear(request("ACK", SENT_BY, to_tag="x")).worker == []
    world.wait(2.0)
    assert len(world.board.transactions) == 0


def test_a_refusal_nobody_acknowledges_is_forgotten_after_32_seconds() -> None:
    world = GateWorld()
    world.answer(world.asked(), Refused(404, ""))
    assert len(world.wait(32.0).network) == 10
    assert len(world.board.transactions) == 0


# CANCEL


def test_a_cancel_before_the_answer_ends_the_asking_with_487() -> None:
    world = GateWorld()
    asked = world.asked()
    heard = world.hear(request("CANCEL", SENT_BY))
    assert heard.statuses == [200, 487]
    assert heard.others == [WithdrawAdmission(asked.key)]
    assert heard.network[0].value(b"cseq") == b"1 CANCEL"
    assert heard.network[0].value(b"to") == heard.network[1].value(b"to")
    assert world.hear(request("CANCEL", SENT_BY)).statuses == [200]
    assert world.count(Count.CANCELLED) == 1


def test_an_admission_that_comes_after_the_cancel_is_given_back() -> None:
    world = GateWorld()
    asked = world.asked()
    world.hear(request("CANCEL", SENT_BY))
    heard = world.answer(asked, ADMITTED)
    assert heard.events == [LegEnded("call1", Leg.CUSTOMER, True, 487, "cancelled")]
    assert (heard.worker, heard.network) == ([], [])
    assert world.answer(asked, Refused(404, "")).network == []


def test_a_cancel_after_forwarding_goes_to_the_worker_with_the_invites_branch() -> None:
    world = GateWorld()
    sent = world.admitted()
    heard = world.hear(request("CANCEL", SENT_BY))
    assert heard.network == []
    cancel = heard.worker[0]
    assert cancel.method == b"CANCEL"
    assert cancel.values(b"via")[0] == sent.values(b"via")[0]
    assert world.hear_worker(response(cancel, 200, "OK")).statuses == [200]
    assert world.hear_worker(response(sent, 487, "Request Terminated")).statuses == [487]
    assert len(world.hear(request("ACK", SENT_BY, to_tag="ua1")).worker) == 1


def test_the_200_to_a_cancel_is_no_answer_to_the_invite() -> None:
    world = GateWorld()
    sent = world.admitted()
    cancel = world.hear(request("CANCEL", SENT_BY)).worker[0]
    world.hear_worker(response(cancel, 200, "OK"))
    assert len(world.hear(invite()).worker) == 1
    assert world.hear_worker(response(sent, 487, "x")).statuses == [487]


def test_a_cancel_after_the_answer_has_no_effect_and_its_answer_has_the_dialogs_tag() -> None:
    world = GateWorld()
    world.hear_worker(response(world.admitted(), 200, "OK", tag="dialog"))
    heard = world.hear(request("CANCEL", SENT_BY))
    assert (heard.statuses, heard.worker) == ([200], [])
    assert (heard.network[0].value(b"to") or b"").endswith(b";tag=dialog")


def test_a_cancel_for_a_call_whose_worker_just_died_ends_it() -> None:
    world = GateWorld()
    world.admitted()
    world.dispatch.remove_worker(1)
    assert world.hear(request("CANCEL", SENT_BY)).statuses == [200, 503]


# a worker dies


def test_an_unanswered_invite_gets_503_when_its_worker_dies() -> None:
    world = GateWorld()
    sent = world.admitted()
    world.hear_worker(response(sent, 180, "Ringing"))
    heard = world.lose_worker()
    assert heard.statuses == [503]
    assert heard.network[0].value(b"retry-after") == b"5"
    assert world.hear(invite()).statuses == [503]
    assert world.hear(request("ACK", SENT_BY, to_tag="x")).worker == []
    assert world.wait(1.0).network == []


def test_an_answered_call_is_left_alone_when_its_worker_dies() -> None:
    world = GateWorld()
    world.answered()
    assert world.lose_worker().network == []


def test_a_retransmission_between_a_workers_death_and_its_report_is_ignored() -> None:
    world = GateWorld()
    world.admitted()
    lost = world.dispatch.remove_worker(1)
    heard = world.hear(invite())
    assert (heard.network, heard.worker) == ([], [])
    assert world.hear(request("ACK", SENT_BY, to_tag="x")).worker == []
    assert len(world.gate.worker_lost(lost, world.now)) == 1
