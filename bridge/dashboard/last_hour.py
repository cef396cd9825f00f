"""[sans-IO] The last hour in minutes, and the calls that ended last: what the dashboard's charts are drawn from."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.calls.timeline import Entry, Fact

MINUTE_S = 60.0
MINUTES = 60
#: Ended calls that are kept.
RECENT = 50
#: Latencies kept of one minute: of more calls the first ones stand for all.
_SAMPLES = 1000


@dataclass
class Minute:
    """What happened in one minute; `number` counts minutes since the epoch."""

    number: int
    started: int = 0
    ended: int = 0
    trouble: int = 0
    """Calls among `ended` of which something went wrong."""
    at_once: int = 0
    """The most calls that were up at the same time."""
    set_up_ms: list[float] = field(default_factory=list)
    """INVITE to 200."""
    first_audio_ms: list[float] = field(default_factory=list)
    """200 to the engine's first audio."""


@dataclass(frozen=True)
class EndedCall:
    """A call that is over; `at` is when it was closed, in epoch seconds."""

    call: str
    agent: str
    caller: str
    at: float
    lasted_s: float
    outcome: str
    confirmed: bool
    """LiveVox has confirmed the disposition, or wants none."""
    trouble: tuple[str, ...]


class LastHour:
    """Hears every entry of every call's timeline."""

    def __init__(self) -> None:
        self.recent: deque[EndedCall] = deque(maxlen=RECENT)
        """The latest last."""
        self._minutes: deque[Minute] = deque(maxlen=MINUTES)
        self._up: dict[str, float | None] = {}
        """The calls that are up, and when each was answered, in milliseconds from its INVITE."""

    def heard(self, entry: Entry, now: float) -> None:
        """An entry of a timeline was noted; `now` in epoch seconds."""
        minute = self._minute(now)
        match entry.what:
            case "invite_received":
                self._up[entry.call] = None
                minute.started += 1
                minute.at_once = max(minute.at_once, len(self._up))
            case "answered" if entry.call in self._up:
                self._up[entry.call] = entry.elapsed_ms
                _keep(minute.set_up_ms, entry.elapsed_ms)
            case "audio_started" if entry.facts.get("side") == "engine":
                answered = self._up.get(entry.call)
                if answered is not None:
                    _keep(minute.first_audio_ms, entry.elapsed_ms - answered)
            case "repeated":
                self._repeated(entry)
            case "closed":
                self._up.pop(entry.call, None)
                self._ended(minute, entry, now)

    def _repeated(self, entry: Entry) -> None:
        """A call whose disposition was not confirmed had another try."""
        for index, call in enumerate(self.recent):
            if call.call == entry.call:
                confirmed, trouble = _confirmed(entry.facts), _trouble(entry.facts)
                self.recent[index] = replace(call, confirmed=confirmed, trouble=trouble)

    def _ended(self, minute: Minute, entry: Entry, now: float) -> None:
        call = _ended_call(entry, now)
        minute.ended += 1
        minute.trouble += bool(call.trouble)
        self.recent.append(call)

    def _minute(self, now: float) -> Minute:
        """The present minute; those that passed since the last entry are filled in."""
        number = int(now // MINUTE_S)
        if self._minutes and self._minutes[-1].number >= number:
            return self._minutes[-1]  # a clock that was set back waits until it has caught up
        first = max(self._minutes[-1].number + 1, number - MINUTES + 1) if self._minutes else number
        self._minutes.extend(Minute(each, at_once=len(self._up)) for each in range(first, number + 1))
        return self._minutes[-1]

    def minutes(self, now: float) -> list[dict[str, Any]]:
        """The last sixty minutes, the present one last; those before the start are left out."""
        self._minute(now)
        return [
            {
                "at": minute.number * MINUTE_S,
                "started": minute.started,
                "ended": minute.ended,
                "trouble": minute.trouble,
                "at_once": minute.at_once,
                "set_up_ms": percentile(minute.set_up_ms, 0.95),
                "first_audio_ms": percentile(minute.first_audio_ms, 0.95),
            }
            for minute in self._minutes
        ]


def percentile(values: Sequence[float], part: float) -> float | None:
    """The smallest value that so great a part of them does not exceed; None: there are none."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(int(len(ordered) * part), len(ordered) - 1)], 1)


def _keep(samples: list[float], value: float) -> None:
    if len(samples) < _SAMPLES:
        samples.append(value)


def _ended_call(entry: Entry, now: float) -> EndedCall:
    line: Mapping[str, Fact] = entry.facts
    return EndedCall(
        call=entry.call,
        agent=entry.agent,
        caller=str(line.get("caller") or ""),
        at=now,
        lasted_s=round(entry.elapsed_ms / 1000, 1),
        outcome=str(line.get("outcome") or line.get("fate") or ""),
        confirmed=_confirmed(line),
        trouble=_trouble(line),
    )


def _confirmed(line: Mapping[str, Fact]) -> bool:
    return line.get("confirmation") != "unconfirmed"


def _trouble(line: Mapping[str, Fact]) -> tuple[str, ...]:
    return tuple(name for name in str(line.get("trouble") or "").split(",") if name)
