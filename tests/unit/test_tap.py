"""Who is shown what goes over the outside wire."""

import pytest

from sip.tap import sip_call_id
from tests.sip_texts import request
from tests.unit.sip_gate import LIVEVOX, SENT_BY, STRANGER, GateWorld


@pytest.mark.parametrize(
    ("datagram", "found"),
    [
        (b"SIP/2.0 200 OK\r\nCall-ID: a@b\r\n\r\n", "a@b"),
        (b"BYE sip:a SIP/2.0\r\nVia: x\r\ni:  a b \r\n\r\n", "a b"),
        (b"SIP/2.0 200 OK\r\ncall-id :x\r\n\r\nCall-ID: body", "x"),
        (b"SIP/2.0 200 OK\r\nTo: x\r\n\r\n\r\nCall-ID: body", ""),
        (b"", ""),
    ],
)
def test_the_call_id_of_a_message_that_goes_out(datagram: bytes, found: str) -> None:
    assert sip_call_id(datagram) == found


def test_what_comes_from_the_network_is_shown_as_it_came_but_nothing_of_strangers_and_nothing_unreadable() -> None:
    world, shown = GateWorld(), []
    world.board.tap = lambda *seen: shown.append(seen)
    invite = request("INVITE", SENT_BY, call_id="a@b")
    world.hear(invite)
    world.hear(invite, STRANGER)
    world.hear("no SIP at all")
    world.hear("\r\n\r\n")
    assert shown == [("a@b", False, LIVEVOX, invite.encode())]
