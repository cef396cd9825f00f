"""[sans-IO] When the call centre is open: weekly ranges in a time zone, holidays, safe across clock changes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.errors import InvalidOpenHours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_RANGE = re.compile(r"\s*(?P<opens>[0-9]{2}:[0-9]{2})\s*-\s*(?P<closes>[0-9]{2}:[0-9]{2})\s*", re.ASCII)
_MINUTES_A_DAY = 24 * 60
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DailyRange:
    """Open from one minute of the day to another; the second may lie in the next day."""

    opens: int
    """Minutes after midnight, 0 to 1439."""
    closes: int
    """Minutes after that same midnight, more than `opens`; over 1440 when the range ends the day after."""

    @classmethod
    def parse(cls, day: str, text: str) -> "DailyRange":
        """Parse "08:00-20:00", "22:00-06:00" (overnight) or "00:00-24:00". Raises InvalidOpenHours."""
        found = _RANGE.fullmatch(text)
        if found is None:
            raise InvalidOpenHours(day, text, 'write a range as "08:00-20:00"')
        opens, closes = _minutes(day, found["opens"]), _minutes(day, found["closes"])
        if opens == closes or opens == _MINUTES_A_DAY:
            raise InvalidOpenHours(day, text, 'a range has a length; write "00:00-24:00" for the whole day')
        return cls(opens, closes if closes > opens else closes + _MINUTES_A_DAY)

    def __str__(self) -> str:
        closes = self.closes if self.closes <= _MINUTES_A_DAY else self.closes - _MINUTES_A_DAY
        return f"{self.opens // 60:02}:{self.opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


@dataclass(frozen=True)
class OpenHours:
    """The hours in which virtual agents may be logged in.

    A range belongs to the day on which it opens. On a holiday no range opens, and a range that runs into a holiday
    ends at its midnight. Where a clock change makes a local time happen twice, a range opens at the first and closes at
    the last; where it makes a local time not happen, the range opens or closes at the change.
    """

    zone: ZoneInfo
    ranges: tuple[tuple[DailyRange, ...], ...]
    """Seven entries, Monday first."""
    holidays: frozenset[date] = frozenset()

    @classmethod
    def parse(cls, zone: str, days: Mapping[str, Iterable[str]], holidays: Iterable[str | date] = ()) -> "OpenHours":
        """Read settings: "America/New_York", {"mon-fri": ["08:00-20:00"], "sat": [...]}, ["2025-12-25"].

        A day that is not named is closed. Raises InvalidOpenHours, which says the key and the remedy.
        """
        ranges: list[list[DailyRange]] = [[] for _ in DAYS]
        for key, texts in days.items():
            parsed = [DailyRange.parse(key, text) for text in texts]
            for weekday in _weekdays(key):
                ranges[weekday].extend(parsed)
        ordered = tuple(tuple(sorted(day, key=lambda range_: range_.opens)) for day in ranges)
        return cls(_zone(zone), ordered, frozenset(_holiday(day) for day in holidays))

    def is_open(self, utc_epoch: float) -> bool:
        """Whether the call centre is open at this moment (seconds since 1970, UTC)."""
        today = datetime.fromtimestamp(utc_epoch, self.zone).date()
        # An overnight range of yesterday may run into today; clock changes move an end by hours, never by a day.
        days = (today - _ONE_DAY, today, today + _ONE_DAY)
        return any(opens <= utc_epoch < closes for day in days for opens, closes in self._intervals(day))

    def next_change(self, utc_epoch: float) -> float | None:
        """The first moment after this one at which the hours open or close; None if they never do."""
        now_open = self.is_open(utc_epoch)
        for moment in self._boundaries(utc_epoch):
            if self.is_open(moment) != now_open:
                return moment
        return None

    # private

    def _boundaries(self, utc_epoch: float) -> Iterator[float]:
        """The moments after this one at which some range opens or closes, day by day, until the week repeats."""
        today = datetime.fromtimestamp(utc_epoch, self.zone).date()
        # A week without holidays repeats for ever, so two weeks after the last holiday show all there is.
        last = max([today, *self.holidays]) + timedelta(days=14)
        for number in range((last - today).days + 2):
            day = today + timedelta(days=number - 1)
            moments = {moment for interval in self._intervals(day) for moment in interval}
            yield from sorted(moment for moment in moments if moment > utc_epoch)

    def _intervals(self, day: date) -> Iterator[tuple[float, float]]:
        """The stretches of UTC time which this day's ranges are open."""
        if day in self.holidays:
            return
        for range_ in self.ranges[day.weekday()]:
            closes = range_.closes
            if closes > _MINUTES_A_DAY and day + _ONE_DAY in self.holidays:
                closes = _MINUTES_A_DAY
            yield self._moment(day, range_.opens, last=False), self._moment(day, closes, last=True)

    def _moment(self, day: date, minutes: int, *, last: bool) -> float:
        """UTC of a local time: the first or last of two, the change itself where the clock skipped it."""
        local = datetime.combine(day, time()) + timedelta(minutes=minutes)
        first, second = (local.replace(tzinfo=self.zone, fold=fold).timestamp() for fold in (0, 1))
        if first <= second:
            return second if last else first
        # PEP 495: in a gap fold 0 lies after the change and fold 1 before it. Halve until the change is found.
        before, after = int(second), int(first)
        offset = datetime.fromtimestamp(before, self.zone).utcoffset()
        while after - before > 1:
            middle = (before + after) // 2
            if datetime.fromtimestamp(middle, self.zone).utcoffset() == offset:
                before = middle
            else:
                after = middle
        return float(after)


def _minutes(day: str, text: str) -> int:
    hours, minutes = int(text[:2]), int(text[3:])
    if minutes > 59 or hours * 60 + minutes > _MINUTES_A_DAY:
        raise InvalidOpenHours(day, text, "times go from 00:00 to 24:00")
    return hours * 60 + minutes


def _weekdays(key: str) -> list[int]:
    """The days a key names: "mon", "monday", "mon-fri", "sat-mon" (over the week's end)."""
    first, dash, last = key.strip().lower().partition("-")
    begin = _weekday(key, first)
    end = _weekday(key, last) if dash else begin
    return [day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)]


def _weekday(key: str, name: str) -> int:
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for number, (short, long) in enumerate(zip(DAYS, full, strict=True)):
        if name in (short, long):
            return number
    raise InvalidOpenHours(key, name, f"name days {', '.join(DAYS)} or a span of them such as mon-fri")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise InvalidOpenHours("zone", name, 'name a zone of the IANA database, such as "America/New_York"') from exc


def _holiday(day: str | date) -> date:
    if isinstance(day, datetime):
        return day.date()
    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(day)
    except ValueError as exc:
        raise InvalidOpenHours("holidays", day, "write dates as 2025-12-25") from exc
