"""What is counted of calls' audio."""

from pathlib import Path

import pytest

from bridge.calls.timeline import Fact
from tests.unit.counted_calls import CountedCalls

PLAYOUT: dict[str, Fact] = {
    "turns": 4,
    "turn_p50_ms": 700.0,
    "turn_max_ms": 2500.0,
    "barge_ins": 2,
    "barge_in_max_ms": 18.0,
    "playout_late_p99_ms": 1.5,
}


@pytest.fixture
def calls(tmp_path: Path) -> CountedCalls:
    return CountedCalls(tmp_path)


def test_packets_of_both_sides_are_summed_over_calls(calls: CountedCalls) -> None:
    side: dict[str, Fact] = {
        "customer_packets": 990,
        "customer_lost": 10,
        "customer_jitter_ms": 3.0,
        "customer_strangers": 1,
    }
    for call in ("c1", "c2"):
        calls.close(20_000, call, **side, engine_packets=500, engine_lost=0, engine_jitter_ms=0.5)
    assert calls.value("rtp_packets_total", side="customer") == 1980
    assert calls.value("rtp_packets_total", side="engine") == 1000
    assert calls.value("rtp_packets_lost_total", side="customer") == 20
    assert calls.value("rtp_stranger_packets_total", side="customer") == 2


def test_each_call_s_loss_is_a_share_of_what_was_expected(calls: CountedCalls) -> None:
    calls.close(20_000, customer_packets=990, customer_lost=10, customer_jitter_ms=3.0)
    assert calls.value("rtp_loss_ratio_sum", side="customer") == pytest.approx(0.01)
    assert calls.value("rtp_loss_ratio_bucket", side="customer", le="0.005") == 0
    assert calls.value("rtp_loss_ratio_bucket", side="customer", le="0.01") == 1
    assert calls.value("rtp_jitter_seconds_sum", side="customer") == pytest.approx(0.003)


def test_a_side_that_sent_nothing_has_neither_loss_nor_jitter(calls: CountedCalls) -> None:
    calls.close(20_000, engine_packets=0, engine_lost=0, engine_jitter_ms=0.0)
    assert calls.value("rtp_loss_ratio_count", side="engine") is None


def test_turns_and_barge_ins_belong_to_the_call_s_engine(calls: CountedCalls) -> None:
    calls.close(20_000, engine="second", **PLAYOUT)
    assert calls.value("turns_total", engine="second") == 4
    assert calls.value("turn_median_seconds_sum", engine="second") == pytest.approx(0.7)
    assert calls.value("turn_max_seconds_sum", engine="second") == pytest.approx(2.5)
    assert calls.value("barge_ins_total", engine="second") == 2
    assert calls.value("barge_in_silence_seconds_bucket", engine="second", le="0.02") == 1
    assert calls.value("playout_late_seconds_sum") == pytest.approx(0.0015)


def test_a_call_without_turns_has_no_times_of_them(calls: CountedCalls) -> None:
    silent = PLAYOUT | {"turns": 0, "turn_p50_ms": None, "turn_max_ms": None, "barge_ins": 0, "barge_in_max_ms": None}
    calls.close(20_000, **silent)
    assert calls.value("turns_total", engine="bot") == 0
    assert calls.value("turn_median_seconds_count", engine="bot") is None
    assert calls.value("playout_late_seconds_count") == 1


def test_a_relayed_call_has_no_playout(calls: CountedCalls) -> None:
    calls.close(20_000, customer_packets=1000)
    assert calls.value("playout_late_seconds_count") == 0


def test_one_silence_counts_once_though_it_is_told_twice(calls: CountedCalls) -> None:
    calls.tell(15_000, "dead_air", side="engine", silent_s=15.0, last=False)
    calls.tell(30_000, "dead_air", side="engine", silent_s=30.0, last=True)
    assert calls.value("dead_air_total", side="engine") == 1
    assert calls.value("dead_air_total", side="customer") == 0


def test_a_side_without_rtp_is_counted(calls: CountedCalls) -> None:
    calls.tell(30_000, "rtp_timed_out", side="customer", silent_s=30.0)
    assert calls.value("rtp_timeouts_total", side="customer") == 1


def test_each_call_has_one_score_and_bad_times_are_counted_when_they_begin(calls: CountedCalls) -> None:
    bad: dict[str, Fact] = {"mos": 2.1, "lost": 90, "received": 60, "jitter_ms": 3.0, "late_ms": 0.0}
    calls.tell(9000, "audio_bad", side="customer", **bad)
    calls.tell(15_000, "audio_good", side="customer", lasted_s=3, mos_worst=1.9)
    calls.close(20_000, customer_mos=3.4, customer_mos_worst=1.9, engine_mos=None, engine_mos_worst=None)
    assert calls.value("audio_bad_total", side="customer") == 1
    assert calls.value("call_mos_bucket", side="customer", le="3.1") == 0
    assert calls.value("call_mos_bucket", side="customer", le="3.6") == 1
    assert calls.value("call_mos_count", side="engine") is None
