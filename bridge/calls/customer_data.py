"""What LiveVox knows of a call's customer: its ids and the screen pop, asked for until they are there or time is up."""

import asyncio

import structlog

from bridge.agents.pool import AgentPool
from bridge.call_facts import ScreenPopRows
from bridge.livevox.agent_status import AgentStatus, LineState
from bridge.livevox.errors import LiveVoxError
from bridge.livevox.screen_pop import ScreenPop
from bridge.wrapup.plan import CallIds
from bridge.wrapup.sighting import ARRIVING, IDLE

log = structlog.get_logger()

#: The INVITE may come before LiveVox's own state knows of the call.
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 2.0
#: In these states the status may still carry the agent's last call.
NOT_TALKING = IDLE | ARRIVING | {LineState.WRAPUP}


class CustomerData:
    """Asks LiveVox as the virtual agent that has the call."""

    def __init__(self, agents: AgentPool, limit_s: float) -> None:
        self._agents = agents
        self._limit_s = limit_s

    async def ids(self, number: str, known: CallIds) -> CallIds:
        """The ids of the call that the agent talks on; what the INVITE said is kept."""
        wait = FIRST_WAIT_S
        until = asyncio.get_running_loop().time() + self._limit_s
        while not (known.transaction_id and known.session_id) and asyncio.get_running_loop().time() < until:
            found = call_ids(await self._status(number), known)
            if found is not None:
                return found
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)
        return known

    async def screen_pop(self, number: str) -> ScreenPopRows | None:
        """The rows of the screen pop; None: LiveVox shows none, or did not say in time."""
        wait = FIRST_WAIT_S
        until = asyncio.get_running_loop().time() + self._limit_s
        while True:
            pop = await self._ask_screen_pop(number)
            if pop is not None and pop.rows:
                return ScreenPopRows(tuple((row.key, row.value) for row in pop.rows), pop.fields)
            if asyncio.get_running_loop().time() + wait > until:
                return None
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def _status(self, number: str) -> AgentStatus | None:
        try:
            return await self._agents.request(number, lambda client, session: client.status(session, urgent=True))
        except LiveVoxError as exc:
            log.warning("call_ids_not_read", reason=str(exc))
            return None

    async def _ask_screen_pop(self, number: str) -> ScreenPop | None:
        try:
            return await self._agents.request(number, lambda client, session: client.screen_pop(session))
        except LiveVoxError as exc:
            log.warning("screen_pop_not_read", reason=str(exc))
            return None


def call_ids(status: AgentStatus | None, known: CallIds) -> CallIds | None:
    """The ids of a call that is being talked on; None: the status shows none, or not the one whose ids are known."""
    call = status.call if status else None
    if status is None or call is None or status.state in NOT_TALKING:
        return None
    if known.transaction_id not in (None, call.call_transaction_id):
        return None
    return CallIds(
        call.call_transaction_id,
        known.session_id or call.call_session_id,
        known.service_id or call.service_id,
    )
