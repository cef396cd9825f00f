"""[sans-IO] The structured values inside SIP headers, independent of the bridge's parser (RFC 3261 section 25)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bridge.simulator.errors import InvalidDatagram

Parameters = tuple[tuple[str, str | None], ...]

_URI = re.compile(
    r"(?P<scheme>sips?|tel):(?:(?P<user>[^@]*)@)?(?P<host>[^:;?]+)(?::(?P<port>\d{1,5}))?(?P<rest>[;?].*)?"
)
_VIA = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*(?P<transport>\w+)\s+(?P<host>[\w.\-\[\]:]+?)(?:\s*:\s*(?P<port>\d{1,5}))?\s*(?P<rest>;.*)?"
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True)
class SipUri:
    """A SIP URI, its headers part left out (RFC 3261 section 19.1)."""

    host: str
    port: int | None = None
    user: str = ""
    parameters: Parameters = ()
    scheme: str = "sip"

    @classmethod
    def parse(cls, text: str) -> "SipUri":
        """Read a URI; raises InvalidDatagram."""
        found = _URI.fullmatch(text.strip())
        if found is None:
            raise InvalidDatagram("a URI that is not SIP")
        port = _read_port(found["port"])
        rest = (found["rest"] or "").partition("?")[0]
        return cls(found["host"], port, found["user"] or "", parse_parameters(rest), found["scheme"])

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port is not None else ""
        return f"{self.scheme}:{user}{self.host}{port}{format_parameters(self.parameters)}"

    def parameter(self, name: str) -> str | None:
        """The value of a parameter, "" for one without a value, None when it is not there."""
        return _find(self.parameters, name)

    @property
    def address(self) -> tuple[str, int]:
        """Where to send: host and port, 5060 when none is written."""
        return self.host, self.port or 5060


@dataclass(frozen=True)
class NameAddress:
    """The value of From, To, Contact, Route, Refer-To: a name, a URI, header parameters (RFC 3261 section 20.10)."""

    uri: SipUri
    display_name: str = ""
    parameters: Parameters = ()

    @classmethod
    def parse(cls, text: str) -> "NameAddress":
        """Read one value, with or without angle brackets; raises InvalidDatagram."""
        text = text.strip()
        quoted = _QUOTED.match(text)
        start = text.find("<", quoted.end() if quoted else 0)
        if start < 0:
            uri, semicolon, rest = text.partition(";")
            return cls(SipUri.parse(uri), "", parse_parameters(semicolon + rest))
        end = text.find(">", start)
        if end < 0:
            raise InvalidDatagram("an address without its closing bracket")
        name = text[:start].strip()
        if quoted:
            name = re.sub(r"\\(.)", r"\1", name[1:-1])
        return cls(SipUri.parse(text[start + 1 : end]), name, parse_parameters(text[end + 1 :]))

    def __str__(self) -> str:
        escaped = self.display_name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}" ' if self.display_name else ""
        return f"{name}<{self.uri}>{format_parameters(self.parameters)}"

    @property
    def tag(self) -> str:
        """The tag parameter, "" when there is none."""
        return _find(self.parameters, "tag") or ""

    def with_tag(self, tag: str) -> "NameAddress":
        """The same address with this tag."""
        others = tuple(pair for pair in self.parameters if pair[0].lower() != "tag")
        return NameAddress(self.uri, self.display_name, (*others, ("tag", tag)))


@dataclass(frozen=True)
class Via:
    """One Via value (RFC 3261 section 20.42)."""

    host: str
    port: int | None
    parameters: Parameters = ()
    transport: str = "UDP"

    @classmethod
    def parse(cls, text: str) -> "Via":
        """Read one value; raises InvalidDatagram."""
        found = _VIA.fullmatch(text.strip())
        if found is None:
            raise InvalidDatagram("a Via that cannot be read")
        port = _read_port(found["port"])
        return cls(found["host"], port, parse_parameters(found["rest"] or ""), found["transport"])

    def __str__(self) -> str:
        port = f":{self.port}" if self.port is not None else ""
        return f"SIP/2.0/{self.transport} {self.host}{port}{format_parameters(self.parameters)}"

    @property
    def branch(self) -> str:
        """The branch parameter, "" when there is none."""
        return _find(self.parameters, "branch") or ""

    def seen_from(self, source: tuple[str, int]) -> "Via":
        """The same value with received, and rport if it was asked for (RFC 3261 section 18.2.1, RFC 3581 section 4)."""
        noted: list[tuple[str, str | None]] = []
        for name, value in self.parameters:
            if name.lower() != "received":  # only we know where it came from
                noted.append((name, str(source[1])) if name.lower() == "rport" else (name, value))
        if self.host != source[0] or _find(self.parameters, "rport") is not None:
            noted.append(("received", source[0]))
        return Via(self.host, self.port, tuple(noted), self.transport)

    @property
    def return_address(self) -> tuple[str, int]:
        """Where a response goes (RFC 3261 section 18.2.2, RFC 3581 section 4)."""
        rport = _find(self.parameters, "rport") or ""
        port = int(rport) if rport.isdecimal() else self.port or 5060
        return _find(self.parameters, "received") or self.host, port


def split_values(text: str) -> list[str]:
    """The values of a comma-separated header; commas inside quotes and brackets do not separate."""
    return [value for value in (piece.strip() for piece in _split(text, ",")) if value]


def parse_parameters(text: str) -> Parameters:
    """Read `;name=value;flag`; raises InvalidDatagram when something else stands there."""
    first, *pieces = _split(text, ";")
    if first.strip():
        raise InvalidDatagram("parameters that do not begin with a semicolon")
    pairs: list[tuple[str, str | None]] = []
    for piece in pieces:
        name, equals, value = (part.strip() for part in piece.partition("="))
        if name:
            pairs.append((name, value if equals else None))
    return tuple(pairs)


def format_parameters(parameters: Parameters) -> str:
    """The inverse of parse_parameters."""
    return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in parameters)


def _read_port(text: str | None) -> int | None:
    if text is None:
        return None
    if not 0 < int(text) < 65536:
        raise InvalidDatagram(f"not a port: {text}")
    return int(text)


def _find(parameters: Parameters, name: str) -> str | None:
    for key, value in parameters:
        if key.lower() == name:
            return value or ""
    return None


def _split(text: str, separator: str) -> Iterator[str]:
    start, quoted, bracketed, escaped = 0, False, False, False
    for index, character in enumerate(text):
        if escaped or (quoted and character == "\\"):
            escaped = not escaped
        elif character == '"':
            quoted = not quoted
        elif not quoted and character in "<>":
            bracketed = character == "<"
        elif character == separator and not quoted and not bracketed:
            yield text[start:index]
            start = index + 1
    yield text[start:]
