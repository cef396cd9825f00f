"""[sans-IO] The simulator's own SDP: what an end offers, answers and has agreed on, one audio line (RFC 3264)."""

import ipaddress
import re
from dataclasses import dataclass, field

from bridge.simulator.errors import InvalidDatagram
from sip.messages import Codec, Direction

_MEDIA = re.compile(r"m=audio (\d{1,5})(?:/\d+)? RTP/AVP((?: \d{1,3})+)\s*")
_CONNECTION = re.compile(r"c=IN IP4 (\d{1,3}(?:\.\d{1,3}){3})(?:/\d+)?\s*")
_RTPMAP = re.compile(r"a=rtpmap:(\d{1,3}) ([\w.-]+)/(\d+)(?:/1)?\s*", re.IGNORECASE)
_DIRECTIONS = {f"a={direction.value}": direction for direction in Direction}

#: What the other side does, when we say this.
MIRROR = {
    Direction.SENDRECV: Direction.SENDRECV,
    Direction.SENDONLY: Direction.RECVONLY,
    Direction.RECVONLY: Direction.SENDONLY,
    Direction.INACTIVE: Direction.INACTIVE,
}


@dataclass(frozen=True)
class SessionDescription:
    """One side's audio, as its SDP says."""

    address: str
    """Where it wants RTP."""
    port: int
    codecs: tuple[Codec, ...]
    """Those of ours it named, in its order."""
    telephone_event: int | None
    """Its payload type of RFC 4733 events at 8000 Hz."""
    direction: Direction = Direction.SENDRECV

    @classmethod
    def parse(cls, body: bytes) -> "SessionDescription":
        """Read a body; raises InvalidDatagram when there is no audio we could speak."""
        session, *sections = re.split(r"(?m)^(?=m=)", body.decode("utf-8", "replace").replace("\r\n", "\n"))
        audio = next((section for section in sections if section.startswith("m=audio ")), None)
        media = _MEDIA.fullmatch(audio.partition("\n")[0]) if audio else None
        if audio is None or media is None:
            raise InvalidDatagram("the SDP has no audio over RTP/AVP")
        lines = audio.split("\n")
        address = _last_connection(lines) or _last_connection(session.split("\n"))
        port = int(media[1])
        if address is None or port > 65535:
            raise InvalidDatagram("the SDP does not say where audio goes")
        try:
            ipaddress.IPv4Address(address)
        except ValueError as exc:
            raise InvalidDatagram(f"the SDP's address {address} does not exist") from exc
        codecs, telephone_event = _read_formats(media[2].split(), lines)
        if not codecs:
            raise InvalidDatagram("the SDP offers neither PCMU nor PCMA")
        return cls(address, port, codecs, telephone_event, _read_direction(lines, session.split("\n")))


@dataclass
class LocalMedia:
    """Our side of the audio line and what has been agreed on it; the version counts up with each description."""

    address: str
    port: int
    codecs: tuple[Codec, ...] = (Codec.PCMU, Codec.PCMA)
    telephone_event: int = 101
    session_id: int = 1
    version: int = 0
    direction: Direction = Direction.SENDRECV
    wanted: Direction = Direction.SENDRECV
    """What we would have: SENDONLY while we hold the other side."""
    remote: SessionDescription | None = None
    _last: bytes = field(default=b"", repr=False)

    @property
    def codec(self) -> Codec | None:
        """What is spoken, once agreed: the answer's first codec."""
        return self.codecs[0] if self.remote is not None else None

    def offer(self) -> bytes:
        """An offer of what we want."""
        self.direction = self.wanted
        return self._describe(self.codecs, self.telephone_event, self.port)

    def answer(self, offer: SessionDescription) -> bytes | None:
        """The answer to an offer; None when there is no common codec."""
        common = tuple(codec for codec in offer.codecs if codec in self.codecs)
        if not common:
            return None
        self.codecs = common[:1]
        allowed = MIRROR[offer.direction]
        receives = allowed.receives and self.wanted.receives
        sends = allowed.sends and self.wanted.sends
        self.direction = _direction(sends, receives)
        self.remote = offer
        if offer.telephone_event is not None:
            self.telephone_event = offer.telephone_event
        # Port 0 switches the line off, and must be answered with 0 (RFC 3264 section 8.2).
        return self._describe(self.codecs, offer.telephone_event, self.port if offer.port else 0)

    def accept(self, answer: SessionDescription) -> bool:
        """Take the answer to our offer; False when it names nothing we offered."""
        common = tuple(codec for codec in answer.codecs if codec in self.codecs)
        if not common:
            return False
        self.codecs = common[:1]
        theirs = MIRROR[answer.direction]
        self.direction = _direction(theirs.sends and self.wanted.sends, theirs.receives and self.wanted.receives)
        self.remote = answer
        return True

    def current(self) -> bytes:
        """The last description again, for a session refresh that changes nothing."""
        return self._last

    def _describe(self, codecs: tuple[Codec, ...], telephone_event: int | None, port: int) -> bytes:
        self.version += 1
        formats = [str(codec.payload_type) for codec in codecs]
        attributes = [f"a=rtpmap:{codec.payload_type} {codec.value}/8000" for codec in codecs]
        if telephone_event is not None:
            formats.append(str(telephone_event))
            attributes += [f"a=rtpmap:{telephone_event} telephone-event/8000", f"a=fmtp:{telephone_event} 0-15"]
        lines = (
            "v=0",
            f"o=- {self.session_id} {self.version} IN IP4 {self.address}",
            "s=-",
            f"c=IN IP4 {self.address}",
            "t=0 0",
            f"m=audio {port} RTP/AVP {' '.join(formats)}",
            *attributes,
            "a=ptime:20",
            f"a={self.direction.value}",
        )
        self._last = "".join(f"{line}\r\n" for line in lines).encode()
        return self._last


def _direction(sends: bool, receives: bool) -> Direction:
    if sends:
        return Direction.SENDRECV if receives else Direction.SENDONLY
    return Direction.RECVONLY if receives else Direction.INACTIVE


def _last_connection(lines: list[str]) -> str | None:
    found = [match[1] for match in map(_CONNECTION.fullmatch, lines) if match]
    return found[-1] if found else None


def _read_formats(formats: list[str], lines: list[str]) -> tuple[tuple[Codec, ...], int | None]:
    names = {match[1]: (match[2].upper(), match[3]) for match in map(_RTPMAP.fullmatch, lines) if match}
    codecs: list[Codec] = []
    telephone_event: int | None = None
    for number in formats:
        if number in ("0", "8"):
            codecs.append(Codec.PCMU if number == "0" else Codec.PCMA)
        elif names.get(number) == ("TELEPHONE-EVENT", "8000") and telephone_event is None and int(number) < 128:
            telephone_event = int(number)
    return tuple(codecs), telephone_event


def _read_direction(lines: list[str], session: list[str]) -> Direction:
    for line in (*lines, *session):
        direction = _DIRECTIONS.get(line.strip())
        if direction is not None:
            return direction
    return Direction.SENDRECV
