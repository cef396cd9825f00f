"""Reads the settings again and has the bridge go on by them: all of them, or none and the reason why.

What a restart is needed for refuses the whole: after a reload that was done the bridge is what the file says, and a
restart at night brings no surprises.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from time import time

import structlog

from bridge.draining import Draining
from bridge.errors import InvalidSettings, ReloadRefused
from bridge.reload.plan import Change, changes
from bridge.reload.result import Miss, Result
from bridge.reload.words import sentence
from bridge.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True)
class Standing:
    """Which settings the bridge goes by."""

    generation: int
    """1 for those of the start."""
    since: float
    """In seconds since the epoch."""


class Reloader:
    """One for the bridge; reloads that are asked for at once are done one after the other."""

    def __init__(
        self,
        current: Callable[[], Settings],
        read: Callable[[], Settings],
        change: Callable[[Settings], None],
        draining: Draining,
        audit: Callable[[str, str], None],
    ) -> None:
        """`read` is run in a thread and raises InvalidSettings; `change` makes the bridge go by other settings.

        `audit` is told who wanted a reload, and what came of it.
        """
        self.standing = Standing(1, time())
        self.results: Counter[Result] = Counter()
        """How many reloads came to what."""
        self.missed: Miss | None = None
        """The last reload, if it was not done."""
        self._current = current
        self._read = read
        self._change = change
        self._draining = draining
        self._audit = audit
        self._started = asyncio.Event()
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """The bridge has started: who wants a reload before that waits."""
        self._started.set()

    async def stop(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def look(self) -> tuple[Change, ...]:
        """What a reload would change; raises ReloadRefused when the settings cannot be used."""
        return changes(self._current(), await self._read_again())

    async def reload(self, by: str) -> tuple[Change, ...]:
        """Go by what the file says now; what has changed. Raises ReloadRefused, and then nothing has.

        `by`: who wants it, for log and audit.
        """
        await self._started.wait()
        async with self._turn:
            try:
                found = await self._reload(by)
            except ReloadRefused as exc:
                self._note(Result.REFUSED, Miss(time(), Result.REFUSED, exc.message, len(exc.problems)))
                log.error("settings_not_reloaded", by=by, code=exc.code, reason=exc.message, problems=exc.problems)
                self._audit(by, f"{exc.code}: {'; '.join(exc.problems) or exc.message}")
                raise
            self._note(Result.CHANGED if found else Result.UNCHANGED)
            self._audit(by, "; ".join(map(sentence, found)) or "nothing had changed")
            return found

    def reload_soon(self, by: str) -> None:
        """The same for somebody who does not wait: log and audit tell what came of it."""
        task = asyncio.create_task(self._reload_alone(by), name=f"reload by {by}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reload_alone(self, by: str) -> None:
        try:
            await self.reload(by)
        except ReloadRefused:
            return
        except Exception:  # the task's outermost level
            log.exception("reload_fault", by=by, remedy="part of the settings may hold: restart the bridge soon")

    async def _reload(self, by: str) -> tuple[Change, ...]:
        settings = await self._read_again()
        if self._draining.since is not None:
            raise ReloadRefused("draining", "the bridge stops; it starts by the settings as they are then")
        found = changes(self._current(), settings)
        fixed = [sentence(change) for change in found if change.needs_restart]
        if fixed:
            what = "some of it cannot change while the bridge runs: restart it, or put that back; nothing was changed"
            raise ReloadRefused("restart_needed", what, fixed)
        if found:
            self._take_over(settings)
        counts = Counter(f"{change.path[0]}_{change.what}" for change in found)
        log.info("settings_reloaded", by=by, generation=self.standing.generation, changes=len(found), **counts)
        for change in found:
            log.info("setting_changed", what=sentence(change))
        return found

    def _take_over(self, settings: Settings) -> None:
        try:
            self._change(settings)
        except Exception:
            self._note(Result.FAILED, Miss(time(), Result.FAILED, "a fault of the bridge, which the log has", 0))
            raise
        self.standing = Standing(self.standing.generation + 1, time())

    def _note(self, result: Result, missed: Miss | None = None) -> None:
        self.results[result] += 1
        self.missed = missed

    async def _read_again(self) -> Settings:
        try:
            return await asyncio.to_thread(self._read)
        except InvalidSettings as exc:
            problems = [str(problem) for problem in exc.problems]
            raise ReloadRefused("invalid_settings", "the settings are wrong; nothing was changed", problems) from exc
