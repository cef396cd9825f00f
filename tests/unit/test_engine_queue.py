"""Which engine is tried next."""

from bridge.calls.engine_queue import EngineQueue
from bridge.calls.events import PassOverEngine
from tests.talking_call import CHOICES


def test_engines_are_tried_once_and_in_order() -> None:
    queue = EngineQueue(CHOICES)
    assert [queue.next() for _ in range(4)] == [*(([], choice) for choice in CHOICES), ([], None)]


def test_those_not_allowed_are_passed_over_for_good() -> None:
    asked: list[str] = []

    def allows(name: str) -> bool:
        asked.append(name)
        return name == "third"

    queue = EngineQueue(CHOICES, allows)
    assert queue.next() == ([PassOverEngine("first"), PassOverEngine("second")], CHOICES[2])
    assert (queue.next(), asked) == (([], None), ["first", "second", "third"])
