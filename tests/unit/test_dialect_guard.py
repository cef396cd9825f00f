"""What a dialect raises."""

import pytest

from bridge.errors import InvalidEngineMessage
from bridge.media.dialect_guard import DialectGuard


class Watched:
    """A guard and what it said."""

    def __init__(self) -> None:
        self.invalid: list[InvalidEngineMessage] = []
        self.faults: list[Exception] = []
        self.settled = 0
        self.guard = DialectGuard("the dialect", self.invalid.append, self.faults.append, self._settle)

    def _settle(self) -> None:
        self.settled += 1


def test_what_goes_well_is_settled_once_also_when_nested() -> None:
    watched = Watched()
    with watched.guard:
        with watched.guard:
            pass
        assert watched.settled == 0
    assert watched.settled == 1
    assert not watched.invalid and not watched.faults


def test_a_message_that_cannot_be_used_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    watched = Watched()
    with watched.guard:
        raise InvalidEngineMessage("it is not JSON")
    assert [each.detail for each in watched.invalid] == ["it is not JSON"]
    assert watched.settled == 1
    assert capsys.readouterr().err == ""


def test_a_fault_is_logged_with_its_place_and_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    watched = Watched()
    with watched.guard:
        raise KeyError("Ann Smith, 555-0100")
    assert [type(each) for each in watched.faults] == [KeyError]
    assert watched.settled == 1
    logged = capsys.readouterr().err
    assert "fault in the dialect" in logged
    assert "test_dialect_guard.py" in logged
    assert "KeyError" in logged
    assert "555-0100" not in logged.replace('raise KeyError("Ann Smith, 555-0100")', "")


def test_the_end_of_the_task_is_nothing_of_the_dialect() -> None:
    watched = Watched()
    with pytest.raises(GeneratorExit), watched.guard:
        raise GeneratorExit
    assert watched.faults == []


def test_a_fault_within_a_nested_call_leaves_the_outer_one_going() -> None:
    watched = Watched()
    steps = []
    with watched.guard:
        with watched.guard:
            raise ValueError
        steps.append("after")
    assert steps == ["after"]
    assert len(watched.faults) == 1
    assert watched.settled == 1
