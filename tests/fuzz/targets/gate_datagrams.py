"""The whole edge on raw datagrams: from the network, from strangers, from a worker, with time passing in between.

An input is a series of steps, each begun by 0xFF and a letter; see `_step`.
"""

import re
from collections.abc import Iterable

from sip.actions import Action, AskAdmission, SendToNetwork, SendToWorker
from sip.admission import Admitted, Refused
from sip.errors import InvalidMessage
from sip.message import Message
from sip.messages import CALL_HEADER, MEDIA_HEADER
from sip.request import Request
from sip.switchboard import WORKER_LIMIT
from tests.fuzz.sip_seeds import WORDS, messages
from tests.fuzz.target import MAX_INPUT, Target
from tests.sip_texts import MEDIA, SDP, engine_invite, request
from tests.unit.sip_gate import INSIDE, LIVEVOX, SENT_BY, STRANGER, WORKER, GateWorld

_STEP = b"\xff"
_MAX_STEPS = 20
#: The most that an answer is longer than what it answers.
_ADDED = 700
_ANY_LINE_END = re.compile(rb"[\r\n]+")
_INSIDE = b"127.0.0.1:%d" % INSIDE
_OURS = (CALL_HEADER.encode(), MEDIA_HEADER.encode())


class _Edge:
    """The gate with one call up, and the last INVITE that admission was asked about."""

    def __init__(self) -> None:
        self.world = GateWorld(rate_per_s=1e9, burst=10**9)
        self.world.answered()
        self.asked: Request | None = None
        self.knows_inside = False
        """The sender wrote the inside address itself."""

    def step(self, letter: bytes, datagram: bytes) -> None:
        """N, S, W: a datagram of the network's, a stranger's, a worker's. A, R, F: admission. T: time. L: a death."""
        world = self.world
        self.knows_inside = self.knows_inside or _INSIDE in datagram
        match letter:
            case b"W":
                self._from_worker(datagram)
            case b"S":
                self._heard(world.gate.from_network(datagram, STRANGER, world.now), STRANGER)
            case b"A" | b"R" | b"F":
                self._decide(letter)
            case b"T":
                world.wait(datagram[0] / 8 if datagram else 40)
            case b"L":
                self._heard(world.gate.worker_lost(world.dispatch.remove_worker(1), world.now), LIVEVOX)
            case _:
                self._heard(world.gate.from_network(datagram, LIVEVOX, world.now), LIVEVOX)

    def end(self) -> None:
        """Nothing is left behind once its time is over."""
        self.world.wait(400)
        board = self.world.board
        assert (len(board.transactions), len(board.answered), self.world.gate.deadline) == (0, 0, None)

    def _decide(self, letter: bytes) -> None:
        request, gate, now = self.asked, self.world.gate, self.world.now
        if request is None:
            return
        self.asked = None
        if letter == b"F":
            self._heard(gate.admission_failed(request, now), LIVEVOX)
        else:
            answer = Admitted("call1", 1, MEDIA) if letter == b"A" else Refused(486, 'it is "busy"\r\nX: y', 5)
            self._heard(gate.admission_answered(request, answer, now), LIVEVOX)

    def _from_worker(self, datagram: bytes) -> None:
        try:
            actions = self.world.gate.from_worker(datagram, WORKER, self.world.now)
        except InvalidMessage:
            return
        for action in actions:
            if isinstance(action, SendToNetwork):
                assert 0 < action.port < 65536
                assert not _names(action.datagram, b"x-bridge-")

    def _heard(self, actions: list[Action], source: tuple[str, int]) -> None:
        for action in actions:
            match action:
                case AskAdmission():
                    self.asked = action.request
                    assert "\r" not in "".join(header.value for header in action.invite.headers)
                case SendToWorker():
                    self._to_worker(action)
                case SendToNetwork():
                    assert action.host == source[0] and 0 < action.port < 65536
                    assert len(action.datagram) <= MAX_INPUT + _ADDED
                    assert not _names(action.datagram, b"x-bridge-")
                    assert self.knows_inside or _INSIDE not in action.datagram
                    assert Message.parse(action.datagram).status

    def _to_worker(self, action: SendToWorker) -> None:
        assert self.world.dispatch.worker_at(action.port) is not None
        assert len(action.datagram) <= WORKER_LIMIT
        assert Message.parse(action.datagram).fault is None
        assert all(name in _OURS for name in _names(action.datagram, b"x-bridge-"))
        assert b"evil" not in b"".join(Message.parse(action.datagram).values(b"x-bridge-call"))


def _names(datagram: bytes, prefix: bytes) -> list[bytes]:
    """The headers that begin so, wherever a lenient parser might see a line's beginning."""
    lines = _ANY_LINE_END.split(datagram.partition(b"\r\n\r\n")[0])
    return [line.partition(b":")[0] for line in lines if line.lower().lstrip().startswith(prefix) and b":" in line]


def run(data: bytes) -> None:
    """All steps of an input."""
    edge = _Edge()
    for step in data.split(_STEP, _MAX_STEPS)[:_MAX_STEPS]:
        edge.step(step[:1], step[1:])
    edge.end()


def seeds() -> Iterable[bytes]:
    """Each message alone; then whole calls."""
    for message in messages():
        if _STEP not in message:
            yield b"N" + message
            yield b"W" + message
    invite, worker = request("INVITE", SENT_BY, body=SDP).encode(), engine_invite(WORKER, INSIDE, SENT_BY).encode()
    cancel, ack = request("CANCEL", SENT_BY).encode(), request("ACK", SENT_BY, to_tag="x").encode()
    new = [each.replace(b"call-a", b"call-b").replace(b"-one", b"-two") for each in (invite, cancel, ack)]
    yield _STEP.join((b"N" + new[0], b"A", b"T\x20", b"N" + new[0], b"N" + new[1], b"L", b"T\xf0"))
    yield _STEP.join((b"N" + new[0], b"R", b"T\x10", b"N" + new[0], b"N" + new[2], b"T\xf0"))
    yield _STEP.join((b"N" + new[0], b"N" + new[1], b"F", b"T\x10", b"S" + new[0], b"W" + worker))


TARGET = Target(
    run, seeds, (*WORDS, b"\xffN", b"\xffS", b"\xffW", b"\xffA", b"\xffR", b"\xffF", b"\xffT\x08", b"\xffL")
)
