"""Requests from the network inside a dialog."""

import pytest

from sip.counters import Count
from sip.messages import Header, InfoReceived, Leg, LegEnded, ReferReceived
from tests.sip_texts import engine_invite, request
from tests.unit.sip_gate import CONTACT, INSIDE, WORKER, GateWorld, in_dialog

ENGINE = ("198.51.100.5", 5092)


@pytest.mark.parametrize("method", ["INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK"])
def test_what_a_user_agent_does_goes_to_the_worker(method: str) -> None:
    world = GateWorld()
    world.answered()
    heard = world.hear(in_dialog(method))
    assert [message.method.decode() for message in heard.worker] == [method]
    assert (heard.network, heard.asked) == ([], [])


def test_the_worker_is_named_in_the_request_uri_even_if_the_call_id_is_unknown() -> None:
    world = GateWorld()
    assert len(world.hear(in_dialog("BYE", call_id="never-seen")).worker) == 1


@pytest.mark.parametrize(
    "uri", ["sip:bridge@203.0.113.1:5070", "sip:bridge@203.0.113.1;w=9", "sip:bridge@203.0.113.1;w=x"]
)
def test_without_a_living_worker_there_the_call_id_decides(uri: str) -> None:
    world = GateWorld()
    world.answered()
    assert len(world.hear(in_dialog("BYE", uri=uri)).worker) == 1


@pytest.mark.parametrize("method", ["INVITE", "BYE", "UPDATE", "PRACK", "CANCEL", "INFO", "REFER", "OPTIONS", "NOTIFY"])
def test_an_unknown_dialog_gets_481(method: str) -> None:
    world = GateWorld()
    heard = world.hear(in_dialog(method, uri="sip:bridge@203.0.113.1;w=9", headers=("Refer-To: <sip:x>",)))
    assert (heard.statuses, heard.worker, heard.events) == ([481], [], [])
    assert world.count(Count.NO_DIALOG) == 1


def test_an_ack_of_an_unknown_dialog_is_dropped() -> None:
    heard = GateWorld().hear(in_dialog("ACK", uri="sip:bridge@203.0.113.1;w=9"))
    assert (heard.network, heard.worker) == ([], [])


@pytest.mark.parametrize("method", ["MESSAGE", "SUBSCRIBE", "PUBLISH", "REGISTER", "FOO"])
def test_what_a_user_agent_does_not_do_gets_405(method: str) -> None:
    world = GateWorld()
    world.answered()
    heard = world.hear(in_dialog(method))
    assert heard.statuses == [405]
    assert b"INFO, REFER" in (heard.network[0].value(b"allow") or b"")


def test_options_and_notify_are_answered_here() -> None:
    world = GateWorld()
    world.answered()
    assert world.hear(in_dialog("OPTIONS")).statuses == [200]
    assert world.hear(in_dialog("NOTIFY")).statuses == [481]


def test_a_request_too_large_for_the_worker_is_refused_and_an_ack_dropped() -> None:
    world = GateWorld()
    world.answered()
    assert world.hear(in_dialog("UPDATE", headers=(f"X-Long: {'x' * 4000}",))).statuses == [513]
    heard = world.hear(in_dialog("ACK", headers=(f"X-Long: {'x' * 4000}",)))
    assert (heard.network, heard.worker, len(heard.notes)) == ([], [], 1)


# INFO


def test_an_info_is_answered_200_and_reported_once() -> None:
    world = GateWorld()
    world.answered()
    text = in_dialog("INFO", headers=("c: application/json",), body='{"a": 1}')
    heard = [world.hear(text) for _ in range(3)]
    assert [each.statuses for each in heard] == [[200]] * 3
    assert len({each.network[0].to_bytes() for each in heard}) == 1
    assert [each.events for each in heard] == [
        [InfoReceived("call1", Leg.CUSTOMER, "application/json", b'{"a": 1}')],
        [],
        [],
    ]
    assert heard[0].worker == []


def test_two_infos_are_two_reports() -> None:
    world = GateWorld()
    world.answered()
    events = [world.hear(in_dialog("INFO", branch=f"z9hG4bK{number}", cseq=number)).events for number in (2, 3)]
    assert [len(each) for each in events] == [1, 1]


def test_an_info_may_be_larger_than_a_workers_buffer() -> None:
    world = GateWorld()
    world.answered()
    heard = world.hear(in_dialog("INFO", headers=("Content-Type: application/json",), body="x" * 9000))
    assert heard.statuses == [200]
    assert len(heard.events[0].body) == 9000  # type: ignore[union-attr]


def test_an_engines_info_is_reported_for_its_leg() -> None:
    world = GateWorld()
    world.hear_worker(engine_invite(WORKER, INSIDE, "198.51.100.5:5092"))
    text = request("INFO", "198.51.100.5:5092", uri=CONTACT, to_tag="w", call_id="engine-leg-1")
    assert world.hear(text, ENGINE).events == [InfoReceived("call1", Leg.ENGINE, "", b"")]


# REFER


def test_a_refer_is_answered_202_and_reported_once() -> None:
    world = GateWorld()
    world.answered()
    text = in_dialog("REFER", cseq=93, headers=('r: "Sales, EMEA" <sip:sales@pbx?Replaces=a%3Bb>;x',))
    heard = world.hear(text)
    assert heard.statuses == [202]
    assert heard.network[0].value(b"contact") == f"<{CONTACT}>".encode()
    assert heard.network[0].value(b"refer-sub") is None
    assert heard.events == [ReferReceived("call1", Leg.CUSTOMER, "sip:sales@pbx?Replaces=a%3Bb", 93, True)]
    again = world.hear(text)
    assert (again.statuses, again.events) == ([202], [])


def test_a_refer_that_wants_no_notify_is_told_so() -> None:
    world = GateWorld()
    world.answered()
    heard = world.hear(
        in_dialog("REFER", headers=("Refer-To: sip:sales@pbx", "Refer-Sub: False ;x", "Require: norefersub"))
    )
    assert heard.network[0].value(b"refer-sub") == b"false"
    assert heard.events == [ReferReceived("call1", Leg.CUSTOMER, "sip:sales@pbx", 2, False)]


@pytest.mark.parametrize(
    "headers", [(), ("Refer-To: <sip:a>", "r: <sip:b>"), ("Refer-To: <sip:a>, <sip:b>",), ('Refer-To: "open <sip:a>',)]
)
def test_a_refer_without_just_one_target_gets_400(headers: tuple[str, ...]) -> None:
    world = GateWorld()
    world.answered()
    heard = world.hear(in_dialog("REFER", headers=headers))
    assert (heard.statuses, heard.events) == ([400], [])


def test_an_extension_we_lack_gets_420_from_what_is_answered_here() -> None:
    world = GateWorld()
    world.answered()
    heard = world.hear(in_dialog("INFO", headers=("Require: timer, teleport",)))
    assert (heard.statuses, heard.events) == ([420], [])
    assert heard.network[0].value(b"unsupported") == b"teleport"
    assert len(world.hear(in_dialog("BYE", headers=("Require: teleport",))).worker) == 1


# a dead worker


def test_a_bye_after_its_workers_death_gets_481_and_is_reported_once() -> None:
    world = GateWorld()
    world.answered()
    world.lose_worker()
    text = in_dialog("BYE", headers=("X-Outcome: paid", "Reason: Q.850;cause=16", "Subject: no"))
    heard = world.hear(text)
    assert heard.statuses == [481]
    headers = (Header("X-Outcome", "paid"), Header("Reason", "Q.850;cause=16"))
    assert heard.events == [LegEnded("call1", Leg.CUSTOMER, True, 481, "worker lost", headers)]
    again = world.hear(text)
    assert (again.statuses, again.events) == ([481], [])


def test_other_requests_after_its_workers_death_get_481_and_no_report() -> None:
    world = GateWorld()
    world.answered()
    world.lose_worker()
    for method in ("INVITE", "UPDATE", "INFO", "REFER", "OPTIONS"):
        heard = world.hear(in_dialog(method, headers=("Refer-To: <sip:a>",)))
        assert (heard.statuses, heard.events) == ([481], [])


def test_requests_to_no_dialog_are_counted_against_their_source() -> None:
    world = GateWorld(burst=2, rate_per_s=0.001)
    statuses = [world.hear(in_dialog("BYE", uri="sip:x@y", branch=f"z9hG4bK{n}")).statuses for n in range(4)]
    assert statuses == [[481], [481], [], []]
    assert world.count(Count.RATE_LIMITED) == 2
