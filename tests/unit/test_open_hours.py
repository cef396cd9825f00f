"""Open hours: ranges, nights, holidays, time zones and their clock changes."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.agents.open_hours import DAYS, DailyRange, OpenHours
from bridge.errors import InvalidOpenHours

NEW_YORK = "America/New_York"
OFFICE = {"mon-fri": ["08:00-20:00"], "sat": ["09:00-12:00", "13:00-17:00"]}


def epoch(text: str, zone: str = NEW_YORK, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def utc(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("local", "is_open"),
    [
        ("2025-06-04T07:59:59", False),
        ("2025-06-04T08:00:00", True),
        ("2025-06-04T19:59:59", True),
        ("2025-06-04T20:00:00", False),
        ("2025-06-07T12:30:00", False),
        ("2025-06-07T13:00:00", True),
        ("2025-06-08T12:00:00", False),
    ],
)
def test_a_range_is_open_from_its_first_second_and_closed_from_its_last(local: str, is_open: bool) -> None:
    assert OpenHours.parse(NEW_YORK, OFFICE).is_open(epoch(local)) is is_open


@pytest.mark.parametrize(
    ("now", "change"),
    [
        ("2025-06-04T07:00:00", "2025-06-04T08:00:00"),
        ("2025-06-04T08:00:00", "2025-06-04T20:00:00"),
        ("2025-06-06T20:00:00", "2025-06-07T09:00:00"),
        ("2025-06-07T17:00:00", "2025-06-09T08:00:00"),
    ],
)
def test_the_next_change_is_the_next_opening_or_closing(now: str, change: str) -> None:
    assert OpenHours.parse(NEW_YORK, OFFICE).next_change(epoch(now)) == epoch(change)


def test_hours_are_those_of_the_zone_and_not_of_utc() -> None:
    hours = OpenHours.parse("Asia/Kolkata", {"wed": ["09:00-10:00"]})
    assert hours.is_open(utc("2025-06-04T03:30:00"))
    assert not hours.is_open(utc("2025-06-04T09:30:00"))


def test_an_overnight_range_belongs_to_the_day_it_opens() -> None:
    hours = OpenHours.parse(NEW_YORK, {"fri": ["22:00-06:00"]})
    assert hours.is_open(epoch("2025-06-06T23:00:00"))
    assert hours.is_open(epoch("2025-06-07T05:59:59"))
    assert not hours.is_open(epoch("2025-06-07T06:00:00"))
    assert not hours.is_open(epoch("2025-06-06T05:00:00"))
    assert hours.next_change(epoch("2025-06-06T23:00:00")) == epoch("2025-06-07T06:00:00")


def test_ranges_that_touch_at_midnight_are_one_stretch() -> None:
    hours = OpenHours.parse(NEW_YORK, {"mon": ["12:00-24:00"], "tue": ["00:00-03:00"]})
    assert hours.next_change(epoch("2025-06-02T12:00:00")) == epoch("2025-06-03T03:00:00")


def test_ranges_that_overlap_close_with_the_last_of_them() -> None:
    hours = OpenHours.parse(NEW_YORK, {"mon": ["08:00-12:00", "10:00-14:00"]})
    assert hours.next_change(epoch("2025-06-02T09:00:00")) == epoch("2025-06-02T14:00:00")


def test_hours_around_the_clock_never_change() -> None:
    assert OpenHours.parse(NEW_YORK, {"mon-sun": ["00:00-24:00"]}).next_change(epoch("2025-06-02T09:00:00")) is None


def test_hours_without_a_range_never_open() -> None:
    hours = OpenHours.parse(NEW_YORK, {})
    assert not hours.is_open(epoch("2025-06-02T09:00:00"))
    assert hours.next_change(epoch("2025-06-02T09:00:00")) is None


def test_nothing_opens_on_a_holiday() -> None:
    hours = OpenHours.parse(NEW_YORK, OFFICE, ["2025-12-25"])
    assert not hours.is_open(epoch("2025-12-25T10:00:00"))
    assert hours.next_change(epoch("2025-12-24T20:00:00")) == epoch("2025-12-26T08:00:00")


def test_a_night_that_runs_into_a_holiday_ends_at_its_midnight() -> None:
    hours = OpenHours.parse(NEW_YORK, {"mon-sun": ["22:00-06:00"]}, [date(2025, 12, 25)])
    assert hours.next_change(epoch("2025-12-24T23:00:00")) == epoch("2025-12-25T00:00:00")
    assert hours.next_change(epoch("2025-12-25T00:00:00")) == epoch("2025-12-26T22:00:00")


def test_a_far_holiday_closes_hours_around_the_clock() -> None:
    hours = OpenHours.parse(NEW_YORK, {"mon-sun": ["00:00-24:00"]}, [datetime(2025, 12, 25, 12, 0)])
    assert hours.next_change(epoch("2025-01-02T09:00:00")) == epoch("2025-12-25T00:00:00")
    assert hours.next_change(epoch("2025-12-25T00:00:00")) == epoch("2025-12-26T00:00:00")


def test_opening_time_follows_the_clock_change() -> None:
    hours = OpenHours.parse(NEW_YORK, {"mon-sun": ["08:00-20:00"]})
    assert hours.next_change(epoch("2025-03-08T21:00:00")) == utc("2025-03-09T12:00:00")
    assert hours.next_change(epoch("2025-03-07T21:00:00")) == utc("2025-03-08T13:00:00")


def test_a_time_the_clock_skips_is_the_change_itself() -> None:
    # 2025-03-09: 02:00 EST becomes 03:00 EDT, at 07:00 UTC.
    opening = OpenHours.parse(NEW_YORK, {"sun": ["02:30-12:00"]})
    assert opening.next_change(utc("2025-03-09T06:00:00")) == utc("2025-03-09T07:00:00")
    closing = OpenHours.parse(NEW_YORK, {"sun": ["00:00-02:30"]})
    assert closing.next_change(utc("2025-03-09T06:00:00")) == utc("2025-03-09T07:00:00")
    nothing = OpenHours.parse(NEW_YORK, {"sun": ["02:15-02:45"]})
    assert nothing.next_change(utc("2025-03-09T06:00:00")) == epoch("2025-03-16T02:15:00")


def test_a_time_that_happens_twice_opens_at_the_first_and_closes_at_the_last() -> None:
    # 2025-11-02: 01:30 happens at 05:30 UTC (EDT) and again at 06:30 UTC (EST).
    hours = OpenHours.parse(NEW_YORK, {"sun": ["01:30-12:00"]})
    assert hours.next_change(utc("2025-11-02T04:00:00")) == utc("2025-11-02T05:30:00")
    assert hours.is_open(utc("2025-11-02T06:10:00"))
    hours = OpenHours.parse(NEW_YORK, {"sun": ["00:00-01:30"]})
    assert hours.next_change(utc("2025-11-02T05:00:00")) == utc("2025-11-02T06:30:00")


def test_days_may_be_spelt_out_and_spans_may_pass_the_week_end() -> None:
    hours = OpenHours.parse("UTC", {"Saturday-Monday": ["10:00-11:00"]})
    opened = [bool(day) for day in hours.ranges]
    assert opened == [True, False, False, False, False, True, True]


@pytest.mark.parametrize("text", ["08:00-20:00", "22:00-06:00", "00:00-24:00", "12:00-00:00"])
def test_a_range_prints_as_it_was_written(text: str) -> None:
    assert str(DailyRange.parse("mon", text)).replace("24:00", "00:00") == text.replace("24:00", "00:00")


@pytest.mark.parametrize(
    ("days", "key", "remedy"),
    [
        ({"mon": ["8-20"]}, "mon", "write a range"),
        ({"mon": ["08:00-08:00"]}, "mon", "has a length"),
        ({"mon": ["24:00-08:00"]}, "mon", "has a length"),
        ({"mon": ["08:60-20:00"]}, "mon", "times go from"),
        ({"mon": ["08:00-24:01"]}, "mon", "times go from"),
        ({"noday": ["08:00-20:00"]}, "noday", "name days"),
        ({"mon-": ["08:00-20:00"]}, "mon-", "name days"),
        ({"": ["08:00-20:00"]}, "", "name days"),
    ],
)
def test_a_wrong_range_is_refused_with_its_key_and_a_remedy(days: dict[str, list[str]], key: str, remedy: str) -> None:
    with pytest.raises(InvalidOpenHours, match=remedy) as refused:
        OpenHours.parse("UTC", days)
    assert refused.value.key == key


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "America", "\0"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidOpenHours, match="IANA"):
        OpenHours.parse(zone, {})


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidOpenHours, match="2025-12-25"):
        OpenHours.parse("UTC", {}, ["Christmas"])


_QUARTERS = st.integers(0, 95).map(lambda number: f"{number // 4:02}:{number % 4 * 15:02}")
_RANGES = (
    st.tuples(_QUARTERS, _QUARTERS).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: f"{pair[0]}-{pair[1]}")
)


@settings(max_examples=60, deadline=None)
@given(
    days=st.dictionaries(st.sampled_from(DAYS), st.lists(_RANGES, max_size=2), max_size=7),
    holidays=st.sets(st.dates(date(2025, 3, 1), date(2025, 3, 20)), max_size=3),
    start=st.integers(0, 20 * 96),
    zone=st.sampled_from([NEW_YORK, "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_between_now_and_the_next_change_nothing_changes(
    days: dict[str, list[str]], holidays: set[date], start: int, zone: str
) -> None:
    hours = OpenHours.parse(zone, days, holidays)
    now = utc("2025-03-01T00:00:00") + start * 900
    change = hours.next_change(now)
    # All times are quarters of an hour, so looking at each quarter misses nothing.
    end = now + 3 * 86400 if change is None else min(change, now + 3 * 86400)
    moment = now
    while moment < end:
        assert hours.is_open(moment) == hours.is_open(now)
        moment += 900
    if change is not None:
        assert change > now
        assert hours.is_open(change) != hours.is_open(now)
