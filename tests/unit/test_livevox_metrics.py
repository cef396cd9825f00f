"""What is counted of the requests to LiveVox."""

import pytest
from prometheus_client import CollectorRegistry

from bridge.livevox.transport import Exchange
from bridge.metrics.livevox_metrics import LiveVoxMetrics
from bridge.metrics.metric import PREFIX

ENDPOINT = "PUT callControl/agent/call/termCode"


class Requests:
    """What was asked of LiveVox, and what is counted of it."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._metrics = LiveVoxMetrics(self._registry)

    def ended(self, status: int | None, error: str | None, ms: float = 250.0, waited_ms: float = 0.0) -> None:
        """A request has ended so."""
        method, _, path = ENDPOINT.partition(" ")
        self._metrics.heard(Exchange(method, path, status, ms, waited_ms, error))

    def count(self, status: str, result: str) -> float | None:
        """How many ended so."""
        return self.value("requests_total", endpoint=ENDPOINT, status=status, result=result)

    def value(self, name: str, **labels: str) -> float | None:
        """A sample."""
        return self._registry.get_sample_value(f"{PREFIX}livevox_{name}", labels)


@pytest.fixture
def requests() -> Requests:
    return Requests()


def test_a_request_is_counted_by_endpoint_status_and_result(requests: Requests) -> None:
    requests.ended(204, None)
    requests.ended(503, "LiveVoxRefused")
    requests.ended(200, "LiveVoxRefused")
    requests.ended(401, "SessionLost")
    requests.ended(200, "UnreadableAnswer")
    assert requests.count("204", "ok") == 1
    assert requests.count("503", "refused") == 1
    assert requests.count("200", "refused") == 1
    assert requests.count("401", "session_lost") == 1
    assert requests.count("200", "unreadable") == 1


def test_without_an_answer_the_status_is_none(requests: Requests) -> None:
    requests.ended(None, "LiveVoxUnreachable")
    assert requests.count("none", "unreachable") == 1


def test_a_status_that_is_none_and_an_unknown_error_are_other(requests: Requests) -> None:
    for status in range(600, 700):
        requests.ended(status, "SomethingNew")
    assert requests.count("other", "other") == 100


def test_the_time_begins_at_the_request_s_turn_and_the_wait_is_told_apart(requests: Requests) -> None:
    requests.ended(204, None, ms=250, waited_ms=2000)
    assert requests.value("request_seconds_sum", endpoint=ENDPOINT) == 0.25
    assert requests.value("wait_seconds_sum") == 2


def test_a_request_that_nobody_wanted_any_more_has_no_time(requests: Requests) -> None:
    requests.ended(None, "Cancelled")
    assert requests.count("none", "cancelled") == 1
    assert requests.value("request_seconds_count", endpoint=ENDPOINT) is None
