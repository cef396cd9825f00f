"""Whether a wrap-up that was given up may be repeated, and how: never two dispositions for one call."""

from dataclasses import replace
from pathlib import Path

import pytest

from bridge.calls.outcomes import Outcomes
from bridge.calls.repeat_plan import check_repeatable, not_in_wrap_up, repeat_plan, repeated, shown_instead
from bridge.errors import OrderRefused
from bridge.journal.open_call import ClosedCall, JournalledStep, OpenCall
from bridge.journal.records import Effect
from bridge.livevox.agent_status import AgentStatus
from bridge.verdicts import Complete, Transfer
from bridge.wrapup.plan import CallIds, CustomerLeg, Disposition
from bridge.wrapup.steps import Confirmation, Finished
from tests.fed_wrapup import OURS, plan, status
from tests.unit.settings_texts import GOOD, load_text

NOW = 1000.0
LOST = Finished(Confirmation.UNCONFIRMED, Disposition("default", ""), "", "", "WRAPUP", "not settled in 3600 s")
CALL = OpenCall("c1", "8990000001", "2134634007", 900.0, OURS, 901.0, 950.0, "finished", Complete("default"), (), LOST)
CLOSED = ClosedCall(CALL, True, False, {"engine": "bot", "term_code": ""}, ("dead_air", "disposition_unconfirmed"))
SETTINGS = GOOD + '[targets.sales]\ncontacts = ["Sales"]\n[outcomes.transfer_failed]\nterm_code = "Nobody Took It"\n'


@pytest.fixture
def outcomes(tmp_path: Path) -> Outcomes:
    return Outcomes(load_text(tmp_path, SETTINGS))


def with_result(**changes: object) -> ClosedCall:
    return replace(CLOSED, known=replace(CALL, result=replace(LOST, **changes)))  # type: ignore[arg-type]


def test_an_unconfirmed_call_may_be_repeated() -> None:
    check_repeatable(CLOSED)
    check_repeatable(replace(CLOSED, known=replace(CALL, result=None)))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (replace(CLOSED, closed=False), "not_wrapping_up"),
        (with_result(confirmation=Confirmation.CONFIRMED, term_code="Paid"), "already_disposed"),
        (with_result(confirmation=Confirmation.NOTHING_TO_SET), "nothing_to_set"),
        (replace(CLOSED, known=replace(CALL, answered_at=0.0)), "nothing_to_set"),
        (replace(CLOSED, known=replace(CALL, ids=CallIds())), "not_in_wrap_up"),
        (replace(CLOSED, succeeded=True), "not_in_wrap_up"),
    ],
)
def test_what_the_journal_forbids(call: ClosedCall, code: str) -> None:
    with pytest.raises(OrderRefused) as caught:
        check_repeatable(call)
    assert caught.value.code == code


def test_a_refusal_says_what_is_left_to_do_by_hand() -> None:
    said = not_in_wrap_up(replace(CALL, result=replace(LOST, term_code="Paid")), "no call, state READY").message
    assert "its agent has no call, state READY" in said and "nothing was sent" in said
    assert f"LiveVox's reports by its transaction {OURS.transaction_id}" in said and "had sent Paid" in said


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        (status("WRAPUP"), ""),
        (status("WRAPUP", "999999999999"), "another call, state WRAPUP"),
        (status("WRAPUP", None), "no call, state WRAPUP"),
        (status("INCALL"), "another call, state INCALL"),
        (status("READY", None), "no call, state READY"),
        (None, "nothing"),
    ],
)
def test_only_a_wrap_up_that_names_the_call_is_told(seen: AgentStatus | None, shown: str, outcomes: Outcomes) -> None:
    assert shown_instead(repeat_plan(CALL, outcomes, NOW), seen) == shown


def test_the_plan_is_the_disposition_alone(outcomes: Outcomes) -> None:
    call = replace(CALL, fate="transferred", verdict=Transfer("sales"))
    made = repeat_plan(call, outcomes, NOW)
    assert (made.transfer, made.customer, made.named_only, made.before.term_code) == ((), CustomerLeg.GONE, True, None)
    assert made.leaving().move_to_not_ready


def test_it_is_the_disposition_that_was_meant_at_the_end(outcomes: Outcomes) -> None:
    result = replace(LOST, disposition=Disposition("transfer_failed", ""))
    call = replace(CALL, fate="transferred", verdict=Transfer("sales"), result=result)
    assert repeat_plan(call, outcomes, NOW).disposition.term_code == "Nobody Took It"
    assert repeat_plan(replace(call, result=None), outcomes, NOW).disposition.outcome != "transfer_failed"


def test_a_code_that_may_have_reached_livevox_is_the_only_one(outcomes: Outcomes) -> None:
    sent = JournalledStep("call/termCode", "Of Yesterday's Settings", 960.0, Effect.UNKNOWN)
    order = repeat_plan(replace(CALL, steps=(sent,)), outcomes, NOW).before.term_code
    assert order is not None and (order.name, order.certain, order.ago_s) == (sent.about, False, 40.0)
    refused = replace(sent, effect=Effect.NONE)
    assert repeat_plan(replace(CALL, steps=(refused,)), outcomes, NOW).before.term_code is None


def test_a_customer_who_has_a_human_keeps_it(outcomes: Outcomes) -> None:
    call = replace(CALL, fate="transferred", verdict=Transfer("sales"), result=replace(LOST, transferred_to="Sales"))
    assert repeat_plan(call, outcomes, NOW).before.handed_to == "Sales"


def test_success_corrects_what_the_journal_tells_of_the_call() -> None:
    done = replace(LOST, confirmation=Confirmation.CONFIRMED, term_code="Paid", agent_state="READY", reason="")
    result, line, trouble = repeated(CLOSED, done)
    assert (result, trouble) == (done, ("dead_air",))
    assert (line["engine"], line["term_code"], line["confirmation"]) == ("bot", "Paid", "confirmed")


def test_a_call_that_leaves_wrap_up_meanwhile_stays_unconfirmed() -> None:
    result, line, trouble = repeated(CLOSED, replace(LOST, confirmation=Confirmation.NOTHING_TO_SET))
    assert (result.confirmation, line["confirmation"]) == (Confirmation.UNCONFIRMED, "unconfirmed")
    assert trouble == CLOSED.trouble


def test_plans_of_calls_that_go_on_believe_more() -> None:
    assert shown_instead(plan(), status("INCALL", None)) == ""
