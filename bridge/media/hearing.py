"""[sans-IO] What one side of a call hears: the other side's packets, words of ours or silence, and keys."""

from typing import Protocol

from bridge.media.dtmf import EventSlot, KeyWriter
from bridge.media.g711 import ULAW_TO_ALAW
from bridge.media.lane import Lane
from bridge.media.rtp import build, unpack_header
from bridge.media.silence import OwnStream
from sip.messages import Codec

#: What was relayed is over when nothing came for so long: one packet of 20 or 40 ms may be lost or late.
GAP_S = 0.06


class _Carrier:
    """The relayed stream a key is played in, and the last number used of it."""

    __slots__ = ("sequence", "ssrc", "timestamp")

    def __init__(self, ssrc: int, sequence: int, timestamp: int) -> None:
        self.ssrc = ssrc
        self.sequence = sequence
        self.timestamp = timestamp


class Voice(Protocol):
    """Something that is heard from us."""

    def next_frame(self) -> bytes | None:
        """20 ms of µ-law; None for silence."""


class Hearing:
    """What is sent to one side.

    Keys ride on what this side hears at the moment, because receivers take a key as part of the stream they play. While
    a stream is relayed, each of its packets is replaced by an event with the same SSRC and sequence number, so nothing
    that follows needs other numbers. While silence is sent, events take its place in our own stream. A key is finished
    in the stream it began in: packets of the other side that come meanwhile are left out.
    """

    __slots__ = (
        "_carrier",
        "_event_type",
        "_in_spurt",
        "_key_start",
        "_own",
        "_writer",
        "codec",
        "feed",
        "relayed",
        "sends",
        "silence",
        "spoken",
        "unsent",
        "voiced",
    )

    def __init__(self, codec: Codec, own: OwnStream) -> None:
        self.codec = codec
        #: We may send to this side and know where.
        self.sends = False
        #: Where packets of the other side come from that are sent on; None: none are.
        self.feed: Lane | None = None
        #: `speak` is called in every slot, and `tick` has nothing to do.
        self.voiced = False
        self.relayed = self.silence = self.spoken = self.unsent = 0
        self._own = own
        self._writer = KeyWriter()
        self._event_type: int | None = None
        #: None while the key that is being played, if any, is in our own stream.
        self._carrier: _Carrier | None = None
        self._key_start = 0
        self._in_spurt = False

    def agree(self, codec: Codec, telephone_event: int | None, sends: bool) -> None:
        """A negotiation is over; digits that may not be played any more are forgotten."""
        self.codec, self._event_type, self.sends = codec, telephone_event, sends
        if telephone_event is None or not sends:
            self._writer.clear()

    def play(self, digits: str) -> None:
        """Queue digits; nothing happens while the side has no telephone-event or nothing may be sent to it."""
        if self.sends and self._event_type is not None:
            self._writer.play(digits)

    @property
    def playing(self) -> bool:
        """Digits are being played or wait."""
        return self._writer.active

    def tick(self, tick: int, now: float) -> bytes | None:
        """A slot of 20 ms has come: what this side is sent of ours, None while the other side is heard."""
        if not self.sends or self.voiced:
            return None
        fed = self.feed is not None and now - self.feed.at < GAP_S
        if self._writer.active and (not fed or self._is_key_in_own_stream):
            return self._key(tick) or self._silence(tick)
        return None if fed else self._silence(tick)

    def speak(self, tick: int, voice: Voice | None) -> bytes | None:
        """A slot of 20 ms of a side that hears us only: a key, or the voice, which waits for it, or silence."""
        if not self.sends:
            return None
        key = self._key(tick) if self._writer.active else None
        if key is not None:
            return key
        frame = voice.next_frame() if voice is not None else None
        if frame is None:
            return self._silence(tick)
        self.spoken += 1
        begins, self._in_spurt = not self._in_spurt, True
        return self._own.audio(
            tick, self.codec, frame if self.codec is Codec.PCMU else frame.translate(ULAW_TO_ALAW), begins
        )

    def in_place_of(self, datagram: bytes) -> bytes | None:
        """The other side's packet comes while keys are played: that packet, an event instead of it, or nothing."""
        if self._is_key_in_own_stream:
            return None
        slot = self._writer.next_slot()
        if slot is None:
            self.relayed += 1
            return datagram
        _, sequence, timestamp, ssrc = unpack_header(datagram)
        carrier = self._carrier
        if carrier is None or slot.first:
            carrier = self._carrier = _Carrier(ssrc, sequence, timestamp)
        elif ssrc == carrier.ssrc:
            carrier.sequence = sequence
        else:
            carrier.sequence = (carrier.sequence + 1) & 0xFFFF
        return self._carried(slot, carrier)

    @property
    def _is_key_in_own_stream(self) -> bool:
        return self._writer.in_key and self._carrier is None

    def _key(self, tick: int) -> bytes | None:
        """The next slot of the keys: in our own stream, or in a relayed one that has dried up; None in a pause."""
        slot = self._writer.next_slot()
        if slot is None:
            return None
        if slot.first:
            self._key_start, self._carrier = tick, None
        if self._carrier is not None:
            self._carrier.sequence = (self._carrier.sequence + 1) & 0xFFFF
            return self._carried(slot, self._carrier)
        return self._own.event(tick, self._event_type or 0, slot.first, self._key_start, slot.payload)

    def _carried(self, slot: EventSlot, carrier: _Carrier) -> bytes:
        payload_type = self._event_type or 0
        return build(payload_type, slot.first, carrier.sequence, carrier.timestamp, carrier.ssrc, slot.payload)

    def _silence(self, tick: int) -> bytes:
        self.silence += 1
        self._in_spurt = False
        return self._own.silence(tick, self.codec)
