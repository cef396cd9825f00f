"""What a fuzzing target is: a reader of hostile bytes, with what must hold whatever they are."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

#: The longest input: the most that one datagram carries.
MAX_INPUT = 65_507
#: Processor time that any input may cost, checks included. What is linear takes a tenth of it; what is quadratic and
#: 64 KiB long takes seconds.
LIMIT_S = 0.5
_TRIES = 3


class TooSlow(AssertionError):
    """An input costs more than its length."""

    def __init__(self, length: int, spent_s: float) -> None:
        super().__init__(f"{length} bytes took {spent_s:.2f} s of processor time")


@dataclass(frozen=True)
class Target:
    """One thing that reads what strangers send."""

    run: Callable[[bytes], None]
    """Reads an input. The errors that are named for it are caught here; anything else it raises is a finding."""
    seeds: Callable[[], Iterable[bytes]]
    """Inputs to begin with."""
    words: tuple[bytes, ...] = ()
    """What inputs are made of, for the fuzzer's dictionary."""
    hostile: bool = True
    """Strangers write it: an input of 64 KiB must not cost more than its length."""


def check(target: Target, data: bytes, limit_s: float = LIMIT_S) -> None:
    """Give a target an input; raises whatever is wrong."""
    spent = _spent(target, data)
    for _ in range(_TRIES - 1):
        if spent <= limit_s:
            return
        spent = min(spent, _spent(target, data))  # a busy machine can make one try slow, not all
    if spent > limit_s:
        raise TooSlow(len(data), spent)


def _spent(target: Target, data: bytes) -> float:
    begin = time.thread_time()
    target.run(data)
    return time.thread_time() - begin
