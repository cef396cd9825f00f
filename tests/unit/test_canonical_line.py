"""The line that tells a whole call."""

from bridge.call_facts import CallFacts
from bridge.calls.canonical_line import EngineUse, canonical_line
from bridge.calls.timeline import Timeline
from bridge.media.messages import SessionClosed
from bridge.media.statistics import PlayoutStatistics, SideStatistics
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
    media = SessionClosed("c1", SideStatistics(received=1500, lost=2, jitter_ms=0.44), SideStatistics(received=9))
    line = canonical_line(FACTS, timeline, "finished", EngineUse("bot", 2, {"input_tokens": 70}), result, media)
    assert line["answered_ms"] == 6.0
    assert line["lasted_ms"] == 30_000.0
    assert (line["outcome"], line["term_code"], line["confirmation"]) == ("paid", "Paid", "confirmed")
    assert (line["customer_packets"], line["customer_lost"], line["customer_jitter_ms"]) == (1500, 2, 0.4)
    assert line["engine_packets"] == 9
    assert (line["engine"], line["engine_tries"], line["usage_input_tokens"]) == ("bot", 2, 70)
    assert "turns" not in line
    assert "Ann" not in line.values()


def test_a_call_without_wrap_up_has_no_disposition() -> None:
    line = canonical_line(FACTS, Timeline("c1", "8990000001", 0.0), "", EngineUse("", 0, {}), None, SessionClosed("c1"))
    assert "term_code" not in line
    assert line["answered_ms"] is None


def test_what_was_heard_of_an_engine_by_websocket_is_told() -> None:
    heard = PlayoutStatistics(
        played_ms=9000,
        cleared_ms=400,
        dropped_ms=20,
        late_p99_ms=1.26,
        first_audio_ms=81.04,
        barge_ins=1,
        barge_in_max_ms=18.0,
        turns=3,
        turn_p50_ms=640.0,
        turn_max_ms=None,
    )
    media = SessionClosed("c1", playout=heard)
    line = canonical_line(FACTS, Timeline("c1", "8990000001", 0.0), "", EngineUse("bot", 1, {}), None, media)
    assert (line["first_audio_ms"], line["turns"], line["turn_p50_ms"], line["turn_max_ms"]) == (81.0, 3, 640.0, None)
    assert (line["barge_ins"], line["barge_in_max_ms"]) == (1, 18.0)
    assert (line["playout_late_p99_ms"], line["playout_dropped_ms"], line["playout_cleared_ms"]) == (1.3, 20, 400)
