"""[sans-IO] The trace of a call (W3C Trace Context): its ids follow from the call's, so that all know them."""

from hashlib import sha256

_LOW_BITS = (1 << 64) - 1


def trace_id(call: str) -> int:
    """128 bits, never 0."""
    return _bits(f"trace {call}", 16)


def span_id(call: str, what: str) -> int:
    """64 bits, never 0; `what` names the span within its call."""
    return _bits(f"span {call} {what}", 8)


def engine_span(attempt: int) -> str:
    """The name of the span in which an engine is tried, within its call; attempts count from 1."""
    return f"engine {attempt}"


def is_sampled(call: str, share: float) -> bool:
    """Whether the call is among the share that is traced; all who know its id come to the same answer."""
    return trace_id(call) & _LOW_BITS < round(share * (_LOW_BITS + 1))


def traceparent(call: str, attempt: int, share: float) -> str:
    """The header for the engine of this try: version 00, trace, the span of the try, sampled or not."""
    flags = 1 if is_sampled(call, share) else 0
    return f"00-{trace_id(call):032x}-{span_id(call, engine_span(attempt)):016x}-{flags:02x}"


def _bits(text: str, octets: int) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:octets]) or 1
