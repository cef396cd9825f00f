"""A SIP peer for tests: one UDP socket that plays the edge, and the customer and engine behind it."""

import asyncio
import itertools
import re
import socket
from dataclasses import dataclass, field
from typing import Self

from sip.channel import MEDIA_OFFER
from sip.messages import Codec, MediaOffer

OUR_MEDIA = MediaOffer("127.0.0.1", 4000, (Codec.PCMU,), 101)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Message:
    """A SIP message that was received."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str
    source: tuple[str, int]

    @classmethod
    def parse(cls, datagram: bytes, source: tuple[str, int]) -> Self:
        head, _, body = datagram.decode().partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        pairs = tuple((name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
        return cls(start, pairs, body, source)

    def all(self, name: str) -> list[str]:
        return [value for each, value in self.headers if each.lower() == name.lower()]

    def header(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @property
    def method(self) -> str:
        """The method of a request, or of the request a response answers."""
        return self.header("CSeq").split()[1]

    @property
    def status(self) -> int:
        """Of a response; 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def sdp(self) -> list[str]:
        return self.body.split("\r\n")


class SipPeer:
    """The socket. `expect` gives messages in their order, those of other calls and retransmissions put aside."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]
        self._received: list[Message] = []
        self._changed = asyncio.Event()
        self.agrees = False
        """Answer 200 to every request at once."""
        asyncio.get_running_loop().add_reader(self.socket.fileno(), self._read)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.socket.fileno())
        self.socket.close()

    def _read(self) -> None:
        datagram, source = self.socket.recvfrom(65536)
        if not datagram.strip():
            return
        message = Message.parse(datagram, source)
        if self.agrees and not message.status and not message.start.startswith("ACK "):
            respond(self, message, 200)
            return
        self._received.append(message)
        self._changed.set()

    def send(self, text: str, port: int) -> None:
        self.socket.sendto(text.encode(), ("127.0.0.1", port))

    def find(self, call_id: str, what: str | int) -> Message | None:
        """Take the first waiting message of a dialog: a request by its method, a response by its status."""
        for index, message in enumerate(self._received):
            matches = message.status == what if isinstance(what, int) else message.start.startswith(f"{what} ")
            if matches and message.header("Call-ID") == call_id:
                return self._received.pop(index)
        return None

    async def expect(self, call_id: str, what: str | int, within: float = 20.0) -> Message:
        async with asyncio.timeout(within):
            while True:
                if message := self.find(call_id, what):
                    return message
                self._changed.clear()
                await self._changed.wait()

    def waiting(self, call_id: str) -> list[str]:
        """Start lines of what nobody asked for in a dialog."""
        return [message.start for message in self._received if message.header("Call-ID") == call_id]

    def unclaimed(self) -> list[str]:
        """Start lines of all that nobody asked for."""
        return [message.start for message in self._received]


def sdp(port: int = 5000, formats: str = "0 8 101", extra: str = "", address: str = "127.0.0.1") -> str:
    return (
        f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {formats}\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n{extra}"
    )


@dataclass
class Customer:
    """The UAC side of one dialog with a worker."""

    peer: SipPeer
    worker_port: int
    call: str = field(default_factory=lambda: f"call{next(_numbers):016d}")
    media: MediaOffer = OUR_MEDIA
    to_tag: str = ""
    cseq: int = 1

    def __post_init__(self) -> None:
        self.call_id = f"{self.call}@customer"
        self.contact = "sip:bridge@127.0.0.1"
        self.invite_cseq = 1

    def request(
        self, method: str, *headers: str, body: str = "", content_type: str = "application/sdp", cseq: int | None = None
    ) -> None:
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        to_tag = f";tag={self.to_tag}" if self.to_tag else ""
        lines = [
            f"{method} {self.contact} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.peer.port};branch={self.branch(method, cseq)}",
            f"From: <sip:5551234@127.0.0.1>;tag={self.call}",
            f"To: <sip:8990000001@127.0.0.1>{to_tag}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            "Max-Forwards: 70",
            f"Contact: <sip:customer@127.0.0.1:{self.peer.port}>",
            *headers,
        ]
        if body and content_type:
            lines.append(f"Content-Type: {content_type}")
        lines += [f"Content-Length: {len(body.encode())}", "", body]
        self.peer.send("\r\n".join(lines), self.worker_port)

    def branch(self, method: str, cseq: int) -> str:
        """CANCEL has the branch of its INVITE, an ACK for a 2xx its own."""
        return f"z9hG4bK{self.call}-{'INVITE' if method == 'CANCEL' else method}-{cseq}"

    def invite(self, *headers: str, body: str | None = None) -> None:
        private = (
            f"X-Bridge-Call: {self.call}",
            f"X-Bridge-Media: {MEDIA_OFFER.encode_text(self.media)}",
            f"Record-Route: <sip:127.0.0.1:{self.peer.port};lr>",
        )
        self.request("INVITE", *private, *headers, body=sdp() if body is None else body, cseq=1)

    async def expect(self, what: str | int, within: float = 20.0) -> Message:
        message = await self.peer.expect(self.call_id, what, within)
        if message.status:
            self.to_tag = message.header("To").partition(";tag=")[2] or self.to_tag
            if contact := re.search(r"<(.*?)>", message.header("Contact")):
                self.contact = contact[1]
        return message

    def ack(self, body: str = "", cseq: int | None = None) -> None:
        self.request("ACK", body=body, cseq=cseq or self.cseq)

    def respond(self, request: Message, status: int, *headers: str, body: str = "") -> None:
        respond(self.peer, request, status, *headers, body=body)


def respond(peer: SipPeer, request: Message, status: int, *headers: str, body: str = "", tag: str = "peer") -> None:
    """Answer a request of a worker's."""
    to = request.header("To")
    lines = [
        f"SIP/2.0 {status} Because",
        *(f"Via: {via}" for via in request.all("Via")),
        *(f"Record-Route: {route}" for route in request.all("Record-Route")),
        f"From: {request.header('From')}",
        f"To: {to}" if ";tag=" in to or status == 100 else f"To: {to};tag={tag}",
        f"Call-ID: {request.header('Call-ID')}",
        f"CSeq: {request.header('CSeq')}",
        f"Contact: <sip:engine@127.0.0.1:{peer.port}>",
        *headers,
    ]
    if body:
        lines.append("Content-Type: application/sdp")
    lines += [f"Content-Length: {len(body.encode())}", "", body]
    peer.send("\r\n".join(lines), request.source[1])
