"""[sans-IO] The few SIP messages a load needs, written and read as cheaply as can be."""

import re
from dataclasses import dataclass
from functools import cache

Address = tuple[str, int]

_MEDIA = re.compile(rb"^m=audio (\d+)", re.M)
_CONNECTION = re.compile(rb"^c=IN IP4 (\S+)", re.M)
_URI = re.compile(r"^[^<]*<([^>]+)>|([^\s;<>]+)")
_SDP = (
    "v=0\r\no=load 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
)
_ALLOW = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, INFO, REFER, NOTIFY, OPTIONS, PRACK"


class Unreadable(Exception):
    """A message lacks what it must have."""

    def __init__(self, what: str, message: bytes) -> None:
        super().__init__(f"no {what} in {message[:200]!r}")


@cache
def _line(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"^" + name + rb"[ \t]*:[ \t]*([^\r\n]*)", re.I | re.M)


def values(message: bytes, name: bytes) -> list[str]:
    """Each line of a header, unfolded ones only."""
    return [value.decode() for value in _line(name).findall(message)]


def value(message: bytes, name: bytes) -> str:
    """A header's first line. Raises Unreadable."""
    found = _line(name).search(message)
    if found is None:
        raise Unreadable(name.decode(), message)
    return found[1].decode()


def uri(text: str) -> str:
    """What stands between the angle brackets of a Contact, or without them. Raises Unreadable."""
    found = _URI.search(text)
    if found is None:
        raise Unreadable("URI", text.encode())
    return found[1] or found[2]


def routes(message: bytes) -> tuple[str, ...]:
    """The Record-Routes, the first one first."""
    return tuple(each.strip() for line in values(message, b"Record-Route") for each in line.split(","))


def media(message: bytes) -> Address:
    """Where a body's audio is to go. Raises Unreadable."""
    connection, port = _CONNECTION.search(message), _MEDIA.search(message)
    if connection is None or port is None:
        raise Unreadable("SDP", message)
    return connection[1].decode(), int(port[1])


def sdp(audio: Address) -> str:
    """An offer or an answer: PCMU and keys."""
    return _SDP.format(host=audio[0], port=audio[1])


def text(first_line: str, *lines: str, body: str = "") -> bytes:
    """A whole message."""
    more = ("Content-Type: application/sdp",) if body else ()
    return "\r\n".join([first_line, *lines, *more, f"Content-Length: {len(body)}", "", body]).encode()


@dataclass(frozen=True)
class Invite:
    """An INVITE as LiveVox writes it, without its proxies."""

    number: str
    """Of the virtual agent, ten digits."""
    here: Address
    there: Address
    call_id: str
    branch: str
    headers: tuple[str, ...] = ()
    """LiveVox's own, whole lines."""

    @property
    def uri(self) -> str:
        """Of the request."""
        return f"sip:+1{self.number}@{self.there[0]}:{self.there[1]}"

    def encode(self, audio: Address) -> bytes:
        """The datagram."""
        host, port = self.here
        return text(
            f"INVITE {self.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch={self.branch};rport",
            f"To: <{self.uri}>",
            f"From: <sip:2134634007@{host}:{port}>;tag=load-{self.branch[7:]}",
            f"Contact: <sip:2134634007@{host}:{port};transport=udp>",
            f"Call-ID: {self.call_id}",
            "CSeq: 1 INVITE",
            "Max-Forwards: 68",
            _ALLOW,
            "Supported: timer, 100rel",
            *self.headers,
            body=sdp(audio),
        )


@dataclass(frozen=True)
class Dialog:
    """One end of a call that is up."""

    here: Address
    target: str
    """The other side's Contact."""
    route: tuple[str, ...]
    local: str
    """From of our requests."""
    remote: str
    """To of our requests."""
    call_id: str

    @classmethod
    def of_caller(cls, here: Address, ok: bytes) -> "Dialog":
        """Out of the 200 to our INVITE. Raises Unreadable."""
        sides = value(ok, b"From"), value(ok, b"To")
        return cls(here, uri(value(ok, b"Contact")), routes(ok)[::-1], *sides, value(ok, b"Call-ID"))

    @classmethod
    def of_callee(cls, here: Address, invite: bytes, tag: str) -> "Dialog":
        """Out of the INVITE we answer. Raises Unreadable."""
        sides = f"{value(invite, b'To')};tag={tag}", value(invite, b"From")
        return cls(here, uri(value(invite, b"Contact")), routes(invite), *sides, value(invite, b"Call-ID"))

    def request(self, method: str, cseq: int, branch: str) -> bytes:
        """ACK, or BYE."""
        return text(
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.here[0]}:{self.here[1]};branch={branch};rport",
            *(f"Route: {each}" for each in self.route),
            f"From: {self.local}",
            f"To: {self.remote}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            "Max-Forwards: 70",
        )

    @property
    def next_hop(self) -> Address:
        """Where a request goes: the first of the route, else the target; an IPv4 address with its port."""
        where = uri(self.route[0]) if self.route else self.target
        host, _, port = where.split(";")[0].rpartition("@")[2].removeprefix("sip:").partition(":")
        return host, int(port or 5060)


def response(status: str, request: bytes, *lines: str, tag: str = "", body: str = "") -> bytes:
    """To a request; the tag only where it has none in its To. Raises Unreadable."""
    to = value(request, b"To")
    if tag and ";tag=" not in to:
        to = f"{to};tag={tag}"
    return text(
        f"SIP/2.0 {status}",
        *(f"Via: {each}" for each in values(request, b"Via")),
        *(f"Record-Route: {each}" for each in values(request, b"Record-Route")),
        f"From: {value(request, b'From')}",
        f"To: {to}",
        f"Call-ID: {value(request, b'Call-ID')}",
        f"CSeq: {value(request, b'CSeq')}",
        *lines,
        body=body,
    )


def refusal_ack(invite: bytes, refused: bytes) -> bytes:
    """The ACK to a final response that is no 2xx. Raises Unreadable."""
    return text(
        f"ACK {invite.split(b' ', 2)[1].decode()} SIP/2.0",
        f"Via: {value(invite, b'Via')}",
        f"From: {value(refused, b'From')}",
        f"To: {value(refused, b'To')}",
        f"Call-ID: {value(refused, b'Call-ID')}",
        "CSeq: 1 ACK",
        "Max-Forwards: 70",
    )
