"""Loaded by every Python of a soaked bridge: on SIGUSR2 it writes down what its process holds, in a file of its own.

The bridge's own code is as it always is. Counted are its asyncio tasks, all objects that the garbage collector knows,
of each type, and the lengths of all tables without a bound: dicts, sets, lists and deques in attributes of the
bridge's own objects.
"""

import asyncio
import gc
import json
import os
import signal
from collections import Counter, deque
from types import FrameType
from typing import Any

_TABLES = (dict, set, list, deque)


def _attributes(thing: Any) -> dict[str, Any]:
    if getattr(getattr(thing, "__dataclass_params__", None), "frozen", False):
        return {}  # a fact, no table; and each that is looked at takes more memory from then on
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    found = {name: getattr(thing, name, None) for name in slots if isinstance(name, str)}
    return found | getattr(thing, "__dict__", {})


def _things() -> list[Any]:
    """All objects, those among them that the process keeps from being looked at again and again."""
    frozen = gc.get_freeze_count() > 0
    gc.unfreeze()
    gc.collect()
    things = gc.get_objects()
    if frozen:
        gc.freeze()
    return things


def held() -> dict[str, int]:
    """What this process holds, by name."""
    things = _things()
    counts: Counter[str] = Counter(objects=len(things))
    for thing in things:
        kind = type(thing)
        counts[f"objects of type {kind.__qualname__}"] += 1
        if isinstance(thing, asyncio.Task) or kind.__name__ == "Task":
            counts["tasks"] += 1
        elif str(kind.__module__).partition(".")[0] in ("bridge", "sip"):
            counts[f"each {kind.__name__}"] += 1
            for name, value in _attributes(thing).items():
                if isinstance(value, _TABLES) and getattr(value, "maxlen", None) is None:
                    counts[f"{kind.__name__}.{name}"] += len(value)
    return counts


def _write(_number: int, _frame: FrameType | None) -> None:
    path = os.path.join(os.environ["SOAK_FOLDER"], f"{os.getpid()}.json")
    with open(f"{path}.part", "w") as file:
        json.dump(held(), file)
    os.rename(f"{path}.part", path)


if "SOAK_FOLDER" in os.environ:
    signal.signal(signal.SIGUSR2, _write)
