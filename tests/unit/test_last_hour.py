"""The dashboard's last hour: minutes filled from what calls' timelines say."""

from bridge.calls.timeline import Entry, Fact
from bridge.dashboard.last_hour import MINUTES, RECENT, LastHour, percentile

START = 1_000_020.0  # the beginning of a minute


def entry(call: str, what: str, elapsed_ms: float = 0.0, **facts: Fact) -> Entry:
    return Entry(call, "8990000001", 0.0, elapsed_ms, what, facts)


def test_the_hour_begins_with_the_first_look() -> None:
    hour = LastHour()
    assert [minute["at"] for minute in hour.minutes(START + 30)] == [START]
    assert [minute["at"] for minute in hour.minutes(START + 190)] == [START + 60 * n for n in range(4)]


def test_each_minute_counts_what_came_in_it() -> None:
    hour = LastHour()
    hour.heard(entry("a", "invite_received"), START)
    hour.heard(entry("b", "invite_received"), START + 59)
    hour.heard(entry("a", "closed", 61_000.0), START + 61)
    first, second = hour.minutes(START + 100)
    assert (first["started"], first["ended"], first["at_once"]) == (2, 0, 2)
    assert (second["started"], second["ended"], second["at_once"]) == (0, 1, 2), "two were up when it began"


def test_only_the_last_hour_is_kept_however_long_nothing_happened() -> None:
    hour = LastHour()
    hour.heard(entry("a", "invite_received"), START)
    minutes = hour.minutes(START + 1000 * 3600)
    assert len(minutes) == MINUTES
    assert minutes[-1]["at"] == START + 1000 * 3600
    assert {minute["started"] for minute in minutes} == {0}
    assert {minute["at_once"] for minute in minutes} == {1}, "the call is still up"


def test_a_clock_that_is_set_back_adds_to_the_minute_there_is() -> None:
    hour = LastHour()
    hour.heard(entry("a", "invite_received"), START)
    hour.heard(entry("b", "invite_received"), START - 3600)
    assert [minute["started"] for minute in hour.minutes(START - 3600)] == [2]


def test_latencies_are_of_the_call_they_belong_to() -> None:
    hour = LastHour()
    hour.heard(entry("a", "invite_received"), START)
    hour.heard(entry("a", "audio_started", 5.0, side="engine"), START)
    hour.heard(entry("a", "answered", 12.0), START)
    hour.heard(entry("a", "audio_started", 14.0, side="customer"), START)
    hour.heard(entry("a", "audio_started", 42.5, side="engine"), START)
    hour.heard(entry("unknown", "answered", 900.0), START)
    (minute,) = hour.minutes(START)
    assert minute["set_up_ms"] == 12.0
    assert minute["first_audio_ms"] == 30.5, "from the answer; what came before it is not counted"


def test_a_disposition_that_is_confirmed_late_is_told_of_its_call() -> None:
    hour = LastHour()
    for call in ("a", "b"):
        trouble = "dead_air,disposition_unconfirmed"
        hour.heard(entry(call, "closed", 9_000.0, confirmation="unconfirmed", trouble=trouble), START)
    hour.heard(entry("a", "repeated", 99_000.0, confirmation="confirmed", trouble="dead_air"), START + 90)
    first, second = hour.recent
    assert (first.confirmed, first.trouble, first.lasted_s) == (True, ("dead_air",), 9.0)
    assert (second.confirmed, len(second.trouble)) == (False, 2)


def test_a_minute_without_calls_has_no_latencies() -> None:
    (minute,) = LastHour().minutes(START)
    assert (minute["set_up_ms"], minute["first_audio_ms"]) == (None, None)


def test_what_went_wrong_is_counted_and_told_of_the_call() -> None:
    hour = LastHour()
    line: dict[str, Fact] = {"caller": "2135550107", "outcome": "dead_air", "confirmation": "unconfirmed"}
    hour.heard(entry("a", "closed", 61_234.0, **line, trouble="dead_air,engine_lost"), START)
    hour.heard(entry("b", "closed", 10.0, fate="customer_hung_up", outcome=None, confirmation="confirmed"), START + 1)
    first, second = hour.recent
    assert (first.outcome, first.confirmed, first.trouble) == ("dead_air", False, ("dead_air", "engine_lost"))
    assert (first.caller, first.lasted_s, first.at) == ("2135550107", 61.2, START)
    assert (second.outcome, second.confirmed, second.trouble) == ("customer_hung_up", True, ())
    (minute,) = hour.minutes(START + 2)
    assert (minute["ended"], minute["trouble"]) == (2, 1)


def test_only_the_latest_calls_are_remembered() -> None:
    hour = LastHour()
    for number in range(RECENT + 5):
        hour.heard(entry(str(number), "closed"), START)
    assert [call.call for call in hour.recent] == [str(number) for number in range(5, RECENT + 5)]


def test_percentiles() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert percentile(values, 0.95) == 96.0
    assert percentile([7.0], 0.95) == 7.0
    assert percentile([], 0.5) is None
