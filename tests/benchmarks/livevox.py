"""A LiveVox in a process of its own, whose calls others place: `python -m tests.benchmarks.livevox AGENTS`.

The simulator that the tests use, REST and all, without its telephones: those are in the process that measures
(tests.benchmarks.phones), so that an answer is not late because LiveVox is busy. Orders come by lines:

    place NUMBER              a customer for this agent; answered by {"place": …}, or {"busy": NUMBER}
    answered ID, ended ID BY_BRIDGE, refused ID STATUS        what became of the call
    requests                  answered by {"requests": {…}}: how often each was made so far

and it says {"ready": NUMBER} whenever an agent is Ready.
"""

import asyncio
import json
import sys
from collections import Counter
from typing import Any

import uvloop

from bridge import logs
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.errors import CallNotPlaced
from bridge.simulator.ledger import Kind
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.livevox_invite import livevox_headers
from bridge.simulator.states import AgentState
from bridge.simulator.telephony import CallListener, CallToPlace
from bridge.simulator.world import World


def _say(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class PhonesElsewhere:
    """A Telephony that says which call to place."""

    async def place(self, call: CallToPlace, listener: CallListener) -> None:
        headers = [f"{header.name}: {header.value}" for header in livevox_headers(call)]
        _say(place=call.agent_number, call=call.call_id, headers=headers)

    def hang_up(self, call_id: str) -> None:
        """The bot, or the customer's telephone, ends each call: nothing is left to be done."""


class _Desk:
    """Carries out orders."""

    def __init__(self, livevox: LiveVoxSimulator) -> None:
        self._livevox = livevox
        self._numbers = {agent.login: agent.number for agent in livevox.platform.floor.agents.values()}
        self._requests: Counter[str] = Counter()

    def obey(self, order: list[str]) -> None:
        match order:
            case ["place", number]:
                try:
                    self._livevox.place_call(CustomerCall(agent=number))
                except CallNotPlaced:
                    _say(busy=number)
            case ["answered", call]:
                self._livevox.answered(call)
            case ["ended", call, by_bridge]:
                self._livevox.ended(call, by_bridge == "1")
            case ["refused", call, status]:
                self._livevox.refused(call, int(status))
            case ["requests"]:
                _say(requests=self._requests)

    async def follow(self) -> None:
        """Say who is Ready, and count requests."""
        seen = 0
        while True:
            for entry in await self._livevox.entries_after(seen):
                seen = entry.number
                if entry.kind is Kind.STATE and entry.name == AgentState.READY:
                    _say(ready=self._numbers[entry.agent])
                elif entry.kind is Kind.REQUEST:
                    self._requests[entry.name] += 1


async def _serve(agents: int) -> None:
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    world = World.default(agents)
    async with LiveVoxSimulator(world, PhonesElsewhere()) as livevox:
        desk = _Desk(livevox)
        follower = asyncio.create_task(desk.follow(), name="ledger")
        _say(url=livevox.url)
        while line := await orders.readline():
            desk.obey(line.decode().split())
        follower.cancel()


if __name__ == "__main__":
    logs.configure(level="error")
    uvloop.run(_serve(int(sys.argv[1])))
