"""[sans-IO] What the edge changes in a message on its way: Via, Route, Record-Route, Max-Forwards, private headers."""

import hashlib
import re
from dataclasses import dataclass

from sip.address import Address, Hop, Via, stamped
from sip.envelope import Envelope
from sip.message import Message

#: Every private header begins so (sip.messages.CALL_HEADER and MEDIA_HEADER).
PRIVATE = b"x-bridge-"

#: What a request without Max-Forwards gets (RFC 3261 section 16.6 step 3).
_FIRST_HOPS = 70

_MAGIC = b"z9hG4bK"

#: The parameter of our Via towards a worker that says where the response goes. The Via below is its sender's word.
_ORIGIN = b"origin"
_ORIGIN_PARAMETER = re.compile(rb";" + _ORIGIN + rb"=([\d.]+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Departure:
    """A message ready to leave for the network."""

    datagram: bytes
    host: str
    """An IPv4 address, or a name still to be resolved."""
    port: int


class Forwarder:
    """Rewrites messages between the network and the workers, keeping no state (RFC 3261 section 16.11).

    The network sees one user agent at `public`. A worker sees one proxy at 127.0.0.1 and the inside port: the edge
    records its route towards workers only, and takes it away again from what leaves.
    """

    def __init__(self, public: tuple[str, int], inside_port: int, secret: bytes) -> None:
        self._secret = secret
        self._public = public
        self._inside = "127.0.0.1", inside_port
        self._inside_route = b"<sip:127.0.0.1:%d;lr>" % inside_port
        self._inside_via = b"SIP/2.0/UDP 127.0.0.1:%d;branch=%%s;%s=%%s-%%d" % (inside_port, _ORIGIN)
        self._public_via = b"SIP/2.0/UDP %s:%d;rport;branch=" % (public[0].encode(), public[1])

    def key(self, envelope: Envelope) -> bytes:
        """The branch of our own Via, and the name of the transaction.

        An INVITE, its retransmissions, its CANCEL and the ACK to its refusal give the same one (RFC 3261 section
        16.11); nobody without our secret can tell it beforehand. Call-ID and CSeq are in it because some user agents
        use one branch twice.
        """
        via = envelope.via
        parts = (via.branch, via.host.lower(), b"%d %d" % (via.port, envelope.number), envelope.call_id)
        return _MAGIC + hashlib.blake2b(b"\0".join(parts), digest_size=12, key=self._secret).hexdigest().encode()

    # between the network and a worker

    def request_to_worker(
        self, message: Message, key: bytes, origin: tuple[str, int], private: tuple[tuple[bytes, bytes], ...] = ()
    ) -> bytes:
        """A request from the network; its responses go to `origin`, private headers below the others."""
        message.remove_prefixed(PRIVATE)
        route = message.first(b"route")
        if route is not None and _leads_to(route, self._public):
            message.pop_first(b"route")
        _count_hop(message)
        message.push(b"via", self._inside_via % (key, origin[0].encode(), origin[1]))
        if message.method == b"INVITE":
            message.push(b"record-route", self._inside_route)
        for name, value in private:
            message.append(name, value)
        return _for_worker(message)

    def response_to_worker(self, message: Message) -> tuple[bytes, int] | None:
        """A response from the network and the loopback port it goes to; None when it answers no request of ours."""
        own = Via.parse(message.pop_first(b"via") or b"")
        envelope = Envelope.read(message)
        if own is None or message.fault or own.branch != self.key(envelope):
            return None
        if message.status > 100 and not envelope.callee.tag:
            return None  # RFC 3261 section 8.2.6.2 wants a To tag, and pjsip aborts without one
        message.remove_prefixed(PRIVATE)
        if envelope.method == b"INVITE" and 100 < message.status < 300:
            message.append(b"record-route", self._inside_route)
        return _for_worker(message), envelope.via.port

    # between a worker and the network

    def request_from_worker(self, message: Message, key: bytes) -> Departure | None:
        """A request of a worker and where it goes; None when UDP cannot take it there."""
        message.remove_prefixed(PRIVATE)
        route = message.first(b"route")
        if route is not None and (route == self._inside_route or _leads_to(route, self._inside)):
            message.pop_first(b"route")
        hop = self._next_hop(message)
        if hop is None:
            return None
        _count_hop(message)
        message.push(b"via", self._public_via + key)
        return Departure(message.to_bytes(), hop.host, hop.port)

    def response_from_worker(self, message: Message) -> tuple[bytes, Departure] | None:
        """The key of the transaction a worker answers, and its response; None when it answers no request of ours."""
        own = Via.parse(message.pop_first(b"via") or b"")
        origin = _ORIGIN_PARAMETER.search(own.parameters) if own else None
        if own is None or origin is None:
            return None
        message.remove_prefixed(PRIVATE)
        message.remove_value(b"record-route", self._inside_route)
        return own.branch, Departure(message.to_bytes(), origin[1].decode(), int(origin[2]))

    @staticmethod
    def _next_hop(message: Message) -> Hop | None:
        """The topmost Route, or the request URI; a strict router gets its own URI there (RFC 3261 section 16.6)."""
        route = message.first(b"route")
        if route is None:
            return Hop.parse(message.uri)
        address = Address.parse(route)
        hop = Hop.parse(address.uri) if address else None
        if address and hop and not hop.loose:
            message.pop_first(b"route")
            message.append(b"route", b"<%s>" % message.uri)
            message.start = b"%s %s SIP/2.0" % (message.method, address.uri)
        return hop


def hops(message: Message) -> int:
    """How many hops a request may still take (RFC 3261 section 20.22); -1 when Max-Forwards is not 0 to 255."""
    value = message.value(b"max-forwards")
    if value is None:
        return _FIRST_HOPS
    return int(value) if value.isdigit() and len(value) <= 3 and int(value) < 256 else -1


def note_source(message: Message, source: tuple[str, int]) -> None:
    """Write the source into the topmost Via, for the way back."""
    via = message.first(b"via")
    if via is not None:
        message.replace_first(b"via", stamped(via, source))


def _leads_to(route: bytes, target: tuple[str, int]) -> bool:
    address = Address.parse(route)
    hop = Hop.parse(address.uri) if address else None
    return hop is not None and (hop.host, hop.port) == target


def _for_worker(message: Message) -> bytes:
    """pjsip reads folded headers, but drops a message that is folded inside a quoted string."""
    message.unfold_quoted()
    return message.to_bytes()


def _count_hop(message: Message) -> None:
    if b"max-forwards" in message.keys:
        message.replace_first(b"max-forwards", b"%d" % max(hops(message) - 1, 0))
    else:
        message.append(b"max-forwards", b"%d" % _FIRST_HOPS)
