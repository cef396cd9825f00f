"""One engine that is reached by WebSocket, for one call: between its line, its dialect and the audio of the call."""

import time
from collections import deque
from collections.abc import Callable
from functools import partial

from bridge.call_facts import ScreenPopRows
from bridge.dialects.dialect import Dialect, Fact, Speaker
from bridge.errors import InvalidEngineMessage
from bridge.media.dialect_guard import DialectGuard, log_fault
from bridge.media.engine_terms import EngineTerms
from bridge.media.session import Session
from bridge.media.stream_line import StreamLine
from bridge.media.stream_messages import StartStream
from bridge.media.stream_reports import StreamReports
from bridge.media.stream_socket import INTERNAL_ERROR, NORMAL, POLICY_VIOLATION
from bridge.media.stream_state import Over, PlayOut, Step, StreamLife, StreamState, TryAgain
from bridge.media.stream_world import StreamWorld
from bridge.media.wake_up import EARLY_S, WakeUp
from bridge.verdicts import Complete, Transfer, Verdict

#: More messages that cannot be used mean that the two do not speak the same language.
MAX_INVALID = 50
#: How often it is looked whether a goodbye has been heard to its end.
_LOOK_S = 0.1
#: What an engine is told that has said goodbye itself.
_FINISHED = "finished"


class Stream:
    """Speaks to the dialect and does what the dialect asks for. A fault in a dialect ends its stream and no other."""

    def __init__(self, start: StartStream, terms: EngineTerms, session: Session, world: StreamWorld) -> None:
        self.call, self.number = start.call, start.stream
        self.reports = StreamReports(start.call, start.stream, world.report)
        self._terms, self._session, self._world = terms, session, world
        self._life = StreamLife(terms.connect_timeout_s, terms.reconnect_s, time.monotonic())
        self.line = StreamLine(f"stream {start.call}/{start.stream}", world, self, start.traceparent)
        self._care = DialectGuard(f"the dialect of engine {terms.name}", self._not_usable, self._fault, self._settle)
        self._wake_up = WakeUp(self._expire)
        self._dialect = Dialect()
        self._facts = start.facts
        self._invalid = 0
        #: What the engine is told once it is ready.
        self._untold: deque[Callable[[float], None]] = deque()
        self._transfer: Transfer | None = None
        self._look_at: float | None = None
        #: The dialect's deadline as it was last looked at.
        self._armed: float | None = None

    @property
    def over(self) -> bool:
        """It has ended."""
        return self._life.over

    # what the bridge says

    def start(self, speaker: Speaker) -> None:
        """Connect."""
        self._session.attach(self, time.monotonic())
        with self._care:
            self._dialect = self._terms.make(self._facts, speaker)
            self.line.connect(self._dialect.opening(), self._terms.connect_timeout_s)
        self._arm()

    def answered(self) -> None:
        """The customer is on the line."""
        self._session.answered(time.monotonic())
        self._tell(self._dialect.answered)

    def screen_pop(self, pop: ScreenPopRows) -> None:
        """LiveVox's data of the customer."""
        self._tell(partial(self._dialect.screen_pop, pop))

    def transfer_progress(self, status: int) -> None:
        """How the transfer goes."""
        self._tell(partial(self._dialect.transfer_progress, status))

    def tool_answered(self, id: str, output: str) -> None:
        """What a forwarded function answered."""
        self._tell(partial(self._dialect.tool_answered, id, output))

    def dead_air(self, silent_s: float) -> None:
        """Nobody says anything."""
        if self._life.state is StreamState.READY:
            self._tell(partial(self._dialect.dead_air, silent_s))

    def stop(self, fate: str) -> None:
        """The call is over for this engine."""
        self._transfer = None  # what it asked for at its goodbye comes too late
        with self._care:
            self._dialect.hang_up(fate)
        self._do(self._life.stop(f"the bridge hung up ({fate})"))

    # what the audio of the call says

    def hear(self, audio: bytes, now: float) -> None:
        """20 ms of the customer."""
        line = self.line
        if line.socket is None:
            return
        line.says_audio = True
        try:  # not `with self._care`: fifty times a second for each call
            self._dialect.hear(audio, now)
        except Exception as exc:  # noqa: BLE001  # the guard logs it
            self._care.raised(exc)
        line.says_audio = False
        if self._dialect.deadline != self._armed:
            self._arm()

    def key(self, digit: str, now: float) -> None:
        """The customer pressed a key."""
        with self._care:
            self._dialect.key(digit, now)

    def mark_played(self, name: str, now: float) -> None:
        """The customer has heard all before the mark."""
        with self._care:
            self._dialect.mark_played(name, now)

    # what the line says

    def line_open(self, renewed: bool, now: float) -> None:
        """There is a connection."""
        if renewed:
            self._note("engine_connection_renewed")
        with self._care:
            self._dialect.connected(now)

    def line_message(self, message: str | bytes, now: float) -> None:
        """The engine says something."""
        with self._care:
            if isinstance(message, str):
                self._dialect.text(message, now)
            else:
                self._dialect.binary(message, now)

    def line_down(self, reason: str, code: int | None, now: float) -> None:
        """The connection is gone, or could not be opened."""
        meant = False
        if code is not None:
            with self._care:
                meant = self._dialect.closed(code, now)
        if meant:
            self._do(self._life.goodbye(None, reason, now))
        else:
            self._do(self._life.connection_lost(reason, now))

    def line_slow(self) -> None:
        """The engine does not read as fast as it is spoken to."""
        self._note("engine_reads_slowly")

    def line_broke(self, exc: Exception) -> None:
        """A fault of ours."""
        log_fault(f"the line to engine {self._terms.name}", exc)
        self._fault(exc)

    def line_not_renewed(self, reason: str) -> None:
        """The connection stays as it is."""
        self._note("engine_connection_not_renewed", reason=reason)

    # what the dialect says

    def press(self, digits: str) -> None:
        """Keys for the customer's side."""
        if not self.over:
            self._world.press(self.call, digits)

    def ready(self) -> None:
        """The engine can talk."""
        before = self._life.ready(time.monotonic())
        if before is StreamState.CONNECTING:
            self.reports.ready()
        elif before is StreamState.RECONNECTING:
            self._session.hold_the_line(False)
            self._note("engine_reconnected")

    def fail(self, reason: str) -> None:
        """The engine cannot or will not serve this call."""
        self._do(self._life.fail(reason))

    def goodbye(self, verdict: Verdict | None) -> None:
        """The bot has said all."""
        self._transfer = verdict if isinstance(verdict, Transfer) else None
        complete = verdict if isinstance(verdict, Complete) else None
        self._do(self._life.goodbye(complete, "the bot said goodbye", time.monotonic()))

    def renew(self) -> None:
        """Another connection instead of this one."""
        if self._life.state is StreamState.READY:
            with self._care:
                self.line.renew(self._dialect.opening(), self._terms.connect_timeout_s)

    # what follows

    def _note(self, what: str, **facts: Fact) -> None:
        self.reports.note(what, facts, time.monotonic())

    def _tell(self, say: Callable[[float], None]) -> None:
        """Tell the engine now, or when it is ready."""
        if not self.over:
            self._untold.append(say)
            with self._care:
                pass

    def _settle(self) -> None:
        """The dialect has done something: tell it what waits, and come back when it wants to."""
        if self._untold and self._life.state in (StreamState.READY, StreamState.LEAVING):
            say = self._untold.popleft()
            with self._care:
                say(time.monotonic())
        elif self._dialect.deadline != self._armed:
            self._arm()

    def _not_usable(self, problem: InvalidEngineMessage) -> None:
        self._invalid += 1
        if self._invalid == 1:
            self._note("engine_message_invalid", detail=problem.detail)
        if self._invalid > MAX_INVALID:
            self._do(self._life.fail("too many unusable messages"), POLICY_VIOLATION)

    def _fault(self, exc: Exception) -> None:
        reason = f"a fault of the bridge ({type(exc).__name__})"
        self._do(self._life.fail(reason) or self._life.stop(reason), INTERNAL_ERROR)

    def _do(self, step: Step, code: int = NORMAL) -> None:
        match step:
            case TryAgain():
                self._reconnect(step)
            case PlayOut():
                self._session.hold_the_line(False)
                self._look_at = time.monotonic()
            case Over():
                self._end(step, code)
        self._arm()

    def _reconnect(self, step: TryAgain) -> None:
        if step.first:
            self._note("engine_reconnecting")
            self._session.hold_the_line(True)
        with self._care:
            self.line.connect(self._dialect.opening(), self._terms.connect_timeout_s, step.after_s)

    def _end(self, over: Over, code: int) -> None:
        self._wake_up.cancel()
        self._untold.clear()
        self._session.detach(time.monotonic())
        self.line.leave(code)
        counts = {"invalid": self._invalid, "unsent": self.line.dropped, "left_out": self.reports.left_out}
        if any(counts.values()):
            self.reports.last_note("engine_messages_unused", **counts)
        if self._transfer is not None:
            self.reports.verdict(self._transfer)
        self.reports.over(over)
        self._world.over(self.call, self.number)

    # time

    def _arm(self) -> None:
        if self.over:
            return
        self._armed = self._dialect.deadline
        for due in (self._armed, self._life.deadline, self._look_at):
            if due is not None:
                self._wake_up.by(due)

    def _expire(self, now: float) -> None:
        now += EARLY_S
        due = self._dialect.deadline
        if due is not None and due <= now:
            with self._care:
                self._dialect.expire(now)
        if self._look_at is not None and self._look_at <= now:
            self._look(now)
        due = self._life.deadline
        if due is not None and due <= now:
            self._life_expired(now)
        self._arm()

    def _look(self, now: float) -> None:
        """Has all been heard that the engine said before its goodbye?"""
        if self._session.playout.waiting_ms:
            self._look_at = now + _LOOK_S
        else:
            self._leave()

    def _life_expired(self, now: float) -> None:
        if self._life.state is StreamState.LEAVING:
            self._leave()
        else:
            self._do(self._life.expire(now))

    def _leave(self) -> None:
        self._look_at = None
        with self._care:
            self._dialect.hang_up(_FINISHED)
        self._do(self._life.played_out())
