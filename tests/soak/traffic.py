"""Steady calls of every kind and ending, in rounds with a quiet moment after each."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from bridge.simulator.customer_call import CustomerCall
from tests.soak.world import Seat, SoakWorld

#: Calls at the same time: what two cores can carry beside the simulators and whatever else goes on there.
AT_ONCE = 8
#: The customer hangs up so long after the answer where it is for the customer to do, in seconds.
_CUSTOMER_STAYS_S = 0.8
#: A call, and the quiet after a round, take no longer, in seconds.
_CALL_S, _QUIET_S = 60.0, 60.0


class NotQuiet(Exception):
    """Something of a call never came to its end."""


@dataclass
class Traffic:
    """`await traffic.round(20)`, again and again."""

    world: SoakWorld
    calls: int = 0
    wrong: list[str] = field(default_factory=list)
    """Calls that did not get what they must: a disposition if they were answered, none if they were not."""
    endings: Counter[str] = field(default_factory=Counter)

    async def round(self, seconds: float) -> None:
        """Calls for so long; returns when all is quiet again."""
        turns = asyncio.Semaphore(AT_ONCE)
        ends = asyncio.get_running_loop().time() + seconds
        async with asyncio.TaskGroup() as group:
            for seat in self.world.seats:
                group.create_task(self._calls_of(seat, turns, ends), name=f"calls of {seat.login}")
        await self.quiet()
        self.world.forget_audio()

    async def quiet(self) -> None:
        """Wait until all agents are Ready, and the bridge's books are closed."""
        try:
            async with asyncio.timeout(_QUIET_S):
                while not all(map(self.world.is_free, self.world.seats)) or self._open_calls():  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        except TimeoutError:
            busy = [seat.login for seat in self.world.seats if not self.world.is_free(seat)]
            raise NotQuiet(f"agents {busy} and {self._open_calls()} calls in the journal are not done") from None

    def _open_calls(self) -> float:
        return self.world.journal_levels()["journal open calls"]

    async def _calls_of(self, seat: Seat, turns: asyncio.Semaphore, ends: float) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < ends:
            async with turns:
                if loop.time() < ends:
                    await self._call(seat)

    async def _call(self, seat: Seat) -> None:
        world = self.world
        while not world.is_free(seat):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        stays_s = _CUSTOMER_STAYS_S if seat.ending == "customer-left" else None
        call = world.livevox.place_call(CustomerCall(agent=seat.number, hang_up_after_s=stays_s))
        try:
            await world.livevox.closed(call, _CALL_S)
        except TimeoutError:
            story = world.livevox.ledger.lifecycle(call, without=("status",))
            self.wrong.append(f"{call} of {seat.kind} {seat.ending} does not end: {story}")
        self.calls += 1
        self.endings[f"{seat.kind} {seat.ending}"] += 1
        answered = any(entry.name == "answered" for entry in world.livevox.ledger.of_call(call))
        dispositions = [entry.name for entry in world.livevox.ledger.dispositions(call)]
        if answered is (seat.ending == "refused") or len(dispositions) != answered:
            self.wrong.append(f"{call} of {seat.kind} {seat.ending}: answered {answered}, {dispositions}")
