"""[sans-IO] What one call does with its audio: who hears whom, and what is missed."""

import random
from collections.abc import Callable

from bridge.media.hearing import Hearing
from bridge.media.messages import (
    Event,
    Flow,
    Follow,
    RtpTimedOut,
    SendDigits,
    SessionClosed,
    SetRemote,
    Side,
)
from bridge.media.party import Party
from bridge.media.silence import OwnStream
from bridge.media.source import Source
from sip.messages import Codec


class Session:
    """Both parties of one call and the flow between them."""

    def __init__(
        self,
        call: str,
        codec: Codec,
        follow: Follow,
        rng: random.Random,
        report: Callable[[Event], None],
        keys_down: set[Party],
    ) -> None:
        self.call = call
        self._report = report
        self._flow = Flow.RELAY

        def party(side: Side) -> Party:
            own = OwnStream(rng.getrandbits(32), rng.getrandbits(16), rng.getrandbits(32))
            return Party(call, side, Source(follow), Hearing(codec, own), report, keys_down)

        self.customer = party(Side.CUSTOMER)
        self.engine = party(Side.ENGINE)

    def party(self, side: Side) -> Party:
        """The party on that side."""
        return self.customer if side is Side.CUSTOMER else self.engine

    def set_remote(self, command: SetRemote, now: float) -> None:
        """A side's SDP is agreed, for the first time or anew."""
        self.party(command.side).set_remote(command, now)
        self._wire()

    def set_flow(self, flow: Flow) -> None:
        """Relay, or silence both ways from the next tick on."""
        self._flow = flow
        if flow is Flow.SILENCE:
            self.customer.hearing.silence_now()
            self.engine.hearing.silence_now()
        self._wire()

    def send_digits(self, command: SendDigits) -> None:
        """Play digits to a side."""
        self.party(command.side).hearing.play(command.digits)
        self._wire()

    def _wire(self) -> None:
        """Decide where packets go, so that a packet need not."""
        for speaker, hearer in ((self.customer, self.engine.hearing), (self.engine, self.customer.hearing)):
            heard = self._flow is Flow.RELAY and hearer.sends
            speaker.onward = hearer if heard and not hearer.playing else None
            speaker.detour = hearer if heard and hearer.playing else None

    def watch(self, now: float, limit_s: float) -> None:
        """Report a side that should send and has not for so long."""
        for party in (self.customer, self.engine):
            silent = party.silent_for(now, limit_s)
            if silent is not None:
                self._report(RtpTimedOut(self.call, party.side, round(silent, 1)))

    def closed(self) -> SessionClosed:
        """The last word on the session."""
        return SessionClosed(self.call, self.customer.statistics(), self.engine.statistics())
