"""Once a service, as soon as an agent is in it: does the portal have what virtual agents need?"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from bridge.agents.portal import portal_faults
from bridge.agents.steps import AgentAccount, AgentClient
from bridge.livevox.agent_session import Features
from bridge.livevox.errors import LiveVoxError

log = structlog.get_logger()


class AsAgent(Protocol):
    """Runs a request as an agent."""

    def __call__(self, number: str, do: Callable[[AgentClient, str], Awaitable[Features]], /) -> Awaitable[Features]:
        """`do(client, session)` of the agent with this number; raises what that raises."""


class ServiceChecks:
    """Only says what is wrong."""

    def __init__(self, request: AsAgent) -> None:
        self._request = request
        self._checked: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def look(self, account: AgentAccount) -> None:
        """The agent is in its service."""
        if account.service_id not in self._checked:
            self._checked.add(account.service_id)
            task = asyncio.create_task(self._read(account), name=f"features of service {account.service_id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _read(self, account: AgentAccount) -> None:
        service = account.service_id
        try:
            features = await self._request(account.number, lambda client, session: client.features(session, service))
        except LiveVoxError as exc:
            if exc.retryable:
                self._checked.discard(service)
            log.warning("service_not_checked", service=service, reason=str(exc))
            return
        for fault in portal_faults(features):
            log.warning("service_unsuitable", service=service, remedy=fault)
