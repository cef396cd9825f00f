"""When each call is asked how its audio is."""

from collections.abc import Sequence

from bridge.media.chores import Chores
from bridge.media.messages import QualityTick, Side
from bridge.media.quality_rounds import CALLS_A_MESSAGE, CALLS_A_SLOT, QualityRounds
from bridge.media.session import Session
from tests.unit.media_call import Call


class Stage:
    """Calls that speak, and what is told of them."""

    def __init__(self, calls: int) -> None:
        self.told: list[QualityTick] = []
        self.calls = [Call() for _ in range(calls)]
        self.chores = Chores()
        self.rounds = QualityRounds(self.told.append, self.chores)
        self.slot = 0
        self.asked = 0
        for number, call in enumerate(self.calls):
            call.session.call = f"call {number}"
            call.agree()

    def sessions(self) -> Sequence[Session]:
        self.asked += 1
        return [call.session for call in self.calls]

    def run(self, slots: int, late_s: float = 0.0) -> None:
        for _ in range(slots):
            self.slot += 1
            self.rounds.tick(self.slot, late_s, self.sessions)
            while self.chores:
                self.chores.do_one()

    def speak(self) -> None:
        for call in self.calls:
            call.say(Side.CUSTOMER)


def test_all_calls_are_told_of_once_a_second_in_one_message() -> None:
    stage = Stage(5)
    for _ in range(3):
        stage.speak()
        stage.run(50)
    assert [len(tick.calls) for tick in stage.told] == [5, 5, 5]
    assert stage.asked == 3


def test_nothing_is_told_while_no_call_has_audio() -> None:
    stage = Stage(2)
    stage.run(100)
    assert stage.told == []


def names(stage: Stage) -> list[list[str]]:
    return [[each.call for each in tick.calls] for tick in stage.told]


def test_many_calls_are_asked_slot_by_slot_and_told_of_together() -> None:
    stage = Stage(CALLS_A_MESSAGE + CALLS_A_SLOT + 1)
    stage.speak()
    stage.run(50)
    assert stage.told == []
    stage.run(49)
    assert [len(tick.calls) for tick in stage.told] == [CALLS_A_MESSAGE, CALLS_A_SLOT + 1]


def test_a_call_that_is_closed_meanwhile_is_not_asked_any_more() -> None:
    stage = Stage(CALLS_A_SLOT + 2)
    stage.speak()
    stage.run(50)
    stage.rounds.forget(stage.calls[-1].session)
    stage.run(1)
    assert [len(tick.calls) for tick in stage.told] == [CALLS_A_SLOT + 1]


def test_a_call_that_was_asked_already_is_told_of_before_it_is_closed() -> None:
    stage = Stage(CALLS_A_SLOT + 2)
    stage.speak()
    stage.run(50)
    stage.rounds.forget(stage.calls[0].session)
    assert names(stage) == [[f"call {number}" for number in range(CALLS_A_SLOT)]]
    stage.run(1)
    assert names(stage)[1:] == [[f"call {number}" for number in range(CALLS_A_SLOT, CALLS_A_SLOT + 2)]]


def test_those_asked_are_told_of_though_the_last_of_a_round_are_closed() -> None:
    stage = Stage(CALLS_A_SLOT + 1)
    stage.speak()
    stage.run(50)
    stage.rounds.forget(stage.calls[-1].session)
    assert stage.told == []
    stage.run(1)
    assert [len(tick.calls) for tick in stage.told] == [CALLS_A_SLOT]


def test_the_latest_slot_of_a_second_is_told_in_it_and_not_for_ever() -> None:
    stage = Stage(1)
    for slots_late_s in ((0.001, 0.045, 0.002), (0.001, 0.001, 0.001), (0.0, 0.0, 0.0)):
        for late_s in slots_late_s:
            stage.speak()
            stage.run(10, late_s)
        stage.run(20)
    stage.speak()
    stage.run(50)
    late = [tick.calls[0].customer.late_ms for tick in stage.told if tick.calls[0].customer is not None]
    assert late == [45.0, 1.0, 0.0, 0.0]
