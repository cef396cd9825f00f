"""Hostile datagrams: a corpus of odd and broken SIP, and thousands of mutations of it."""

import random
import re
import time
from pathlib import Path

import pytest

from sip.actions import AskAdmission, SendToNetwork, SendToWorker
from sip.admission import Admitted, Refused
from sip.counters import Count
from sip.errors import InvalidMessage
from sip.messages import CALL_HEADER, MEDIA_HEADER
from tests.sip_texts import MEDIA, SDP, engine_invite, request, response
from tests.unit.sip_gate import INSIDE, LIVEVOX, SENT_BY, WORKER, GateWorld, in_dialog

DATA = Path(__file__).parents[1] / "data" / "sip"
CORPUS = sorted((DATA / "torture").glob("*.sip"))

MUTATIONS = 10_000

#: Any line end a lenient parser might see.
_ANY_LINE_END = re.compile(rb"[\r\n]+")
_PRIVATE = re.compile(rb"[\r\n]\s*x-bridge-[^:\r\n]*:", re.IGNORECASE)


def expected(path: Path) -> list[int]:
    """A file's name says what it gets: a status; "taken" a 100 and a call; "ignored" nothing."""
    kind = path.stem.partition("_")[0]
    return [] if kind == "ignored" else [100 if kind == "taken" else int(kind)]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_odd_and_broken_messages_get_what_they_deserve(path: Path) -> None:
    world = GateWorld()
    heard = world.hear(path.read_bytes())
    assert heard.statuses == expected(path)
    assert heard.worker == []
    assert len(heard.asked) == path.stem.startswith("taken")


@pytest.mark.parametrize("path", [path for path in CORPUS if path.stem.startswith("taken")], ids=lambda path: path.stem)
def test_what_is_taken_reaches_the_worker_with_its_other_headers_untouched(path: Path) -> None:
    world = GateWorld()
    datagram = path.read_bytes()
    asked = world.hear(datagram).asked[0]
    sent = world.answer(asked.request, Admitted("call1", 1, MEDIA)).worker[0]
    head = datagram.lstrip(b"\r\n").partition(b"\r\n\r\n")[0]
    for key, line in zip(sent.keys, sent.lines, strict=True):
        if key not in (b"via", b"max-forwards", b"record-route") and not key.startswith(b"x-bridge-"):
            assert line in head
    assert b"forged" not in sent.to_bytes()
    assert sent.values(b"x-bridge-call") == [b"call1"]
    assert sent.body in (SDP.encode(), asked.invite.sdp)


def test_the_invite_of_livevoxs_guide_is_taken_and_its_routes_kept_in_order() -> None:
    world = GateWorld()
    asked = world.hear((DATA / "livevox_invite.sip").read_bytes()).asked[0]
    assert asked.invite.request_uri == "sip:+18990000001@203.0.113.1:5070"
    assert asked.invite.caller == "+12135550100"
    sent = world.answer(asked.request, Admitted("call1", 1, MEDIA)).worker[0]
    assert sent.values(b"record-route") == [
        b"<sip:127.0.0.1:5555;lr>",
        b"<sip:192.0.2.7:5060;r2=on;lr;did=0c.a75cb3e7>",
        b"<sip:192.0.2.8;r2=on;lr;did=0c.a75cb3e7>",
        b"<sip:192.0.2.9:5070;lr;did=0c.9c237b23>",
    ]
    assert sent.values(b"via")[1:] == [
        b"SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK623f.ac426ea3.0;received=192.0.2.7",
        b"SIP/2.0/UDP 192.0.2.9:5070;received=192.0.2.9;branch=z9hG4bK623f.02823352899d3507.0",
        b"SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK5e18e8dc-0000-7b7397a4-f7f2e4ec-d3e93b6c",
    ]
    answer = world.hear_worker(response(sent, 200, "OK")).network[0]
    assert answer.values(b"record-route") == sent.values(b"record-route")[1:]
    assert len(answer.values(b"via")) == 3


# mutations


def seeds(world: GateWorld) -> list[bytes]:
    """Good and bad messages of every kind, some of them about calls that are up."""
    answered = world.hear_worker(engine_invite(WORKER, INSIDE, SENT_BY)).network[0]
    texts = [
        *(in_dialog(method) for method in ("INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "INFO", "OPTIONS", "NOTIFY")),
        in_dialog("REFER", headers=("Refer-To: <sip:sales@pbx>",)),
        request("INVITE", SENT_BY, body=SDP),
        request("CANCEL", SENT_BY),
        request("ACK", SENT_BY, to_tag="x"),
        response(answered, 180, "Ringing"),
        response(answered, 200, "OK", headers=("Record-Route: <sip:p;lr>, <sip:q;lr>",)),
    ]
    return [path.read_bytes() for path in CORPUS] + 4 * [text.encode() for text in texts]


_INSERTS = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b",",
    b'"',
    b"<",
    b">",
    b";",
    b":",
    b"\xff",
    b"%",
    b"\r\n ",
    b"\\",
    b"=",
    b"\r\nX-Bridge-Call: evil\r\n",
    b"\nX-Bridge-Media: evil",
    b";lr",
    b"sip:",
    b"z9hG4bK",
    b";w=1",
    b";rport",
)


def fresh(datagram: bytes, number: int) -> bytes:
    """A message of its own: another transaction, and outside a dialog another call; responses stay."""
    if datagram.startswith(b"SIP/2.0"):
        return datagram
    return datagram.replace(b"z9hG4bK", b"z9hG4bK%d" % number).replace(b"@192.0.2.7\r\n", b"%d@192.0.2.7\r\n" % number)


def mutated(datagram: bytes, chance: random.Random) -> bytes:
    """The datagram after one change in most cases, a few in others."""
    data = bytearray(datagram)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 5))):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(12):
            case 0 | 1 | 2 | 3:
                data[at:at] = chance.choice(_INSERTS)
            case 4 | 5:
                del data[at : at + chance.randint(1, 12)]
            case 6 | 7 | 8:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 9:
                data[at:at] = data[at : at + chance.randint(1, 200)]
            case 10:
                other = chance.randrange(len(data) + 1)
                data[at : at + 20], data[other : other + 20] = data[other : other + 20], data[at : at + 20]
            case _:
                del data[at:]
    return bytes(data)


def check(world: GateWorld, action: object) -> None:
    """What must hold for everything that leaves, whatever came in."""
    match action:
        case SendToWorker():
            assert world.dispatch.worker_at(action.port) is not None
            assert len(action.datagram) <= 3900
            for line in _ANY_LINE_END.split(action.datagram.partition(b"\r\n\r\n")[0]):
                if line.lower().lstrip().startswith(b"x-bridge-"):
                    name = line.partition(b":")[0].decode()
                    assert name in (CALL_HEADER, MEDIA_HEADER)
                    assert b"evil" not in line
        case SendToNetwork():
            assert action.host == LIVEVOX[0]
            head = action.datagram.partition(b"\r\n\r\n")[0]
            assert not _PRIVATE.search(head)
            assert b"127.0.0.1:%d" % INSIDE not in head


def handle(world: GateWorld, datagram: bytes, number: int) -> None:
    """One datagram, from the network or, one in eight, from the worker; every third admission is a refusal."""
    if number % 8 == 7:
        try:
            world.gate.from_worker(datagram, WORKER, world.now)
        except InvalidMessage:
            pass
        return
    actions = world.gate.from_network(datagram, LIVEVOX, world.now)
    for action in actions:
        check(world, action)
        if isinstance(action, AskAdmission):
            answer = Refused(486, "busy") if number % 3 == 0 else Admitted("call1", 1, MEDIA)
            for follow in world.gate.admission_answered(action.request, answer, world.now):
                check(world, follow)


def test_ten_thousand_mutations_break_nothing_and_leave_nothing_behind() -> None:
    chance = random.Random(4475)
    world = GateWorld(rate_per_s=1e9, burst=10**9)
    world.answered()
    corpus = seeds(world)
    begin = time.process_time()
    for number in range(MUTATIONS):
        world.now += 0.003
        handle(world, mutated(fresh(chance.choice(corpus), number), chance), number)
        if number % 50 == 0:
            world.gate.expire(world.now)
    assert time.process_time() - begin < 10
    for why in (Count.TO_WORKER, Count.INVITES, Count.MALFORMED, Count.NO_DIALOG, Count.INFO, Count.UNREADABLE):
        assert world.count(why) > 50  # the mutations reach everywhere
    world.wait(400)
    assert (len(world.board.transactions), len(world.board.answered)) == (0, 0)
    assert world.gate.deadline is None
    world.dispatch.forget("call1")
    assert world.dispatch._dialogs == {}
    world.dispatch.reserve("call1", 2)
    assert len(world.answer(world.asked(call_id="the-next-one"), Admitted("call1", 1, MEDIA)).worker) == 1
