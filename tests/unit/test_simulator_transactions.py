"""The simulator's SIP transactions: retransmissions and their ends, in virtual time."""

from bridge.simulator.sip_text import Request, Response, answer, parse
from bridge.simulator.transactions import (
    ClientTransaction,
    Deliver,
    NotAcknowledged,
    Output,
    Send,
    ServerTransaction,
    State,
    Timers,
    hop_request,
)
from sip.messages import Header

TIMERS = Timers()


def request(method: str) -> Request:
    headers = (
        Header("Via", "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa"),
        Header("Via", "SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKb"),
        Header("Route", "<sip:192.0.2.1;lr>"),
        Header("From", "<sip:a@192.0.2.9>;tag=caller"),
        Header("To", "<sip:b@192.0.2.1>"),
        Header("Call-ID", "one"),
        Header("CSeq", f"7 {method}"),
    )
    return Request(method, "sip:b@192.0.2.1", headers)


def response(status: int, method: str = "INVITE") -> Response:
    return answer(request(method), status, tag="callee")


def run(transaction: ClientTransaction | ServerTransaction, until: float) -> list[tuple[float, Output]]:
    """Fire every deadline up to then; what came out, and when."""
    found: list[tuple[float, Output]] = []
    while transaction.deadline is not None and transaction.deadline <= until:
        now = transaction.deadline
        found += [(now, output) for output in transaction.timer_fired(now)]
    return found


def sent_at(outputs: list[tuple[float, Output]]) -> list[float]:
    return [when for when, output in outputs if isinstance(output, Send)]


def test_an_unanswered_invite_is_sent_seven_times_and_given_up_after_32_seconds() -> None:
    transaction = ClientTransaction(request("INVITE"), TIMERS)
    assert transaction.start(0.0) == [Send(request("INVITE").encode())]
    outputs = run(transaction, 100.0)
    assert sent_at(outputs) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    when, last = outputs[-1]
    assert when == 32.0 and isinstance(last, Deliver) and last.response.status == 408
    assert transaction.state is State.TERMINATED


def test_an_unanswered_bye_is_sent_every_four_seconds_at_most() -> None:
    transaction = ClientTransaction(request("BYE"), TIMERS)
    transaction.start(0.0)
    assert sent_at(run(transaction, 100.0)) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]


def test_a_provisional_response_ends_the_invite_s_retransmission_and_its_patience() -> None:
    transaction = ClientTransaction(request("INVITE"), TIMERS)
    transaction.start(0.0)
    assert transaction.receive(response(180), 0.2) == [Deliver(response(180))]
    assert transaction.deadline is None


def test_a_refusal_is_acknowledged_each_time_and_delivered_once() -> None:
    transaction = ClientTransaction(request("INVITE"), TIMERS)
    transaction.start(0.0)
    first = transaction.receive(response(486), 0.1)
    assert [type(output) for output in first] == [Send, Deliver]
    assert isinstance(first[0], Send)
    ack = parse(first[0].data)
    assert isinstance(ack, Request) and ack.method == "ACK" and ack.cseq.number == 7
    assert [via.branch for via in ack.vias] == ["z9hG4bKa"]
    assert ack.recipient.tag == "callee"
    assert ack.every("Route") == ["<sip:192.0.2.1;lr>"]
    assert transaction.receive(response(486), 0.6) == first[:1]
    run(transaction, 32.1)
    assert transaction.state is State.TERMINATED


def test_every_2xx_is_delivered_because_each_wants_its_ack() -> None:
    transaction = ClientTransaction(request("INVITE"), TIMERS)
    transaction.start(0.0)
    for when in (0.1, 0.6):
        assert transaction.receive(response(200), when) == [Deliver(response(200))]


def test_a_final_response_to_a_bye_is_delivered_once() -> None:
    transaction = ClientTransaction(request("BYE"), TIMERS)
    transaction.start(0.0)
    assert transaction.receive(response(200, "BYE"), 0.1) == [Deliver(response(200, "BYE"))]
    assert transaction.receive(response(200, "BYE"), 0.2) == []
    assert run(transaction, 100.0) == []
    assert transaction.state is State.TERMINATED


def test_a_retransmitted_request_gets_the_same_answer() -> None:
    transaction = ServerTransaction(request("INFO"), TIMERS)
    assert transaction.receive_again() == []
    [sent] = transaction.respond(response(200, "INFO"), 0.0)
    assert transaction.receive_again() == [sent]
    assert transaction.respond(response(500, "INFO"), 0.1) == []


def test_a_200_to_invite_is_repeated_until_it_is_acknowledged() -> None:
    transaction = ServerTransaction(request("INVITE"), TIMERS)
    transaction.respond(response(200), 0.0)
    assert sent_at(run(transaction, 5.0)) == [0.5, 1.5, 3.5]
    transaction.acknowledge(5.0)
    assert run(transaction, 100.0) == []
    assert transaction.state is State.TERMINATED


def test_a_final_response_that_is_never_acknowledged_is_reported_after_32_seconds() -> None:
    for status in (200, 486):
        transaction = ServerTransaction(request("INVITE"), TIMERS)
        transaction.respond(response(status), 0.0)
        outputs = run(transaction, 100.0)
        assert sent_at(outputs) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        assert outputs[-1] == (32.0, NotAcknowledged())


def test_a_provisional_response_is_repeated_only_when_it_is_reliable() -> None:
    transaction = ServerTransaction(request("INVITE"), TIMERS)
    transaction.respond(response(180), 0.0)
    assert transaction.deadline is None
    transaction.respond(response(183), 1.0, reliably=True)
    assert sent_at(run(transaction, 3.0)) == [1.5, 2.5]
    transaction.acknowledge(3.0)
    assert transaction.deadline is None and not transaction.answered


def test_a_reliable_response_without_prack_is_reported_and_can_still_be_refused() -> None:
    transaction = ServerTransaction(request("INVITE"), TIMERS)
    transaction.respond(response(180), 0.0, reliably=True)
    assert run(transaction, 40.0)[-1] == (32.0, NotAcknowledged())
    assert transaction.respond(response(500), 40.0) == [Send(response(500).encode())]


def test_a_cancel_has_the_invite_s_top_via_and_number() -> None:
    cancel = hop_request(request("INVITE"), "CANCEL")
    assert [via.branch for via in cancel.vias] == ["z9hG4bKa"]
    assert (cancel.method, cancel.cseq.number, cancel.cseq.method, cancel.recipient.tag) == ("CANCEL", 7, "CANCEL", "")
