"""[sans-IO] Session descriptions: read an offer or an answer, write ours (RFC 4566, RFC 3264)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from sip.errors import InvalidSdp
from sip.messages import Codec, Direction, MediaOffer

#: The longest description that is read, in bytes; a SIP message over UDP cannot carry more.
MAX_SDP = 65_536
#: pjmedia's own limit of m= lines (PJMEDIA_MAX_SDP_MEDIA).
MAX_MEDIA = 16
#: Milliseconds of audio we like to get in a packet.
PTIME_MS = 20
#: The address of hold as it was before RFC 3264 (section 8.4).
NO_ADDRESS = "0.0.0.0"

#: Printable ASCII, because our answer repeats the line and pjsip reads that as a C string.
_MEDIA = re.compile(
    r"(?P<kind>[!-~]+) (?P<port>\d{1,5})(?:/\d{1,5})? (?P<protocol>[!-~]+) (?P<formats>[!-~]+(?: [!-~]+)*) *", re.ASCII
)
_CONNECTION = re.compile(r"IN IP4 (?P<address>\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:/\S*)? *", re.ASCII | re.IGNORECASE)
_RTPMAP = re.compile(r"rtpmap:(?P<format>\d{1,3}) +(?P<encoding>[^/\s]+)/(?P<rate>\d{1,6})(?:/1)? *", re.ASCII)
_PTIME = re.compile(r"ptime: *(?P<ms>\d{1,4})(?:\.\d*)? *", re.ASCII)
_DIRECTIONS = {direction.value: direction for direction in Direction}
_MIRRORED = {
    Direction.SENDRECV: Direction.SENDRECV,
    Direction.SENDONLY: Direction.RECVONLY,
    Direction.RECVONLY: Direction.SENDONLY,
    Direction.INACTIVE: Direction.INACTIVE,
}


@dataclass(frozen=True)
class RemoteMedia:
    """The audio stream of the other side's offer or answer."""

    address: str
    """IPv4 address for RTP; 0.0.0.0 when it wants none."""
    port: int
    """0 when the stream is refused or switched off."""
    codecs: tuple[Codec, ...]
    """Those of ours that it lists, in its order.

    Only under their static payload types: packets are relayed untouched, so both legs must agree on the number.
    """
    telephone_event: int | None
    """Payload type of RFC 4733 events at 8,000 Hz."""
    direction: Direction
    """As the other side says it, from its side; inactive too when it gives no address or port."""
    ptime: int | None
    """Milliseconds of audio a packet it would like, if it says so."""
    line: int
    """Which of the m= lines this is, from 0."""

    @classmethod
    def parse(cls, sdp: bytes | str) -> Self:
        """Read a description; the first audio stream we could use counts. Raises InvalidSdp."""
        return cls._chosen(*_sections(sdp))

    @classmethod
    def _chosen(cls, session: "_Section", sections: list["_Section"]) -> Self:
        audio = [
            (index, section)
            for index, section in enumerate(sections)
            if section.kind == "audio" and section.protocol.upper() == "RTP/AVP"
        ]
        if not audio:
            raise InvalidSdp("no m=audio line with RTP/AVP")
        found: list[Self] = []
        refusal: InvalidSdp | None = None
        for index, section in audio:
            try:
                found.append(cls._read(session, section, index))
            except InvalidSdp as exc:
                refusal = refusal or exc
        usable = [media for media in found if media.port and media.codecs] or [media for media in found if media.port]
        if usable or found:
            return (usable or found)[0]
        raise refusal or InvalidSdp("no usable m=audio line")

    @classmethod
    def _read(cls, session: "_Section", section: "_Section", index: int) -> Self:
        address = _address(section.connection or session.connection)
        mapped = section.mapped
        held = address == NO_ADDRESS or section.port == 0
        return cls(
            address=address,
            port=section.port,
            codecs=tuple(
                codec
                for number in section.payload_types
                for codec in Codec
                if number == codec.payload_type and mapped.get(number, (codec.value, 8000)) == (codec.value, 8000)
            ),
            telephone_event=next(
                (number for number in section.payload_types if mapped.get(number) == ("TELEPHONE-EVENT", 8000)), None
            ),
            direction=Direction.INACTIVE if held else section.direction or session.direction or Direction.SENDRECV,
            ptime=section.ptime or session.ptime,
            line=index,
        )

    def choose(self, preferred: Sequence[Codec]) -> Codec | None:
        """The first of our codecs that the other side lists; None when there is none, or no stream."""
        if not self.port:
            return None
        return next((codec for codec in preferred if codec in self.codecs), None)

    @property
    def our_direction(self) -> Direction:
        """What we may do when we refuse nothing: its direction from our side (RFC 3264 section 6.1)."""
        return _MIRRORED[self.direction]


#: An offer and an answer read the same.
Offer = RemoteMedia


@dataclass
class _Section:
    """The lines of one m= line, or those before the first."""

    kind: str = ""
    port: int = 0
    protocol: str = ""
    formats: str = ""
    connection: str = ""
    direction: Direction | None = None
    ptime: int | None = None

    def __post_init__(self) -> None:
        self.mapped: dict[int, tuple[str, int]] = {}

    @property
    def payload_types(self) -> list[int]:
        numbers = [int(text) for text in self.formats.split() if text.isascii() and text.isdigit() and len(text) <= 3]
        return [number for number in numbers if number <= 127]

    def take(self, line: str) -> None:
        """Read one line that belongs here; what is not understood is ignored (RFC 4566 section 5)."""
        kind, value = line[:2], line[2:]
        if kind == "c=":
            self.connection = self.connection or value
        elif kind == "a=" and value.strip() in _DIRECTIONS:
            self.direction = _DIRECTIONS[value.strip()]
        elif kind == "a=" and (match := _RTPMAP.fullmatch(value)):
            self.mapped[int(match["format"])] = (match["encoding"].upper(), int(match["rate"]))
        elif kind == "a=" and (match := _PTIME.fullmatch(value)):
            self.ptime = int(match["ms"]) or None


def _sections(sdp: bytes | str) -> tuple[_Section, list[_Section]]:
    """The session's own lines and those of each m= line."""
    if len(sdp) > MAX_SDP:
        raise InvalidSdp(f"{len(sdp)} bytes are too many")
    text = sdp.decode("latin-1") if isinstance(sdp, bytes) else sdp
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].strip() != "v=0":
        raise InvalidSdp("it does not begin with v=0")
    session = current = _Section()
    sections: list[_Section] = []
    for line in lines:
        if line.startswith("m="):
            current = _media_section(line[2:])
            sections.append(current)
        else:
            current.take(line)
    if len(sections) > MAX_MEDIA:
        raise InvalidSdp(f"{len(sections)} m= lines are too many")
    return session, sections


def _media_section(value: str) -> _Section:
    match = _MEDIA.fullmatch(value)
    if match is None or int(match["port"]) > 65535:
        raise InvalidSdp("an m= line cannot be read")
    return _Section(match["kind"].lower(), int(match["port"]), match["protocol"], match["formats"])


def _address(connection: str) -> str:
    """The IPv4 unicast address of a c= line."""
    match = _CONNECTION.fullmatch(connection)
    if match is None:
        raise InvalidSdp("no IPv4 address in c=" if connection else "no c= line")
    octets = [int(octet) for octet in match["address"].split(".")]
    if max(octets) > 255 or octets[0] >= 224:
        raise InvalidSdp("the address in c= is not a host's")
    return ".".join(map(str, octets))


def offer(media: MediaOffer, session_id: int, version: int, previous: str = "") -> str:
    """Our offer. `previous` is a description of the same session whose m= lines must be kept (RFC 3264 section 8)."""
    sections = _sections(previous)[1] if previous else []
    line = next((index for index, section in enumerate(sections) if section.kind == "audio"), 0)
    return _write(media, session_id, version, Direction.SENDRECV, media.telephone_event, sections or [_Section()], line)


def answer(
    offer_sdp: bytes | str,
    media: MediaOffer,
    direction: Direction = Direction.SENDRECV,
    session_id: int = 1,
    version: int = 1,
) -> str:
    """Our answer: as many m= lines as offered, in their order, all but one audio stream refused (RFC 3264 section 6).

    `direction` is what we would like; what is said is no more than the offer allows. Without a common codec, or when
    the stream is switched off, every line is refused. Raises InvalidSdp.
    """
    session, sections = _sections(offer_sdp)
    remote = RemoteMedia._chosen(session, sections)
    codec = remote.choose(media.codecs)
    if codec is None:
        return refusal(offer_sdp, media, session_id, version)
    chosen = MediaOffer(media.address, media.port, (codec,), media.telephone_event)
    allowed = remote.our_direction
    said = Direction.of(direction.sends and allowed.sends, direction.receives and allowed.receives)
    events = None if media.telephone_event is None else remote.telephone_event
    return _write(chosen, session_id, version, said, events, sections, remote.line)


def refusal(offer_sdp: bytes | str, media: MediaOffer, session_id: int, version: int) -> str:
    """An answer that refuses every stream. Raises InvalidSdp when not even the m= lines can be read."""
    return _write(media, session_id, version, Direction.INACTIVE, None, _sections(offer_sdp)[1], -1)


def _write(
    media: MediaOffer,
    session_id: int,
    version: int,
    direction: Direction,
    telephone_event: int | None,
    sections: list[_Section],
    line: int,
) -> str:
    lines = [
        "v=0",
        f"o=- {session_id} {version} IN IP4 {media.address}",
        "s=-",
        f"c=IN IP4 {media.address}",
        "t=0 0",
    ]
    for index, section in enumerate(sections):
        if index == line:
            lines += _audio_lines(media, direction, telephone_event)
        else:
            lines.append(f"m={section.kind} 0 {section.protocol} {section.formats}")
    return "\r\n".join(lines) + "\r\n"


def _audio_lines(media: MediaOffer, direction: Direction, telephone_event: int | None) -> list[str]:
    formats = [str(codec.payload_type) for codec in media.codecs]
    attributes = [f"a=rtpmap:{codec.payload_type} {codec}/8000" for codec in media.codecs]
    if telephone_event is not None:
        formats.append(str(telephone_event))
        attributes += [f"a=rtpmap:{telephone_event} telephone-event/8000", f"a=fmtp:{telephone_event} 0-16"]
    return [
        f"m=audio {media.port} RTP/AVP {' '.join(formats)}",
        *attributes,
        f"a=ptime:{PTIME_MS}",
        f"a={direction}",
    ]


class LocalDescription:
    """What we say on one leg: its o= line keeps the session id, and its version rises when the rest changes."""

    def __init__(self, session_id: int) -> None:
        self._session_id = session_id
        self._version = 0
        self._said = ""

    def offer(self, media: MediaOffer, previous: str = "") -> str:
        """Our offer; see the function offer."""
        return self._say(lambda version: offer(media, self._session_id, version, previous))

    def answer(self, offer_sdp: bytes | str, media: MediaOffer) -> str:
        """Our answer; refuses every stream when none can be used. Raises InvalidSdp when that cannot be said either."""
        try:
            return self._say(lambda version: answer(offer_sdp, media, Direction.SENDRECV, self._session_id, version))
        except InvalidSdp:
            return self._say(lambda version: refusal(offer_sdp, media, self._session_id, version))

    def _say(self, write: Callable[[int], str]) -> str:
        if not self._said or write(self._version) != self._said:
            self._said = write(self._version + 1)
            self._version += 1
        return self._said
