"""From entries and requests to spans."""

import pytest

from bridge.calls.timeline import Entry, Fact
from bridge.livevox.transport import Exchange
from bridge.tracing.call_spans import MAX_EVENTS, MAX_SPANS, CallSpans
from bridge.tracing.span import Span

EPOCH = 1000.0


class Traced:
    """`traced.tell(24, "answered")`: 24 s after monotonic 0, of one call."""

    def __init__(self, share: float = 1.0) -> None:
        self.done: list[Span] = []
        self.spans = CallSpans(share, EPOCH, self.done.append)

    def tell(self, at: float, what: str, /, call: str = "c1", **facts: Fact) -> None:
        """An entry."""
        self.spans.heard(Entry(call, "8990000001", at, at * 1000, what, facts))

    def ask(self, at: float, path: str, status: int | None = 200, error: str | None = None) -> None:
        """A request that took 100 ms and ended then."""
        self.spans.asked("c1", Exchange("POST", path, status, 100.0, 0.0, error), EPOCH + at)

    def named(self, name: str) -> list[Span]:
        """Those that are done."""
        return [span for span in self.done if span.name == name]


@pytest.fixture
def traced() -> Traced:
    made = Traced()
    made.tell(0, "invite_received", caller="2134634007", source="192.0.2.1")
    return made


def test_engines_that_fail_hang_or_are_given_up_are_errors_and_the_next_is_none(traced: Traced) -> None:
    traced.tell(1, "engine_dialled", engine="a")
    traced.tell(2, "engine_failed", engine="a", reason="486")
    traced.tell(2, "engine_dialled", engine="b")
    traced.tell(7, "engine_hung_up_on", engine="b", fate="engine_unavailable")
    traced.tell(7, "engine_dialled", engine="c")
    traced.tell(8, "engine_answered", engine="c")
    tries = traced.named("engine connect")
    assert [(span.error, span.end - span.start) for span in tries] == [("486", 1), ("engine_unavailable", 5), ("", 1)]
    assert [span.attributes["livevox_bridge.attempt"] for span in tries] == [1, 2, 3]


def test_requests_are_the_screen_pop_s_until_it_is_there_and_the_wrap_up_s_then(traced: Traced) -> None:
    traced.tell(1, "acknowledged")
    traced.ask(1.2, "status")
    traced.tell(1.5, "screen_pop", rows=7, ms=500.0)
    traced.ask(9, "end")
    traced.tell(9.5, "customer_leg_ended", by_livevox=False, status=200)
    traced.ask(10, "termCode", 503, "LiveVoxRefused")
    traced.ask(11, "termCode", None, "LiveVoxUnreachable")
    traced.tell(12, "disposition", term_code="Completed", confirmation="confirmed", agent_state="READY", reason="")
    (pop,), (wrap_up,) = traced.named("screen pop"), traced.named("wrap-up")
    assert [span.parent for span in traced.done if span.client] == [pop.id, wrap_up.id, wrap_up.id, wrap_up.id]
    assert wrap_up.start == pytest.approx(EPOCH + 8.9)  # the request before the leg's end began it
    refused, lost = traced.named("POST termCode")
    assert (refused.error, refused.attributes["http.response.status_code"]) == ("LiveVoxRefused", 503)
    assert lost.error == "LiveVoxUnreachable" and "http.response.status_code" not in lost.attributes


def test_a_disposition_that_livevox_has_not_confirmed_is_an_error(traced: Traced) -> None:
    traced.tell(9, "customer_leg_ended", by_livevox=True, status=200)
    traced.tell(99, "disposition", term_code="", confirmation="unconfirmed", agent_state="", reason="it refuses")
    assert traced.named("wrap-up")[0].error == "it refuses"


def test_a_transfer_that_fails_ends_its_wrap_up_and_another_follows(traced: Traced) -> None:
    traced.ask(5, "phonebook")
    traced.tell(8, "back_to_bot")
    traced.tell(20, "customer_leg_ended", by_livevox=True, status=200)
    traced.tell(21, "disposition", term_code="Completed", confirmation="confirmed", agent_state="READY", reason="")
    first, second = traced.named("wrap-up")
    assert (bool(first.error), bool(second.error)) == (True, False)
    assert first.id != second.id


def test_what_is_open_when_the_call_is_over_ends_with_it(traced: Traced) -> None:
    traced.tell(1, "engine_dialled", engine="a")
    traced.tell(1, "acknowledged")
    traced.tell(2, "closed", fate="engine_lost", outcome="engine_lost", engine="a", engine_tries=1)
    assert [(span.name, span.error) for span in traced.done] == [
        ("engine connect", "the call ended"),
        ("screen pop", "the call ended"),
        ("call", "engine_lost"),
    ]
    assert traced.spans._calls == {}


def test_a_customer_who_hangs_up_is_no_error(traced: Traced) -> None:
    traced.tell(2, "closed", fate="customer_hung_up", outcome="customer_hung_up")
    assert traced.named("call")[0].error == ""


def test_numbers_are_masked_and_what_people_said_is_left_out(traced: Traced) -> None:
    traced.tell(1, "verdict_given", outcome="paid", notes="a secret story")
    traced.tell(2, "closed", fate="finished", outcome="finished", caller="2134634007", why="a secret story")
    (root,) = traced.named("call")
    assert root.attributes["livevox_bridge.caller"] == "2134****07"
    assert "secret" not in repr(root) and "2134634007" not in repr(root)


def test_a_call_that_says_more_than_it_should_is_bounded(traced: Traced) -> None:
    for number in range(2 * MAX_SPANS):
        traced.tell(1 + number, "dtmf", side="customer")
        traced.ask(1 + number, "status")
    traced.tell(5000, "closed", fate="finished", outcome="finished")
    assert len(traced.named("call")[0].events) == MAX_EVENTS
    assert len(traced.done) <= MAX_SPANS + 2


def test_calls_that_are_not_sampled_and_entries_of_unknown_calls_are_ignored() -> None:
    traced = Traced(share=0.0)
    traced.tell(0, "invite_received", caller="", source="")
    traced.tell(1, "answered")
    traced.tell(2, "closed", fate="finished")
    assert (traced.done, traced.spans._calls) == ([], {})


def test_a_call_of_before_the_start_is_a_trace_of_its_own_kind() -> None:
    traced = Traced()
    traced.tell(0, "recovery_begun", answered=True, fate="")
    traced.ask(1, "status")
    traced.tell(3, "recovered", fate="bridge_failure", outcome="bridge_failure", confirmation="confirmed")
    assert [span.name for span in traced.done] == ["POST status", "wrap-up", "recovered call"]
