"""A SIP peer that does exactly what a test says, right or wrong: a UDP socket and text."""

import asyncio
import socket
from typing import Self

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0 101\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
)


class ScriptedPeer:
    """One socket on 127.0.0.1; nothing is sent that the test did not ask for."""

    def __init__(self, other: int = 0) -> None:
        self._other = ("127.0.0.1", other)  # whoever is heard, once somebody is
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, text: str | bytes) -> None:
        """Send a datagram to the other side."""
        self._socket.sendto(text.encode() if isinstance(text, str) else text, self._other)

    async def receive(self, start: str, seconds: float = 2.0) -> str:
        """The next message that starts so; others are passed over."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(seconds):
            while True:
                data, self._other = await loop.sock_recvfrom(self._socket, 65536)
                if data.startswith(start.encode()):
                    return data.decode()

    def request(
        self, method: str, *, cseq: int, branch: str = "", headers: str = "", body: str = "", to_tag: str = ""
    ) -> str:
        """A request of a dialog whose caller is this peer."""
        tag = f";tag={to_tag}" if to_tag else ""
        typed = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} sip:bot@127.0.0.1:{self._other[1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{branch or f'{method}{cseq}'}\r\n"
            f"From: <sip:peer@127.0.0.1>;tag=peer\r\nTo: <sip:bot@127.0.0.1>{tag}\r\n"
            f"Call-ID: scripted-{self.port}\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:peer@127.0.0.1:{self.port}>\r\n{headers}{typed}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def response(self, request: str, status: int, *, tag: str = "peer", headers: str = "", body: str = "") -> str:
        """A response to a request that came."""
        kept = ("via:", "from:", "to:", "call-id:", "cseq:", "record-route:")
        lines = [line for line in request.split("\r\n") if line.lower().startswith(kept)]
        lines = [f"{line};tag={tag}" if line.startswith("To:") and ";tag=" not in line else line for line in lines]
        typed = "Content-Type: application/sdp\r\n" if body else ""
        contact = f"Contact: <sip:peer@127.0.0.1:{self.port}>\r\n"
        head = "".join(f"{line}\r\n" for line in (f"SIP/2.0 {status} Scripted", *lines))
        return f"{head}{contact}{headers}{typed}Content-Length: {len(body)}\r\n\r\n{body}"


def header(message: str, name: str) -> str:
    """The first header of this name, "" when there is none."""
    lines = (line.partition(":") for line in message.split("\r\n"))
    return next((value.strip() for each, _, value in lines if each.lower() == name.lower()), "")


def to_tag(message: str) -> str:
    """The tag of To."""
    return header(message, "To").partition(";tag=")[2]
