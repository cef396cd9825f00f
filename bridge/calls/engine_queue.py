"""[sans-IO] The engines that a call may still try, in order; each is tried once."""

from collections import deque
from collections.abc import Callable, Iterable

from bridge.calls.events import PassOverEngine
from bridge.calls.states import EngineChoice


class EngineQueue:
    """`allows` knows which engines may be tried now: those whose circuit is closed."""

    def __init__(self, choices: Iterable[EngineChoice], allows: Callable[[str], bool] = lambda name: True) -> None:
        self._choices = deque(choices)
        self._allows = allows

    def next(self) -> tuple[list[PassOverEngine], EngineChoice | None]:
        """Those that are passed over, and the one to try; None: there is no other."""
        passed: list[PassOverEngine] = []
        while self._choices:
            choice = self._choices.popleft()
            if self._allows(choice.name):
                return passed, choice
            passed.append(PassOverEngine(choice.name))
        return passed, None
