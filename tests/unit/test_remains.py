"""Which slots of ended legs a new engine leg may be given."""

from sip.messages import Leg
from sip.worker.remains import PATIENCE_S, Remains


def test_an_engine_leg_that_was_up_yields_its_slot_at_once() -> None:
    remains = Remains()
    remains.add(1, Leg.ENGINE, True, 10.0)
    assert remains.yielding([0, 1], [0], 10.0) == [1]


def test_an_engine_leg_that_was_cancelled_yields_its_slot_after_a_moment() -> None:
    remains = Remains()
    remains.add(1, Leg.ENGINE, False, 10.0)
    assert remains.yielding([1], [], 10.0 + PATIENCE_S / 2) == []
    assert remains.yielding([1], [], 10.0 + PATIENCE_S) == [1]


def test_a_customers_leg_yields_nothing() -> None:
    remains = Remains()
    remains.add(1, Leg.ENGINE, True, 10.0)
    remains.add(1, Leg.CUSTOMER, True, 11.0)
    assert remains.yielding([1, 2], [], 99.0) == []


def test_a_slot_that_is_free_or_has_a_living_leg_is_not_taken() -> None:
    remains = Remains()
    for slot in range(3):
        remains.add(slot, Leg.ENGINE, True, 10.0)
    assert remains.yielding([0, 2], [0], 10.0) == [2]
