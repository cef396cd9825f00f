"""The edge's operations on messages: read, edited for the way in and out, answered; nothing else may change in them."""

from collections.abc import Iterable

from sip.envelope import Envelope
from sip.errors import InvalidMessage
from sip.forwarding import PRIVATE, Forwarder, hops
from sip.message import Message
from sip.request import Request
from tests.fuzz.sip_seeds import WORDS, messages
from tests.fuzz.target import Target
from tests.unit.sip_gate import INSIDE, LIVEVOX, PUBLIC

_PRIVATE_VALUES = ((b"x-bridge-call", b"call1"), (b"x-bridge-media", b'["MediaOffer",{}]'))
#: What forwarding edits.
_EDITED = (b"via", b"max-forwards", b"record-route", b"route")
_FORWARDER = Forwarder(PUBLIC, INSIDE, b"secret")


def run(data: bytes) -> None:
    """Every way a message can take through the edge."""
    try:
        message = Message.parse(data)
    except InvalidMessage:
        return
    _read_all(message)
    if message.status:
        _response(data)
        return
    _request_in(data)
    _request_out(data)


def _read_all(message: Message) -> None:
    """No value that is read out of a header has a line break left, wherever the header was folded."""
    assert len(message.lines) == len(message.keys)
    if message.fault:
        return
    for name, value in message.headers():
        assert name.isascii() and b"\r" not in value and b"\n" not in value
    for key in dict.fromkeys(message.keys):
        first, values = message.first(key), message.values(key)
        assert all(b"\r" not in value and b"\n" not in value for value in values)
        assert not values or not first or first.strip(b" \t\r\n") == values[0]


def _others(message: Message) -> list[tuple[bytes, bytes]]:
    """The headers that no edit is about."""
    headers = zip(message.keys, message.headers(), strict=True)
    return [(key, value) for key, (_, value) in headers if key not in _EDITED and not key.startswith(PRIVATE)]


def _read(data: bytes) -> Request | None:
    try:
        return Request.read(Message.parse(data), LIVEVOX, _FORWARDER, 1.0)
    except InvalidMessage:
        return None


def _request_in(data: bytes) -> None:
    """From the network to a worker, and the worker's response back; or the edge's own."""
    request = _read(data)
    if request is None:
        return
    message = request.message
    _own_response(request)
    if message.fault or hops(message) < 0:
        return
    others, vias, routes = _others(message), message.values(b"via"), message.values(b"route")
    left = hops(message) - 1 if b"max-forwards" in message.keys else 70
    inner = Message.parse(_FORWARDER.request_to_worker(message, request.key, request.origin, _PRIVATE_VALUES))
    assert inner.fault is None
    assert (inner.method, inner.uri, inner.body) == (message.method, message.uri, message.body)
    assert _others(inner) == others
    assert inner.values(b"via")[1:] == vias
    assert inner.values(b"route") in (routes, routes[1:])
    assert hops(inner) == max(left, 0)
    private = [(key, inner.value(key)) for key in inner.keys if key.startswith(PRIVATE)]
    assert private == list(_PRIVATE_VALUES)
    _answer_of_worker(inner, vias, request)


def _own_response(request: Request) -> None:
    """What the edge answers can be read again, and goes back along the same Vias."""
    datagram = request.reply().response(486, (("Warning", b'399 x "y"'),))
    answer = Message.parse(datagram)
    assert answer.status == 486
    if request.message.fault:
        return
    assert answer.fault is None
    assert answer.values(b"via") == request.message.values(b"via")
    assert Envelope.read(answer).callee.tag and answer.fault is None


def _answer_of_worker(inner: Message, vias: list[bytes], request: Request) -> None:
    """A response that repeats what RFC 3261 section 8.2.6 wants comes back to where the request was from."""
    repeated = (b"via", b"record-route", b"from", b"to", b"call-id", b"cseq")
    lines = [line for key, line in zip(inner.keys, inner.lines, strict=True) if key in repeated]
    answer = Message.parse(
        b"\r\n".join((b"SIP/2.0 200 OK", *lines, b"X-Bridge-Call: evil", b"Content-Length: 0\r\n\r\n"))
    )
    found = _FORWARDER.response_from_worker(answer)
    assert found is not None
    key, departure = found
    assert key == request.key
    assert (departure.host, departure.port) == request.origin
    outer = Message.parse(departure.datagram)
    assert outer.fault is None
    assert outer.values(b"via") == vias
    assert not any(key.startswith(PRIVATE) for key in outer.keys)


def _request_out(data: bytes) -> None:
    """From a worker to the network."""
    request = _read(data)
    if request is None or request.message.fault or hops(request.message) < 0:
        return
    message = request.message
    others, vias, body = _others(message), message.values(b"via"), message.body
    departure = _FORWARDER.request_from_worker(message, request.key)
    if departure is None:
        return
    outer = Message.parse(departure.datagram)
    assert outer.fault is None
    assert (_others(outer), outer.values(b"via")[1:], outer.body) == (others, vias, body)
    assert 0 < departure.port < 65536 and departure.host.isascii() and departure.host


def _response(data: bytes) -> None:
    """From the network to a worker, as if it answered a request of ours."""
    message = Message.parse(data)
    try:
        envelope = Envelope.read(message)
    except InvalidMessage:
        return
    vias = message.values(b"via")
    message.push(b"via", b"SIP/2.0/UDP 203.0.113.1:5070;branch=" + _FORWARDER.key(envelope))
    others = _others(message)
    found = _FORWARDER.response_to_worker(message)
    if found is None:
        return
    inner = Message.parse(found[0])
    assert inner.fault is None
    assert (_others(inner), inner.values(b"via")) == (others, vias)
    assert not any(key.startswith(PRIVATE) for key in inner.keys)
    assert 0 < found[1] < 65536


def seeds() -> Iterable[bytes]:
    """Requests and responses, good and odd."""
    return messages()


TARGET = Target(run, seeds, WORDS)
