"""[sans-IO] What is counted of calls' audio, from the entries of their timelines."""

from prometheus_client import CollectorRegistry

from bridge.calls.timeline import Entry, Fact
from bridge.media.messages import Side
from bridge.metrics import catalogue
from bridge.metrics.names import Names


class AudioMetrics:
    """A listener of all calls."""

    def __init__(self, registry: CollectorRegistry, names: Names) -> None:
        self._names = names
        self._turn_median = catalogue.TURN_MEDIAN.histogram(registry)
        self._turn_max = catalogue.TURN_MAX.histogram(registry)
        self._turns = catalogue.TURNS.counter(registry)
        self._barge_in_max = catalogue.BARGE_IN_MAX.histogram(registry)
        self._barge_ins = catalogue.BARGE_INS.counter(registry)
        self._late = catalogue.PLAYOUT_LATE.histogram(registry)
        self._mos = catalogue.MOS.histogram(registry)
        self._bad_times = catalogue.BAD_TIMES.counter(registry)
        self._packets = catalogue.RTP_PACKETS.counter(registry)
        self._lost = catalogue.RTP_LOST.counter(registry)
        self._loss = catalogue.RTP_LOSS.histogram(registry)
        self._jitter = catalogue.RTP_JITTER.histogram(registry)
        self._strangers = catalogue.RTP_STRANGERS.counter(registry)
        self._timeouts = catalogue.RTP_TIMEOUTS.counter(registry)
        self._dead_air = catalogue.DEAD_AIR.counter(registry)
        for side in Side:
            for each in (self._packets, self._lost, self._strangers, self._timeouts, self._dead_air, self._bad_times):
                each.labels(side)

    def heard(self, entry: Entry) -> None:
        """Something happened to a call."""
        match entry.what:
            case "rtp_timed_out":
                self._timeouts.labels(entry.facts["side"]).inc()
            case "dead_air" if not entry.facts["last"]:  # that is the second word on the same silence
                self._dead_air.labels(entry.facts["side"]).inc()
            case "audio_bad":
                self._bad_times.labels(entry.facts["side"]).inc()
            case "closed":
                self._closed(entry)

    def _closed(self, entry: Entry) -> None:
        for side in Side:
            self._count_side(side, entry)
        if "turns" in entry.facts:
            self._count_playout(entry)

    def _count_side(self, side: Side, entry: Entry) -> None:
        received, lost = (_number(entry.facts.get(f"{side}_{what}")) for what in ("packets", "lost"))
        self._packets.labels(side).inc(received)
        self._lost.labels(side).inc(lost)
        self._strangers.labels(side).inc(_number(entry.facts.get(f"{side}_strangers")))
        mos = entry.facts.get(f"{side}_mos")
        if mos is not None:
            self._mos.labels(side).observe(_number(mos))
        if received:
            self._loss.labels(side).observe(lost / (received + lost))
            self._jitter.labels(side).observe(_number(entry.facts.get(f"{side}_jitter_ms")) / 1000)

    def _count_playout(self, entry: Entry) -> None:
        engine, facts = self._names.engine(entry.facts.get("engine")), entry.facts
        self._turns.labels(engine).inc(_number(facts["turns"]))
        self._barge_ins.labels(engine).inc(_number(facts["barge_ins"]))
        self._late.observe(_number(facts["playout_late_p99_ms"]) / 1000)
        for name, histogram in (
            ("turn_p50_ms", self._turn_median),
            ("turn_max_ms", self._turn_max),
            ("barge_in_max_ms", self._barge_in_max),
        ):
            if facts[name] is not None:
                histogram.labels(engine).observe(_number(facts[name]) / 1000)


def _number(fact: Fact) -> float:
    return float(fact) if isinstance(fact, int | float) else 0.0
