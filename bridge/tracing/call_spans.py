"""From the entries of calls' timelines, and the requests made for them, to spans."""

from collections.abc import Callable

from bridge.calls.timeline import Entry, Fact
from bridge.engines.events import Fate
from bridge.livevox.transport import Exchange
from bridge.masks import mask_number
from bridge.trace_context import engine_span, is_sampled, span_id
from bridge.tracing.span import Span
from bridge.wrapup.steps import Confirmation

#: Events of one call; what comes later is left out.
MAX_EVENTS = 100
#: Spans of one call beside itself: LiveVox may be asked again and again.
MAX_SPANS = 500

#: Entries that are shown as events of the call.
_EVENTS = frozenset(
    "answered acknowledged audio_started audio_bad audio_good barge_in customer_leg_ended dead_air dtmf "
    "engine_leg_ended engine_passed_over ordered refused rtp_timed_out transfer_asked transfer_failed "
    "transfer_succeeded verdict_given worker_lost".split()
)
#: Facts of these that may be shown; others may hold what customers said.
_FACTS = frozenset("by_livevox codec engine fate last lost mos rows side silent_s status target".split())
_FAULTS = frozenset({Fate.ENGINE_LOST, Fate.ENGINE_UNAVAILABLE, Fate.RTP_TIMEOUT, Fate.DEAD_AIR, Fate.BRIDGE_FAILURE})
_OF_THE_END = "engine engine_tries fate outcome term_code confirmation agent_state".split()

_SCREEN_POP, _WRAP_UP = "screen pop", "wrap-up"


class _CallTrace:
    """One call that is going on."""

    def __init__(self, call: str, name: str, start: float) -> None:
        self.root = Span(call, name, span_id(call, "call"), None, start)
        self.engine: Span | None = None
        self.screen_pop: Span | None = None
        self.wrap_up: Span | None = None
        self.tries = self.wrap_ups = self.requests = self.spans = 0

    def child(self, name: str, key: str, start: float, parent: Span | None = None) -> Span:
        """A span below the call, or below another one."""
        self.spans += 1
        return Span(self.root.call, name, span_id(self.root.call, key), (parent or self.root).id, start)


class CallSpans:
    """`heard` is a listener of all calls, `asked` hears of the requests made for them; `done` gets each span."""

    def __init__(self, share: float, epoch: float, done: Callable[[Span], None]) -> None:
        """`share` of the calls are traced. `epoch`: what time.monotonic()'s 0 is in seconds since the epoch."""
        self._share = share
        self._epoch = epoch
        self._done = done
        self._calls: dict[str, _CallTrace] = {}
        self._hears: dict[str, Callable[[_CallTrace, Entry, float], None]] = {
            "engine_dialled": self._dialled,
            "engine_answered": lambda trace, _, at: self._tried(trace, at, ""),
            "engine_failed": lambda trace, entry, at: self._tried(trace, at, str(entry.facts["reason"])),
            "engine_hung_up_on": lambda trace, entry, at: self._tried(trace, at, str(entry.facts["fate"])),
            "acknowledged": self._acknowledged,
            "screen_pop": lambda trace, _, at: self._popped(trace, at, ""),
            "screen_pop_missing": lambda trace, _, at: self._popped(trace, at, "it did not come in time"),
            "customer_leg_ended": lambda trace, _, at: self._wrapping_up(trace, at),
            "back_to_bot": lambda trace, _, at: self._wrapped_up(trace, at, {}, "the customer is back with the bot"),
            "disposition": self._disposed,
            "closed": self._closed,
            "recovered": self._closed,
        }

    def heard(self, entry: Entry) -> None:
        """Something happened to a call."""
        at = self._epoch + entry.at
        trace = self._calls.get(entry.call)
        if trace is None:
            trace = self._begin(entry, at)
        if trace is None:
            return
        if entry.what in _EVENTS and len(trace.root.events) < MAX_EVENTS:
            trace.root.events.append((at, entry.what, _shown(entry)))
        hear = self._hears.get(entry.what)
        if hear is not None:
            hear(trace, entry, at)

    def asked(self, call: str, exchange: Exchange, now: float) -> None:
        """A request to LiveVox for a call has ended; `now` in seconds since the epoch."""
        trace = self._calls.get(call)
        if trace is None or trace.spans >= MAX_SPANS:
            return
        start = now - exchange.ms / 1000
        if trace.screen_pop is None:
            self._wrapping_up(trace, start)
        trace.requests += 1
        name, above = f"{exchange.method} {exchange.endpoint}", trace.wrap_up or trace.screen_pop
        span = trace.child(name, f"request {trace.requests}", start, above)
        span.client = True
        span.attributes |= {"http.request.method": exchange.method, "url.template": exchange.endpoint}
        if exchange.status is not None:
            span.attributes["http.response.status_code"] = exchange.status
        span.add(waited_ms=round(exchange.waited_ms, 1))
        self._end(span, now, exchange.error or "")

    def _begin(self, entry: Entry, at: float) -> _CallTrace | None:
        names = {"invite_received": "call", "recovery_begun": "recovered call"}
        if entry.what not in names or not is_sampled(entry.call, self._share):
            return None
        trace = self._calls[entry.call] = _CallTrace(entry.call, names[entry.what], at)
        trace.root.add(call=entry.call, agent=entry.agent)
        if caller := entry.facts.get("caller"):
            trace.root.add(caller=mask_number(caller))
        return trace

    def _end(self, span: Span, at: float, error: str = "") -> None:
        span.end, span.error = max(at, span.start), error
        self._done(span)

    # engines

    def _dialled(self, trace: _CallTrace, entry: Entry, at: float) -> None:
        self._tried(trace, at, "given up")
        trace.tries += 1
        trace.engine = trace.child("engine connect", engine_span(trace.tries), at)
        trace.engine.client = True
        trace.engine.add(engine=entry.facts["engine"], attempt=trace.tries)

    def _tried(self, trace: _CallTrace, at: float, error: str) -> None:
        span, trace.engine = trace.engine, None
        if span is not None:
            self._end(span, at, error)

    # LiveVox

    def _acknowledged(self, trace: _CallTrace, _entry: Entry, at: float) -> None:
        trace.screen_pop = trace.child("screen pop", _SCREEN_POP, at)

    def _popped(self, trace: _CallTrace, at: float, error: str) -> None:
        span, trace.screen_pop = trace.screen_pop, None
        if span is not None:
            self._end(span, at, error)

    def _wrapping_up(self, trace: _CallTrace, at: float) -> None:
        """It begins with the end of LiveVox's leg, or with the first request that is not for the screen pop."""
        if trace.wrap_up is None:
            trace.wrap_ups += 1
            trace.wrap_up = trace.child("wrap-up", f"{_WRAP_UP} {trace.wrap_ups}", at)

    def _wrapped_up(self, trace: _CallTrace, at: float, facts: dict[str, Fact], error: str) -> None:
        span, trace.wrap_up = trace.wrap_up, None
        if span is not None:
            span.add(**facts)
            self._end(span, at, error)

    def _disposed(self, trace: _CallTrace, entry: Entry, at: float) -> None:
        known = {name: entry.facts.get(name) for name in ("term_code", "confirmation", "agent_state")}
        unconfirmed = known["confirmation"] == Confirmation.UNCONFIRMED
        self._wrapping_up(trace, at)
        self._wrapped_up(trace, at, known, str(entry.facts.get("reason") or "unconfirmed") if unconfirmed else "")

    def _closed(self, trace: _CallTrace, entry: Entry, at: float) -> None:
        del self._calls[entry.call]
        for left in (trace.engine, trace.screen_pop, trace.wrap_up):
            if left is not None:
                self._end(left, at, "the call ended")
        trace.root.add(**{name: entry.facts.get(name) for name in _OF_THE_END})
        fate = str(entry.facts.get("fate") or "")
        self._end(trace.root, at, fate if fate in _FAULTS else "")


def _shown(entry: Entry) -> dict[str, str | int | float | bool]:
    return {name: value for name, value in entry.facts.items() if name in _FACTS and value is not None}
