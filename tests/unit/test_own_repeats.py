"""Which wrap-ups the bridge repeats by itself, and when one is left to whoever frees agents of stray calls."""

from dataclasses import replace

import pytest

from bridge.calls.own_repeats import TRIES, OwnRepeats
from bridge.calls.repeat_plan import GIVE_UP_S
from bridge.journal.open_call import ClosedCall, JournalledStep, OpenCall
from bridge.journal.records import Effect
from bridge.verdicts import Complete
from bridge.wrapup.plan import Disposition, Limits
from bridge.wrapup.steps import Confirmation, Finished
from tests.fed_wrapup import OURS

LOST = Finished(Confirmation.UNCONFIRMED, Disposition("paid", "Paid"), "", "", "WRAPUP", "not settled in 3600 s")
KNOWN = OpenCall("c1", "8990000001", "2134634007", 900.0, OURS, 901.0, 950.0, "finished", Complete("paid"), (), LOST)
CALL = ClosedCall(KNOWN, True, False, {}, ("disposition_unconfirmed",))


def with_step(effect: Effect) -> ClosedCall:
    return replace(CALL, known=replace(KNOWN, steps=(JournalledStep("call/termCode", "Paid", 960.0, effect),)))


def test_a_call_that_was_given_up_and_is_in_wrap_up_is_repeated() -> None:
    assert OwnRepeats().wants("WRAPUP", CALL)


@pytest.mark.parametrize(
    ("state", "call"),
    [
        ("INCALL", CALL),
        ("WRAPUP", replace(CALL, closed=False)),
        ("WRAPUP", replace(CALL, succeeded=True)),
        ("WRAPUP", replace(CALL, known=replace(KNOWN, result=replace(LOST, confirmation=Confirmation.CONFIRMED)))),
    ],
)
def test_what_cannot_be_repeated_is_a_stray_call_as_ever(state: str, call: ClosedCall) -> None:
    assert not OwnRepeats().wants(state, call)


def test_a_repeat_that_livevox_refuses_is_not_begun_again() -> None:
    own = OwnRepeats()
    own.ended(CALL, LOST, Limits().refused_s + 1)
    assert not own.wants("WRAPUP", CALL)
    assert own.wants("WRAPUP", replace(CALL, known=replace(KNOWN, call="c2"))), "its agent's next one is"


@pytest.mark.parametrize("result", [LOST, None])
def test_trouble_is_borne_for_some_tries(result: Finished | None) -> None:
    own = OwnRepeats()
    for _ in range(TRIES // 2):
        assert own.wants("WRAPUP", CALL)
        own.ended(CALL, result, GIVE_UP_S)
        assert own.wants("WRAPUP", CALL)
        own.refused(CALL)
    assert not own.wants("WRAPUP", CALL)


def test_success_clears_the_count() -> None:
    own = OwnRepeats()
    own.ended(CALL, LOST, 1.0)
    own.ended(CALL, replace(LOST, confirmation=Confirmation.CONFIRMED), 1.0)
    assert own.wants("WRAPUP", CALL)


@pytest.mark.parametrize(("effect", "kept"), [(Effect.UNKNOWN, True), (Effect.DONE, True), (Effect.NONE, False)])
def test_a_call_whose_code_may_have_reached_livevox_never_gets_another(effect: Effect, kept: bool) -> None:
    own = OwnRepeats()
    own.ended(with_step(effect), LOST, 1.0)
    assert own.wants("WRAPUP", with_step(effect)) is kept
