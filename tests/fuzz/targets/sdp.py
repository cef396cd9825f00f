"""Session descriptions: an offer is read, answered and refused; what we say can be read again."""

from collections.abc import Iterable, Sequence

from bridge.calls.offered_audio import OfferedAudio
from sip.errors import InvalidSdp
from sip.messages import Codec, Direction, MediaOffer
from sip.sdp import LocalDescription, RemoteMedia, answer, offer, refusal
from tests.fuzz.target import Target
from tests.sip_texts import SDP

_MEDIA = MediaOffer("192.0.2.10", 20000, (Codec.PCMU, Codec.PCMA), 101)
_LONG = 8_192


def run(data: bytes) -> None:
    """All that is done with a description from outside."""
    try:
        refused = refusal(data, _MEDIA, 1, 1)
    except InvalidSdp:
        refused = ""
    try:
        remote = RemoteMedia.parse(data)
    except InvalidSdp:
        _later(data)
        return
    assert refused
    _check_remote(remote)
    ours = [_answer(data, remote, direction) for direction in _wanted(data)]
    for text in (refused, *ours):
        _check_lines(text)
        assert text.count("\r\nm=") == ours[0].count("\r\nm=")
    _later(data)


def _wanted(data: bytes) -> Sequence[Direction]:
    """Each direction we may like; of long descriptions one, or the checks cost more than what they check."""
    return (*Direction,) if len(data) < _LONG else (Direction.SENDONLY,)


def _check_remote(remote: RemoteMedia) -> None:
    assert 0 <= remote.port < 65536
    assert all(0 <= int(octet) < 256 for octet in remote.address.split("."))
    assert remote.telephone_event is None or 0 <= remote.telephone_event < 128
    assert remote.ptime is None or remote.ptime > 0


def _answer(data: bytes, remote: RemoteMedia, direction: Direction) -> str:
    """One stream at most is taken, with a codec both have, in a direction both allow."""
    text = answer(data, _MEDIA, direction)
    said = RemoteMedia.parse(text)
    taken = [line for line in text.split("\r\n") if line.startswith("m=") and line.split(" ")[1] != "0"]
    codec = remote.choose(_MEDIA.codecs)
    if codec is None:
        assert taken == []
        return text
    assert len(taken) == 1 and taken[0].startswith("m=audio 20000 RTP/AVP ")
    assert (said.port, said.codecs, said.line) == (20000, (codec,), remote.line)
    assert said.telephone_event == remote.telephone_event
    assert not said.direction.sends or (direction.sends and remote.our_direction.sends)
    assert not said.direction.receives or (direction.receives and remote.our_direction.receives)
    return text


def _check_lines(text: str) -> None:
    """A C library reads it next: no control characters."""
    assert text.endswith("\r\n")
    for line in text.split("\r\n")[:-1]:
        assert line[1] == "=" and line.isprintable()


def _later(data: bytes) -> None:
    """Within a session: the same again is the same; an offer may keep the lines of an earlier description."""
    if len(data) >= _LONG:
        return
    local = LocalDescription(7)
    try:
        assert local.answer(data, _MEDIA) == local.answer(data, _MEDIA)
    except InvalidSdp:
        pass
    try:
        assert local.offer(_MEDIA, data.decode("latin-1")) == local.offer(_MEDIA, data.decode("latin-1"))
    except InvalidSdp:
        pass
    try:
        RemoteMedia.parse(offer(_MEDIA, 1, 2, data.decode("latin-1")))
    except InvalidSdp:
        pass
    try:
        audio = OfferedAudio.read(data, _MEDIA.codecs)
    except InvalidSdp:
        return
    assert audio.late_offer is not bool(data) and audio.codecs


def seeds() -> Iterable[bytes]:
    """What phones and trunks offer."""
    yield b""
    yield SDP.encode()
    head = "v=0\r\no=- 1 1 IN IP4 192.0.2.50\r\ns=-\r\n"
    texts = (
        "c=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\na=sendonly\r\na=ptime:30\r\n",
        "t=0 0\r\nm=video 5000 RTP/AVP 99\r\nc=IN IP4 192.0.2.1\r\nm=audio 6000/2 RTP/AVP 18 0 8 96\r\n"
        "c=IN IP4 192.0.2.2/127\r\na=rtpmap:96 telephone-event/8000/1\r\na=recvonly\r\n",
        "c=IN IP6 ::1\r\nt=0 0\r\na=inactive\r\nm=audio 0 RTP/AVP 0\r\nm=audio 9 RTP/SAVP 0\r\nm=audio 8 RTP/AVP 0\r\n",
        "c=IN IP4 192.0.2.9\nt=0 0\nm=audio 7000 RTP/AVP 0 8 101 13\na=rtpmap:8 telephone-event/8000\na=ptime: 20.0\n",
    )
    yield from ((head + text).encode() for text in texts)


WORDS = (
    *(b"v=0\r\n", b"\r\nm=audio 4000 RTP/AVP 0", b"\r\nm=audio 0 RTP/AVP 8 101", b"\r\nm=image 1 udptl t38"),
    *(b"\r\nc=IN IP4 192.0.2.5", b"\r\nc=IN IP4 0.0.0.0", b"\r\na=sendonly", b"\r\na=inactive", b"\r\na=ptime:20"),
    *(
        b"\r\na=rtpmap:0 PCMU/8000",
        b"\r\na=rtpmap:8 PCMU/8000",
        b"\r\na=rtpmap:101 telephone-event/8000",
        b"\r\n",
        b"\n",
    ),
    *(b" 0", b" 8", b" 101", b" 255", b"/", b"\0", b"\x85", b"\xa0", b" ", b"  ", b"\x0b", b"\xb2", b"1"),
)

TARGET = Target(run, seeds, WORDS)
