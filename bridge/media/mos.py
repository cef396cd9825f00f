"""[sans-IO] How good a listener would find a second of audio: an estimate by the E-model (ITU-T G.107), simplified."""

import math
from dataclasses import dataclass

#: R of a line at rest: all of G.107's other inputs at their default values (G.107 table 3).
_BASE_R = 93.2
#: One packet, and the room that receivers leave before they play it.
_RECEIVING_MS = 40.0
#: Where delay begins to disturb a conversation (Cole and Rosenbluth, "Voice over IP performance monitoring", 2001).
_TALK_OVER_MS = 177.3
#: A packet that is later than the others by more than receivers have room for is as good as lost.
_RECEIVER_ROOM_MS = 60.0


@dataclass(frozen=True)
class CodecQuality:
    """What a codec takes from R by itself, and how it bears loss (ITU-T G.113 appendix I)."""

    impairment: float
    robustness: float
    """Bpl: the higher, the better it bears random loss."""


#: Both laws of G.711, with the loss concealment of its appendix I, which telephones and gateways have.
G711 = CodecQuality(0.0, 25.1)


def mean_opinion_score(lost: float, jitter_ms: float, late_ms: float, codec: CodecQuality = G711) -> float:
    """From 1.0, bad, to 4.4, as good as G.711 is; below 3.6 many are dissatisfied (G.107 annex B).

    `lost` is the share of the packets, 0 to 1. `late_ms` is what was added to their way. The delay of the networks on
    both sides is not known and is taken to be none, and loss to be random: what is said is never too bad.
    """
    gone = lost + (1.0 - lost) * _too_late(jitter_ms)
    percent = 100.0 * gone
    lossy = codec.impairment + (95.0 - codec.impairment) * percent / (percent + codec.robustness)
    delay_ms = _RECEIVING_MS + 2.0 * jitter_ms + late_ms
    delayed = 0.024 * delay_ms + 0.11 * max(delay_ms - _TALK_OVER_MS, 0.0)
    return _score(_BASE_R - lossy - delayed)


def _too_late(jitter_ms: float) -> float:
    """The share of packets that come when their time is over, if delays are spread as Laplace has it."""
    return 0.5 * math.exp(-_RECEIVER_ROOM_MS / jitter_ms) if jitter_ms > 0 else 0.0


def _score(r: float) -> float:
    """G.107 annex B."""
    if r <= 0:
        return 1.0
    return max(1.0, 1.0 + 0.035 * r + 7e-6 * r * (r - 60.0) * (100.0 - r))
