"""[sans-IO] The one log line that tells a whole call, written when it is over."""

from bridge.calls.timeline import Fact, Timeline
from bridge.engines.connection import CallFacts
from bridge.media.messages import SessionClosed, StreamStatistics
from bridge.wrapup.steps import Finished


def canonical_line(
    facts: CallFacts, timeline: Timeline, fate: str, engine: str, result: Finished | None, media: SessionClosed
) -> dict[str, Fact]:
    """Keys and values of the call_ended line; times in milliseconds from the INVITE."""
    answered = timeline.first("answered")
    line: dict[str, Fact] = {
        "call": facts.call,
        "agent": facts.agent_number,
        "caller": facts.caller,
        "transaction_id": facts.transaction_id,
        "engine": engine,
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
    return line | _side("customer", media.customer) | _side("engine", media.engine)


def _side(name: str, seen: StreamStatistics) -> dict[str, Fact]:
    return {
        f"{name}_packets": seen.received,
        f"{name}_lost": seen.lost,
        f"{name}_jitter_ms": round(seen.jitter_ms, 1),
        f"{name}_relayed": seen.relayed,
        f"{name}_unheard": seen.unheard,
        f"{name}_silence": seen.silence,
        f"{name}_strangers": seen.strangers,
    }
