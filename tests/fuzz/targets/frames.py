"""Messages on the sockets between our own processes, as a process that has gone wrong would write them."""

import json
from collections.abc import Iterable
from typing import Any

from bridge.call_facts import CallFacts
from bridge.media.control import COMMANDS, EVENTS
from bridge.media.long_frames import PART, Assembly, parts
from bridge.media.messages import DeadAir, OpenSession, SetRemote, Side
from bridge.media.stream_messages import StartStream, StreamVerdict
from bridge.verdicts import Complete, Remarks
from sip.channel import MEDIA_OFFER, WORKER_CHANNEL, ZYGOTE_CHANNEL, MessageCodec
from sip.errors import InvalidFrame
from sip.messages import Answer, Codec, Dial, Header, Leg, LegEnded, MediaOffer, SendRequest, WorkerReady
from tests.fuzz.choices import Choices
from tests.fuzz.json_values import RAW, text_of
from tests.fuzz.target import Target

_CODECS = (WORKER_CHANNEL, ZYGOTE_CHANNEL, MEDIA_OFFER, COMMANDS, EVENTS)
_OFFER = MediaOffer("192.0.2.1", 4000, (Codec.PCMU,), 101)
EXAMPLES: tuple[tuple[MessageCodec, Any], ...] = (
    (MEDIA_OFFER, _OFFER),
    (WORKER_CHANNEL, Answer("call1", _OFFER)),
    (WORKER_CHANNEL, Dial("call1", "sip:a@b", "sip:c@d", "Ann", "id", (Header("X-A", "b"),), _OFFER)),
    (WORKER_CHANNEL, SendRequest("call1", Leg.ENGINE, "INFO", (Header("A", "b"),), "application/json", "{}")),
    (WORKER_CHANNEL, WorkerReady(40_001, 4)),
    (WORKER_CHANNEL, LegEnded("call1", Leg.CUSTOMER, True, 200, "OK", (Header("X-Outcome", "paid"),))),
    (COMMANDS, OpenSession("call1", Codec.PCMU)),
    (COMMANDS, SetRemote("call1", Side.CUSTOMER, "192.0.2.1", 4000, Codec.PCMA, None, True, False)),
    (COMMANDS, StartStream("call1", 1, "bot", CallFacts("call1", "8990000001", "", "", "", "", ""))),
    (EVENTS, StreamVerdict("call1", 1, Complete("paid", Remarks("notes", "1")))),
    (EVENTS, DeadAir("call1", Side.ENGINE, 15.5, False)),
)


def run(data: bytes) -> None:
    """One datagram, read as each socket would; what is read can be written and read again."""
    choices = Choices(data)
    which = choices.below(256)
    if which < RAW:
        codec, message = EXAMPLES[which % len(EXAMPLES)]
        frame = text_of(json.loads(codec.encode_text(message)), choices).encode("utf-8", "surrogatepass")
    else:
        frame = choices.piece(len(data))
    for codec in _CODECS:
        try:
            message = codec.decode(frame)
        except InvalidFrame as exc:
            assert len(str(exc)) < 5_000
            continue
        again = codec.encode(message)
        assert codec.encode(codec.decode(again)) == again
    _in_parts(frame, choices.one_of((100, PART, PART + 1, 3 * PART)))


def _in_parts(frame: bytes, length: int) -> None:
    """A long frame arrives whole, whatever it holds; a datagram of anything costs no more than itself."""
    whole = (b"[" + frame * (length // max(len(frame), 1)))[:length]
    assembly, came = Assembly(), []
    for part in parts(whole):
        assert len(part) <= PART
        came.append(assembly.add(part))
    assert came[-1] == whole and came[:-1] == [None] * (len(came) - 1)
    try:
        assembly.add(frame)
        assembly.add(b"-" + frame)
    except InvalidFrame:
        return


def seeds() -> Iterable[bytes]:
    """Each example as it is, and as raw bytes of both forms."""
    for number, (codec, message) in enumerate(EXAMPLES):
        yield bytes([number, 0])
        yield bytes([RAW]) + codec.encode_text(message).encode()
        yield bytes([RAW]) + codec.encode(message)


TARGET = Target(run, seeds, (b"null", b"true", b'"call1"', b"1e999", b"NaN", b"[", b"]", b"{}", b",", b"+", b"-"))
