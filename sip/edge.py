"""The only SIP socket on the network: a datagram in, Gate asked, what it says done."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Self, assert_never

import structlog

from sip.actions import (
    Action,
    AskAdmission,
    NoteRefusal,
    ReportEvent,
    SendToNetwork,
    SendToWorker,
    WithdrawAdmission,
)
from sip.admission import Admission, Admitted, Invite, Refused
from sip.alarm_clock import AlarmClock
from sip.counters import Count, Counters
from sip.dispatch import Dispatch
from sip.edge_settings import EdgeSettings
from sip.errors import InvalidMessage
from sip.forwarding import Forwarder
from sip.gate import Gate
from sip.refusal_log import RefusalLog
from sip.resolver import Resolver
from sip.sources import Sources
from sip.switchboard import Switchboard
from sip.tap import Tap, sip_call_id
from sip.udp import open_udp
from sip.worker_traffic import is_literal

__all__ = ["Admission", "Admitted", "Edge", "EdgeSettings", "Invite", "Refused"]

log = structlog.get_logger()

Receive = Callable[[bytes, tuple[str, int]], None]


class _Socket(asyncio.DatagramProtocol):
    """Hands every datagram on."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._receive(data, addr)

    def error_received(self, exc: Exception) -> None:
        """Somebody we sent to does not listen: their transactions time out by themselves."""
        log.debug("datagram_refused", error=str(exc))


class Edge:
    """Two UDP sockets: the outside one for the network, the inside one for the workers only."""

    def __init__(
        self,
        settings: EdgeSettings,
        dispatch: Dispatch,
        admission: Admission,
        public_port: int,
        inside_port: int,
        tap: Tap | None,
    ) -> None:
        """Use `open`."""
        self.public_port = public_port
        """The outside socket's port, the one in our Contact."""
        self.inside_port = inside_port
        """The inside socket's port on 127.0.0.1: the workers' proxy."""
        public = settings.public_address, public_port
        self._board = board = Switchboard(
            settings=settings,
            forwarder=Forwarder(public, inside_port, secrets.token_bytes(16)),
            dispatch=dispatch,
            inside_port=inside_port,
            accepts_calls=lambda: admission.accepts_calls,
            sources=Sources(settings.allow, settings.rate_per_s, settings.burst),
            tap=tap,
        )
        self.counters: Counters = board.counters
        """How often what happened, since the start."""
        self._gate = Gate(board)
        self._admission = admission
        self._tap = tap
        self._loop = asyncio.get_running_loop()
        self._resolver = Resolver()
        self._admissions: dict[bytes, asyncio.Task[None]] = {}
        self._deliveries: set[asyncio.Task[None]] = set()
        self._alarm = AlarmClock(self._loop, self._expire)
        self._refusals = RefusalLog(self.counters)
        self._outside: asyncio.DatagramTransport
        self._inside: asyncio.DatagramTransport

    @classmethod
    async def open(
        cls, settings: EdgeSettings, dispatch: Dispatch, admission: Admission, tap: Tap | None = None
    ) -> Self:
        """Bind both sockets and take calls; raises AddressInUse or AddressUnusable."""
        outside = open_udp(settings.listen_host, settings.listen_port)
        inside = open_udp("127.0.0.1", 0)
        edge = cls(settings, dispatch, admission, outside.getsockname()[1], inside.getsockname()[1], tap)
        loop = asyncio.get_running_loop()
        edge._inside, _ = await loop.create_datagram_endpoint(lambda: _Socket(edge._from_worker), sock=inside)
        edge._outside, _ = await loop.create_datagram_endpoint(lambda: _Socket(edge._from_network), sock=outside)
        return edge

    def change(self, settings: EdgeSettings) -> None:
        """Other sources, rates and refusals from now on; the sockets and their addresses stay as they are."""
        self._board.settings = settings
        self._board.sources.change(settings.allow, settings.rate_per_s, settings.burst)

    def close(self) -> None:
        """Close both sockets; whoever waits for an admission is cancelled."""
        self._alarm.stop()
        for task in (*self._admissions.values(), *self._deliveries):
            task.cancel()
        self._resolver.close()
        self._inside.close()
        self._outside.close()

    def worker_lost(self, calls: list[str]) -> None:
        """The worker that had these calls has died: INVITEs it had not answered get 503."""
        if not self._outside.is_closing():
            self._perform(self._gate.worker_lost(calls, self._loop.time()))

    # datagrams in

    def _from_network(self, datagram: bytes, source: tuple[str, int]) -> None:
        try:
            self._perform(self._gate.from_network(datagram, source, self._loop.time()))
        except Exception:  # noqa: BLE001  # it is logged; one datagram must not take the socket with it
            self._refusals.failed("datagram_failed", self._loop.time(), source=f"{source[0]}:{source[1]}")

    def _from_worker(self, datagram: bytes, source: tuple[str, int]) -> None:
        try:
            self._perform(self._gate.from_worker(datagram, source[1], self._loop.time()))
        except InvalidMessage as exc:
            log.warning("worker_datagram_unusable", port=source[1], error=str(exc))
        except Exception:  # noqa: BLE001  # it is logged
            self._refusals.failed("worker_datagram_failed", self._loop.time(), port=source[1])

    # actions out

    def _perform(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case SendToWorker():
                    self._inside.sendto(action.datagram, ("127.0.0.1", action.port))
                case SendToNetwork():
                    self._send_to_network(action)
                case AskAdmission():
                    self._ask(action)
                case WithdrawAdmission():
                    if task := self._admissions.get(action.key):
                        task.cancel()
                case ReportEvent():
                    self._admission.sip_event(action.event)
                case NoteRefusal():
                    self._refusals.refused(action, self._loop.time())
                case _:
                    assert_never(action)
        self._set_timer()

    def _send_to_network(self, action: SendToNetwork) -> None:
        if is_literal(action.host):
            self._send(action.datagram, (action.host, action.port))
            return
        task = self._loop.create_task(self._resolve_and_send(action), name=f"send to {action.host}")
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _resolve_and_send(self, action: SendToNetwork) -> None:
        address = await self._resolver.resolve(action.host)
        if address is not None and self._gate.resolved(address, action.port, self._loop.time()):
            self._send(action.datagram, (address, action.port))
            return
        self.counters[Count.UNDELIVERABLE] += 1
        log.warning("name_unusable", name=action.host, address=address)
        if action.otherwise is not None:
            self._perform([action.otherwise])

    def _send(self, datagram: bytes, peer: tuple[str, int]) -> None:
        self._outside.sendto(datagram, peer)
        if self._tap is not None:
            self._tap(sip_call_id(datagram), True, peer, datagram)

    def _ask(self, action: AskAdmission) -> None:
        key = action.request.key
        task = self._loop.create_task(self._await_admission(action), name=f"admit {action.invite.sip_call_id}")
        self._admissions[key] = task
        task.add_done_callback(lambda _: self._admissions.pop(key, None))

    async def _await_admission(self, action: AskAdmission) -> None:
        try:
            answer = await self._admission.admit(action.invite)
            self._perform(self._gate.admission_answered(action.request, answer, self._loop.time()))
        except Exception:  # noqa: BLE001  # it is logged
            self._refusals.failed("admission_failed", self._loop.time(), sip_call_id=action.invite.sip_call_id)
            self._perform(self._gate.admission_failed(action.request, self._loop.time()))

    # time

    def _set_timer(self) -> None:
        deadline = self._gate.deadline
        if deadline is not None:
            self._alarm.set(deadline)

    def _expire(self) -> None:
        try:
            self._perform(self._gate.expire(self._loop.time()))
        except Exception:  # noqa: BLE001  # it is logged
            self._refusals.failed("timer_failed", self._loop.time())
