"""A flood of refused datagrams in the log."""

from structlog.testing import capture_logs

from sip.actions import NoteRefusal
from sip.counters import Count, new_counters
from sip.refusal_log import RefusalLog

NOTE = NoteRefusal(Count.RATE_LIMITED, 503, ("192.0.2.7", 5060), "INVITE", "2134634007")


def test_a_refusal_is_a_line_and_the_first_of_a_minute_a_warning() -> None:
    counters = new_counters()
    refusals = RefusalLog(counters)
    with capture_logs() as lines:
        for now in (0.0, 1.0, 61.0):
            counters[Count.RATE_LIMITED] += 1
            refusals.refused(NOTE, now)
    said = [(line["event"], line["log_level"]) for line in lines]
    refused, warned = ("request_refused", "debug"), ("source_refused", "warning")
    assert said == [refused, warned, refused, refused, warned]
    assert [line["count"] for line in lines if "count" in line] == [1, 2]
    assert lines[0]["source"] == "192.0.2.7:5060" and lines[0]["status"] == 503


def test_ten_thousand_refusals_are_a_few_lines_and_none_is_forgotten() -> None:
    counters = new_counters()
    refusals = RefusalLog(counters)
    with capture_logs() as lines:
        for number in range(10_000):
            counters[Count.RATE_LIMITED] += 1
            refusals.refused(NOTE, number / 1000)
        refusals.refused(NOTE, 12.0)
    refused = [line for line in lines if line["event"] == "request_refused"]
    assert len(refused) <= 110
    assert len(refused) + sum(line.get("left_out", 0) for line in refused) == 10_001


def test_faults_are_counted_and_their_traces_bounded() -> None:
    counters = new_counters()
    refusals = RefusalLog(counters)
    with capture_logs() as lines:
        for number in range(1000):
            try:
                int("x")
            except ValueError:
                refusals.failed("datagram_failed", number / 1000, source="a")
    assert counters[Count.FAULTS] == 1000
    assert 50 <= len(lines) <= 60
    assert lines[0]["log_level"] == "error" and lines[0]["exc_info"]
