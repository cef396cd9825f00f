"""[sans-IO] Whether what a bridge takes of its machine is where it was: the samples of a run, and what may not grow."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

MB = 1024 * 1024


@dataclass(frozen=True)
class Sample:
    """What was there at a quiet moment: no call, all agents Ready."""

    calls: int
    """That were over by then."""
    levels: Mapping[str, float]
    """By name: "media PSS", "bridge tasks", "bridge Dispatch._dialogs", …"""


class By(enum.Enum):
    """How growth is told from ups and downs."""

    SLOPE = enum.auto()
    """The median growth a call: for what never goes back to just where it was."""
    FLOOR = enum.auto()
    """The lowest of the second half against the lowest of the first: for what comes back, now and then at least."""


@dataclass(frozen=True)
class Tolerance:
    """How much a level may grow between the first sample and the last."""

    by: By
    absolute: float
    relative: float = 0.0
    a_call: float = 0.0
    """What each call may leave behind for good, as the journal's rows do."""
    bound: float = 0.0
    """Up to here it may grow in any case: it is a memory that somebody has set a bound to."""

    def allows(self, growth: float, first: float, last: float, calls: int) -> bool:
        """Falling is always allowed."""
        return growth <= max(self.absolute, self.relative * first) + self.a_call * calls or last <= self.bound


#: Of calls that were over half a minute ago nothing is kept (RFC 3261 section 17): more of them, or less.
_JUST_OVER = Tolerance(By.FLOOR, 20, 0.5)
#: Ports rest for a while and are not looked at before another one is wanted.
_RESTING = Tolerance(By.FLOOR, 40)
#: Workers: the pool keeps up to twice the room it wants before it lets one go (sip.pool_size).
_WORKERS = Tolerance(By.FLOOR, 0, 1.0)
#: By how a level's name ends, the first that fits. What is not named here is a count that has to come back.
TOLERANCES: Mapping[str, Tolerance] = {
    # The allocator's fragments; a kilobyte that is kept of every call is found in ten minutes.
    " PSS": Tolerance(By.SLOPE, 2 * MB, 0.02),
    # Memories with a bound, see below; what else is kept of a call is found by its type.
    " objects": Tolerance(By.SLOPE, 500, 0.005, a_call=1.5),
    # Pooled HTTP connections come and go.
    " descriptors": Tolerance(By.FLOOR, 4),
    " Transactions._timers": _JUST_OVER,
    " Transactions._invites": _JUST_OVER,
    " Transactions._merges": _JUST_OVER,
    " each InviteTransaction": _JUST_OVER,
    " each Reply": _JUST_OVER,
    " RestingPorts._ports": _RESTING,
    " PortPool._free": _RESTING,
    " PortPool._resting": _RESTING,
    "worker processes": _WORKERS,
    " Dispatch._workers": _WORKERS,
    " Dispatch._workers_by_port": _WORKERS,
    " WorkerPool._workers": _WORKERS,
    " each WorkerProcess": _WORKERS,
    " each _Worker": _WORKERS,
    "bridge UDP ports": _WORKERS,
    # Call-IDs of calls that are over, for what may still come of them (bridge.capture.sip_capture).
    " SipCapture._known": Tolerance(By.FLOOR, 0, bound=8_192),
    " each Dialog": Tolerance(By.FLOOR, 0, bound=8_192 + 100),
    " objects of type Dialog": Tolerance(By.FLOOR, 0, bound=8_192 + 100),
    # The dashboard's last hour.
    " each Minute": Tolerance(By.FLOOR, 0, bound=61),
    " Minute.set_up_ms": Tolerance(By.FLOOR, 0, a_call=1.0),
    " Minute.first_audio_ms": Tolerance(By.FLOOR, 0, a_call=1.0),
    "journal bytes": Tolerance(By.SLOPE, MB, a_call=40 * 1024),
    "journal calls": Tolerance(By.SLOPE, 0, a_call=1.1),
    "journal log bytes": Tolerance(By.SLOPE, 8 * MB),
}
_NONE = Tolerance(By.FLOOR, 0)
#: Caches of the interpreter and of libraries; an object that is kept of every call is found in ten minutes.
_OF_A_TYPE = Tolerance(By.SLOPE, 300, 0.01)


@dataclass(frozen=True)
class Finding:
    """One level over the run."""

    name: str
    first: float
    last: float
    growth: float
    """As its tolerance tells it."""
    calls: int
    """In that time."""
    holds: bool
    """It is where it was, as far as it may."""


def tolerance(name: str) -> Tolerance:
    """How much this level may grow."""
    otherwise = _OF_A_TYPE if " objects of type " in name else _NONE
    return next((each for end, each in TOLERANCES.items() if name.endswith(end)), otherwise)


def findings(samples: Sequence[Sample]) -> list[Finding]:
    """Each level, by name; raises ValueError for fewer than three samples, which no slope can be told from."""
    if len(samples) < 3 or samples[-1].calls <= samples[0].calls:
        raise ValueError(f"{len(samples)} samples after the warm-up are too few: let it run longer")
    names = sorted({name for sample in samples for name in sample.levels})
    return [_finding(name, samples) for name in names]


def _finding(name: str, samples: Sequence[Sample]) -> Finding:
    levels = [sample.levels.get(name, 0.0) for sample in samples]
    calls = samples[-1].calls - samples[0].calls
    allowed = tolerance(name)
    if allowed.by is By.SLOPE:
        growth = _slope([sample.calls for sample in samples], levels) * calls
    else:
        half = len(levels) // 2
        growth = min(levels[half:]) - min(levels[:half])
    holds = allowed.allows(round(growth, 3), levels[0], levels[-1], calls)
    return Finding(name, levels[0], levels[-1], growth, calls, holds)


def _slope(calls: Sequence[int], levels: Sequence[float]) -> float:
    """The median of the slopes between all pairs (Theil and Sen), a call: one odd sample does not move it."""
    points = list(zip(calls, levels, strict=True))
    return median((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if b[0] > a[0])
