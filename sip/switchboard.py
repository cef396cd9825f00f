"""[sans-IO] What the parts of the edge share: settings, tables, counters, and the way to refuse a request."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sip.actions import Action, NoteRefusal, SendToNetwork, SendToWorker
from sip.answered import AnsweredRequests
from sip.counters import Count, Counters, new_counters
from sip.dispatch import Dispatch
from sip.edge_settings import EdgeSettings
from sip.forwarding import Forwarder
from sip.request import Request
from sip.responses import Headers, Reply, warning
from sip.sources import Sources, Verdict
from sip.tap import Tap
from sip.transactions import Transactions

#: pjsip reads 4,000 bytes of a datagram and loses the rest (PJSIP_MAX_PKT_LEN); a message to a worker stays below.
WORKER_LIMIT = 3_900
#: The most that forwarding adds to a request: Via, Record-Route, received, Max-Forwards, two private headers.
ADDED = 400


@dataclass
class Switchboard:
    """The tables every part of the edge works on."""

    settings: EdgeSettings
    forwarder: Forwarder
    dispatch: Dispatch
    inside_port: int
    accepts_calls: Callable[[], bool]
    sources: Sources
    answered: AnsweredRequests = field(default_factory=AnsweredRequests)
    transactions: Transactions = field(default_factory=Transactions)
    counters: Counters = field(default_factory=new_counters)
    tap: Tap | None = None
    """Is shown what comes from the network; the edge shows it what goes there."""

    def count(self, why: Count) -> None:
        """One more."""
        self.counters[why] += 1

    def answer(self, reply: Reply, status: int, headers: Headers = ()) -> SendToNetwork:
        """A response of our own to the network."""
        server: Headers = () if status == 100 else (("Server", self.settings.user_agent.encode()),)
        return SendToNetwork(reply.response(status, (*headers, *server)), reply.host, reply.port)

    def refuse(self, request: Request, status: int, why: Count, headers: Headers = ()) -> list[Action]:
        """Answer with an error and keep nothing: a retransmission gets the same answer (RFC 3261 section 8.2.7)."""
        self.count(why)
        return [self.answer(request.reply(), status, headers), self.note(request, status, why)]

    def refuse_charged(self, request: Request, status: int, why: Count, headers: Headers = ()) -> list[Action]:
        """The same, counted against the rate of its source; over it, silence."""
        if self.sources.charge(request.source[0], request.received_at) is Verdict.SERVE:
            return self.refuse(request, status, why, headers)
        self.count(why)
        self.count(Count.RATE_LIMITED)
        return [self.note(request, 0, Count.RATE_LIMITED)]

    def busy_headers(self) -> Headers:
        """Retry-After for a 503."""
        return (("Retry-After", b"%d" % self.settings.retry_after),)

    def warning(self, text: str) -> Headers:
        """A Warning for people."""
        return (("Warning", warning(self.settings.public_address, text)),)

    def note(self, request: Request, status: int, why: Count) -> NoteRefusal:
        """For the log."""
        return NoteRefusal(why, status, request.source, request.message.method.decode(), request.caller)

    def too_large(self, request: Request) -> int | None:
        """The status that refuses a request no worker could read: 413 when the body is the bulk of it, else 513."""
        if request.message.size + ADDED <= WORKER_LIMIT:
            return None
        return 413 if 2 * len(request.message.body) > WORKER_LIMIT else 513

    def deliver(self, request: Request, port: int) -> list[Action]:
        """A request of the network to a worker."""
        status = self.too_large(request)
        if status is None:
            self.count(Count.TO_WORKER)
            return [SendToWorker(self.forwarder.request_to_worker(request.message, request.key, request.origin), port)]
        if request.message.method == b"ACK":
            self.count(Count.TOO_LARGE)
            return [self.note(request, 0, Count.TOO_LARGE)]
        return self.refuse(request, status, Count.TOO_LARGE)
