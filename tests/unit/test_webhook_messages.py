"""What webhooks are told, how it is signed, and when it is told again."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.journal.announcements import Announced, KnownCall
from bridge.journal.records import CallAdmitted, CallAnswered, CallClosed, ScreenPopCame
from bridge.settings.webhooks import WebhookEvent, key_of
from bridge.webhooks.hook import Hook, signed_headers
from bridge.webhooks.messages import MessageMaker
from bridge.webhooks.retry import RetryPolicy, is_taken
from bridge.wrapup.plan import CallIds

CALL = KnownCall("c1", "8990000001", "+12134634007", CallIds("T1", "S1", "46014"), 1_700_000_000.0, 0.0)


def hook(*events: WebhookEvent, mask: bool = True) -> Hook:
    return Hook("crm", "https://crm.example.com", "secret", frozenset(events or WebhookEvent), mask, 1.0)


@pytest.mark.parametrize(
    ("fact", "event"),
    [
        (CallAdmitted("c1", 1.0, "8990000001", "", CallIds()), "call.started"),
        (CallAnswered("c1", 1.0), "call.answered"),
        (ScreenPopCame("c1", 1.0, ()), "call.screen_pop"),
        (CallClosed("c1", 1.0, {}), "call.ended"),
    ],
)
def test_each_event_goes_to_those_who_want_it(fact: Announced, event: str) -> None:
    one, other = hook(WebhookEvent(event)), hook(*(set(WebhookEvent) - {WebhookEvent(event)}))
    (told,) = MessageMaker([one, other])(fact, CALL)
    assert (told.webhook, told.event) == ("crm", event)
    body = json.loads(told.body)
    assert (body["type"], body["timestamp"]) == (event, "1970-01-01T00:00:01.000Z")
    assert body["data"] == body["data"] | {
        "call": "c1",
        "agent_number": "8990000001",
        "caller": "+1213*****07",
        "transaction_id": "T1",
        "session_id": "S1",
        "service_id": "46014",
        "started_at": "2023-11-14T22:13:20.000Z",
        "answered_at": None,
    }


def test_the_end_of_a_call_that_came_to_nothing_says_so() -> None:
    (told,) = MessageMaker([hook()])(CallClosed("c1", 1.0, {}), CALL)
    data = json.loads(told.body)["data"]
    assert (data["fate"], data["outcome"], data["lasted_ms"], data["trouble"]) == (None, None, None, [])


def test_stray_calls_are_not_told() -> None:
    for fact in (
        CallAdmitted("c1", 1.0, "8990000001", "", CallIds(), stray=True),
        CallAnswered("c1", 1.0, stray=True),
        CallClosed("c1", 1.0, {}, stray=True),
    ):
        assert MessageMaker([hook()])(fact, CALL) == ()


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example that the libraries of Standard Webhooks test themselves with.
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek" and headers["webhook-timestamp"] == "1614265330"


def test_without_a_secret_nothing_is_signed() -> None:
    assert "webhook-signature" not in signed_headers("", "msg_1", 1, b"")


def test_a_secret_is_text_or_base64() -> None:
    assert key_of("plain") == b"plain" and key_of("whsec_cGxhaW4=") == b"plain"
    with pytest.raises(ValueError, match="base64"):
        key_of("whsec_no base64")


@given(st.integers(1, 10_000), st.floats(0, 86_400), st.integers(0))
def test_each_wait_is_longer_up_to_an_hour_and_a_half_and_none_is_after_a_day(
    tries: int, age: float, seed: int
) -> None:
    at = RetryPolicy().next_try(1000.0, tries, 1000.0 + age, 500, Random(seed))
    least = min(5.0 * 2.0 ** min(tries - 1, 30), 3600.0)
    if at is None:
        assert age + 1.5 * least > 86_400
    else:
        assert least - 0.001 <= at - (1000.0 + age) <= 1.5 * least + 0.001
        assert at <= 1000.0 + 86_400


def test_a_message_that_is_wanted_no_more_is_given_up() -> None:
    assert RetryPolicy().next_try(0.0, 1, 0.0, 410, Random(1)) is None
    assert [status for status in (199, 200, 204, 299, 301, 400, 500) if is_taken(status)] == [200, 204, 299]
