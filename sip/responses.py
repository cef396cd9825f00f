"""[sans-IO] Responses the edge makes itself."""

from dataclasses import dataclass
from http import HTTPStatus

from sip.message import Message

#: What our user agent does, as pjsua says it in the workers' own responses; Replaces only works within one worker, so
#: it is not promised.
ALLOW = b"PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, REFER, NOTIFY, OPTIONS"
SUPPORTED = b"100rel, timer"
_EXTENSIONS = (b"100rel", b"timer", b"norefersub")

#: Reason phrases that are SIP's own (RFC 3261 section 21); the others are HTTP's.
_PHRASES = {
    100: "Trying",
    403: "Forbidden",
    413: "Request Entity Too Large",
    420: "Bad Extension",
    416: "Unsupported URI Scheme",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
    505: "Version Not Supported",
    513: "Message Too Large",
    600: "Busy Everywhere",
    603: "Decline",
    606: "Not Acceptable",
}

_COPIED = frozenset({b"via", b"from", b"call-id", b"cseq"})

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """How to answer one request: the lines every response to it repeats, and where responses go."""

    before_to: bytes
    to: bytes
    """The To line as it came."""
    tagged_to: bytes
    """The same with our tag, when it had none."""
    timestamp: bytes
    """A Timestamp line for 100 (RFC 3261 section 8.2.6.1), or b""."""
    host: str
    port: int

    @classmethod
    def to_request(cls, message: Message, tag: bytes, tagged: bool, origin: tuple[str, int]) -> "Reply":
        """Made before the message is changed for forwarding; its Via has the source noted already.

        `tagged` says that To has a tag. Ours must follow from the request, so that a retransmission gets the same.
        """
        copied = [line for key, line in zip(message.keys, message.lines, strict=True) if key in _COPIED]
        to = message.line(b"to")
        tagged_to = to if tagged else b"%s;tag=%s" % (to, tag)
        timestamp = message.line(b"timestamp") if b"timestamp" in message.keys else b""
        return cls(b"\r\n".join(copied), to, tagged_to, timestamp, *origin)

    def response(self, status: int, headers: Headers = ()) -> bytes:
        """One response without a body."""
        lines = [b"SIP/2.0 %d %s" % (status, phrase(status).encode()), self.before_to]
        lines.append(self.to if status == 100 else self.tagged_to)
        if status == 100 and self.timestamp:
            lines.append(self.timestamp)
        lines += [b"%s: %s" % (name.encode(), value) for name, value in headers]
        lines.append(b"Content-Length: 0\r\n\r\n")
        return b"\r\n".join(lines)


def phrase(status: int) -> str:
    """The reason phrase of a status."""
    if status in _PHRASES:
        return _PHRASES[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Refused"


def unsupported(message: Message) -> bytes:
    """The extensions a request requires that we do not have, for Unsupported (RFC 3261 section 20.40); or b""."""
    return b", ".join(tag for tag in message.values(b"require") if tag.lower() not in _EXTENSIONS)


def warning(host: str, text: str) -> bytes:
    """A Warning value for people (RFC 3261 section 20.43, code 399)."""
    plain = "".join(letter if letter.isprintable() and letter not in '"\\' else " " for letter in text)
    return f'399 {host} "{plain}"'.encode()
