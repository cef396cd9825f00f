"""After a crash: the calls that the journal has open are reconciled with LiveVox, each agent's one by one."""

import asyncio
from collections.abc import Sequence

import structlog
from structlog.contextvars import bound_contextvars

from bridge.calls.pending_wrapup import PendingWrapUp
from bridge.calls.recovered_call import RecoveredCall, RecoveryParts
from bridge.calls.recovery_plan import by_agent
from bridge.journal.open_call import OpenCall

log = structlog.get_logger()


class Recovery:
    """Until its call is brought to its end an agent counts as being on it."""

    def __init__(self, parts: RecoveryParts) -> None:
        self._parts = parts
        self._agents = parts.agents
        self._calls: dict[str, RecoveredCall] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, calls: Sequence[OpenCall]) -> None:
        """Take these over; before the agents begin their day."""
        if calls:
            log.warning("calls_left_open", calls=len(calls))
        for agent, of_agent in by_agent(calls).items():
            last = of_agent[-1]
            self._agents.call_started(agent, last.call)
            self._calls[agent] = RecoveredCall(last, self._parts)
            task = asyncio.create_task(self._recover(agent, of_agent[:-1]), name=f"recover the calls of {agent}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def next_call_came(self, agent: str, transaction_id: str | None) -> None:
        """LiveVox has sent an agent's next call: nothing may be done to it in the belief that it is the old one."""
        call = self._calls.get(agent)
        if call is not None:
            call.next_call_came(transaction_id)

    def try_now(self, call: str) -> bool | None:
        """Do not wait for the next try; False: none is waited for, None: there is no such call."""
        return next((each.try_now() for each in self._calls.values() if each.call.call == call), None)

    @property
    def wrap_ups(self) -> tuple[PendingWrapUp, ...]:
        """Those that are not over."""
        return tuple(each.pending for each in self._calls.values())

    @property
    def pending(self) -> int:
        """How many of the calls are not brought to their end."""
        return len(self._calls)

    async def wait_idle(self, limit_s: float) -> bool:
        """Wait until every call is brought to its end; False: some are not, after so long."""
        if not self._tasks:
            return True
        _, waiting = await asyncio.wait(self._tasks, timeout=limit_s)
        return not waiting

    async def stop(self) -> None:
        """Leave what is not finished to the next start."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _recover(self, agent: str, older: Sequence[OpenCall]) -> None:
        for call in older:
            RecoveredCall(call, self._parts).close_without_looking("the agent has had its next call")
        last = self._calls[agent]
        with bound_contextvars(call=last.call.call, agent=agent):
            try:
                if self._agents.find(agent) is None:
                    last.close_without_looking("no agent of the settings has this number")
                else:
                    await last.run()
            except Exception:  # the recovery's outermost level: the agent must be free, and the next start tries again
                log.exception("call_recovery_fault")
        del self._calls[agent]
        self._agents.call_closed(agent, last.call.call, last.agent_state)
