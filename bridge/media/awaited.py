"""Answers of the media process that somebody waits for, one a call."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

AnswerT = TypeVar("AnswerT")

#: How long one is waited for; long enough for a process that has just died to be replaced.
ANSWER_LIMIT_S = 3.0


class Awaited(Generic[AnswerT]):
    """Who waits for which call's answer."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[AnswerT]] = {}

    async def answer(self, call: str) -> AnswerT:
        """The answer for this call, to what was said just now; raises TimeoutError."""
        waiting: asyncio.Future[AnswerT] = asyncio.get_running_loop().create_future()
        self._waiting[call] = waiting
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                return await waiting
        finally:
            del self._waiting[call]

    def came(self, call: str, answer: AnswerT) -> bool:
        """An answer has come; False: nobody waits for it."""
        waiting = self._waiting.get(call)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)
        return waiting is not None

    def give_up(self, answer: Callable[[str], AnswerT]) -> None:
        """No answer will come any more: all who wait get this one."""
        for call in self._waiting:
            self.came(call, answer(call))
