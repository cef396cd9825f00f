"""Calls that come while the bridge starts wait for it and for their agent, for a while."""

import asyncio

import pytest

from bridge.calls.refusals import Refusal
from bridge.front_door import FrontDoor
from sip.admission import Admitted, Invite, Refused
from sip.messages import Codec, EdgeEvent, LegEnded, MediaOffer

NUMBER = "8990000001"
INVITE = Invite(f"sip:+1{NUMBER}@192.0.2.1", "", "", "i1", (), b"", ("192.0.2.2", 5060))
TAKEN = Admitted("c1", 1, MediaOffer("192.0.2.1", 4000, (Codec.PCMU,), 101))
#: Long enough for a test never to reach it.
NEVER_S = 60.0


class Desk:
    """A controller that takes every call."""

    accepts_calls = True

    def __init__(self) -> None:
        self.asked = 0

    async def admit(self, invite: Invite) -> Admitted | Refused:
        self.asked += 1
        return TAKEN

    def sip_event(self, event: EdgeEvent | LegEnded) -> None:
        """Nothing to be done."""


class Agents:
    """Those in `arriving` get their session when `come` is set."""

    def __init__(self, *arriving: str) -> None:
        self.arriving = set(arriving)
        self.come = asyncio.Event()

    def is_arriving(self, number: str) -> bool:
        return number in self.arriving

    async def arrival(self, number: str) -> None:
        if number in self.arriving:
            await self.come.wait()
            self.arriving.discard(number)


async def begun(door: FrontDoor) -> asyncio.Task[Admitted | Refused]:
    """A call that has been asked about."""
    task = asyncio.create_task(door.admit(INVITE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return task


async def test_a_call_that_comes_while_the_bridge_starts_is_taken_when_it_has() -> None:
    door, desk = FrontDoor(5, 10, NEVER_S), Desk()
    assert door.accepts_calls and not door.is_open
    call = await begun(door)
    assert not call.done()
    door.open(desk, Agents())
    assert await call == TAKEN
    assert door.is_open and door.refused.total() == 0


async def test_a_call_waits_for_its_agent_and_no_other_does() -> None:
    door, desk, agents = FrontDoor(5, 10, NEVER_S), Desk(), Agents(NUMBER)
    call = await begun(door)
    door.open(desk, agents)
    again = await begun(door)
    assert not call.done() and not again.done() and desk.asked == 0
    other = Invite("sip:+18990000002@192.0.2.1", "", "", "i2", (), b"", ("192.0.2.2", 5060))
    assert await door.admit(other) == TAKEN
    agents.come.set()
    assert [await call, await again] == [TAKEN, TAKEN]


async def test_a_start_that_takes_too_long_refuses_the_call() -> None:
    door = FrontDoor(5, 10, 0.01)
    assert await door.admit(INVITE) == Refused(503, "Starting", 5, Refusal.STARTING)
    assert door.refused[Refusal.STARTING] == 1


async def test_an_agent_that_takes_too_long_leaves_the_call_to_the_controller() -> None:
    door, desk = FrontDoor(5, 10, 0.01), Desk()
    door.open(desk, Agents(NUMBER))
    assert await door.admit(INVITE) == TAKEN
    assert desk.asked == 1


async def test_only_so_many_wait() -> None:
    door = FrontDoor(5, 1, NEVER_S)
    first = await begun(door)
    assert await door.admit(INVITE) == Refused(503, "Starting", 5, Refusal.STARTING)
    first.cancel()  # by a CANCEL: its place is free again
    with pytest.raises(asyncio.CancelledError):
        await first
    second = await begun(door)
    door.open(Desk(), Agents())
    assert await second == TAKEN


async def test_a_number_that_is_nobodys_waits_for_no_agent() -> None:
    door = FrontDoor(5, 10, NEVER_S)
    door.open(Desk(), Agents(NUMBER))
    assert await door.admit(Invite("sip:nobody@192.0.2.1", "", "", "i3", (), b"", ("192.0.2.2", 5060))) == TAKEN


async def test_calls_that_come_all_at_once_are_a_burst() -> None:
    door = FrontDoor(5, 10, NEVER_S)
    door.open(Desk(), Agents())
    before = asyncio.get_running_loop().time()
    for _ in range(7):
        await (await begun(door))
    assert not door.burst.goes_on(before)
    await (await begun(door))
    assert door.burst.goes_on(before)
