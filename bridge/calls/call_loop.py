"""The loop of one call: what happened goes to `Call`, what it wants is performed, its one timer is set again."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import time

import structlog
from structlog.contextvars import bound_contextvars

from bridge.call_facts import CallFacts
from bridge.calls.call import Call
from bridge.calls.events import CallCommand, CallEvent
from bridge.errors import InvalidTransition

log = structlog.get_logger()


class CallLoop:
    """Performs through `perform`; says when it has worked off what there was, and when something of ours broke."""

    def __init__(
        self,
        call: Call,
        facts: CallFacts,
        perform: Callable[[CallCommand], None],
        note: Callable[..., None],
        worked_off: Callable[[], None],
        broken: Callable[[], None],
    ) -> None:
        self.state_since = time()
        """When the call's state last changed, in seconds since the epoch."""
        self._call = call
        self._facts = facts
        self._perform = perform
        self._note = note
        self._worked_off = worked_off
        self._broken = broken
        self._waiting: deque[Callable[[float], list[CallCommand]]] = deque()
        self._feeding = self._over = self._guarded = False
        self._timer: asyncio.TimerHandle | None = None
        self._arm()

    def feed(self, event: CallEvent) -> None:
        """Something happened. An event that a command causes waits until the commands before it are done."""
        self._waiting.append(partial(self._call.handle, event))
        self._work_off()

    def end(self) -> None:
        """Nothing more is decided."""
        self._over = True
        self._arm()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """The call's outermost level: its name is on every log line, and no fault leaves it."""
        if self._guarded:  # an outer level of the same call has bound the names, and catches
            yield
            return
        self._guarded = True
        with bound_contextvars(call=self._facts.call, agent=self._facts.agent_number):
            try:
                yield
            except Exception:
                log.exception("call_fault", state=self._call.state.name)
                self._give_up()
            finally:
                self._guarded = False

    def _give_up(self) -> None:
        try:
            self._broken()
        except Exception:  # the same level: the end of one call must not cost another
            log.exception("call_fault", state=self._call.state.name)

    def _work_off(self) -> None:
        if self._feeding:
            return
        self._feeding = True
        with self.guarded():
            try:
                while self._waiting and not self._over:
                    self._do(self._waiting.popleft())
            finally:
                self._feeding = False
                self._arm()
        self._worked_off()

    def _do(self, decide: Callable[[float], list[CallCommand]]) -> None:
        old = self._call.state
        try:
            commands = decide(asyncio.get_running_loop().time())
            if self._call.state is not old:
                self.state_since = time()
                log.debug("call_state", old=old.name, new=self._call.state.name)
            for command in commands:
                self._perform(command)
        except InvalidTransition as exc:
            log.error("call_event_out_of_place", state=exc.state, call_event=exc.event)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._call.deadline is not None and not self._over:
            self._timer = asyncio.get_running_loop().call_at(self._call.deadline, self._expire)

    def _expire(self) -> None:
        with self.guarded():
            self._note("time_limit_reached", state=self._call.state.name)
            self._waiting.append(self._call.expire)
            self._work_off()
