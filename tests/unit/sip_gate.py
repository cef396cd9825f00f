"""A Gate without sockets: LiveVox at 192.0.2.7:5060, one worker, number 1, at port 40001."""

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from typing import Unpack

from sip.actions import Action, AskAdmission, NoteRefusal, ReportEvent, SendToNetwork, SendToWorker
from sip.admission import Admitted, Refused
from sip.counters import Count
from sip.dispatch import Dispatch
from sip.edge_settings import EdgeSettings
from sip.forwarding import Forwarder
from sip.gate import Gate
from sip.message import Message
from sip.messages import EdgeEvent, LegEnded
from sip.request import Request
from sip.sources import Sources
from sip.switchboard import Switchboard
from tests.sip_texts import MEDIA, SDP, InviteFields, request, response

LIVEVOX = ("192.0.2.7", 5060)
SENT_BY = "192.0.2.7:5060"
STRANGER = ("198.51.100.66", 5060)
PUBLIC = ("203.0.113.1", 5070)
CONTACT = "sip:bridge@203.0.113.1:5070;w=1"
INSIDE = 5555
WORKER = 40001
SETTINGS = EdgeSettings("0.0.0.0", 5070, PUBLIC[0], (IPv4Network("192.0.2.0/24"),))


@dataclass
class Heard:
    """What a step made the edge do, sorted by who gets it."""

    network: list[Message] = field(default_factory=list)
    targets: list[tuple[str, int]] = field(default_factory=list)
    worker: list[Message] = field(default_factory=list)
    asked: list[AskAdmission] = field(default_factory=list)
    events: list[EdgeEvent | LegEnded] = field(default_factory=list)
    notes: list[NoteRefusal] = field(default_factory=list)
    others: list[Action] = field(default_factory=list)

    @property
    def statuses(self) -> list[int]:
        return [message.status for message in self.network]


class GateWorld:
    """The gate and its tables."""

    def __init__(self, **changes: object) -> None:
        settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]
        self.now = 1000.0
        self.accepts = True
        self.dispatch = Dispatch()
        self.dispatch.add_worker(1, WORKER, 4)
        self.dispatch.reserve("call1", 2)
        self.board = Switchboard(
            settings=settings,
            forwarder=Forwarder(PUBLIC, INSIDE, b"secret"),
            dispatch=self.dispatch,
            inside_port=INSIDE,
            accepts_calls=lambda: self.accepts,
            sources=Sources(settings.allow, settings.rate_per_s, settings.burst),
        )
        self.gate = Gate(self.board)

    def count(self, why: Count) -> int:
        return self.board.counters[why]

    def hear(self, text: str | bytes, source: tuple[str, int] = LIVEVOX) -> Heard:
        """A datagram from the network."""
        datagram = text.encode() if isinstance(text, str) else text
        return sorted_out(self.gate.from_network(datagram, source, self.now))

    def hear_worker(self, text: str, port: int = WORKER) -> Heard:
        """A datagram from a worker."""
        return sorted_out(self.gate.from_worker(text.encode(), port, self.now))

    def answer(self, asked: Request, answer: Admitted | Refused) -> Heard:
        """Admission has decided."""
        return sorted_out(self.gate.admission_answered(asked, answer, self.now))

    def lose_worker(self) -> Heard:
        """Worker 1 dies."""
        return sorted_out(self.gate.worker_lost(self.dispatch.remove_worker(1), self.now))

    def wait(self, seconds: float) -> Heard:
        """Time passes; expire is called at each deadline, as the driver does."""
        until = self.now + seconds
        actions: list[Action] = []
        while self.gate.deadline is not None and self.gate.deadline <= until:
            self.now = max(self.now, self.gate.deadline)
            actions += self.gate.expire(self.now)
        self.now = until
        return sorted_out(actions)

    def asked(self, **changes: Unpack[InviteFields]) -> Request:
        """An INVITE that admission is asked about."""
        heard = self.hear(request("INVITE", SENT_BY, body=SDP, **changes))
        assert heard.statuses == [100]
        return heard.asked[0].request

    def admitted(self, **changes: Unpack[InviteFields]) -> Message:
        """An INVITE as the worker has it."""
        return self.answer(self.asked(**changes), Admitted("call1", 1, MEDIA)).worker[0]

    def answered(self, **changes: Unpack[InviteFields]) -> Message:
        """A call whose 200 has passed; returns the INVITE as the worker had it."""
        invite = self.admitted(**changes)
        self.hear_worker(response(invite, 200, "OK"))
        return invite


def sorted_out(actions: list[Action]) -> Heard:
    heard = Heard()
    for action in actions:
        match action:
            case SendToNetwork():
                heard.network.append(Message.parse(action.datagram))
                heard.targets.append((action.host, action.port))
            case SendToWorker():
                heard.worker.append(Message.parse(action.datagram))
            case AskAdmission():
                heard.asked.append(action)
            case ReportEvent():
                heard.events.append(action.event)
            case NoteRefusal():
                heard.notes.append(action)
            case _:
                heard.others.append(action)
    return heard


def in_dialog(method: str, **changes: object) -> str:
    """A request of LiveVox's inside the dialog of `GateWorld.answered`."""
    values: dict[str, object] = {"uri": CONTACT, "branch": f"z9hG4bK-{method}", "to_tag": "ua1", "cseq": 2, **changes}
    return request(method, SENT_BY, **values)  # type: ignore[arg-type]
