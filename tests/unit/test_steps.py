"""How a request of a wrap-up can fail."""

import pytest

from bridge.livevox.errors import LiveVoxError, LiveVoxRefused, LiveVoxUnreachable, SessionLost, UnreadableAnswer
from bridge.wrapup.steps import Failure


@pytest.mark.parametrize(
    ("error", "failure", "is_refusal"),
    [
        (
            LiveVoxRefused("PUT x", 400, 400, "no"),
            Failure("PUT x: refused with 400: no", retryable=False, status=400),
            True,
        ),
        (
            LiveVoxRefused("PUT x", 429, 429, "", retry_after_s=5.0),
            Failure("PUT x: refused with 429", status=429, retry_after_s=5.0),
            False,
        ),
        (
            LiveVoxRefused("PUT x", 502, 502, ""),
            Failure("PUT x: refused with 502", maybe_done=True, status=502),
            False,
        ),
        (
            SessionLost("PUT x", 401, 401, ""),
            Failure("PUT x: refused with 401", retryable=False, lost_session=True, status=401),
            False,
        ),
        (
            LiveVoxUnreachable("PUT x", "time-out", maybe_done=True),
            Failure("PUT x: no answer: time-out", maybe_done=True),
            False,
        ),
        (
            UnreadableAnswer("PUT x", 200, "no JSON"),
            Failure("PUT x: unreadable answer (200): no JSON", maybe_done=True),
            False,
        ),
    ],
)
def test_the_facts_of_an_error(error: LiveVoxError, failure: Failure, is_refusal: bool) -> None:
    assert Failure.of(error) == failure
    assert failure.is_refusal is is_refusal
