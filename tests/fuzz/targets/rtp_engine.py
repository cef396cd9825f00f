"""What an RTP engine answers to a call that it is offered."""

import json
from collections.abc import Iterable
from ipaddress import IPv4Address

from bridge.engines.rtp_messages import DYNAMIC_TYPES, engine_media
from bridge.errors import EngineDeclined
from sip.messages import Codec, MediaOffer
from tests.fuzz.choices import Choices
from tests.fuzz.json_values import RAW, text_of
from tests.fuzz.target import Target

_MEDIA = MediaOffer("192.0.2.10", 20000, (Codec.PCMU,), 101)
_STATUSES = (200, 200, 200, 201, 404, 486, 500, 302)
EXAMPLES = (
    {"rtp": {"address": "192.0.2.9", "port": 4000}},
    {"rtp": {"address": "192.0.2.9", "port": 4000, "telephone_event": 96}},
    {"rtp": {"address": "192.0.2.9", "port": 4000, "telephone_event": None}, "id": 5},
    {"reason": "no bot is free"},
)


def run(data: bytes) -> None:
    """One answer."""
    choices = Choices(data)
    status, which, cut = choices.one_of(_STATUSES), choices.below(256), choices.below(8) == 7
    if which < RAW:
        content = text_of(EXAMPLES[which % len(EXAMPLES)], choices).encode("utf-8", "surrogatepass")
    else:
        content = choices.piece(len(data))
    try:
        media = engine_media(status, content, cut, _MEDIA)
    except EngineDeclined as exc:
        assert str(exc).isprintable() and len(str(exc)) < 500
        return
    address = IPv4Address(media.address)
    assert str(address) == media.address and not address.is_multicast and 0 < media.port < 65536
    assert media.telephone_event is None or media.telephone_event in DYNAMIC_TYPES


def seeds() -> Iterable[bytes]:
    """Each example as it is, and as raw bytes."""
    for number, example in enumerate(EXAMPLES):
        yield bytes([0, number, 0, 0])
        yield bytes([4, number, 0, 0])
        yield bytes([0, RAW, 0]) + json.dumps(example).encode()


TARGET = Target(run, seeds, (b'"rtp"', b'"address"', b'"port"', b'"telephone_event"', b"4000", b'"192.0.2.9"', b"null"))
