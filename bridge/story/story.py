"""[sans-IO] One call, one story: everything that is known of it, put in order and in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bridge.journal.call_rows import CallRow, CallRows, QualityRow
from bridge.journal.records import Fact
from bridge.story.finding import Finding, Seen, seconds
from bridge.story.latencies import Latency, latencies
from bridge.story.moments import Moment, beginning, moments
from bridge.story.trouble import findings
from bridge.story.veil import Veil

#: Fields of a sample, in the order of bridge.media.statistics.QualitySample.
SAMPLE = ("received", "lost", "jitter_ms", "late_ms", "level_dbfs", "mos")


@dataclass(frozen=True)
class Second:
    """How one side's audio was in one second."""

    elapsed_ms: float
    """At its end, since the call began."""
    values: Mapping[str, float]
    """By the names in SAMPLE."""


@dataclass(frozen=True)
class Story:
    """All of it. Numbers, names and words of the customer are masked unless `whole`."""

    call: str
    agent: str
    caller: str
    whole: bool
    over: bool
    """False: this is what is known so far."""
    began_at: float
    """Seconds since the epoch."""
    lasted_ms: float
    """From the first message to the last thing known."""
    engine: str
    summary: str
    """What became of the call, in a sentence or two."""
    findings: tuple[Finding, ...]
    """What went wrong, the worst first; none: nothing did."""
    latencies: tuple[Latency, ...]
    moments: tuple[Moment, ...]
    quality: Mapping[str, tuple[Second, ...]]
    """By the side: customer, engine."""
    line: Mapping[str, Fact]
    """The canonical log line; empty while the call goes on."""
    row: CallRow

    @property
    def headline(self) -> str:
        """What somebody who asks must read first."""
        if self.findings:
            return self.findings[0].sentence
        return "Nothing went wrong on this call." if self.over else "Nothing has gone wrong so far."


def tell(rows: CallRows, *, whole: bool) -> Story:
    """The story of a call, of one that goes on too."""
    veil, row = Veil(rows.call, whole=whole), rows.call
    seen = Seen(rows.entries, row.line)
    start = beginning(rows)
    told = moments(rows, veil)
    engine = _engine(seen)
    return Story(
        call=row.call,
        agent=row.agent,
        caller=veil.number(row.caller),
        whole=whole,
        over=row.closed_at is not None,
        began_at=start,
        lasted_ms=told[-1].elapsed_ms if told else 0.0,
        engine=engine,
        summary=veil.words(_summary(row, seen, engine)),
        findings=tuple(_veiled(finding, veil) for finding in findings(rows.entries, row.line)),
        latencies=latencies(seen),
        moments=told,
        quality=_quality(rows.quality, start),
        line=veil.facts(row.line),
        row=row,
    )


def _veiled(finding: Finding, veil: Veil) -> Finding:
    return replace(finding, sentence=veil.words(finding.sentence), look_at=veil.words(finding.look_at))


def _engine(seen: Seen) -> str:
    """The one that answered last, else the one that was tried last."""
    entry = seen.last("engine_answered") or seen.last("engine_dialled")
    return str(entry.facts.get("engine") or "") if entry else ""


_FATES = {
    "finished": "The bot brought it to its end",
    "customer_hung_up": "The customer hung up",
    "transferred": "The bot asked for a human",
    "transfer_failed": "No human took the customer",
    "engine_lost": "The speech engine was lost",
    "engine_unavailable": "No speech engine could be had",
    "rtp_timeout": "The audio stopped",
    "dead_air": "Nobody said anything for too long",
    "bridge_failure": "Something in the bridge broke",
    "drained": "The bridge was stopped",
}


def _summary(row: CallRow, seen: Seen, engine: str) -> str:
    answered, gone = seen.at("answered"), seen.at("customer_leg_ended")
    if answered is None:
        told = "It was not answered."
    elif gone is not None:
        told = f"It was answered after {seconds(answered)} and lasted {seconds(gone - answered)}"
        told += f", with the engine {engine}." if engine else "."
    else:
        told = f"It was answered after {seconds(answered)}."
    if row.fate:
        told += f" {_FATES.get(row.fate, row.fate)}"
        told += f", and {row.transferred_to} has the customer." if row.transferred_to else "."
    return f"{told} {_disposed(row)}".strip()


def _disposed(row: CallRow) -> str:
    match row.confirmation:
        case "confirmed":
            return f"LiveVox has the term code {row.term_code}, and shows the agent {row.agent_state or 'free'}."
        case "nothing_to_set":
            return "LiveVox had nothing to be told."
        case "unconfirmed":
            return f"Whether LiveVox has a term code is not known. {row.reason}".strip()
    return "" if row.closed_at is not None else "It goes on, or its disposition is still to come."


def _quality(rows: tuple[QualityRow, ...], start: float) -> dict[str, tuple[Second, ...]]:
    sides: dict[str, list[Second]] = {}
    for row in rows:
        for index, sample in enumerate(row.samples):
            values = dict(zip(SAMPLE, sample, strict=False))
            elapsed = round((row.at - start + index) * 1000, 1)
            sides.setdefault(row.side, []).append(Second(elapsed, values))
    return {side: tuple(told) for side, told in sides.items()}
