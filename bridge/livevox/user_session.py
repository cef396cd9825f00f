"""The session of a portal user, for requests that agents may not make; logged in when it is needed first."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import SecretStr

from bridge.livevox.client import LiveVoxClient
from bridge.livevox.errors import CredentialsRefused, SessionLost

T = TypeVar("T")


@dataclass(frozen=True)
class User:
    """Who logs in."""

    client_name: str
    user_name: str
    password: SecretStr


class UserSession:
    """Make it inside the event loop. It is not logged out: LiveVox gives a user the same session until it is stale."""

    def __init__(self, client: LiveVoxClient, user: User) -> None:
        self.user = user
        self._client = client
        self._session = ""
        self._one_log_in = asyncio.Lock()
        self._denied: CredentialsRefused | None = None

    async def request(self, do: Callable[[LiveVoxClient, str], Awaitable[T]]) -> T:
        """Run `do(client, session)`; if the session is lost, log in and run it again, once.

        Raises what `do` and the log-in raise. Credentials that were denied are not shown again: five bad passwords lock
        an account.
        """
        session = await self._log_in()
        try:
            return await do(self._client, session)
        except SessionLost:
            if self._session == session:
                self._session = ""
        return await do(self._client, await self._log_in())

    async def _log_in(self) -> str:
        async with self._one_log_in:
            if self._denied is not None:
                raise self._denied
            if not self._session:
                who = self.user
                try:
                    login = await self._client.login(who.client_name, who.user_name, who.password, agent=False)
                except CredentialsRefused as exc:
                    self._denied = exc
                    raise
                self._session = login.session_id
            return self._session
