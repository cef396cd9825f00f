"""[sans-IO] The values of From, To, Via, CSeq and Route, read as far as the edge needs them."""

import re
from dataclasses import dataclass
from typing import Self

# Quantifiers are possessive (*+, ++) wherever two could share a run of blanks: no datagram costs more than its length.
_FLAGS = re.IGNORECASE | re.DOTALL
_HOST = rb"(?:[A-Za-z0-9][A-Za-z0-9._\-]*+|\[[0-9A-Fa-f:.]++\])"

#: Parameters behind a URI: no escapes in a name, one tag at most, and that with a value. pjsip unescapes names and
#: takes the last tag; an ACK whose tag it does not see, but we do, would abort it.
_NAME = rb"[A-Za-z0-9\-.!*_+`'~]++"
_VALUE = rb'(?:"(?:[^"\\]|\\.)*+"|[^\s;="<>,]++)'
_OTHER = rb";\s*+(?!tag\s*+(?:[=;]|$))" + _NAME + rb"\s*+(?:=\s*+" + _VALUE + rb"\s*+)?+"
_TAG = rb";\s*+tag\s*+=\s*+([A-Za-z0-9\-.!%*_+`'~/:&$]++)\s*+"
_PARAMETERS = rb"\s*+(?:" + _OTHER + rb")*+(?:" + _TAG + rb")?+(?:" + _OTHER + rb")*+"
#: name-addr (RFC 3261 section 25.1): a display name, quoted or not, before <URI>; parameters behind it.
_NAME_ADDR = re.compile(rb'(?:"((?:[^"\\]|\\.)*+)"\s*+|([^"<]*+))<([^<>]*+)>' + _PARAMETERS, _FLAGS)
#: addr-spec: parameters behind a bare URI belong to the header, not to the URI (section 20.10).
_ADDR_SPEC = re.compile(rb'([A-Za-z][A-Za-z0-9+.\-]*+:[^<>";\s]++)' + _PARAMETERS, _FLAGS)
_QUOTED_PAIR = re.compile(rb"\\(.)", re.DOTALL)

_URI = re.compile(
    rb"(?P<scheme>sips?):(?:[^@]*+@)?(?P<host>" + _HOST + rb")(?::(?P<port>\d{1,5}))?(?P<parameters>;[^?]*+)?(?:\?.*)?",
    _FLAGS,
)
_LOOSE = re.compile(rb";\s*+lr\s*+(?=[;=]|$)", _FLAGS)
_TRANSPORT = re.compile(rb";\s*+transport\s*+=\s*+(\w+)", _FLAGS)
_SCHEME = re.compile(rb"([A-Za-z][A-Za-z0-9+.\-]*+):\S")
_USER = re.compile(rb"(?:sips?:([^@]*+)@|tel:([^;?]*+))", _FLAGS)

_VIA = re.compile(
    rb"SIP\s*+/\s*+2\.0\s*+/\s*+[A-Za-z0-9\-]++\s++(" + _HOST + rb")\s*+(?::\s*+(\d{1,5})\s*+)?(;.*)?",
    _FLAGS,
)
_BRANCH = re.compile(rb";\s*+branch\s*+=\s*+([^;,\s\"]++)", _FLAGS)
_RPORT = re.compile(rb";\s*+rport\s*+(?:=[^;]*+)?(?=;|$)", _FLAGS)
_ANSWERED = re.compile(rb";\s*+(?:received|rport)\s*+(?:=[^;]*+)?(?=;|$)", _FLAGS)

_CSEQ = re.compile(rb"(\d{1,10})\s++([A-Za-z0-9\-.!%*_+`'~]++)")

SIP_PORT = 5060


@dataclass(frozen=True, slots=True)
class Address:
    """The value of From, To or Refer-To (RFC 3261 section 20.20)."""

    display_name: bytes
    uri: bytes
    tag: bytes
    """b"" when there is none."""

    @classmethod
    def parse(cls, value: bytes) -> Self | None:
        """None when the value is no address."""
        if found := _NAME_ADDR.fullmatch(value):
            quoted, plain, uri, tag = found.groups()
            return cls(_unquoted(quoted) if plain is None else plain.strip(), uri.strip(), tag or b"")
        if found := _ADDR_SPEC.fullmatch(value):
            return cls(b"", found[1], found[2] or b"")
        return None

    @property
    def user(self) -> bytes:
        """The user of a sip URI or the number of a tel URI, escapes left as they are; b"" when there is none."""
        found = _USER.match(self.uri)
        return (found[1] or found[2] or b"") if found else b""


@dataclass(frozen=True, slots=True)
class Via:
    """One value of Via (RFC 3261 section 20.42)."""

    host: bytes
    port: int
    """5060 when none is written."""
    parameters: bytes

    @classmethod
    def parse(cls, value: bytes) -> Self | None:
        """None when the value is no Via."""
        found = _VIA.fullmatch(value)
        if found is None:
            return None
        host, digits, parameters = found.groups()
        port = int(digits or SIP_PORT)
        return cls(host, port, parameters or b"") if 0 < port < 65536 else None

    @property
    def branch(self) -> bytes:
        """b"" when there is none (RFC 2543)."""
        found = _BRANCH.search(self.parameters)
        return found[1] if found else b""

    @property
    def wants_source_port(self) -> bool:
        """It has rport (RFC 3581 section 3)."""
        return _RPORT.search(self.parameters) is not None


def stamped(via: bytes, source: tuple[str, int]) -> bytes:
    """A Via value with the request's source noted: received, and rport when it was asked for (RFC 3581 section 4).

    A received or rport the sender wrote itself is taken away.
    """
    host, port = source
    noted = b"%s;received=%s" % (_ANSWERED.sub(b"", via), host.encode())
    return b"%s;rport=%d" % (noted, port) if _RPORT.search(via) else noted


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a sip URI leads, over UDP."""

    host: str
    port: int
    loose: bool
    """The URI has the lr parameter (RFC 3261 section 16.12)."""

    @classmethod
    def parse(cls, uri: bytes) -> Self | None:
        """None when UDP over IPv4 cannot reach it: sips, tls, an IPv6 address, another scheme."""
        found = _URI.fullmatch(uri)
        if found is None or found["scheme"].lower() == b"sips" or found["host"].startswith(b"["):
            return None
        parameters = found["parameters"] or b""
        transport = _TRANSPORT.search(parameters)
        if transport and transport[1].lower() == b"tls":
            return None
        port = int(found["port"] or SIP_PORT)
        if not 0 < port < 65536:
            return None
        return cls(found["host"].decode(), port, bool(_LOOSE.search(parameters)))


def _unquoted(text: bytes) -> bytes:
    return _QUOTED_PAIR.sub(rb"\1", text) if b"\\" in text else text


def scheme(uri: bytes) -> bytes:
    """The lower-case scheme of a URI; b"" when it is no URI."""
    found = _SCHEME.match(uri)
    return found[1].lower() if found else b""


def parse_cseq(value: bytes) -> tuple[int, bytes] | None:
    """Number and method; None when the value is no CSeq (RFC 3261 section 8.1.1.5: below 2**31)."""
    found = _CSEQ.fullmatch(value)
    if found is None or (number := int(found[1])) >= 2**31:
        return None
    return number, found[2]
