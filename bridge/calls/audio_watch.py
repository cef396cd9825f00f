"""[sans-IO] How a call's audio is: the latest second, bad times for the timeline, all seconds for the journal."""

from collections.abc import Callable
from dataclasses import astuple

from bridge.media.messages import CallQuality, Side
from bridge.media.statistics import QualitySample

#: Many listeners are dissatisfied with less (ITU-T G.107 annex B).
BAD_MOS = 3.6
#: So many seconds running make a bad time, or end one.
RUNNING_S = 3
#: Samples of one side that are written down at once.
ROW_S = 10


class _SideWatch:
    """One side: whether it is a bad time, and the samples that are not written down yet."""

    def __init__(self) -> None:
        self.samples: list[QualitySample] = []
        self.first_at = 0.0
        self.bad = False
        #: The latest samples that speak against what it is, and the seconds and the worst MOS of a bad time.
        self._against: list[QualitySample] = []
        self._bad_s = 0
        self._worst = 0.0

    def judge(self, sample: QualitySample) -> bool:
        """Whether a bad time began, or one ended, with this sample. Seconds in which nothing came say nothing."""
        if self.bad:
            self._bad_s += 1
            self._worst = min(self._worst, sample.mos or self._worst)
        if sample.mos and (sample.mos < BAD_MOS) is not self.bad:
            self._against.append(sample)
        else:
            self._against.clear()
        if len(self._against) < RUNNING_S:
            return False
        self.bad = not self.bad
        return True

    def bad_facts(self) -> dict[str, float]:
        """Of the seconds that made it bad; each number is the worst of them."""
        made, self._against = self._against, []
        self._bad_s, self._worst = RUNNING_S, min(each.mos for each in made)
        return {
            "mos": self._worst,
            "lost": sum(each.lost for each in made),
            "received": sum(each.received for each in made),
            "jitter_ms": max(each.jitter_ms for each in made),
            "late_ms": max(each.late_ms for each in made),
        }

    def good_facts(self) -> dict[str, float]:
        """Of the bad time that is over."""
        self._against = []
        return {"lasted_s": self._bad_s - RUNNING_S, "mos_worst": self._worst}


class AudioWatch:
    """`note` gets entries of the timeline; `keep` gets a side, when its first sample came, and its samples."""

    def __init__(
        self, note: Callable[..., None], keep: Callable[[str, float, tuple[tuple[float, ...], ...]], None]
    ) -> None:
        self.latest: dict[Side, QualitySample] = {}
        """The past second of each side that has audio."""
        self._note = note
        self._keep = keep
        self._sides = {side: _SideWatch() for side in Side}

    def heard(self, quality: CallQuality, at: float) -> None:
        """A second is over; `at` in seconds since the epoch."""
        for side, sample in ((Side.CUSTOMER, quality.customer), (Side.ENGINE, quality.engine)):
            if sample is not None:
                self._heard(side, sample, at)

    def end(self) -> None:
        """Nothing more will come: write down what is left."""
        for side in self._sides:
            self._write(side)

    def _heard(self, side: Side, sample: QualitySample, at: float) -> None:
        self.latest[side] = sample
        watch = self._sides[side]
        if watch.judge(sample):
            if watch.bad:
                self._note("audio_bad", side=side, **watch.bad_facts())
            else:
                self._note("audio_good", side=side, **watch.good_facts())
        if not watch.samples:
            watch.first_at = at
        watch.samples.append(sample)
        if len(watch.samples) >= ROW_S:
            self._write(side)

    def _write(self, side: Side) -> None:
        watch = self._sides[side]
        if watch.samples:
            self._keep(side.value, watch.first_at, tuple(astuple(each) for each in watch.samples))
            watch.samples = []
