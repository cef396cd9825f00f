"""Every call of one media process: sockets, the hot path from datagram to datagram, and the tick."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from bridge.media.bound_ports import BoundPorts
from bridge.media.chores import Chores
from bridge.media.exchange import Exchange
from bridge.media.hearing import GAP_S, Hearing
from bridge.media.lane import Lane
from bridge.media.messages import (
    AudioCommand,
    BindPorts,
    CloseSession,
    Event,
    MediaSettings,
    OpenSession,
    PortsBound,
    Record,
    RestPorts,
    SendDigits,
    SessionClosed,
    SessionOpened,
    SessionRefused,
    SetFlow,
    SetRemote,
    Side,
)
from bridge.media.poll import Poll
from bridge.media.prompts import load_prompts
from bridge.media.quality_rounds import QualityRounds
from bridge.media.recorder import Recorder
from bridge.media.rounds import Rounds
from bridge.media.rtp import PACKET_MS
from bridge.media.rtp_port import RtpPort
from bridge.media.session import Session
from bridge.media.slots import SLOT_S

#: Packets of ours sent in a tick before what has arrived is relayed: a tick never delays a relayed packet by more.
_BURST = 16
#: Chores that had no moment of their own are done so many at a time before what has arrived is relayed: 0.1 ms.
_CHORES = 4
#: Who hears nothing is looked for every other slot, in one pass over all: a gap of 60 ms is filled before 100 ms. A
#: timing wheel costs ten times as much, as each side must be taken out and put in again.
_STARVED_SLOTS = 2
#: The watchdog looks at each call every half second, at so many at least in one slot.
_WATCH_TICKS, _WATCHED_A_TICK = 500 // PACKET_MS, 8


@dataclass(eq=False)
class _Call:
    session: Session
    customer: RtpPort
    engine: RtpPort
    rtp_timeout_s: float


class Relay:
    """The sessions of this process; `poll` has their sockets."""

    def __init__(self, settings: MediaSettings, report: Callable[[Event], None]) -> None:
        self._settings = settings
        self._report = report
        self._exchange = Exchange(
            settings.follow,
            random.SystemRandom(),
            report,
            self._voice_changed,
            dead_air_s=settings.dead_air_s,
            prompts=load_prompts(settings),
        )
        self._ports = BoundPorts(settings)
        self._calls: dict[str, _Call] = {}
        self._chores = Chores()
        self.poll = Poll(self._chores)
        #: Called when somebody hears an engine by WebSocket from now on, or a prompt: it is not calm any more.
        self.on_voice: Callable[[], None] = _ignored
        #: Where what passes a lane is heard.
        self._lanes: dict[Lane, RtpPort] = {}
        #: Those that hear nothing of the other side: only they cost something in a tick.
        self._quiet: dict[Hearing, RtpPort] = {}
        #: Those whose customer hears an engine by WebSocket, or a prompt.
        self._voiced: dict[Session, RtpPort] = {}
        self._starved_at = 0
        self._watched = Rounds[_Call](_WATCH_TICKS, _WATCHED_A_TICK)
        self._quality = QualityRounds(report, self._chores)
        self._recorder = Recorder(report)

    @property
    def sessions(self) -> int:
        """How many sessions are open."""
        return len(self._calls)

    @property
    def calm(self) -> bool:
        """Nothing of ours is sent to anyone, and no key is down."""
        return not (self._voiced or self._quiet or self._exchange.keys_down)

    def close(self) -> None:
        """Close every socket and file."""
        self._recorder.end(time.monotonic())
        for call in self._calls.values():
            call.customer.close()
            call.engine.close()
        self._ports.close()
        self._calls.clear()
        self.poll.close()

    # packets

    def tick(self, number: int, due: float, missed: int) -> None:
        """Send what is ours in slot `number`, which was due at `due`; so many slots before it were missed."""
        if missed:
            self.poll.drain()  # what has waited in the sockets came before this slot
        now = time.monotonic()
        late_s = now - due + missed * SLOT_S
        if number - self._starved_at >= _STARVED_SLOTS:
            self._starved_at = number
            self._find_starved(now)
        self._speak(number, due, missed)
        self._fill(number, now)
        for party in tuple(self._exchange.keys_down):
            party.expire_key(now)
        self._finish_chores()
        for call in self._watched.take(number, self._calls.values):
            self._chores.add(call.session, partial(_watch, call))
        self._quality.tick(number, late_s, self._sessions)
        self._recorder.tick(number, now)

    def _finish_chores(self) -> None:
        """No moment without packets came for these since the last slot."""
        for count in range(1, len(self._chores) + 1):
            self._chores.do_one()
            if count % _CHORES == 0:
                self.poll.drain()

    def _sessions(self) -> list[Session]:
        return [call.session for call in self._calls.values()]

    def _speak(self, number: int, due: float, missed: int) -> None:
        """What engines by WebSocket say, and prompts."""
        sent = 0
        for session, port in tuple(self._voiced.items()):
            if not session.voiced:
                continue  # it has changed over what another engine was told
            packets = session.tick(number, missed, time.monotonic())
            for packet in packets:
                port.deliver(packet)
            session.departed(due, missed, len(packets), time.monotonic())
            sent += len(packets)
            if sent >= _BURST:
                self.poll.drain()
                sent = 0

    def _fill(self, number: int, now: float) -> None:
        """Silence and keys for those who hear nothing else."""
        budget = _BURST
        for hearing, port in tuple(self._quiet.items()):
            packet = hearing.tick(number, now)
            if packet is None:
                del self._quiet[hearing]
                continue
            port.deliver(packet)
            budget -= 1
            if budget == 0:
                self.poll.drain()
                budget = _BURST

    def _find_starved(self, now: float) -> None:
        limit = now - GAP_S
        for lane in [lane for lane in self._lanes if lane.at <= limit]:
            port = self._lanes[lane]
            hearing = port.party.hearing
            if hearing.sends and not hearing.voiced:
                self._quiet[hearing] = port

    # engines by WebSocket

    def session(self, call: str) -> Session | None:
        """The session of this call, for the driver of its engine."""
        found = self._calls.get(call)
        return found.session if found is not None else None

    def press(self, call: str, digits: str) -> None:
        """Keys for the customer's side."""
        if call in self._calls:
            self._change(self._calls[call], SendDigits(call, Side.CUSTOMER, digits), time.monotonic())

    def _voice_changed(self, session: Session) -> None:
        call = self._calls.get(session.call)
        if call is None or call.session is not session:
            return  # its engine learns a little later that the call is over
        call.engine.settle(time.monotonic())
        if session.voiced:
            self._voiced[session] = call.customer
            self.on_voice()
        else:
            self._voiced.pop(session, None)
            self._quiet[session.customer.hearing] = call.customer

    # commands

    def obey(self, command: AudioCommand) -> None:
        """Carry out a command; one for a call that is closed by now is nothing."""
        now = time.monotonic()
        if isinstance(command, MediaSettings):
            self._settings = command
            self._exchange = replace(self._exchange, follow=command.follow, dead_air_s=command.dead_air_s)
        elif isinstance(command, BindPorts):
            self._report(PortsBound(self._ports.bind_ahead(command.pairs, now)))
        elif isinstance(command, OpenSession):
            ahead = self._ports.is_ahead(command.customer_port)
            answer = self._open(command, now)
            if not (ahead and isinstance(answer, SessionOpened)):
                self._report(answer)
        elif isinstance(command, CloseSession):
            self._report(self._close(command.call, now))
        elif isinstance(command, RestPorts):
            for port in command.ports:
                self._ports.rest(port, now)
        elif command.call in self._calls:
            self._change(self._calls[command.call], command, now)

    def _change(self, call: _Call, command: SetRemote | SetFlow | SendDigits | Record, now: float) -> None:
        if isinstance(command, SetRemote):
            call.session.set_remote(command, now)
            (call.customer if command.side is Side.CUSTOMER else call.engine).settle(now)
        elif isinstance(command, SetFlow):
            call.session.set_flow(command.flow, command.prompt)
        elif isinstance(command, Record):
            self._recorder.obey(command, call.session, now)
        else:
            call.session.send_digits(command, now)
        for port in (call.customer, call.engine):
            self._quiet[port.party.hearing] = port

    def _open(self, command: OpenSession, now: float) -> SessionOpened | SessionRefused:
        if command.call in self._calls:
            return SessionRefused(command.call, "the call has a session already")
        session = Session(command.call, command.codec, self._exchange)
        bound: list[RtpPort] = []
        for party, number in ((session.customer, command.customer_port), (session.engine, command.engine_port)):
            try:
                bound.append(RtpPort(self._ports.take(number, now), party, self.poll))
            except OSError as exc:
                for port in bound:
                    self._release(port, now)
                where = f"port {number}: " if number else ""
                return SessionRefused(command.call, f"{where}{exc.strerror or exc!r}")
        customer, engine = bound
        customer.join(engine)
        self._calls[command.call] = _Call(session, customer, engine, self._settings.rtp_timeout_s)
        self._lanes |= {customer.party.lane: engine, engine.party.lane: customer}
        return SessionOpened(command.call, customer.number, engine.number)

    def _close(self, name: str, now: float) -> SessionClosed:
        call = self._calls.pop(name, None)
        if call is None:
            return SessionClosed(name)
        for port in (call.customer, call.engine):
            self._lanes.pop(port.party.lane)
            self._quiet.pop(port.party.hearing, None)
            self._exchange.keys_down.discard(port.party)
            self._release(port, now)
        self._voiced.pop(call.session, None)
        self._quality.forget(call.session)
        self._watched.forget(call)
        self._chores.forget(call.session)
        self._recorder.finish(name, now)
        return call.session.closed()

    def _release(self, port: RtpPort, now: float) -> None:
        port.close()
        self._ports.release(port.number, now)


def _watch(call: _Call) -> None:
    call.session.watch(time.monotonic(), call.rtp_timeout_s)


def _ignored() -> None:
    """Nobody wants to know."""
