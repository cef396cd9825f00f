"""The tasks of one call: each has a name, none outlives the call, and what one fails with is logged."""

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any

import structlog

from bridge.livevox.call_at_hand import CALL_AT_HAND

log = structlog.get_logger()


class CallTasks:
    """What a call does that takes time."""

    def __init__(self, call: str) -> None:
        self._call = call
        self._tasks: set[asyncio.Task[None]] = set()
        self._outside = contextvars.copy_context()
        """Without what is bound to this call's log."""

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin something for the call; its log lines carry what is bound now, and LiveVox is asked for the call."""
        context = contextvars.copy_context()
        context.run(CALL_AT_HAND.set, self._call)
        return self._start(name, work, context)

    def start_outside(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """The same for what makes others go on: their log lines must not carry this call's name."""
        return self._start(name, work, self._outside)

    def _start(self, name: str, work: Coroutine[Any, Any, None], context: contextvars.Context) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"{name} {self._call}", context=context)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def cancel(self) -> None:
        """End all but the one that says so."""
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (exc := task.exception()) is not None:
            log.error("call_task_failed", call=self._call, task=task.get_name(), exc_info=exc)
