"""[sans-IO] The times of a call that people feel, each with a name."""

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.story.finding import Seen


@dataclass(frozen=True)
class Latency:
    """One time."""

    name: str
    """For scripts: answer."""
    label: str
    """For people: INVITE to 200 OK."""
    ms: float
    slow: bool
    """Slower than people like."""


#: What is slower is marked, in milliseconds.
_SLOW = {
    "answer": 3_000,
    "engine_ready": 2_000,
    "acknowledged": 1_000,
    "first_audio": 2_000,
    "customer_audio": 1_000,
    "screen_pop": 3_000,
    "turn": 1_500,
    "turn_worst": 3_000,
    "barge_in_worst": 300,
    "transfer": 30_000,
    "ready_again": 5_000,
}


def latencies(seen: Seen) -> tuple[Latency, ...]:
    """In the order of a call."""
    return tuple(
        Latency(name, label, round(ms, 1), ms > _SLOW[name]) for name, label, ms in _known(seen) if ms is not None
    )


def _known(seen: Seen) -> Iterator[tuple[str, str, float | None]]:
    answered, acknowledged = seen.at("answered"), seen.at("acknowledged")
    yield "answer", "INVITE to 200 OK", answered
    yield (
        "engine_ready",
        "engine called to engine ready",
        _between(seen.at("engine_dialled"), seen.at("engine_answered")),
    )
    yield "acknowledged", "200 OK to ACK", _between(answered, acknowledged)
    yield "first_audio", "answer to the bot's first audio", _first_audio(seen, answered)
    yield "customer_audio", "ACK to the customer's first audio", _heard(seen, acknowledged, "customer")
    pop = seen.first("screen_pop")
    yield "screen_pop", "screen pop asked for to there", _number(pop.facts.get("ms")) if pop else None
    yield "turn", "customer's last word to the bot's first, usually", _told(seen, "turn_p50_ms")
    yield "turn_worst", "the same at worst", _told(seen, "turn_max_ms")
    yield "barge_in_worst", "barge-in to silence, at worst", _told(seen, "barge_in_max_ms")
    yield (
        "transfer",
        "transfer asked for to human there",
        _between(seen.at("transfer_asked"), seen.at("transfer_succeeded")),
    )
    yield "ready_again", "hang-up to agent Ready", _ready(seen)


def _between(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None or second < first else second - first


def _first_audio(seen: Seen, answered: float | None) -> float | None:
    """Of engines by WebSocket the media process measures it; of others their first packet."""
    told = _told(seen, "first_audio_ms")
    return told if told is not None else _heard(seen, answered, "engine")


def _heard(seen: Seen, since: float | None, side: str) -> float | None:
    """A side may be heard before."""
    at = seen.at("audio_started", side=side)
    return None if since is None or at is None else max(at - since, 0.0)


def _ready(seen: Seen) -> float | None:
    done = seen.last("disposition")
    if done is None or done.facts.get("agent_state") != "READY":
        return None
    return _between(seen.at("customer_leg_ended"), done.elapsed_ms)


def _told(seen: Seen, name: str) -> float | None:
    """A number of the canonical line; of a call without turns it is not there."""
    return _number(seen.line.get(name))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
