"""The session timer as two ends agree on it."""

import pytest

from bridge.simulator.session_timer import SessionInterval, answer_headers, minimum, offer_headers, read_interval
from bridge.simulator.sip_text import Request, Response
from sip.messages import Header


def ok(*headers: Header) -> Response:
    return Response(200, "OK", headers)


@pytest.mark.parametrize(
    ("value", "we_are_uac", "we_refresh"),
    [
        ("90;refresher=uac", True, True),
        ("90;refresher=uac", False, False),
        ("90 ; Refresher = UAS", True, False),
        ("90;refresher=uas", False, True),
        ("90", True, True),
        ("90;x=1", False, False),
    ],
)
def test_who_refreshes_is_read_from_either_end(value: str, we_are_uac: bool, we_refresh: bool) -> None:
    assert read_interval(ok(Header("x", value)), we_are_uac) == SessionInterval(90, we_refresh)


@pytest.mark.parametrize("value", ["", "0", "soon", "-5", "90,80", "99999999999"])
def test_nonsense_is_no_timer(value: str) -> None:
    assert read_interval(ok(Header("Session-Expires", value)), True) is None


def test_no_header_is_no_timer() -> None:
    assert read_interval(ok(), True) is None


def test_the_refresher_acts_at_half_time_and_the_other_shortly_before_the_end() -> None:
    assert SessionInterval(90, we_refresh=True).acts_after == 45
    assert SessionInterval(90, we_refresh=False).acts_after == 60
    assert SessionInterval(1800, we_refresh=False).acts_after == 1768


@pytest.mark.parametrize("we_refresh", [True, False])
def test_what_we_offer_and_answer_is_read_as_agreed(we_refresh: bool) -> None:
    offer = Request("UPDATE", "sip:a@192.0.2.1", offer_headers(90, we_refresh))
    theirs = read_interval(offer, we_are_uac=False)
    assert theirs == SessionInterval(90, not we_refresh)
    assert read_interval(ok(*answer_headers(theirs)), we_are_uac=True) == SessionInterval(90, we_refresh)


def test_a_caller_that_refreshes_is_told_that_the_timer_is_required() -> None:
    assert Header("Require", "timer") in answer_headers(SessionInterval(90, we_refresh=False))
    assert Header("Require", "timer") not in answer_headers(SessionInterval(90, we_refresh=True))


@pytest.mark.parametrize(("value", "seconds"), [("90", 90), ("90;x", 90), ("", None), ("much", None)])
def test_the_minimum_of_a_422_is_read(value: str, seconds: int | None) -> None:
    assert minimum(Response(422, "", (Header("Min-SE", value),))) == seconds
