"""[sans-IO] The one log line that tells a whole call, written when it is over."""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.call_facts import CallFacts
from bridge.calls.timeline import Fact, Timeline
from bridge.media.messages import SessionClosed
from bridge.media.statistics import PlayoutStatistics, SideStatistics
from bridge.wrapup.steps import Finished


@dataclass(frozen=True)
class EngineUse:
    """What a call had of its engines."""

    name: str
    """The one it had last; empty: none was tried."""
    tries: int
    used: Mapping[str, int]
    """What they counted of their use by name, tokens for example."""


def canonical_line(
    facts: CallFacts, timeline: Timeline, fate: str, engine: EngineUse, result: Finished | None, media: SessionClosed
) -> dict[str, Fact]:
    """Keys and values of the call_ended line; times in milliseconds from the INVITE."""
    answered = timeline.first("answered")
    line: dict[str, Fact] = {
        "call": facts.call,
        "agent": facts.agent_number,
        "caller": facts.caller,
        "transaction_id": facts.transaction_id,
        "engine": engine.name,
        "engine_tries": engine.tries,
        "fate": fate,
        "answered_ms": answered,
        "acknowledged_ms": timeline.first("acknowledged"),
        "screen_pop_ms": timeline.first("screen_pop"),
        "lasted_ms": timeline.last_ms,
    }
    if result is not None:
        line |= {
            "outcome": result.disposition.outcome,
            "term_code": result.term_code,
            "confirmation": result.confirmation,
            "transferred_to": result.transferred_to,
            "agent_state": result.agent_state,
            "why": result.reason,
        }
    line |= _side("customer", media.customer) | _side("engine", media.engine)
    if media.playout is not None:
        line |= _playout(media.playout)
    return line | {f"usage_{name}": count for name, count in engine.used.items()}


def _side(name: str, seen: SideStatistics) -> dict[str, Fact]:
    return {
        f"{name}_packets": seen.received,
        f"{name}_lost": seen.lost,
        f"{name}_jitter_ms": round(seen.jitter_ms, 1),
        f"{name}_relayed": seen.relayed,
        f"{name}_unheard": seen.unheard,
        f"{name}_silence": seen.silence,
        f"{name}_strangers": seen.strangers,
        f"{name}_mos": seen.mos,
        f"{name}_mos_worst": seen.mos_worst,
    }


def _playout(heard: PlayoutStatistics) -> dict[str, Fact]:
    return {
        "first_audio_ms": _rounded(heard.first_audio_ms),
        "turns": heard.turns,
        "turn_p50_ms": _rounded(heard.turn_p50_ms),
        "turn_max_ms": _rounded(heard.turn_max_ms),
        "barge_ins": heard.barge_ins,
        "barge_in_max_ms": _rounded(heard.barge_in_max_ms),
        "playout_late_p99_ms": _rounded(heard.late_p99_ms),
        "playout_late_max_ms": _rounded(heard.late_max_ms),
        "playout_played_ms": heard.played_ms,
        "playout_cleared_ms": heard.cleared_ms,
        "playout_dropped_ms": heard.dropped_ms,
        "playout_trimmed_ms": heard.trimmed_ms,
    }


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 1)
