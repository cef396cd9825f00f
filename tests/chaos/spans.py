"""[sans-IO] Stretches of time, and what is left of them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """From `begin` to `end`, in seconds since the epoch."""

    begin: float
    end: float

    @property
    def lasts_s(self) -> float:
        """How long."""
        return self.end - self.begin

    def meets(self, other: "Span") -> bool:
        """They have a moment in common."""
        return self.begin <= other.end and other.begin <= self.end


def without(spans: Iterable[Span], taken: Sequence[Span]) -> list[Span]:
    """What is left of the spans once all that is taken is cut out."""
    left = list(spans)
    for cut in taken:
        left = [piece for span in left for piece in _cut(span, cut)]
    return left


def _cut(span: Span, cut: Span) -> list[Span]:
    if not span.meets(cut):
        return [span]
    pieces = (Span(span.begin, min(cut.begin, span.end)), Span(max(cut.end, span.begin), span.end))
    return [piece for piece in pieces if piece.lasts_s > 0]
