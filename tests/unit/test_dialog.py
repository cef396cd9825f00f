"""One end's view of a SIP dialog."""

import pytest

from bridge.simulator.dialog import Dialog
from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.sip_text import Request, Response, answer
from sip.messages import Header

INVITE = Request(
    "INVITE",
    "sip:+18990000001@192.0.2.1:5070",
    (
        Header("Via", "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa"),
        Header("Record-Route", "<sip:192.0.2.7;lr;did=1>"),
        Header("Record-Route", "<sip:192.0.2.8;lr>"),
        Header("From", "<sip:2135551234@192.0.2.9>;tag=caller"),
        Header("To", "<sip:+18990000001@192.0.2.1:5070>"),
        Header("Call-ID", "one"),
        Header("CSeq", "13096450 INVITE"),
        Header("Contact", "<sip:2135551234@192.0.2.9:5060>"),
    ),
)
OK = answer(INVITE, 200, (Header("Contact", "<sip:bridge@192.0.2.1:5070;w=3>"),), tag="callee")


def caller() -> Dialog:
    return Dialog.of_caller(INVITE, OK)


def callee() -> Dialog:
    return Dialog.of_callee(INVITE, "callee", "<sip:bridge@192.0.2.1:5070>")


def test_the_caller_s_route_set_is_the_recorded_one_reversed() -> None:
    assert caller().routes == ("<sip:192.0.2.8;lr>", "<sip:192.0.2.7;lr;did=1>")


def test_the_callee_s_route_set_is_as_recorded() -> None:
    assert callee().routes == ("<sip:192.0.2.7;lr;did=1>", "<sip:192.0.2.8;lr>")


def test_a_request_goes_to_the_other_side_s_contact_with_both_tags_and_the_next_number() -> None:
    bye = caller().request("BYE", (Header("X-Outcome", "paid"),))
    assert bye.uri == "sip:bridge@192.0.2.1:5070;w=3"
    assert (bye.sender.tag, bye.recipient.tag, bye.call_id) == ("caller", "callee", "one")
    assert bye.cseq.number == 13096451
    assert bye.first("X-Outcome") == "paid"
    assert bye.every("Route") == ["<sip:192.0.2.8;lr>", "<sip:192.0.2.7;lr;did=1>"]


def test_both_ends_know_the_dialog_by_their_own_tag() -> None:
    assert caller().key == ("one", "caller")
    assert callee().key == ("one", "callee")


def test_an_ack_has_the_invite_s_number() -> None:
    dialog = caller()
    dialog.request("INFO")
    assert (dialog.ack(13096450).cseq.number, dialog.local_cseq) == (13096450, 13096451)


def test_a_request_with_an_old_number_is_out_of_order() -> None:
    ours, theirs = callee(), caller()
    newer = theirs.request("INFO"), theirs.request("INFO")
    assert ours.takes(newer[1])
    assert not ours.takes(newer[0])


def test_numbers_of_the_two_sides_do_not_mix() -> None:
    ours = callee()
    assert ours.request("BYE").cseq.number == 1
    assert ours.remote_cseq == 13096450


def test_a_re_invite_moves_the_remote_target_and_an_info_does_not() -> None:
    ours, theirs = callee(), caller()
    theirs.contact = "<sip:moved@192.0.2.77>"
    info = theirs.request("INFO", (Header("Contact", "<sip:elsewhere@192.0.2.66>"),))
    assert ours.takes(info)
    assert ours.target == "sip:2135551234@192.0.2.9:5060"
    assert ours.takes(theirs.request("INVITE"))
    assert ours.target == "sip:moved@192.0.2.77"


@pytest.mark.parametrize("missing", ["Contact", "To"])
def test_a_response_without_contact_or_tag_makes_no_dialog(missing: str) -> None:
    headers = tuple(header for header in OK.headers if header.name != missing)
    if missing == "To":
        headers = (*headers, Header("To", "<sip:+18990000001@192.0.2.1:5070>"))
    with pytest.raises(InvalidDatagram):
        Dialog.of_caller(INVITE, Response(200, "OK", headers))


def test_an_invite_without_contact_makes_no_dialog() -> None:
    headers = tuple(header for header in INVITE.headers if header.name != "Contact")
    with pytest.raises(InvalidDatagram):
        Dialog.of_callee(Request("INVITE", INVITE.uri, headers), "callee", "")
