"""[sans-IO] A captured SIP message as a HEP3 packet (HEP3 Network Protocol Specification, revision 12)."""

from dataclasses import dataclass
from ipaddress import IPv4Address
from struct import pack

#: The whole packet has a length of two octets.
MAX_PACKET = 65_535

_HEADER = b"HEP3"
_IPV4, _UDP, _SIP = 2, 17, 1


@dataclass(frozen=True)
class Captured:
    """One message as it was on the wire, or what is shown of it."""

    at: float
    """Seconds since the epoch."""
    source: tuple[str, int]
    """IPv4 address and port."""
    destination: tuple[str, int]
    payload: bytes
    correlation: str = ""
    """What the messages of one call have in common; empty: nothing is known."""


def hep3(message: Captured, capture_id: int, key: bytes = b"") -> bytes:
    """The packet. A payload that does not fit is cut; `key` is for servers that want one."""
    chunks = [
        _chunk(1, pack("!B", _IPV4)),
        _chunk(2, pack("!B", _UDP)),
        _chunk(3, IPv4Address(message.source[0]).packed),
        _chunk(4, IPv4Address(message.destination[0]).packed),
        _chunk(7, pack("!H", message.source[1])),
        _chunk(8, pack("!H", message.destination[1])),
        _chunk(9, pack("!I", int(message.at))),
        _chunk(10, pack("!I", int(message.at % 1 * 1_000_000))),
        _chunk(11, pack("!B", _SIP)),
        _chunk(12, pack("!I", capture_id)),
    ]
    if key:
        chunks.append(_chunk(14, key))
    if message.correlation:
        chunks.append(_chunk(17, message.correlation.encode()))
    head = b"".join(chunks)
    room = MAX_PACKET - len(_HEADER) - 2 - len(head) - 6
    body = head + _chunk(15, message.payload[:room])
    return _HEADER + pack("!H", len(_HEADER) + 2 + len(body)) + body


def _chunk(kind: int, payload: bytes) -> bytes:
    """Vendor 0 (the specification's own), type, length with these six octets, and the payload."""
    return pack("!HHH", 0, kind, 6 + len(payload)) + payload
