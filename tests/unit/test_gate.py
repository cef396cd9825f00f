"""What is looked at before anything else, and requests outside any dialog."""

import pytest

from sip.counters import Count
from sip.message import Message
from sip.responses import ALLOW
from tests.sip_texts import SDP, engine_invite, request, response
from tests.unit.sip_gate import INSIDE, LIVEVOX, SENT_BY, STRANGER, WORKER, GateWorld, in_dialog

# strangers


def test_a_stranger_gets_403_a_few_times_and_then_silence() -> None:
    world = GateWorld()
    heard = [world.hear(request("INVITE", "198.51.100.66"), STRANGER) for _ in range(50)]
    assert sum(each.statuses == [403] for each in heard) == 10
    assert sum(each.statuses == [] for each in heard) == 40
    assert world.count(Count.STRANGERS) == 50
    assert len(world.board.transactions) == 0


def test_by_setting_a_stranger_hears_nothing_and_is_not_read() -> None:
    world = GateWorld(refuse_strangers=False)
    heard = [world.hear(request("INVITE", "198.51.100.66"), STRANGER) for _ in range(50)]
    assert [each.network for each in heard] == [[]] * 50
    assert sum(len(each.notes) for each in heard) == 10
    assert world.count(Count.STRANGERS) == 50
    world.hear(b"garbage", STRANGER)
    assert world.count(Count.UNREADABLE) == 0


@pytest.mark.parametrize("text", [request("ACK", "198.51.100.66"), "garbage", "SIP/2.0 200 OK\r\n\r\n", "\r\n\r\n"])
def test_a_strangers_ack_response_or_garbage_is_never_answered(text: str) -> None:
    heard = GateWorld().hear(text, STRANGER)
    assert (heard.network, heard.worker) == ([], [])


def test_a_strangers_request_inside_a_dialog_reaches_no_worker() -> None:
    world = GateWorld()
    world.answered()
    heard = world.hear(in_dialog("BYE"), STRANGER)
    assert (heard.statuses, heard.worker) == ([403], [])


# rate


def test_over_its_rate_a_source_gets_503_for_invites_and_then_silence() -> None:
    world = GateWorld(rate_per_s=1.0, burst=3)
    statuses = [
        world.hear(request("INVITE", SENT_BY, branch=f"z9hG4bK{number}", call_id=f"c{number}")).statuses
        for number in range(30)
    ]
    assert statuses == [[100]] * 3 + [[503]] * 10 + [[]] * 17
    assert world.count(Count.RATE_LIMITED) == 27
    world.now += 2
    assert world.hear(request("INVITE", SENT_BY, branch="z9hG4bKlater", call_id="later")).statuses == [100]


def test_a_refusal_for_the_rate_says_when_to_try_again() -> None:
    world = GateWorld(rate_per_s=0.001, burst=1, retry_after=11)
    world.hear(request("OPTIONS", SENT_BY))
    assert world.hear(request("INVITE", SENT_BY)).network[0].value(b"retry-after") == b"11"


def test_over_the_rate_other_requests_are_not_answered() -> None:
    world = GateWorld(rate_per_s=0.001, burst=1)
    assert [world.hear(request("OPTIONS", SENT_BY)).statuses for _ in range(3)] == [[200], [], []]


def test_retransmissions_and_requests_of_a_call_cost_no_rate() -> None:
    world = GateWorld(rate_per_s=0.001, burst=1)
    invite = world.admitted()
    for _ in range(7):
        assert len(world.hear(request("INVITE", SENT_BY, body=SDP)).worker) == 1
    world.hear_worker(response(invite, 200, "OK"))
    for method in ("ACK", "UPDATE", "BYE"):
        assert len(world.hear(in_dialog(method)).worker) == 1
    assert world.hear(in_dialog("INFO")).statuses == [200]


def test_a_source_that_is_ignored_keeps_its_calls_and_can_still_cancel() -> None:
    world = GateWorld(rate_per_s=0.001, burst=2)
    world.answered()
    world.admitted(branch="z9hG4bKringing", call_id="ringing")
    for number in range(30):
        flood = world.hear(request("REGISTER", SENT_BY, branch=f"z9hG4bK{number}", call_id=f"c{number}"))
    assert (flood.network, flood.notes) == ([], [])
    for method in ("ACK", "UPDATE", "BYE"):
        assert len(world.hear(in_dialog(method)).worker) == 1
    cancel = request("CANCEL", SENT_BY, branch="z9hG4bKringing", call_id="ringing")
    assert len(world.hear(cancel).worker) == 1
    assert world.count(Count.RATE_LIMITED) == 30


def test_responses_to_nobodys_request_are_counted_without_being_read() -> None:
    world = GateWorld()
    world.hear("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1\r\nbroken\r\n\r\n")
    assert (world.count(Count.UNMATCHED_RESPONSES), world.count(Count.UNREADABLE)) == (1, 0)


# keepalives and garbage


@pytest.mark.parametrize("datagram", [b"", b"\r\n", b"\r\n\r\n", b"\0", b"\0\0\0\0", b"    "])
def test_keepalives_are_ignored_and_counted(datagram: bytes) -> None:
    world = GateWorld()
    assert world.hear(datagram).network == []
    assert world.count(Count.KEEPALIVES) == 1


@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        "INVITE sip:a@b SIP/2.0\r\n\r\n",
        request("INVITE", SENT_BY).replace("Via:", "Vie:"),
        request("INVITE", SENT_BY).replace("Call-ID:", "Call-OD:"),
        request("INVITE", SENT_BY).replace("SIP/2.0/UDP", "UDP"),
    ],
)
def test_too_little_to_be_answered_is_ignored_and_counted(text: str) -> None:
    world = GateWorld()
    assert world.hear(text).network == []
    assert world.count(Count.UNREADABLE) == 1


def test_a_response_to_nothing_is_dropped() -> None:
    world = GateWorld()
    heard = world.hear(response(Message.parse(request("INVITE", SENT_BY).encode()), 200, "OK"))
    assert (heard.network, heard.worker, world.count(Count.UNMATCHED_RESPONSES)) == ([], [], 1)


def test_a_response_shorter_than_it_says_is_dropped() -> None:
    world = GateWorld()
    asked = world.hear_worker(engine_invite(WORKER, INSIDE, "192.0.2.9:5060")).network[0]
    text = response(asked, 200, "OK").replace("Content-Length: 0", "Content-Length: 5")
    assert world.hear(text, ("192.0.2.9", 5060)).worker == []


# refusals, in order


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "BYE", "CANCEL", "REGISTER"])
def test_a_malformed_request_gets_400_with_a_warning(method: str) -> None:
    world = GateWorld()
    heard = world.hear(request(method, SENT_BY).replace(f"1 {method}", "one"))
    assert heard.statuses == [400]
    assert heard.network[0].value(b"warning") == b'399 203.0.113.1 "CSeq does not fit the request"'
    assert world.count(Count.MALFORMED) == 1


def test_a_malformed_ack_is_dropped() -> None:
    world = GateWorld()
    assert world.hear(request("ACK", SENT_BY).replace("1 ACK", "one")).network == []
    assert world.count(Count.MALFORMED) == 1


def test_max_forwards_that_is_no_number_gets_400() -> None:
    assert GateWorld().hear(request("INVITE", SENT_BY, max_forwards=300)).statuses == [400]


def test_another_version_gets_505() -> None:
    assert GateWorld().hear(request("INVITE", SENT_BY).replace("SIP/2.0\r\nVia", "SIP/3.0\r\nVia")).statuses == [505]


@pytest.mark.parametrize(
    ("uri", "status"),
    [
        ("sip:a@b", 100),
        ("sips:a@b", 100),
        ("tel:+18990000001", 100),
        ("mailto:a@b", 416),
        ("<sip:a@b>", 400),
        ("a@b", 400),
    ],
)
def test_only_sip_and_tel_uris_are_known(uri: str, status: int) -> None:
    assert GateWorld().hear(request("INVITE", SENT_BY, uri=uri)).statuses == [status]


def test_no_hops_left_gets_483_but_options_ends_here_anyway() -> None:
    world = GateWorld()
    assert world.hear(request("INVITE", SENT_BY, max_forwards=0)).statuses == [483]
    assert world.hear(request("OPTIONS", SENT_BY, max_forwards=0)).statuses == [200]


def test_an_ack_without_hops_still_reaches_its_call() -> None:
    world = GateWorld()
    world.answered()
    assert world.hear(in_dialog("ACK", max_forwards=0)).worker[0].value(b"max-forwards") == b"0"


# outside dialogs


def test_options_says_what_we_can() -> None:
    answer = GateWorld().hear(request("OPTIONS", SENT_BY, headers=("Accept: x/y",))).network[0]
    assert answer.status == 200
    assert answer.value(b"allow") == ALLOW
    assert answer.value(b"accept") == b"application/sdp"
    assert answer.value(b"supported") == b"100rel, timer"
    assert answer.value(b"server") == b"livevox-bridge"


def test_options_gets_503_while_draining() -> None:
    world = GateWorld()
    world.accepts = False
    answer = world.hear(request("OPTIONS", SENT_BY)).network[0]
    assert (answer.status, answer.value(b"retry-after")) == (503, b"5")


def test_options_that_requires_what_we_lack_gets_420() -> None:
    assert GateWorld().hear(request("OPTIONS", SENT_BY, headers=("Require: x",))).statuses == [420]


@pytest.mark.parametrize("method", ["REGISTER", "SUBSCRIBE", "PUBLISH", "MESSAGE", "FOO"])
def test_what_we_do_not_do_gets_405_with_allow(method: str) -> None:
    answer = GateWorld().hear(request(method, SENT_BY)).network[0]
    assert (answer.status, answer.value(b"allow")) == (405, ALLOW)


@pytest.mark.parametrize("method", ["BYE", "UPDATE", "PRACK", "INFO", "REFER", "NOTIFY", "CANCEL"])
def test_what_needs_a_dialog_gets_481_without_one(method: str) -> None:
    assert GateWorld().hear(request(method, SENT_BY)).statuses == [481]


def test_a_stray_ack_is_dropped() -> None:
    world = GateWorld()
    assert world.hear(request("ACK", SENT_BY)).network == []


def test_the_same_request_gets_the_same_answer_byte_for_byte() -> None:
    world = GateWorld()
    answers = {world.hear(request("OPTIONS", SENT_BY)).network[0].to_bytes() for _ in range(3)}
    assert len(answers) == 1


def test_answers_go_to_the_source_whatever_the_via_claims() -> None:
    text = request("OPTIONS", "10.1.1.1:9;maddr=10.2.2.2;received=10.3.3.3")
    assert GateWorld().hear(text, ("192.0.2.7", 6000)).targets == [("192.0.2.7", 6000)]
    assert GateWorld().hear(text.replace(";rport", ""), ("192.0.2.7", 6000)).targets == [("192.0.2.7", 9)]


def test_a_refusal_is_noted_with_who_and_why() -> None:
    note = GateWorld().hear(request("REGISTER", SENT_BY)).notes[0]
    assert (note.why, note.status, note.source, note.method, note.caller) == (
        Count.BAD_METHOD,
        405,
        LIVEVOX,
        "REGISTER",
        "+12135550100",
    )
