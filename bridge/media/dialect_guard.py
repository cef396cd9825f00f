"""What a dialect raises costs its own stream at most: `with guard:` stands around every call of one."""

import sys
import traceback
from collections.abc import Callable
from types import TracebackType

from bridge.errors import InvalidEngineMessage


class DialectGuard:
    """Calls may be nested: a dialect that clears the queue is told of its marks meanwhile.

    `settled` is called when the outermost is over.
    """

    def __init__(
        self,
        name: str,
        invalid: Callable[[InvalidEngineMessage], None],
        fault: Callable[[Exception], None],
        settled: Callable[[], None],
    ) -> None:
        self._name = name
        self._invalid, self._fault, self._settled = invalid, fault, settled
        self._depth = 0

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._depth -= 1
        if exc is not None:
            if not isinstance(exc, Exception):
                return False
            self.raised(exc)
        if not self._depth:
            self._settled()
        return True

    def raised(self, exc: Exception) -> None:
        """The dialect raised this."""
        if isinstance(exc, InvalidEngineMessage):
            self._invalid(exc)
        else:
            log_fault(self._name, exc)
            self._fault(exc)


def log_fault(where: str, exc: Exception) -> None:
    """Where it was raised, without its words: they may be a customer's."""
    frames = "".join(traceback.format_tb(exc.__traceback__))
    sys.stderr.write(f"media process: fault in {where}\n{frames}{type(exc).__name__}\n")
