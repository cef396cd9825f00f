"""[sans-IO] How the audio of each side of a call is, second by second: read from its counters, at no cost a packet."""

import math
from typing import NamedTuple

from bridge.media.g711 import SILENCE_DBFS, level_dbfs
from bridge.media.mos import mean_opinion_score
from bridge.media.rtp import payload, payload_type
from bridge.media.statistics import QualitySample
from sip.messages import Codec

_CODECS = {codec.payload_type: codec for codec in Codec}


class Counted(NamedTuple):
    """What there is of a side since the call began."""

    received: int
    lost: int
    jitter_ms: float
    level_dbfs: float
    """Of what came last."""


def level_of(datagram: bytes) -> float:
    """The loudest sample of an RTP packet, in dBFS; silence for what is no audio."""
    codec = _CODECS.get(payload_type(datagram))
    return SILENCE_DBFS if codec is None else level_dbfs(payload(datagram), codec)


class QualityMeter:
    """One side of one call."""

    __slots__ = ("_judged", "_lost", "_received", "_sum", "_worst")

    def __init__(self) -> None:
        self._received = self._lost = 0
        self._judged, self._sum, self._worst = 0, 0.0, math.inf

    def take(self, counted: Counted, late_ms: float) -> QualitySample | None:
        """The time since this was asked before; None until the side's first packet. `late_ms`: see QualitySample."""
        received = counted.received - self._received
        lost = max(counted.lost - self._lost, 0)  # what was missed and came late is not lost
        self._received, self._lost = counted.received, counted.lost
        if received == 0:
            return QualitySample(lost=lost) if self._received else None
        mos = mean_opinion_score(lost / (received + lost), counted.jitter_ms, late_ms)
        self._judged += 1
        self._sum += mos
        self._worst = min(self._worst, mos)
        return QualitySample(
            received=received,
            lost=lost,
            jitter_ms=round(counted.jitter_ms, 1),
            late_ms=round(late_ms, 1),
            level_dbfs=counted.level_dbfs,
            mos=round(mos, 2),
        )

    @property
    def mean(self) -> float | None:
        """Of all seconds with packets; None: there were none."""
        return round(self._sum / self._judged, 2) if self._judged else None

    @property
    def worst(self) -> float | None:
        """Of all seconds with packets."""
        return round(self._worst, 2) if self._judged else None
