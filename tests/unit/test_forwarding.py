"""What the edge changes in a message on its way."""

import re
from typing import Unpack

import pytest

from sip.envelope import Envelope
from sip.errors import InvalidMessage
from sip.forwarding import Departure, Forwarder, hops, note_source
from sip.message import Message
from tests.sip_texts import EngineFields, engine_invite, request, response

PUBLIC = ("203.0.113.1", 5070)
INSIDE = 5555
WORKER = 40001
KEY = b"z9hG4bKkey"
ORIGIN = ("192.0.2.7", 6000)


def forwarder(secret: bytes = b"secret") -> Forwarder:
    return Forwarder(PUBLIC, INSIDE, secret)


def parse(text: str) -> Message:
    return Message.parse(text.encode())


def key_of(text: str, secret: bytes = b"secret") -> bytes:
    return forwarder(secret).key(Envelope.read(parse(text)))


def lines(datagram: bytes) -> list[bytes]:
    return datagram.partition(b"\r\n\r\n")[0].split(b"\r\n")


# the key


def test_an_invite_its_cancel_and_the_ack_to_its_refusal_have_one_key() -> None:
    keys = {
        key_of(request(method, "192.0.2.7:5060", to_tag=tag))
        for method, tag in (("INVITE", ""), ("CANCEL", ""), ("ACK", "x"))
    }
    assert len(keys) == 1
    assert keys.pop().startswith(b"z9hG4bK")


def test_another_branch_sender_call_or_cseq_has_another_key() -> None:
    texts = [
        request("INVITE", "192.0.2.7:5060"),
        request("INVITE", "192.0.2.7:5060", branch="z9hG4bK-two"),
        request("INVITE", "192.0.2.8:5060"),
        request("INVITE", "192.0.2.7:5061"),
        request("INVITE", "192.0.2.7:5060", call_id="other"),
        request("INVITE", "192.0.2.7:5060", cseq=2),
    ]
    assert len({key_of(text) for text in texts}) == len(texts)


def test_the_key_cannot_be_told_without_the_secret() -> None:
    text = request("INVITE", "192.0.2.7:5060")
    assert key_of(text) != key_of(text, b"another")


# from the network to a worker


def test_what_goes_to_a_worker_is_not_folded_inside_a_quoted_string() -> None:
    folded = ('Contact: "a\r\n folded\r\n\tname" <sip:x>',)
    request_to = forwarder().request_to_worker(parse(request("INVITE", "192.0.2.7:5060", headers=folded)), KEY, ORIGIN)
    assert b'Contact: "a folded name" <sip:x>' in lines(request_to)
    asked, _ = sent_to_engine()
    response_to = forwarder().response_to_worker(parse(response(asked, 200, "OK", headers=folded)))
    assert response_to is not None
    assert b'Contact: "a folded name" <sip:x>' in lines(response_to[0])


def test_a_request_to_a_worker_gets_our_via_and_route_and_one_hop_less() -> None:
    before = parse(request("INVITE", "192.0.2.7:5060", headers=("X-LV-Id: 7", "Subject: \u00fc"), body="v=0\r\n"))
    original = list(before.lines)
    note_source(before, ("192.0.2.7", 6000))
    after = Message.parse(forwarder().request_to_worker(before, KEY, ORIGIN, ((b"X-Bridge-Call", b"c1"),)))
    assert after.lines == [
        b"Record-Route: <sip:127.0.0.1:5555;lr>",
        b"Via: SIP/2.0/UDP 127.0.0.1:5555;branch=z9hG4bKkey;origin=192.0.2.7-6000",
        b"Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK-one;received=192.0.2.7;rport=6000",
        b"Max-Forwards: 68",
        *original[2:],
        b"X-Bridge-Call: c1",
    ]
    assert after.body == b"v=0\r\n"


def test_our_route_stands_above_those_of_the_proxies_on_the_way() -> None:
    message = parse(request("INVITE", "192.0.2.7", headers=("Record-Route: <sip:p1;lr>", "Record-Route: <sip:p2;lr>")))
    after = Message.parse(forwarder().request_to_worker(message, KEY, ORIGIN))
    assert after.values(b"record-route") == [b"<sip:127.0.0.1:5555;lr>", b"<sip:p1;lr>", b"<sip:p2;lr>"]


def test_a_request_that_makes_no_dialog_gets_no_record_route() -> None:
    assert b"Record-Route" not in forwarder().request_to_worker(
        parse(request("BYE", "192.0.2.7", to_tag="t")), KEY, ORIGIN
    )


def test_private_headers_from_the_network_are_taken_away() -> None:
    message = parse(request("INVITE", "192.0.2.7", headers=("x-bridge-CALL : evil", "X-Bridge-Media:\r\n evil")))
    assert b"evil" not in forwarder().request_to_worker(message, KEY, ORIGIN)


def test_a_route_that_names_us_is_taken_away_and_another_is_left() -> None:
    ours = parse(request("INVITE", "192.0.2.7", headers=("Route: <sip:x@203.0.113.1:5070;lr>, <sip:p;lr>",)))
    assert b"Route: <sip:p;lr>" in lines(forwarder().request_to_worker(ours, KEY, ORIGIN))
    other = parse(request("INVITE", "192.0.2.7", headers=("Route: <sip:203.0.113.1:50701;lr>",)))
    assert b"Route: <sip:203.0.113.1:50701;lr>" in lines(forwarder().request_to_worker(other, KEY, ORIGIN))


def test_a_request_without_max_forwards_gets_70() -> None:
    message = parse(request("BYE", "192.0.2.7", to_tag="t"))
    del message.lines[1], message.keys[1]
    assert b"Max-Forwards: 70" in lines(forwarder().request_to_worker(message, KEY, ORIGIN))


@pytest.mark.parametrize(
    ("value", "number"),
    [("70", 70), ("0", 0), ("255", 255), ("256", -1), ("-1", -1), ("x", -1), ("", -1), ("0070", -1)],
)
def test_max_forwards_is_0_to_255(value: str, number: int) -> None:
    assert hops(parse(f"BYE sip:a SIP/2.0\r\nMax-Forwards: {value}\r\n\r\n")) == number


# a worker's request to the network, and its response


def sent_to_engine(**changes: Unpack[EngineFields]) -> tuple[Message, Departure]:
    message = parse(engine_invite(WORKER, INSIDE, "198.51.100.5:5092", **changes))
    note_source(message, ("127.0.0.1", WORKER))
    departure = forwarder().request_from_worker(message, forwarder().key(Envelope.read(message)))
    assert departure is not None
    return Message.parse(departure.datagram), departure


def test_a_workers_request_leaves_without_our_route_and_private_headers() -> None:
    after, departure = sent_to_engine()
    assert (departure.host, departure.port) == ("198.51.100.5", 5092)
    assert after.lines[0].startswith(b"Via: SIP/2.0/UDP 203.0.113.1:5070;rport;branch=z9hG4bK")
    assert after.lines[1].endswith(b";branch=z9hG4bKPjengine;received=127.0.0.1;rport=40001")
    assert b"route" not in after.keys
    assert b"x-bridge-call" not in after.keys
    assert after.value(b"x-call-id") == b"call1"
    assert after.value(b"max-forwards") == b"69"
    assert b"5555" not in departure.datagram


def test_a_route_to_a_port_that_begins_like_ours_is_not_ours() -> None:
    text = engine_invite(WORKER, INSIDE, "198.51.100.5:5092").replace(
        f"127.0.0.1:{INSIDE};lr", f"127.0.0.1:{INSIDE}5;lr"
    )
    departure = forwarder().request_from_worker(parse(text), KEY)
    assert departure is not None
    assert (departure.host, departure.port) == ("127.0.0.1", INSIDE * 10 + 5)


def test_the_next_route_decides_where_it_goes() -> None:
    after, departure = sent_to_engine(route="<sip:proxy.example:5080;lr>, <sip:second;lr>")
    assert (departure.host, departure.port) == ("proxy.example", 5080)
    assert after.values(b"route") == [b"<sip:proxy.example:5080;lr>", b"<sip:second;lr>"]
    assert after.uri == b"sip:bot@198.51.100.5:5092"


def test_a_strict_router_finds_itself_in_the_request_uri() -> None:
    after, departure = sent_to_engine(route="<sip:strict.example>, <sip:second;lr>")
    assert (departure.host, departure.port) == ("strict.example", 5060)
    assert after.uri == b"sip:strict.example"
    assert after.values(b"route") == [b"<sip:second;lr>", b"<sip:bot@198.51.100.5:5092>"]


@pytest.mark.parametrize("target", ["[2001:db8::1]:5092", "bot.example;transport=tls", "bot.example:0"])
def test_what_udp_cannot_reach_has_no_departure(target: str) -> None:
    message = parse(engine_invite(WORKER, INSIDE, target))
    assert forwarder().request_from_worker(message, KEY) is None


def test_the_answer_to_a_workers_request_finds_the_worker_with_our_route_last() -> None:
    asked, _ = sent_to_engine()
    headers = ("Record-Route: <sip:near;lr>, <sip:far;lr>", "x-bridge-call: evil")
    forwarded = forwarder().response_to_worker(parse(response(asked, 200, "OK", headers=headers)))
    assert forwarded is not None
    answer, port = Message.parse(forwarded[0]), forwarded[1]
    assert port == WORKER
    assert answer.values(b"record-route") == [b"<sip:near;lr>", b"<sip:far;lr>", b"<sip:127.0.0.1:5555;lr>"]
    assert answer.values(b"via") == [asked.values(b"via")[1]]
    assert b"evil" not in forwarded[0]


@pytest.mark.parametrize(("status", "recorded"), [(100, False), (180, True), (200, True), (302, False), (486, False)])
def test_only_responses_that_may_make_a_dialog_get_our_route(status: int, recorded: bool) -> None:
    asked, _ = sent_to_engine()
    forwarded = forwarder().response_to_worker(parse(response(asked, status, "x")))
    assert forwarded is not None
    assert (b"Record-Route" in forwarded[0]) is recorded


def test_a_response_to_no_request_of_ours_is_nobodys() -> None:
    asked, _ = sent_to_engine()
    answer = response(asked, 200, "OK")
    genuine = asked.values(b"via")[0].decode().rpartition("=")[2]
    for forged in (
        answer.replace(genuine, "z9hG4bKforged"),
        answer.replace("engine-leg-1", "engine-leg-2"),
        answer.replace("Pjengine", "Pjother"),
        answer.replace("127.0.0.1:40001", "127.0.0.1:40002"),
    ):
        assert forged != answer
        assert forwarder().response_to_worker(parse(forged)) is None


@pytest.mark.parametrize(("status", "passes"), [(100, True), (180, False), (200, False), (486, False)])
def test_a_response_without_a_to_tag_would_abort_the_worker_and_never_reaches_it(status: int, passes: bool) -> None:
    asked, _ = sent_to_engine()
    answer = re.sub(r"(?m)^(To: .*?);tag=[^;\r\n]*", r"\1", response(asked, status, "x"))
    assert ";tag=" not in next(line for line in answer.splitlines() if line.startswith("To:"))
    assert (forwarder().response_to_worker(parse(answer)) is not None) is passes


def test_a_response_without_a_via_below_ours_cannot_be_read() -> None:
    asked, _ = sent_to_engine()
    message = parse(response(asked, 200, "OK"))
    message.pop_first(b"via")
    with pytest.raises(InvalidMessage):
        forwarder().response_to_worker(message)


# a worker's response


def test_a_workers_response_leaves_as_if_there_were_no_edge() -> None:
    message = parse(request("INVITE", "192.0.2.7:5060", headers=("Record-Route: <sip:p1;lr>",)))
    note_source(message, ("192.0.2.7", 6000))
    at_worker = Message.parse(forwarder().request_to_worker(message, KEY, ORIGIN))
    text = response(at_worker, 200, "OK", headers=("X-Bridge-Call: c1", "Contact: <sip:bridge@203.0.113.1:5070;w=3>"))
    found = forwarder().response_from_worker(parse(text))
    assert found is not None
    key, departure = found
    answer = Message.parse(departure.datagram)
    assert key == KEY
    assert (departure.host, departure.port) == ("192.0.2.7", 6000)
    assert answer.values(b"record-route") == [b"<sip:p1;lr>"]
    assert len(answer.values(b"via")) == 1
    assert b"5555" not in departure.datagram
    assert b"X-Bridge" not in departure.datagram


def test_a_workers_response_goes_where_the_request_came_from_whatever_the_via_below_says() -> None:
    message = parse(request("OPTIONS", "192.0.2.7:5060").replace("rport", "%72eceived=198.51.100.1;rport"))
    at_worker = Message.parse(forwarder().request_to_worker(message, KEY, ("192.0.2.9", 6009)))
    text = response(at_worker, 200, "OK").replace("%72eceived", "received")
    found = forwarder().response_from_worker(parse(text))
    assert found is not None
    assert (found[1].host, found[1].port) == ("192.0.2.9", 6009)


def test_a_workers_response_without_our_via_goes_nowhere() -> None:
    assert (
        forwarder().response_from_worker(parse("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5555;branch=x\r\n\r\n"))
        is None
    )
