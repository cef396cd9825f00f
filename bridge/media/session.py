"""[sans-IO] What one call does with its audio: who hears whom, and what is missed."""

from bridge.media.dead_air import DeadAirWatch
from bridge.media.dtmf import KEYS
from bridge.media.exchange import Exchange
from bridge.media.hearing import Hearing
from bridge.media.messages import (
    AudioStarted,
    DeadAir,
    Flow,
    Prompt,
    RtpTimedOut,
    SendDigits,
    SessionClosed,
    SetRemote,
    Side,
)
from bridge.media.party import Party
from bridge.media.playout import Playout
from bridge.media.prompt_loop import PromptLoop
from bridge.media.quality import QualityMeter
from bridge.media.recording import Recording
from bridge.media.rtp import payload_type
from bridge.media.silence import OwnStream
from bridge.media.slots import SLOT_S
from bridge.media.source import Source
from bridge.media.statistics import QualitySample
from bridge.media.stream_end import StreamEnd
from bridge.media.stream_side import StreamSide
from sip.messages import Codec

#: Slots that are made up for after a standstill of the process; receivers have room for so much at once.
_MADE_UP = 2


class Session:
    """Both parties of one call and the flow between them.

    The engine is a party with an RTP port, or it is attached by WebSocket: then its audio comes through `playout`. Its
    `play`, `mark`, `clear`, `played_ms` and `waiting_ms` are for the engine's driver.
    """

    def __init__(self, call: str, codec: Codec, exchange: Exchange) -> None:
        self.call = call
        #: `tick` wants to be called in every slot: the customer hears an engine by WebSocket, or a prompt.
        self.voiced = False
        self._exchange = exchange
        self._flow = Flow.RELAY
        self._prompt: PromptLoop | None = None
        self._stream = StreamSide()
        #: What the customer hears of ours in place of silence.
        self._voice: PromptLoop | StreamSide | None = None
        self._dead_air = DeadAirWatch(exchange.dead_air_s)
        self._recording: Recording | None = None
        self._customer_quality, self._engine_quality = QualityMeter(), QualityMeter()
        self.customer = self._party(Side.CUSTOMER, codec)
        self.engine = self._party(Side.ENGINE, codec)

    def _party(self, side: Side, codec: Codec) -> Party:
        rng = self._exchange.rng
        own = OwnStream(rng.getrandbits(32), rng.getrandbits(16), rng.getrandbits(32))
        source = Source(self._exchange.follow)
        return Party(self.call, side, source, Hearing(codec, own), self._exchange.report, self._exchange.keys_down)

    def party(self, side: Side) -> Party:
        """The party on that side."""
        return self.customer if side is Side.CUSTOMER else self.engine

    # commands

    def set_remote(self, command: SetRemote, now: float) -> None:
        """A side's SDP is agreed, for the first time or anew."""
        self.party(command.side).set_remote(command, now)
        self._wire()

    def set_flow(self, flow: Flow, prompt: Prompt = Prompt.NONE) -> None:
        """Relay, or silence both ways from the next tick on; with silence the customer may hear a prompt."""
        self._flow = flow
        audio = self._exchange.prompts.get(prompt, b"") if flow is Flow.SILENCE else b""
        if not audio:
            self._prompt = None
        elif self._prompt is None or self._prompt.audio is not audio:
            self._prompt = PromptLoop(audio)
        self._wire()

    def send_digits(self, command: SendDigits, now: float) -> None:
        """Play digits to a side; an engine that is reached by WebSocket is told of each."""
        if command.side is Side.ENGINE and self._stream.attached:
            for digit in command.digits.upper():
                if digit in KEYS:
                    self._stream.key(digit, now)
            return
        self.party(command.side).hearing.play(command.digits)
        self._wire()

    def record(self, recording: Recording | None) -> None:
        """What the customer says and hears goes there too, from the next packet on; None: not any more."""
        self._recording = recording
        self._wire()

    # an engine that is reached by WebSocket

    @property
    def playout(self) -> Playout:
        """What the attached engine says."""
        return self._stream.playout

    def attach(self, end: StreamEnd, now: float) -> None:
        """An engine by WebSocket takes the place of the engine's RTP port, which is left alone from now on.

        It hears the customer at once. What it says waits until `answered`.
        """
        self.engine.leave(now)
        self._stream.attach(end)
        self._wire()

    def detach(self, now: float) -> None:
        """The engine by WebSocket is gone: what it has said and nobody has heard is dropped, and so are its marks."""
        self._stream.detach()
        self._wire()

    def answered(self, now: float) -> None:
        """The customer is on the line: what the attached engine says is played from the next tick on."""
        self._stream.answer(now)

    def hold_the_line(self, holds: bool) -> None:
        """The attached engine is being connected anew: the customer hears what is queued, then the wait prompt."""
        audio = self._exchange.prompts.get(Prompt.WAIT, b"") if holds else b""
        self._stream.filler = PromptLoop(audio) if audio and self._stream.attached else None

    # what goes where

    def _wire(self) -> None:
        """Decide where packets go, so that a packet need not."""
        streamed, relayed, recording = self._stream.attached, self._flow is Flow.RELAY, self._recording
        for speaker, hearer in ((self.customer, self.engine.hearing), (self.engine, self.customer.hearing)):
            heard = relayed and hearer.sends and not streamed
            minded = hearer.playing or recording is not None
            speaker.lead(hearer if heard else None, minded)
            hearer.feed = speaker.lane if heard else None
        self.customer.record = recording.customer if recording is not None else None
        self.engine.record = recording.bot if recording is not None and self.customer.hearing.feed is not None else None
        listens = streamed and relayed
        self.customer.tap = self._stream.packet if listens else None
        self.customer.on_key = self._stream.key if listens else None
        self._voice = self._prompt or (self._stream if listens else None)
        voiced = streamed or self._prompt is not None
        if voiced != self.voiced:
            self.voiced = self.customer.hearing.voiced = voiced
            self._exchange.on_voice(self)

    def tick(self, number: int, missed: int, now: float) -> list[bytes]:
        """A slot of 20 ms has come, after so many that were missed: what the customer is sent. Only while `voiced`."""
        stream, hearing = self._stream, self.customer.hearing
        stream.tick(now)
        if not self.voiced:
            return []  # the engine has gone away over what it was told
        voice = self._voice
        first = number
        if voice is stream and hearing.sends:
            if stream.playout.speaking:
                first -= min(missed, _MADE_UP)
        else:
            stream.playout.pass_over(missed + 1)
        packets = [hearing.speak(slot, voice) for slot in range(first, number + 1)]
        sent = [packet for packet in packets if packet is not None]
        if self._recording is not None:
            for packet in sent:
                self._recording.bot(packet, payload_type(packet), now)
        return sent

    def departed(self, due: float, missed: int, packets: int, now: float) -> None:
        """What `tick` gave has left at `now`; the slot was due at `due`, so many before it were missed."""
        first_due = due - missed * SLOT_S if packets > 1 else due
        if self._stream.attached and self._stream.departed(first_due, packets, now):
            self._exchange.report(AudioStarted(self.call, Side.ENGINE))

    # what is missed

    def watch(self, now: float, rtp_timeout_s: float) -> None:
        """Report a side that should send and has not for so long, 0 for never, and dead air."""
        if rtp_timeout_s > 0:
            for party in (self.customer, self.engine):
                silent = party.silent_for(now, rtp_timeout_s)
                if silent is not None:
                    self._exchange.report(RtpTimedOut(self.call, party.side, round(silent, 1)))
        if self._exchange.dead_air_s > 0:
            self._listen(now)

    def _listen(self, now: float) -> None:
        stream, dead_air = self._stream, self._dead_air
        for party in (self.customer, self.engine):
            dead_air.spoke(party.side, party.key_at)  # somebody who types a number is not silent
            if not stream.attached and party.speaks():
                dead_air.spoke(party.side, now)
        dead_air.spoke(Side.CUSTOMER, stream.turns.customer_at)
        dead_air.spoke(Side.ENGINE, stream.turns.bot_at)
        engine_is_here = stream.is_here if stream.attached else self.engine.is_here
        together = self._flow is Flow.RELAY and self.customer.is_here and engine_is_here
        found = dead_air.look(together, now)
        if found is not None:
            self._exchange.report(DeadAir(self.call, found.side, round(found.silent_s, 1), found.last))

    def quality(self, busy_ms: float) -> tuple[QualitySample | None, QualitySample | None]:
        """How the customer and the engine were since this was asked before; `busy_ms`: what others cost them."""
        engine, played, late_ms = self.engine.counted(), self._stream.counted(), self._stream.take_late_ms()
        received = engine.received + played.received
        if self._stream.attached:
            engine = played._replace(received=received, lost=engine.lost)
        else:
            engine, late_ms = engine._replace(received=received), busy_ms
        return self._customer_quality.take(self.customer.counted(), busy_ms), self._engine_quality.take(engine, late_ms)

    def closed(self) -> SessionClosed:
        """The last word on the session."""
        for party in (self.customer, self.engine):
            party.count_unread()
        customer, engine = self._customer_quality, self._engine_quality
        return SessionClosed(
            self.call,
            self.customer.statistics(customer.mean, customer.worst),
            self.engine.statistics(engine.mean, engine.worst),
            self._stream.statistics(),
        )
