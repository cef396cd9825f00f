"""[sans-IO] One side of a call: whose packets are taken, what they count for, and where they go."""

import math
from collections.abc import Callable

from bridge.media.dtmf import Key, KeyReader
from bridge.media.g711 import is_speech
from bridge.media.hearing import Hearing
from bridge.media.lane import Lane
from bridge.media.messages import AudioStarted, DtmfReceived, Event, SetRemote, Side
from bridge.media.quality import Counted, level_of
from bridge.media.rtp import NOT_RTP, Reception, payload, payload_type, unpack_header
from bridge.media.source import Address, Source
from bridge.media.statistics import SideStatistics
from sip.messages import Codec

#: No thumb presses more keys a second; what is more is noise or malice and would flood the bridge.
MAX_KEYS_PER_S = 20
#: Keys remembered for the statistics.
MAX_DIGITS = 500

_CODECS = {codec.payload_type: codec for codec in Codec}


class Party:
    """The customer or the engine of one call, as its RTP port sees it.

    `lead` says who hears this side's packets. While they go there as they are, most of them pass `lane` and come here
    as a number only. An engine by WebSocket hears this side through `tap`, which gets packet, payload type and time,
    and `on_key`. `record` gets the same.
    """

    __slots__ = (
        "_detour",
        "_digits",
        "_expected",
        "_invalid",
        "_judged",
        "_key_second",
        "_keys",
        "_keys_in_second",
        "_latest",
        "_onward",
        "_reception",
        "_report",
        "_reported",
        "_started",
        "_strangers",
        "_unheard",
        "_watched_from",
        "call",
        "hearing",
        "key_at",
        "keys_down",
        "lane",
        "on_key",
        "record",
        "side",
        "source",
        "tap",
        "telephone_event",
    )

    def __init__(
        self,
        call: str,
        side: Side,
        source: Source,
        hearing: Hearing,
        report: Callable[[Event], None],
        keys_down: "set[Party]",
    ) -> None:
        self.call, self.side = call, side
        self.source, self.hearing = source, hearing
        self.lane = Lane()
        self._onward: Hearing | None = None
        self._detour: Hearing | None = None
        self.tap: Callable[[bytes, int, float], None] | None = None
        self.record: Callable[[bytes, int, float], None] | None = None
        self.on_key: Callable[[str, float], None] | None = None
        self.telephone_event: int | None = None
        #: When this side last pressed a key.
        self.key_at = -math.inf
        #: Where the owner finds the parties whose `expire_key` must be called.
        self.keys_down = keys_down
        self._report = report
        self._latest = self._judged = b""
        self._keys, self._reception = KeyReader(), Reception()
        self._strangers = self._invalid = self._unheard = 0
        self._digits: list[str] = []
        self._key_second, self._keys_in_second = -math.inf, 0
        self._started = self._expected = self._reported = False
        self._watched_from = 0.0

    def set_remote(self, command: SetRemote, now: float) -> None:
        """A negotiation is over."""
        self.source.say(command.address, command.port)
        usable = self.source.remote is not None
        expected = command.receive and usable
        if expected and not self._expected:
            self._watched_from, self._reported = now - command.silent_s, False
        self._expected = expected
        self.telephone_event = self._reception.telephone_event = command.telephone_event
        self.hearing.agree(command.codec, command.telephone_event, command.send and usable)

    def leave(self, now: float) -> None:
        """This side is not reached by RTP any more: nothing is taken from it, sent to it, or missed."""
        self.set_remote(SetRemote(self.call, self.side, "0.0.0.0", 0, self.hearing.codec, None, False, False), now)

    def lead(self, hearer: Hearing | None, minded: bool) -> None:
        """Who hears this side's packets from now on; each is minded while keys are played or the call is recorded."""
        self.count_unread()
        self._onward = None if minded else hearer
        self._detour = hearer if minded else None

    @property
    def is_here(self) -> bool:
        """Its SDP lets it speak and hear."""
        return self._expected and self.hearing.sends

    def speaks(self) -> bool:
        """What came last, since this was asked before, is speech."""
        datagram, judged = self._latest, self._judged
        if datagram is judged:
            return False
        self._judged = datagram
        codec = _CODECS.get(payload_type(datagram))
        return codec is not None and is_speech(payload(datagram), codec)

    def datagram(self, datagram: bytes, source: Address, now: float) -> bytes | None:
        """Something arrived from anywhere; returns what the other side is sent for it, None if nothing."""
        known = source == self.source.remote
        if not (known and self.source.latched):
            if payload_type(datagram) == NOT_RTP:
                self._invalid += known
                self._strangers += not known
                return None
            if not self.source.takes(source, now - self.lane.at):
                self._strangers += 1
                return None
        return self.packet(datagram, now)

    def packet(self, datagram: bytes, now: float) -> bytes | None:
        """A datagram of this side's source arrived; returns what the other side is sent for it, None if nothing."""
        if self.lane.granted:
            self.count_unread()
        kind = self._reception.take(datagram, now)
        if kind == NOT_RTP:
            self._invalid += 1
            return None
        self.lane.at = now
        self._latest = datagram
        if kind == self.telephone_event:
            self._key_packet(datagram, now)
        hearer = self._onward
        if hearer is None or not self._started:
            return self._unusual(datagram, kind, now)
        hearer.relayed += 1
        if kind != self.telephone_event:
            self.lane.open(datagram)
        return datagram

    def count_unread(self) -> None:
        """Close the lane and count what has passed it."""
        self._count(self.lane.close())

    def _count(self, passed: int) -> None:
        if passed:
            self._reception.pass_over(passed)
            if self._onward is not None:
                self._onward.relayed += passed

    def _unusual(self, datagram: bytes, kind: int, now: float) -> bytes | None:
        """The first packet, or one that the other side does not hear as it is."""
        if not self._started:
            self._started = True
            self._report(AudioStarted(self.call, self.side))
        if self.record is not None:
            self.record(datagram, kind, now)
        elif self._detour is not None and not self._detour.playing:
            self._onward, self._detour = self._detour, None
        hearer = self._onward or self._detour
        if hearer is not None:
            if hearer.playing:
                return hearer.in_place_of(datagram)
            hearer.relayed += 1
            return datagram
        if self.tap is not None:
            self.tap(datagram, kind, now)
        else:
            self._unheard += 1
        return None

    def _key_packet(self, datagram: bytes, now: float) -> None:
        _, _, timestamp, ssrc = unpack_header(datagram)
        self._pressed(self._keys.read(ssrc, timestamp, payload(datagram), now), now)
        if self._keys.deadline is not None:
            self.keys_down.add(self)

    def expire_key(self, now: float) -> None:
        """End a key of which nothing was heard for a while; leaves `keys_down` when none is down."""
        self._pressed(self._keys.expire(now), now)
        if self._keys.deadline is None:
            self.keys_down.discard(self)

    def _pressed(self, keys: list[Key], now: float) -> None:
        for key in keys:
            self.key_at = now
            if now - self._key_second >= 1.0:
                self._key_second, self._keys_in_second = now, 0
            self._keys_in_second += 1
            if self._keys_in_second > MAX_KEYS_PER_S:
                continue
            if len(self._digits) < MAX_DIGITS:
                self._digits.append(key.digit)
            self._report(DtmfReceived(self.call, self.side, key.digit, key.duration_ms))
            if self.on_key is not None:
                self.on_key(key.digit, now)

    def silent_for(self, now: float, limit_s: float) -> float | None:
        """Seconds this side, which should send, has been silent on the wire: once when the limit is reached."""
        silent = now - max(self.lane.at, self._watched_from)
        if not self._expected or silent < limit_s:
            self._reported = False
            return None
        if self._reported:
            return None
        self._reported = True
        return silent

    def counted(self) -> Counted:
        """What came of this side so far."""
        self._count(self.lane.take_passed())
        reception = self._reception
        return Counted(reception.received, reception.lost, reception.jitter_ms, level_of(self._latest))

    def statistics(self, mos: float | None, mos_worst: float | None) -> SideStatistics:
        """What was counted so far; how it was to hear is known elsewhere."""
        return SideStatistics(
            received=self._reception.received,
            lost=self._reception.lost,
            jitter_ms=round(self._reception.jitter_ms, 2),
            relayed=self.hearing.relayed,
            silence=self.hearing.silence,
            spoken=self.hearing.spoken,
            unsent=self.hearing.unsent,
            unheard=self._unheard,
            strangers=self._strangers,
            invalid=self._invalid,
            digits="".join(self._digits),
            mos=mos,
            mos_worst=mos_worst,
        )
