"""SIP messages as LiveVox, an engine or a worker would write them."""

from typing import TypedDict

from sip.message import Message
from sip.messages import Codec, MediaOffer

MEDIA = MediaOffer("192.0.2.10", 20000, (Codec.PCMU,), 101)
SDP = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.50\r\ns=-\r\nc=IN IP4 192.0.2.50\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0 101\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
)


class InviteFields(TypedDict, total=False):
    """What a test may change in an INVITE of LiveVox's."""

    uri: str
    branch: str
    cseq: int
    call_id: str


class EngineFields(TypedDict, total=False):
    """What a test may change in a worker's INVITE."""

    call: str
    route: str


def request(
    method: str,
    sent_by: str,
    *,
    uri: str = "sip:+18990000001@192.0.2.1:5070",
    branch: str = "z9hG4bK-one",
    to_tag: str = "",
    cseq: int = 1,
    call_id: str = "call-a@192.0.2.50",
    max_forwards: int = 69,
    headers: tuple[str, ...] = (),
    body: str = "",
) -> str:
    """A request of LiveVox's; `sent_by` is host and port of its Via."""
    typed = any(line.lower().startswith(("content-type", "c:")) for line in headers)
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {sent_by};rport;branch={branch}",
        f"Max-Forwards: {max_forwards}",
        'From: "Ann, \\"A\\" <x>" <sip:+12135550100@192.0.2.50>;tag=from1',
        f"To: <sip:+18990000001@192.0.2.1:5070>{';tag=' + to_tag if to_tag else ''}",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {method}",
        f"Contact: <sip:livevox@{sent_by};transport=udp>",
        *headers,
        *(["Content-Type: application/sdp"] if body and not typed else []),
        f"Content-Length: {len(body)}",
        "",
        body,
    ]
    return "\r\n".join(lines)


def engine_invite(
    worker_port: int,
    inside_port: int,
    target: str,
    *,
    call: str = "call1",
    route: str = "",
    headers: tuple[str, ...] = (),
) -> str:
    """A worker's INVITE to a SIP engine, as pjsua writes it with the edge as its proxy."""
    return "\r\n".join(
        [
            f"INVITE sip:bot@{target} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{worker_port};rport;branch=z9hG4bKPjengine",
            f"Route: <sip:127.0.0.1:{inside_port};lr>",
            *([f"Route: {route}"] if route else []),
            "Max-Forwards: 70",
            "From: <sip:+12135550100@127.0.0.1>;tag=w",
            f"To: <sip:bot@{target}>",
            "Call-ID: engine-leg-1",
            "CSeq: 7 INVITE",
            "Contact: <sip:bridge@192.0.2.1:5070;w=1>",
            f"X-Bridge-Call: {call}",
            "X-Call-ID: call1",
            *headers,
            "Content-Type: application/sdp",
            f"Content-Length: {len(SDP)}",
            "",
            SDP,
        ]
    )


def response(to: Message, status: int, reason: str, *, tag: str = "ua1", headers: tuple[str, ...] = ()) -> str:
    """What a user agent answers to a request it has heard."""
    lines = [f"SIP/2.0 {status} {reason}"]
    for key, line in zip(to.keys, to.lines, strict=True):
        if key in (b"via", b"from", b"call-id", b"cseq", b"record-route"):
            lines.append(line.decode())
        elif key == b"to":
            lines.append(line.decode() + ("" if b"tag=" in line else f";tag={tag}"))
    return "\r\n".join([*lines, *headers, "Content-Length: 0", "", ""])
