"""LiveVox's telephony in a run: each customer's telephone notes when it heard RTP."""

import time
from collections.abc import Callable

from bridge.simulator.caller import Caller, CallerSettings
from bridge.simulator.telephony import CallListener, CallToPlace
from tests.chaos.spans import Span

#: RTP that stays away for longer is a pause; one packet comes every 20 ms.
PAUSE_S = 0.25


class HearingCaller(Caller):
    """A Caller; `heard` has, for each call, the stretches in which RTP came."""

    def __init__(self, settings: CallerSettings, clock: Callable[[], float] = time.time) -> None:
        """`clock`: the simulator's."""
        super().__init__(settings)
        self.clock = clock
        self.heard: dict[str, list[Span]] = {}

    async def place(self, call: CallToPlace, listener: CallListener | None = None) -> None:
        """Send the INVITE, and listen."""
        await super().place(call, listener)
        spans: list[Span] = []
        self.heard[call.call_id] = spans
        self.session(call.call_id).media.talker.on_frame = lambda _: self._packet(spans)

    def _packet(self, spans: list[Span]) -> None:
        now = self.clock()
        if spans and now - spans[-1].end <= PAUSE_S:
            spans[-1] = Span(spans[-1].begin, now)
        else:
            spans.append(Span(now, now))
