"""Messages on the sockets between our own processes, as a process that has gone wrong would write them."""

import json
from collections.abc import Iterable

from bridge.media.control import COMMANDS, EVENTS
from bridge.media.long_frames import PART, Assembly, parts
from sip.channel import MEDIA_OFFER, WORKER_CHANNEL, ZYGOTE_CHANNEL
from sip.errors import InvalidFrame
from tests.fuzz.choices import Choices
from tests.fuzz.json_values import RAW, text_of
from tests.fuzz.target import Target

_CODECS = (WORKER_CHANNEL, ZYGOTE_CHANNEL, MEDIA_OFFER, COMMANDS, EVENTS)
_OFFER = ["192.0.2.1", 4000, ["PCMU"], 101]
EXAMPLES = (
    ["MediaOffer", _OFFER],
    ["Answer", ["call1", _OFFER]],
    ["Dial", ["call1", "sip:a@b", "sip:c@d", "Ann", "id", [["X-A", "b"]], _OFFER]],
    ["SendRequest", ["call1", "engine", "INFO", "application/json", "{}", [["A", "b"]]]],
    ["WorkerReady", [5, 40_001, 4]],
    ["LegEnded", ["call1", "customer", True, 200, "OK", [["X-Outcome", "paid"]]]],
    ["InfoReceived", ["call1", "engine", "application/json", "{}"]],
    ["OpenSession", ["call1", "PCMU", 0, 0]],
    ["SetRemote", ["call1", "customer", "192.0.2.1", 4000, "PCMA", None, True, False]],
    ["StartStream", ["call1", 1, "bot", ["call1", "8990000001", "", "", "", "", ""]]],
    ["StreamVerdict", ["call1", 1, ["paid", ["notes", "1"]], None]],
    ["DeadAir", ["call1", "engine", 15.5, False]],
)


def run(data: bytes) -> None:
    """One datagram, read as each socket would; what is read can be written and read again."""
    choices = Choices(data)
    which = choices.below(256)
    if which < RAW:
        frame = text_of(EXAMPLES[which % len(EXAMPLES)], choices).encode("utf-8", "surrogatepass")
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
    """Each example as it is, and as raw bytes."""
    for number, example in enumerate(EXAMPLES):
        yield bytes([number, 0])
        yield bytes([RAW]) + json.dumps(example).encode()


TARGET = Target(run, seeds, (b"null", b"true", b'"call1"', b"1e999", b"NaN", b"[", b"]", b"{}", b",", b"+", b"-"))
