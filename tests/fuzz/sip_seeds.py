"""SIP messages to begin fuzzing with, and what such messages are made of."""

from collections.abc import Iterator
from pathlib import Path

from tests.sip_texts import SDP, engine_invite, request, response
from tests.unit.sip_gate import INSIDE, SENT_BY, WORKER, GateWorld, in_dialog

_DATA = Path(__file__).parents[1] / "data" / "sip"

WORDS = (
    *(b"INVITE", b"ACK", b"BYE", b"CANCEL", b"OPTIONS", b"INFO", b"REFER", b"UPDATE", b"SIP/2.0", b"SIP/2.0 200 OK"),
    *(
        b"\r\n",
        b"\r\n ",
        b"\r\n\t",
        b"\r",
        b"\n",
        b"\0",
        b" ",
        b"\t",
        b",",
        b'"',
        b'\\"',
        b"\\",
        b"<",
        b">",
        b"<>",
        b";",
    ),
    *(b":", b"=", b"%", b"%00", b"@", b"sip:", b"sips:", b"tel:", b";lr", b";tag=", b";branch=z9hG4bK", b";rport"),
    *(
        b";received=",
        b";w=1",
        b"\r\nVia: ",
        b"\r\nv:",
        b"\r\nTo: ",
        b"\r\nt: ",
        b"\r\nFrom: ",
        b"\r\nf:",
        b"\r\nRoute: ",
    ),
    *(
        b"\r\nRecord-Route: ",
        b"\r\nCall-ID: ",
        b"\r\ni: ",
        b"\r\nCSeq: ",
        b"\r\nMax-Forwards: ",
        b"\r\nContent-Length: ",
    ),
    *(
        b"\r\nl: 0",
        b"\r\nX-Bridge-Call: evil",
        b"\r\nRequire: ",
        b"\r\nRefer-To: ",
        b"\r\nContent-Type: application/sdp",
    ),
    *(b"SIP/2.0/UDP 192.0.2.7:5060", b"127.0.0.1:5555", b"203.0.113.1:5070", b"\r\n\r\n"),
)


def messages() -> Iterator[bytes]:
    """One of each kind, among them those of the edge's tests."""
    answered = GateWorld().hear_worker(engine_invite(WORKER, INSIDE, SENT_BY)).network[0]
    folded = ("Subject: one\r\n two\r\n\tthree", 'Contact: "a\r\n b" <sip:x@y>')
    texts = (
        *(in_dialog(method) for method in ("INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "INFO", "OPTIONS", "NOTIFY")),
        in_dialog("REFER", headers=("Refer-To: <sip:sales@pbx>",)),
        request("INVITE", SENT_BY, body=SDP, headers=folded),
        request("INVITE", SENT_BY, headers=("Route: <sip:203.0.113.1:5070;lr>, <sip:p>", "Require: 100rel")),
        engine_invite(WORKER, INSIDE, SENT_BY, route="<sip:strict@192.0.2.9>"),
        response(answered, 180, "Ringing"),
        response(answered, 200, "OK", headers=("Record-Route: <sip:p;lr>, <sip:q;lr>",)),
    )
    yield from (text.encode() for text in texts)
    yield (_DATA / "livevox_invite.sip").read_bytes()
    yield from (path.read_bytes() for path in sorted((_DATA / "torture").glob("*.sip")) if path.stat().st_size < 3_000)
