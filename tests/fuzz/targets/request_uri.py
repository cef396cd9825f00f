"""Request URIs: what is read as an agent's number can be written and read again."""

import re
from collections.abc import Iterable

from sip.errors import InvalidRequestURI
from sip.request_uri import MAX_LENGTH, RequestURI, agent_number
from tests.fuzz.target import Target

_NUMBER = re.compile(r"899[0-9]{7}", re.ASCII)
_HOST = re.compile(r"[a-z0-9.-]+", re.ASCII)


def run(data: bytes) -> None:
    """As the edge hands it over, and as bytes that are no UTF-8."""
    for errors in ("replace", "surrogateescape"):
        text = data.decode("utf-8", errors)
        number = agent_number(text)
        assert number is None or _NUMBER.fullmatch(number)
        try:
            uri = RequestURI.parse(text)
        except InvalidRequestURI as exc:
            assert len(exc.reason) < 200
            continue
        assert uri.scheme in ("sip", "sips", "tel")
        assert _NUMBER.fullmatch(uri.number)
        assert _HOST.fullmatch(uri.host) if uri.scheme != "tel" else uri.host == ""
        assert uri.port is None or 0 < uri.port < 65536
        written = str(uri)
        assert written.isascii() and written.isprintable() and " " not in written
        if len(written) <= MAX_LENGTH:  # escapes may make it longer than what was read
            assert RequestURI.parse(written) == uri


def seeds() -> Iterable[bytes]:
    """As LiveVox writes them, and as RFC 3261 and RFC 3966 allow."""
    yield b"sip:+18990000001@203.0.113.1:5070"
    yield b"sips:18990000001;phone-context=+1@bridge.example.com;user=phone;transport=udp;lr"
    yield b"tel:+1-899-000-0001;phone-context=example.com;ext=5"
    yield b"sip:%38990000001@HOST.example.;x=%41%e9;w=3"
    yield b"SIP:8990000001;phone-context=+44@host?subject=x"


WORDS = (
    *(b"sip:", b"sips:", b"tel:", b"+1", b"8990000001", b"@", b":5070", b";lr", b";user=phone", b";phone-context=+1"),
    *(b"%", b"%00", b"%ff", b"%3b", b"%3A", b"[::1]", b"..", b"\xc5\xbf", b"\xe2\x84\xaa", b"\xc4\xb0", b"\xd9\xa1"),
    *(b"-", b".", b"(", b";=", b"\n", b"\0", b"?", b"&", b"host"),
)

TARGET = Target(run, seeds, WORDS)
