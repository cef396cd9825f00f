"""REFER and NOTIFY as values."""

import pytest

from bridge.simulator.refer import notify_body, notify_headers, read_notify, read_refer
from bridge.simulator.session_events import NotifyArrived, ReferArrived
from bridge.simulator.sip_text import Request
from sip.messages import Header


def refer(*headers: Header) -> Request:
    return Request("REFER", "sip:a@192.0.2.1", (Header("CSeq", "9 REFER"), *headers))


def test_a_refer_names_its_target_and_its_subscription() -> None:
    read = read_refer(refer(Header("r", '"Collections" <sip:collections@192.0.2.5;x=1>')))
    assert read == ReferArrived("sip:collections@192.0.2.5;x=1", 9, wants_notify=True)


def test_a_refer_may_want_no_notify() -> None:
    read = read_refer(refer(Header("Refer-To", "sip:c@192.0.2.5"), Header("Refer-Sub", "False")))
    assert read is not None and not read.wants_notify


@pytest.mark.parametrize("targets", [(), ("<sip:a@b>", "<sip:c@d>"), ("<sip:a@b>, <sip:c@d>",), ("nobody",)])
def test_a_refer_must_name_exactly_one_target(targets: tuple[str, ...]) -> None:
    assert read_refer(refer(*(Header("Refer-To", target) for target in targets))) is None


@pytest.mark.parametrize(("status", "final"), [(100, False), (200, True), (603, True)])
def test_a_notify_of_ours_reads_as_what_it_says(status: int, final: bool) -> None:
    notify = Request("NOTIFY", "sip:a@192.0.2.1", tuple(notify_headers(9, final)), notify_body(status))
    assert read_notify(notify) == NotifyArrived(status, final)


@pytest.mark.parametrize(
    ("event", "body"), [("presence", b"SIP/2.0 200 OK\r\n"), ("refer", b"200 OK"), ("", b"SIP/2.0 200 OK")]
)
def test_a_notify_of_something_else_says_nothing(event: str, body: bytes) -> None:
    assert read_notify(Request("NOTIFY", "sip:a@192.0.2.1", (Header("Event", event),), body)) is None
