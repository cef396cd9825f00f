"""LiveVox's telephony with SIPp in it: calls for some agents are placed by a scenario, the others by the simulator."""

import asyncio
from collections.abc import Callable

from bridge.simulator.caller import Caller
from bridge.simulator.telephony import CallListener, CallToPlace
from tests.sipp.sipp import Passed, Sipp

#: Refusals after which the call goes on: of a copy of its INVITE, of a session interval that is changed then.
_NOT_THE_END = (482, 422)


class Switch:
    """A Telephony. What the scenario's first dialog does is what LiveVox hears of the call."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._engaged: dict[str, Callable[[CallToPlace], Sipp]] = {}
        self.runs: dict[str, asyncio.Task[None]] = {}
        """Scenarios that have begun, by the simulator's call id."""
        self.on_abandoned: Callable[[str], None] = lambda call_id: None
        """The customer of a call gave up before the answer."""

    def engage(self, agent: str, make: Callable[[CallToPlace], Sipp]) -> None:
        """The next call for this agent is placed by SIPp."""
        self._engaged[agent] = make

    async def finished(self, call_id: str) -> None:
        """Wait for the scenario of a call. Raises ScenarioFailed."""
        await self.runs[call_id]

    async def close(self) -> None:
        """End what runs."""
        for run in self.runs.values():
            run.cancel()
        await asyncio.gather(*self.runs.values(), return_exceptions=True)

    # Telephony

    async def place(self, call: CallToPlace, listener: CallListener) -> None:
        """Send the INVITE; returns at once, the listener hears the rest."""
        make = self._engaged.pop(call.agent_number, None)
        if make is None:
            await self._caller.place(call, listener)
            return
        sipp = make(call)
        watched = _Watched(call.call_id, listener, self.on_abandoned)
        sipp.on_message = watched.take
        self.runs[call.call_id] = asyncio.create_task(_run(sipp, watched), name=f"sipp {sipp.scenario}")

    def hang_up(self, call_id: str) -> None:
        """LiveVox's side ends the call; a scenario hangs up when it says so itself."""
        if call_id not in self.runs:
            self._caller.hang_up(call_id)


async def _run(sipp: Sipp, watched: "_Watched") -> None:
    try:
        await sipp.run()
    finally:
        watched.over()


class _Watched:
    """What becomes of a call, read from the messages of its first dialog."""

    def __init__(self, call_id: str, listener: CallListener, on_abandoned: Callable[[str], None]) -> None:
        self._call_id = call_id
        self._listener = listener
        self._on_abandoned = on_abandoned
        self._answered = False
        self._ended = False

    def take(self, message: Passed) -> None:
        """A message of the scenario; those of its further dialogs have a prefix in their Call-ID."""
        if "///" in message.call_id or self._ended:
            return
        if not self._answered:
            self._before_answer(message)
        elif message.method == "BYE" and not message.sent:  # the bridge's own, or its answer to ours
            self._end(by_bridge=message.status == 0)

    def _before_answer(self, message: Passed) -> None:
        if message.method == "CANCEL" and message.sent:
            self._on_abandoned(self._call_id)
        elif message.method == "INVITE" and not message.sent and message.status >= 300:
            if message.status in _NOT_THE_END:
                return
            self._ended = True
            self._listener.refused(self._call_id, message.status)
        elif message.method == "INVITE" and not message.sent and message.status >= 200:
            self._answered = True
            self._listener.answered(self._call_id)

    def _end(self, *, by_bridge: bool) -> None:
        self._ended = True
        self._listener.ended(self._call_id, by_bridge)

    def over(self) -> None:
        """SIPp has ended."""
        if self._answered and not self._ended:
            self._end(by_bridge=False)
        elif not self._ended:
            self._ended = True
            self._listener.refused(self._call_id, 408)
