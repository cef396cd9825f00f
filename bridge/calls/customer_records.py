"""Writes a customer's contact record, and the context of a call, into LiveVox: a few tries, within a limit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import structlog

from bridge.agents.pool import AgentPool
from bridge.errors import OrderRefused
from bridge.livevox.agent_status import AgentStatus
from bridge.livevox.client import LiveVoxClient
from bridge.livevox.contacts import ContactDetails
from bridge.livevox.errors import LiveVoxError, LiveVoxRefused
from bridge.livevox.requests import ContextOf
from bridge.livevox.user_session import UserSession
from bridge.wrapup.plan import CallIds

log = structlog.get_logger()

#: Of one request. An update that was carried out and did not say so may be repeated: it says the same again.
TRIES = 3
WAIT_S = 0.5

T = TypeVar("T")


class CustomerRecords:
    """One for all calls. It asks as the virtual agent that has the call, and none of its requests is urgent."""

    def __init__(self, agents: AgentPool, user: UserSession | None = None, *, limit_s: float = 8.0) -> None:
        """`user` writes contacts where agents may not."""
        self.limit_s = limit_s
        """For one record, all tries together."""
        self._agents = agents
        self._user = user
        self._agents_may = True
        """LiveVox has not refused an agent the Contact API (403), or there is nobody else who could ask."""

    async def account(self, number: str, ids: CallIds, shown: str) -> str:
        """The account of the call's customer; "": LiveVox does not say.

        `shown` is what the screen pop said; it does not count when the agent's line has another call by now: that
        customer's record is none of this call's.
        """

        async def ask(client: LiveVoxClient, session: str) -> AgentStatus | None:
            return await client.status(session)

        return account_of(await _tried(lambda: self._agents.request(number, ask)), ids, shown)

    async def write_contact(self, number: str, account: str, details: ContactDetails) -> None:
        """Change these fields of the contact; raises LiveVoxError."""

        async def do(client: LiveVoxClient, session: str) -> None:
            await client.update_contact(session, account, details)

        if self._agents_may:
            try:
                await _tried(lambda: self._agents.request(number, do))
                return
            except LiveVoxRefused as exc:
                if exc.status != 403 or self._user is None:
                    raise
                log.info("contacts_written_by_user", user_name=self._user.user.user_name, because="agents get 403")
                self._agents_may = False
        user = self._user
        assert user is not None
        await _tried(lambda: user.request(do))

    async def write_context(self, number: str, call: ContextOf, values: Mapping[str, str]) -> None:
        """Add these to what LiveVox keeps with the call; raises LiveVoxError."""

        async def do(client: LiveVoxClient, session: str) -> None:
            await client.write_context(session, call, values)

        await _tried(lambda: self._agents.request(number, do))


def account_of(status: AgentStatus | None, ids: CallIds, shown: str) -> str:
    """See CustomerRecords.account."""
    call = status.call if status else None
    if call is None:
        return shown
    return call.account_number or shown if call.call_transaction_id == ids.transaction_id else ""


async def _tried(ask: Callable[[], Awaitable[T]]) -> T:
    for _ in range(TRIES - 1):
        try:
            return await ask()
        except LiveVoxError as exc:
            if not exc.retryable:
                raise
            await asyncio.sleep(exc.retry_after_s or WAIT_S)
    return await ask()


def refusal_of(exc: LiveVoxError | TimeoutError, limit_s: float) -> OrderRefused:
    """What a bot is told of it."""
    if isinstance(exc, LiveVoxRefused) and exc.status == 404:
        return OrderRefused("no_contact", "LiveVox has no contact with the account of this call's customer")
    if isinstance(exc, LiveVoxRefused):
        return OrderRefused("livevox_refused", str(exc))
    return OrderRefused("livevox_silent", str(exc) or f"LiveVox has not taken it within {limit_s:g} s")


def reason_of(refused: OrderRefused) -> str:
    """The same for log and timeline: LiveVox's own words may repeat what was to be written."""
    cause = refused.__cause__
    return f"LiveVox refused it with {cause.status}" if isinstance(cause, LiveVoxRefused) else refused.message
