"""The line that tells a whole call."""

from bridge.calls.canonical_line import canonical_line
from bridge.calls.timeline import Timeline
from bridge.engines.connection import CallFacts
from bridge.media.messages import SessionClosed, StreamStatistics
from bridge.wrapup.plan import Disposition
from bridge.wrapup.steps import Confirmation, Finished

FACTS = CallFacts("c1", "8990000001", "+12134634007", "Ann", "108821676850", "U5@10.1.2.3", "46014")


def test_it_has_times_end_disposition_and_audio() -> None:
    timeline = Timeline("c1", "8990000001", started=10.0)
    timeline.add("answered", 10.006)
    timeline.add("acknowledged", 10.01)
    timeline.add("screen_pop", 10.1)
    timeline.add("disposition", 40.0)
    result = Finished(Confirmation.CONFIRMED, Disposition("paid", "Paid"), "Paid", "", "READY", "")
    media = SessionClosed("c1", StreamStatistics(received=1500, lost=2, jitter_ms=0.44), StreamStatistics(received=9))
    line = canonical_line(FACTS, timeline, "finished", "bot", result, media)
    assert line["answered_ms"] == 6.0
    assert line["lasted_ms"] == 30_000.0
    assert (line["outcome"], line["term_code"], line["confirmation"]) == ("paid", "Paid", "confirmed")
    assert (line["customer_packets"], line["customer_lost"], line["customer_jitter_ms"]) == (1500, 2, 0.4)
    assert line["engine_packets"] == 9
    assert "Ann" not in line.values()


def test_a_call_without_wrap_up_has_no_disposition() -> None:
    line = canonical_line(FACTS, Timeline("c1", "8990000001", 0.0), "", "", None, SessionClosed("c1"))
    assert "term_code" not in line
    assert line["answered_ms"] is None
