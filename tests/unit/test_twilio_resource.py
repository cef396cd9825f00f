from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from bridge.admin.twilio_resource import call_resource, read_update
from bridge.admin.twiml import TwimlOrders
from bridge.dialects.twilio import call_of_sid
from bridge.errors import ApiRefused
from tests.ordered_call import CALL, VIEW

FORM = "application/x-www-form-urlencoded"
ACCOUNT = "AC" + "1" * 32
NOW = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)


def update(**fields: str) -> TwimlOrders:
    return read_update(FORM, urlencode(fields).encode())


def refusal(content_type: str, body: bytes) -> tuple[int, str | int]:
    with pytest.raises(ApiRefused) as caught:
        read_update(content_type, body)
    return caught.value.status, caught.value.code


@pytest.mark.parametrize("status", ["completed", "canceled"])
def test_a_status_ends_the_call(status: str) -> None:
    assert update(Status=status) == TwimlOrders(hang_up=True)


def test_twiml_is_read() -> None:
    assert update(Twiml="<Response><Dial>desk</Dial></Response>") == TwimlOrders(targets=("desk",))


def test_what_twilio_ignores_is_ignored() -> None:
    assert update(Status="completed", StatusCallback="http://x", Method="POST").hang_up


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 20422),
        (b"status=completed", 20422),
        (b"Status=", 20422),
        (b"Status=in-progress", 20422),
        (b"Status=\xff", 20422),
        (b"Status=%ff%fe", 20422),
        (b"&".join([b"a=1"] * 200), 20422),
        (b"Url=http://example.com/voice", 21205),
        (b"Twiml=%3CResponse%2F%3E", 13750),
        (b"Twiml=%ff", 12100),
    ],
)
def test_an_update_that_says_nothing_to_do_is_refused(body: bytes, code: int) -> None:
    assert refusal(FORM, body) == (400, code)


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", "text/plain", ""])
def test_only_a_form_is_read(content_type: str) -> None:
    assert refusal(content_type, b"Status=completed") == (400, 20422)


def test_a_call_is_shown_as_twilio_shows_it() -> None:
    shown = call_resource(VIEW, ACCOUNT, NOW)
    assert call_of_sid(shown["sid"]) == CALL
    assert shown["account_sid"] == ACCOUNT
    assert (shown["from"], shown["to"], shown["caller_name"]) == ("+12134634007", "8990000001", "JANE DOE")
    assert (shown["direction"], shown["api_version"]) == ("inbound", "2010-04-01")
    assert shown["date_created"] == shown["start_time"] == "Tue, 14 Nov 2023 22:13:20 +0000"
    assert shown["date_updated"] == "Sun, 22 Nov 2026 13:30:00 +0000"
    assert shown["uri"] == f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{shown['sid']}.json"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("admitted", "ringing"),
        ("connecting", "ringing"),
        ("answering", "in-progress"),
        ("talking", "in-progress"),
        ("transferring", "in-progress"),
        ("ending", "completed"),
        ("closed", "completed"),
    ],
)
def test_a_state_of_ours_is_a_status_of_twilios(state: str, status: str) -> None:
    assert call_resource(replace(VIEW, state=state), ACCOUNT, NOW)["status"] == status
