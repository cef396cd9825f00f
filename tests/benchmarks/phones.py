"""The telephones of a load: LiveVox's side, which calls, and a SIP engine that answers at once.

Each is one socket and a few dictionaries, in the process that measures. What is lost is sent again, as both ends of a
UDP call must; there is no more of SIP in it than a call that goes well needs.
"""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks import sip_texts
from tests.benchmarks.sip_texts import Address, Dialog, Invite

LOOPBACK = "127.0.0.1"
#: From the first sending to the second; doubled each time (RFC 3261, timer A).
_FIRST_WAIT_S, _LAST_WAIT_S = 0.5, 4.0
_SWEEP_S = 0.1
#: A call that is not answered after so long never is.
_PATIENCE_S = 15.0
_branches = itertools.count(1)


def branch() -> str:
    """A new one."""
    return f"z9hG4bK{next(_branches):08x}"


@dataclass
class _Waiting:
    """A request without an answer."""

    datagram: bytes
    target: Address
    again_at: float
    wait_s: float = _FIRST_WAIT_S


class _Phone(asyncio.DatagramProtocol):
    """One socket, and what waits for an answer."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._waiting: dict[tuple[str, str], _Waiting] = {}
        self._sweeper: asyncio.TimerHandle | None = None
        self.sent_again = 0
        """Requests that had to be repeated."""
        self.unreadable: list[str] = []

    async def open(self) -> None:
        """Bind a free port."""
        await self._loop.create_datagram_endpoint(lambda: self, local_addr=(LOOPBACK, 0))
        self._sweep()

    def close(self) -> None:
        """Send nothing more."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._transport.close()

    @property
    def address(self) -> Address:
        """Where it is."""
        host, port = self._transport.get_extra_info("sockname")[:2]
        return host, port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        try:
            self._received(data, addr)
        except (sip_texts.Unreadable, UnicodeDecodeError) as exc:
            self.unreadable.append(str(exc))

    def _received(self, data: bytes, source: Address) -> None:
        raise NotImplementedError

    def _send(self, datagram: bytes, target: Address) -> None:
        self._transport.sendto(datagram, target)

    def _ask(self, call_id: str, method: str, datagram: bytes, target: Address) -> None:
        """Send a request until it is answered."""
        self._waiting[call_id, method] = _Waiting(datagram, target, self._loop.time() + _FIRST_WAIT_S)
        self._send(datagram, target)

    def _answered(self, call_id: str, method: str) -> None:
        self._waiting.pop((call_id, method), None)

    def _sweep(self) -> None:
        now = self._loop.time()
        for each in self._waiting.values():
            if now >= each.again_at:
                self.sent_again += 1
                each.wait_s = min(each.wait_s * 2, _LAST_WAIT_S)
                each.again_at = now + each.wait_s
                self._send(each.datagram, each.target)
        self._sweeper = self._loop.call_later(_SWEEP_S, self._sweep)


@dataclass
class Call:
    """One call, as LiveVox's side sees it."""

    number: str
    place: int
    """From 0, in the order of the calls."""
    invite: bytes
    sent_at: float
    status: int = 0
    """The final answer's; 0 as long as there is none."""
    answered_at: float = 0.0
    media: Address = ("", 0)
    """Where the customer's audio goes."""
    dialog: Dialog | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """There is a final answer."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """It is hung up, or was refused."""

    @property
    def set_up_ms(self) -> float:
        """From the INVITE to its 200."""
        return (self.answered_at - self.sent_at) * 1000


class Caller(_Phone):
    """LiveVox's side."""

    def __init__(self, target: Address, audio: Callable[[int], Address]) -> None:
        """`audio` says where the n-th call's customer is."""
        super().__init__()
        self._target = target
        self._audio = audio
        self.calls: dict[str, Call] = {}
        """By Call-ID."""
        self.on_ended: Callable[[Call, bool], None] = lambda call, by_peer: None
        """Told of the end of each answered call."""

    def call(self, number: str, *headers: str) -> Call:
        """Send the INVITE."""
        mark = branch()
        place = len(self.calls)
        call_id = f"{mark[7:]}-{self.address[1]}@load"
        invite = Invite(number, self.address, self._target, call_id, mark, headers).encode(self._audio(place))
        call = self.calls[call_id] = Call(number, place, invite, time.monotonic())
        self._ask(call_id, "INVITE", invite, self._target)
        self._loop.call_later(_PATIENCE_S, self._give_up, call_id)
        return call

    def hang_up(self, call: Call) -> None:
        """Send BYE; nothing when it is over."""
        if call.dialog is not None and not call.over.is_set():
            call.over.set()
            self.on_ended(call, False)
            self._ask(call.dialog.call_id, "BYE", call.dialog.request("BYE", 2, branch()), call.dialog.next_hop)

    @property
    def settled(self) -> bool:
        """Nothing waits for an answer."""
        return not self._waiting

    def _give_up(self, call_id: str) -> None:
        call = self.calls[call_id]
        if not call.settled.is_set():
            self._answered(call_id, "INVITE")
            call.status = 408
            call.settled.set()
            call.over.set()

    def _received(self, data: bytes, source: Address) -> None:
        call_id = sip_texts.value(data, b"Call-ID")
        call = self.calls.get(call_id)
        if call is None:
            return
        if not data.startswith(b"SIP/2.0 "):
            self._asked(call, data, source)
            return
        status, method = int(data[8:11]), sip_texts.value(data, b"CSeq").split()[1]
        if method != "INVITE":
            self._answered(call_id, method)
        elif status < 200:
            self._answered(call_id, "INVITE")
        else:
            self._final(call, call_id, status, data)

    def _asked(self, call: Call, data: bytes, source: Address) -> None:
        if data.startswith(b"ACK"):
            return
        self._send(sip_texts.response("200 OK", data), source)
        if data.startswith(b"BYE") and not call.over.is_set():
            call.over.set()
            self.on_ended(call, True)

    def _final(self, call: Call, call_id: str, status: int, data: bytes) -> None:
        self._answered(call_id, "INVITE")
        if status >= 300:
            self._send(sip_texts.refusal_ack(call.invite, data), self._target)
            call.status = call.status or status
            call.over.set()
        else:
            if call.dialog is None:
                call.answered_at = time.monotonic()  # the loop's time is whole milliseconds with uvloop
                call.status, call.media = status, sip_texts.media(data)
                call.dialog = Dialog.of_caller(self.address, data)
            self._send(call.dialog.request("ACK", 1, branch()), call.dialog.next_hop)
        call.settled.set()


class Engine(_Phone):
    """A SIP engine: answers each INVITE at once, and hangs up when it is told to."""

    def __init__(self, audio: Callable[[int], Address]) -> None:
        """`audio` says where the n-th call's bot is."""
        super().__init__()
        self._audio = audio
        self.media: list[Address] = []
        """Where each call's bot is to send to, in the order of the calls."""
        self.hangs_up_after_s: float | None = None
        """From the ACK; None: never."""
        self._answers: dict[str, tuple[bytes, Dialog]] = {}
        self._up: set[str] = set()

    def _received(self, data: bytes, source: Address) -> None:
        call_id = sip_texts.value(data, b"Call-ID")
        method = data.split(b" ", 1)[0]
        if method == b"INVITE":
            self._invited(call_id, data, source)
        elif method == b"ACK":
            self._acknowledged(call_id)
        elif method == b"SIP/2.0":
            self._answered(call_id, sip_texts.value(data, b"CSeq").split()[1])
        else:
            if method == b"BYE":
                self._up.discard(call_id)
                self._answers.pop(call_id, None)
            self._send(sip_texts.response("200 OK", data, tag="bot"), source)

    def _invited(self, call_id: str, invite: bytes, source: Address) -> None:
        if call_id not in self._answers:
            place = len(self.media)
            self.media.append(sip_texts.media(invite))
            tag = f"bot{branch()[7:]}"
            contact = f"Contact: <sip:bot@{self.address[0]}:{self.address[1]}>"
            answer = sip_texts.response("200 OK", invite, contact, tag=tag, body=sip_texts.sdp(self._audio(place)))
            self._answers[call_id] = answer, Dialog.of_callee(self.address, invite, tag)
        self._send(self._answers[call_id][0], source)

    def _acknowledged(self, call_id: str) -> None:
        if call_id in self._answers and call_id not in self._up:
            self._up.add(call_id)
            if self.hangs_up_after_s is not None:
                self._loop.call_later(self.hangs_up_after_s, self._hang_up, call_id)

    def _hang_up(self, call_id: str) -> None:
        if call_id in self._up:
            dialog = self._answers.pop(call_id)[1]
            self._up.discard(call_id)
            self._ask(call_id, "BYE", dialog.request("BYE", 1, branch()), dialog.next_hop)
