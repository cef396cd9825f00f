"""What went wrong on a call, by its timeline and its canonical line."""

from collections.abc import Mapping, Sequence

import pytest

from bridge.journal.call_rows import EntryRow
from bridge.journal.records import Fact
from bridge.story.trouble import findings, trouble_names
from tests.story_rows import GOOD, entry

#: What is put into a good call, what is taken from it, the canonical line, and what is found.
TROUBLE: Sequence[tuple[Sequence[EntryRow], Sequence[str], Mapping[str, Fact], str]] = (
    ((entry(9_000, "dead_air", side="engine", silent_s=12.0, last=True),), (), {}, "dead_air"),
    ((entry(9_000, "dead_air", side="customer", silent_s=12.0, last=False),), (), {}, "dead_air"),
    ((entry(9_000, "rtp_timed_out", side="customer", silent_s=30.0),), (), {}, "rtp_timed_out"),
    ((entry(9_000, "audio_lost", reason="no ports"),), (), {}, "audio_lost"),
    ((entry(9_000, "worker_lost"),), (), {}, "worker_lost"),
    ((entry(9_000, "engine_leg_ended", by_us=False, lost=True, reason="reset"),), (), {}, "engine_lost"),
    ((entry(9_000, "engine_reconnecting"), entry(9_400, "engine_reconnected")), (), {}, "engine_reconnected"),
    ((entry(10, "engine_failed", engine="first", reason="refused"),), (), {}, "engine_failed_over"),
    ((entry(10, "engine_passed_over", engine="first"),), (), {}, "engine_failed_over"),
    ((entry(10, "engine_failed", engine="bot", reason="486"),), ("engine_answered",), {}, "engine_unavailable"),
    ((entry(90, "refused", status=503, fate="engine_unavailable"),), ("answered",), {}, "refused"),
    ((entry(9_000, "transfer_failed", reason="busy", back_to_bot=True),), (), {}, "transfer_failed"),
    ((entry(9_000, "screen_pop_missing", ms=10_000.0),), ("screen_pop",), {}, "screen_pop_missing"),
    ((entry(9_000, "contact_not_written", fields="city", reason="no answer"),), (), {}, "record_not_written"),
    ((entry(9_000, "context_not_written", fields="city", reason="no answer"),), (), {}, "record_not_written"),
    ((entry(9_000, "customer_value_refused", reason="it may not"),), (), {}, "record_not_written"),
    ((entry(9_000, "record_uncertain", fields="city", reason="we died"),), (), {}, "record_not_written"),
    ((entry(9_000, "recovery_begun", answered=True, fate=""),), (), {}, "bridge_died"),
    ((entry(9_000, "time_limit_reached", state="ANSWERING"),), (), {}, "no_ack"),
    ((entry(9_000, "time_limit_reached", state="ENDING"),), (), {}, "time_limit"),
    ((entry(9_000, "engine_error", code="rate_limit"),), (), {}, "engine_error"),
    ((entry(9_000, "engine_message_invalid", detail="no JSON"),), (), {}, "engine_message_invalid"),
    ((entry(9_000, "audio_bad", side="customer", mos=2.1),), (), {}, "audio_bad"),
    ((entry(9_000, "rest_step", step="agent/status", ms=3.0, error="500"),), (), {}, "livevox_failed"),
    (
        (entry(60_000, "disposition", confirmation="confirmed", agent_state="READY"),),
        ("disposition",),
        {},
        "slow_wrap_up",
    ),
    ((entry(40_400, "disposition", confirmation="unconfirmed"),), ("disposition",), {}, "disposition_unconfirmed"),
    (
        (entry(40_400, "disposition", confirmation="confirmed", term_code="Done", reason="no Paid there"),),
        ("disposition",),
        {},
        "other_term_code",
    ),
    ((entry(4_000, "answered"),), ("answered",), {}, "slow_answer"),
    ((), (), {"first_audio_ms": 4_000.0}, "slow_first_audio"),
    ((), (), {"turn_p50_ms": 3_000.0, "turn_max_ms": 3_500.0}, "slow_turns"),
    ((), (), {"turn_p50_ms": 700.0, "turn_max_ms": 9_000.0}, "slow_turns"),
    ((), (), {"customer_packets": 970, "customer_lost": 30}, "loss_high"),
    ((), (), {"engine_packets": 970, "engine_lost": 30}, "loss_high"),
    ((), (), {"playout_late_p99_ms": 80.0}, "late_audio"),
    ((), (), {"playout_dropped_ms": 200}, "speech_dropped"),
    ((), (), {"fate": "bridge_failure"}, "bridge_failure"),
    ((), (), {"fate": "drained"}, "cut_by_drain"),
)


def call(added: Sequence[EntryRow], left_out: Sequence[str]) -> list[EntryRow]:
    kept = [each for each in GOOD if each.what not in left_out]
    return sorted([*kept, *added], key=lambda each: each.elapsed_ms)


def test_on_a_good_call_nothing_is_found() -> None:
    line = {"customer_packets": 2_000, "customer_lost": 40, "turn_p50_ms": 900.0, "turn_max_ms": 2_000.0}
    assert trouble_names(GOOD, line) == ()


@pytest.mark.parametrize(("added", "left_out", "line", "name"), TROUBLE)
def test_each_trouble_is_found_alone_and_says_what_it_means_and_what_to_look_at(
    added: Sequence[EntryRow], left_out: Sequence[str], line: Mapping[str, Fact], name: str
) -> None:
    (found,) = findings(call(added, left_out), line)
    assert found.name == name
    for text in (found.sentence, found.look_at):
        assert text[0].isupper() and text.endswith("."), text
        assert "None" not in text and ".." not in text


def test_who_was_never_heard_is_named() -> None:
    def silent(side: str) -> list[EntryRow]:
        return [each for each in GOOD if each.facts.get("side") != side]

    (found,) = findings(silent("engine"), {"fate": "finished"})
    assert (found.name, found.grave) == ("no_engine_audio", True)
    assert found.sentence.startswith("The customer heard nothing but silence")
    (found,) = findings(silent("customer"), {"customer_strangers": 812})
    assert found.name == "no_customer_audio"
    assert "812 packets came from another address" in found.look_at


def test_a_call_of_a_second_need_not_be_heard() -> None:
    short = [entry(100, "answered"), entry(120, "acknowledged"), entry(900, "customer_leg_ended", by_livevox=True)]
    assert findings(short, {}) == ()


def test_an_engine_by_web_socket_that_was_played_was_heard() -> None:
    quiet = [each for each in GOOD if each.facts.get("side") != "engine"]
    assert trouble_names(quiet, {"playout_played_ms": 4_000}) == ()


def test_what_the_customer_felt_comes_first() -> None:
    added = (
        entry(10, "engine_failed", engine="first", reason="x"),
        entry(9_000, "dead_air", side="engine", silent_s=6.0),
    )
    assert trouble_names(call(added, ()), {}) == ("dead_air", "engine_failed_over")


def test_what_became_of_the_customer_of_a_lost_engine_is_told() -> None:
    lost = entry(9_000, "engine_leg_ended", lost=True, reason="reset")
    for then, words in (
        (entry(9_500, "engine_answered", engine="second"), "Another one took over after 0.5 s."),
        (entry(12_000, "transfer_succeeded", contact="Desk"), "A human had the customer after 3.0 s."),
    ):
        assert words in findings(call((lost, then), ()), {})[0].sentence


def test_the_names_are_each_there_once() -> None:
    twice = (entry(9_000, "rtp_timed_out", side="engine"), entry(9_500, "rtp_timed_out", side="customer"))
    assert trouble_names(call(twice, ()), {}) == ("rtp_timed_out",)
