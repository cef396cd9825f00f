"""Which virtual agents there are: those of the settings, and those that leave because the settings have changed.

A number has one seat at a time, and so has a LiveVox login: whoever comes anew under either waits until the one before
has left.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence

import structlog

from bridge.agents.messages import Pause, Reinstate, Retire
from bridge.agents.seat import AgentSeat
from bridge.agents.steps import AgentAccount

log = structlog.get_logger()


class Roster:
    """Seats by the agents' numbers."""

    def __init__(self, make: Callable[[AgentAccount, float], AgentSeat], begin: Callable[[AgentSeat], None]) -> None:
        """`make` gives an account a seat, with the agent's share of a period; `begin` lets a new one serve."""
        self._make = make
        self._begin = begin
        self._wanted: dict[str, AgentAccount] = {}
        self._spread: dict[str, float] = {}
        self._seats: dict[str, AgentSeat] = {}
        self._paused: set[str] = set()
        """Agents that come again after they have left, and that an operator had paused."""
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._frozen = False

    def __iter__(self) -> Iterator[AgentSeat]:
        """In the order of the settings; then those that only leave."""
        ordered = [number for number in self._wanted if number in self._seats]
        return iter([self._seats[number] for number in dict.fromkeys((*ordered, *self._seats))])

    def __len__(self) -> int:
        return len(self._seats)

    def seat(self, number: str) -> AgentSeat | None:
        """The agent that has this number now."""
        return self._seats.get(number)

    def seat_first(self, accounts: Sequence[AgentAccount]) -> None:
        """All agents, at the start; they do not serve yet."""
        self._want(accounts)
        for account in accounts:
            self._seats[account.number] = self._make(account, self._spread[account.number])

    def change(self, accounts: Sequence[AgentAccount]) -> None:
        """Those that are not among these any more, or not as they are, leave after their call; new ones come.

        The others are not touched. An agent that was leaving and is wanted again stays.
        """
        self._want(accounts)
        for number, seat in self._seats.items():
            account = self._wanted.get(number)
            if account is not None and _is_same(account, seat.account):
                if seat.agent.retires:
                    seat.feed(Reinstate())
            elif not seat.agent.retires:
                log.info("agent_retires", agent=number, comes_again=account is not None)
                seat.feed(Retire())
            if seat.agent.retires and number not in self._leaving:
                self._watch(seat)
        self._fill()

    def account(self, number: str) -> AgentAccount | None:
        """What the settings say of the agent with this number; None: nothing, or it is somebody else who leaves."""
        account, seat = self._wanted.get(number), self._seats.get(number)
        return account if account and seat and _is_same(account, seat.account) else None

    async def freeze(self) -> None:
        """The bridge stops: nobody comes any more."""
        self._frozen = True
        for task in self._leaving.values():
            task.cancel()
        await asyncio.gather(*self._leaving.values(), return_exceptions=True)

    # inside

    def _want(self, accounts: Sequence[AgentAccount]) -> None:
        self._wanted = {account.number: account for account in accounts}
        self._spread = {account.number: index / len(accounts) for index, account in enumerate(accounts)}

    def _fill(self) -> None:
        """Whoever is wanted and has no seat gets one, unless somebody with the same login has not left yet."""
        taken = {seat.account.user_name for seat in self._seats.values()}
        for number, account in self._wanted.items():
            if number in self._seats or account.user_name in taken or self._frozen:
                continue
            seat = self._seats[number] = self._make(account, self._spread[number])
            if number in self._paused:
                seat.feed(Pause())
            self._begin(seat)
        self._paused &= self._wanted.keys() - self._seats.keys()

    def _watch(self, seat: AgentSeat) -> None:
        number = seat.account.number
        self._leaving[number] = asyncio.create_task(self._leave(number, seat), name=f"agent {number} leaves")

    async def _leave(self, number: str, seat: AgentSeat) -> None:
        try:
            await seat.until(lambda agent: agent.resting or not agent.retires)
        finally:
            del self._leaving[number]
        if not seat.agent.retires:
            return
        del self._seats[number]
        if seat.agent.paused and number in self._wanted:
            self._paused.add(number)
        await seat.close()
        log.info("agent_left", agent=number, comes_again=number in self._wanted)
        self._fill()


def _is_same(one: AgentAccount, other: AgentAccount) -> bool:
    """The same agent, though perhaps with another password."""
    return (one.user_name, one.service_id, one.phone_number) == (other.user_name, other.service_id, other.phone_number)
