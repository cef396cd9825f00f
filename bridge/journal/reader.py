"""Reads the journal for the HTTP API: in a thread and over a connection of its own, so that no call waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from bridge.journal.call_rows import ActionRow, CallPage, CallQuery, CallRows
from bridge.journal.open_call import ClosedCall
from bridge.journal.queries import JournalQueries

ResultT = TypeVar("ResultT")


class JournalReader:
    """Every method raises JournalUnusable. The file is opened when it is first asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queries: JournalQueries | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal reader")

    async def close(self) -> None:
        """Wait for what is being read, then let go of the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._let_go)
        self._thread.shutdown()

    async def find(self, query: CallQuery) -> CallPage:
        """A page of calls."""
        return await self._ask(lambda queries: queries.find(query))

    async def call(self, call: str, tell: Callable[[CallRows], ResultT]) -> ResultT | None:
        """What `tell` makes of one call, in the thread too; None: the journal has none of this id."""

        def told(queries: JournalQueries) -> ResultT | None:
            rows = queries.call(call)
            return None if rows is None else tell(rows)

        return await self._ask(told)

    async def closed_call(self, call: str) -> ClosedCall | None:
        """What its disposition hangs on; None: the journal has none of this id."""
        return await self._ask(lambda queries: queries.closed_call(call))

    async def closed_call_shown(self, agent: str, transaction: str, session: str | None) -> ClosedCall | None:
        """The same of the latest call that LiveVox calls so; None: the journal has none of these ids."""
        return await self._ask(lambda queries: queries.closed_call_shown(agent, transaction, session))

    async def actions(self, limit: int) -> tuple[ActionRow, ...]:
        """What operators did, the latest first."""
        return await self._ask(lambda queries: queries.actions(limit))

    async def _ask(self, question: Callable[[JournalQueries], ResultT]) -> ResultT:
        def answer() -> ResultT:
            if self._queries is None:
                self._queries = JournalQueries(self._path)
            return question(self._queries)

        return await asyncio.get_running_loop().run_in_executor(self._thread, answer)

    def _let_go(self) -> None:
        if self._queries is not None:
            self._queries.close()
