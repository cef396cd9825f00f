"""[sans-IO] SIP messages as text: a reader and writer that shares nothing with the bridge's, to be its witness."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.sip_fields import NameAddress, Via, split_values
from sip.messages import Header

PHRASES = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
}

#: RFC 3261 section 7.3.3, RFC 3515, RFC 4028, RFC 6665.
_COMPACT = {
    "b": "referred-by",
    "c": "content-type",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
}

_REQUEST_LINE = re.compile(r"(?P<method>[A-Za-z0-9.!%*_+`'~-]+) (?P<uri>\S+) SIP/2\.0")
_STATUS_LINE = re.compile(r"SIP/2\.0 (?P<status>[1-6]\d\d)(?: (?P<phrase>.*))?")
_CSEQ = re.compile(r"(?P<number>\d{1,10})\s+(?P<method>[A-Za-z0-9.!%*_+`'~-]+)")


@dataclass(frozen=True)
class CSeq:
    """A CSeq header: a number and a method."""

    number: int
    method: str


class _Message:
    """What requests and responses have in common."""

    headers: tuple[Header, ...]
    body: bytes

    def first(self, name: str) -> str | None:
        """The value of the first header of this long name, in any case and either form."""
        wanted = name.lower()
        return next((header.value for header in self.headers if _long(header.name) == wanted), None)

    def every(self, name: str) -> list[str]:
        """All values of a comma-separated header, in order."""
        wanted = name.lower()
        lines = (header.value for header in self.headers if _long(header.name) == wanted)
        return [value for line in lines for value in split_values(line)]

    def tokens(self, name: str) -> set[str]:
        """The values of a header such as Supported, in lower case."""
        return {value.lower() for value in self.every(name)}

    @cached_property
    def call_id(self) -> str:
        """The Call-ID."""
        return self._required("Call-ID")

    @cached_property
    def cseq(self) -> CSeq:
        """The CSeq."""
        found = _CSEQ.fullmatch(self._required("CSeq"))
        if found is None or int(found["number"]) >= 2**32:
            raise InvalidDatagram("CSeq is not a number and a method")
        return CSeq(int(found["number"]), found["method"])

    @cached_property
    def sender(self) -> NameAddress:
        """From."""
        return NameAddress.parse(self._required("From"))

    @cached_property
    def recipient(self) -> NameAddress:
        """To."""
        return NameAddress.parse(self._required("To"))

    @cached_property
    def vias(self) -> tuple[Via, ...]:
        """All Via values, the topmost first."""
        return tuple(Via.parse(value) for value in self.every("Via"))

    @cached_property
    def contact(self) -> NameAddress | None:
        """The first Contact."""
        values = self.every("Contact")
        return NameAddress.parse(values[0]) if values and values[0] != "*" else None

    @cached_property
    def content_type(self) -> str:
        """The media type of the body in lower case, without parameters; "" when none is given."""
        return (self.first("Content-Type") or "").partition(";")[0].strip().lower()

    def _required(self, name: str) -> str:
        value = self.first(name)
        if not value:
            raise InvalidDatagram(f"no {name}")
        return value

    def _check(self) -> None:
        # Reading each once here means that nothing behind the border can fail on them.
        if not self.vias:
            raise InvalidDatagram("no Via")
        _ = self.call_id, self.cseq, self.sender, self.recipient, self.contact

    def _after_start_line(self) -> bytes:
        lines = [f"{header.name}: {header.value}\r\n" for header in self.headers]
        return "".join((*lines, f"Content-Length: {len(self.body)}\r\n\r\n")).encode() + self.body


@dataclass(frozen=True)
class Request(_Message):
    """A SIP request; Content-Length is not among the headers, it is counted when the message is written."""

    method: str
    uri: str
    headers: tuple[Header, ...]
    body: bytes = b""

    def encode(self) -> bytes:
        """The request as a datagram."""
        return f"{self.method} {self.uri} SIP/2.0\r\n".encode() + self._after_start_line()


@dataclass(frozen=True)
class Response(_Message):
    """A SIP response; Content-Length as for a Request."""

    status: int
    phrase: str
    headers: tuple[Header, ...]
    body: bytes = b""

    def encode(self) -> bytes:
        """The response as a datagram."""
        return f"SIP/2.0 {self.status} {self.phrase}\r\n".encode() + self._after_start_line()


AnyMessage = TypeVar("AnyMessage", Request, Response)


def parse(datagram: bytes) -> Request | Response:
    """Read a datagram; the mandatory headers are there and well formed. Raises InvalidDatagram."""
    head, blank, body = datagram.partition(b"\r\n\r\n")
    if not blank:
        raise InvalidDatagram("no empty line after the headers")
    try:
        text = head.decode()
    except UnicodeDecodeError as exc:
        raise InvalidDatagram("the headers are not UTF-8") from exc
    start, *lines = re.sub(r"\r\n[ \t]+", " ", text).split("\r\n")
    headers, length = _read_headers(lines)
    if length is not None and length > len(body):
        raise InvalidDatagram(f"Content-Length says {length} bytes, {len(body)} came")
    body = body if length is None else body[:length]
    message = _with_start_line(start, headers, body)
    message._check()
    if isinstance(message, Request) and message.cseq.method != message.method:
        raise InvalidDatagram("CSeq names another method")
    return message


def answer(request: Request, status: int, headers: Iterable[Header] = (), body: bytes = b"", tag: str = "") -> Response:
    """A response to a request: Via, Record-Route, From, To and so on as it had them (RFC 3261 section 8.2.6).

    `tag` is put on To unless To has one.
    """
    kept: list[Header] = [Header("Via", str(via)) for via in request.vias]
    if 100 < status < 300:
        kept += [Header("Record-Route", value) for value in request.every("Record-Route")]
    recipient = request.recipient
    if tag and not recipient.tag:
        recipient = recipient.with_tag(tag)
    kept.append(Header("From", str(request.sender)))
    kept.append(Header("To", str(recipient)))
    kept.append(Header("Call-ID", request.call_id))
    kept.append(Header("CSeq", f"{request.cseq.number} {request.cseq.method}"))
    return Response(status, PHRASES.get(status, "Unknown"), (*kept, *headers), body)


def without(message: AnyMessage, *names: str) -> AnyMessage:
    """The message less all headers of these long names."""
    gone = {name.lower() for name in names}
    return replace(message, headers=tuple(header for header in message.headers if _long(header.name) not in gone))


def _long(name: str) -> str:
    name = name.lower()
    return _COMPACT.get(name, name)


def _read_headers(lines: list[str]) -> tuple[tuple[Header, ...], int | None]:
    headers: list[Header] = []
    length: int | None = None
    for line in lines:
        name, colon, value = line.partition(":")
        name, value = name.rstrip(" \t"), value.strip()
        if not colon or not name or " " in name:
            raise InvalidDatagram("a line that is no header")
        if _long(name) != "content-length":
            headers.append(Header(name, value))
        elif value.isdecimal() and value.isascii() and len(value) < 8:
            length = int(value)
        else:
            raise InvalidDatagram("a Content-Length that is no number")
    return tuple(headers), length


def _with_start_line(start: str, headers: tuple[Header, ...], body: bytes) -> Request | Response:
    found = _REQUEST_LINE.fullmatch(start)
    if found:
        return Request(found["method"], found["uri"], headers, body)
    found = _STATUS_LINE.fullmatch(start)
    if found:
        return Response(int(found["status"]), found["phrase"] or "", headers, body)
    raise InvalidDatagram("neither a request line nor a status line")
