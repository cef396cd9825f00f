"""What becomes of a call that was open when the bridge died."""

from dataclasses import replace
from pathlib import Path

import pytest

from bridge.calls.outcomes import Outcomes
from bridge.calls.recovery_plan import by_agent, found, judged, meant, recovery_plan, result_without_looking, resumed
from bridge.engines.events import Fate
from bridge.journal.open_call import JournalledStep, OpenCall
from bridge.journal.records import Effect
from bridge.livevox.agent_status import AgentStatus
from bridge.verdicts import Complete, Transfer, Verdict
from bridge.wrapup.plan import Before, CustomerLeg, Disposition, OrderGiven, Plan
from bridge.wrapup.steps import Confirmation, Finished
from tests.fed_wrapup import OURS, plan, status
from tests.unit.settings_texts import GOOD, load_text

NOW = 1000.0
CALL = OpenCall("c1", "8990000001", "2134634007", 900.0, OURS, 901.0, 0.0, "", None, (), None)
SETTINGS = GOOD + '[targets.sales]\ncontacts = ["Sales", "Billing"]\n[outcomes.bridge_failure]\nterm_code = "System"\n'
FINISHED = Finished(Confirmation.NOTHING_TO_SET, Disposition("done", "Completed"), "", "", "READY", "")


@pytest.fixture
def outcomes(tmp_path: Path) -> Outcomes:
    return Outcomes(load_text(tmp_path, SETTINGS))


def decided(fate: str, verdict: Verdict | None, *steps: JournalledStep) -> OpenCall:
    return replace(CALL, decided_at=950.0, fate=fate, verdict=verdict, steps=steps)


def step(name: str, about: str = "", effect: Effect = Effect.UNKNOWN, at: float = 960.0) -> JournalledStep:
    return JournalledStep(name, about, at, effect)


def plan_of(call: OpenCall, outcomes: Outcomes, target: str = "collections") -> Plan:
    return recovery_plan(call, *meant(call, target), outcomes, target, NOW)


def test_the_customer_of_a_call_that_was_going_on_goes_to_a_human(outcomes: Outcomes) -> None:
    assert meant(CALL, "collections") == (
        Fate.BRIDGE_FAILURE,
        Transfer("collections", outcome=Fate.BRIDGE_FAILURE),
    )
    made = plan_of(CALL, outcomes)
    assert (made.transfer, made.customer, made.bot_present) == (("Collections Queue",), CustomerLeg.LOST, False)
    assert made.disposition.outcome == made.customer_hung_up.outcome == made.transfer_failed.outcome == "bridge_failure"
    assert made.disposition.term_code == "System"


def test_without_a_target_it_is_ended(outcomes: Outcomes) -> None:
    assert meant(CALL, "") == (Fate.BRIDGE_FAILURE, None)
    assert plan_of(CALL, outcomes, "").transfer == ()


def test_what_was_decided_counts(outcomes: Outcomes) -> None:
    made = plan_of(decided("finished", Complete("default")), outcomes)
    assert (made.disposition.outcome, made.transfer) == ("default", ())


def test_a_fate_that_nobody_knows_is_a_failure_of_ours() -> None:
    assert meant(decided("abducted", None), "")[0] is Fate.BRIDGE_FAILURE


def test_where_no_wanted_contact_takes_the_customer_whom_we_fail_to_may(outcomes: Outcomes) -> None:
    made = plan_of(decided("transferred", Transfer("sales")), outcomes)
    assert made.transfer == ("Sales", "Billing", "Collections Queue")
    assert (made.disposition.outcome, made.customer_hung_up.outcome) == ("transferred", "customer_hung_up")


@pytest.mark.parametrize(("effect", "certain"), [(Effect.DONE, True), (Effect.UNKNOWN, False)])
def test_a_contact_that_was_ordered_is_not_ordered_again(outcomes: Outcomes, effect: Effect, certain: bool) -> None:
    made = plan_of(decided("transferred", Transfer("sales"), step("conference/phonebook", "Billing", effect)), outcomes)
    assert made.transfer == ("Billing", "Collections Queue")
    assert made.before == Before(OrderGiven("Billing", certain, 40.0))


def test_an_order_that_was_refused_was_none(outcomes: Outcomes) -> None:
    refused = step("conference/phonebook", "Billing", Effect.NONE)
    made = plan_of(decided("transferred", Transfer("sales"), refused), outcomes)
    assert (made.transfer, made.before) == (("Billing", "Collections Queue"), Before())


def test_a_contact_that_the_settings_have_no_more_is_still_the_one_that_was_ordered(outcomes: Outcomes) -> None:
    ordered = step("conference/phonebook", "Old Desk", Effect.DONE)
    made = plan_of(decided("transferred", Transfer("sales"), ordered), outcomes)
    assert made.transfer == ("Old Desk", "Sales", "Billing", "Collections Queue")


def test_a_transfer_that_gave_the_customer_back_is_over(outcomes: Outcomes) -> None:
    earlier = step("conference/phonebook", "Billing", Effect.DONE, at=940.0)
    made = plan_of(decided("transferred", Transfer("sales"), earlier), outcomes)
    assert (made.transfer[0], made.before) == ("Sales", Before())
    going_on = plan_of(replace(CALL, steps=(earlier,)), outcomes)
    assert (going_on.transfer, going_on.before) == (("Collections Queue",), Before())


def test_a_conference_that_was_being_left_is_left() -> None:
    steps = [step("conference/phonebook", "Desk", Effect.DONE), step("conference/leave")]
    made = resumed(plan(transfer=("Desk",)), steps, NOW, ())
    assert made.before == Before(OrderGiven("Desk", True, 40.0), leaving=True)
    back = resumed(plan(transfer=("Desk",)), [*steps, step("conference/reconnect")], NOW, ())
    assert not back.before.leaving


def test_a_customer_who_was_handed_over_is_not_transferred_again() -> None:
    steps = [step("conference/phonebook", "Desk", Effect.DONE), step("conference/leave", "", Effect.DONE)]
    made = resumed(plan(transfer=("Desk",)), steps, NOW, ("Queue",))
    assert (made.transfer, made.before) == ((), Before(handed_to="Desk"))


@pytest.mark.parametrize(("effect", "certain"), [(Effect.DONE, True), (Effect.UNKNOWN, False)])
def test_no_other_term_code_than_the_one_that_was_sent_is_set(
    outcomes: Outcomes, effect: Effect, certain: bool
) -> None:
    sent = step("call/termCode", "System", effect, at=940.0)
    made = plan_of(decided("finished", Complete("default"), sent), outcomes)
    assert made.before.term_code == OrderGiven("System", certain, 60.0)
    assert made.transfer == ()


def test_a_term_code_that_was_refused_was_not_sent(outcomes: Outcomes) -> None:
    refused = step("call/termCode", "Completed", Effect.NONE)
    assert plan_of(decided("finished", Complete(), refused), outcomes).before == Before()


def test_one_that_was_acknowledged_counts_more_than_one_that_was_sent_again() -> None:
    steps = [step("call/termCode", "A", Effect.DONE), step("call/termCode", "A", Effect.UNKNOWN, at=970.0)]
    made = resumed(plan(), steps, NOW, ())
    assert made.before.term_code == OrderGiven("A", True, 40.0)


def test_the_disposition_is_the_one_whose_term_code_was_sent() -> None:
    hung_up = Disposition("customer_hung_up", "Hung Up")
    made = resumed(plan(customer_hung_up=hung_up), [step("call/termCode", "Hung Up")], NOW, ())
    assert made.disposition == hung_up


@pytest.mark.parametrize(
    ("answered_at", "seen"), [(980.0, True), (995.0, False), (0.0, False)], ids=["long ago", "just now", "never"]
)
def test_nothing_on_the_line_means_that_a_call_is_over_if_it_was_answered_long_ago(
    outcomes: Outcomes, answered_at: float, seen: bool
) -> None:
    assert plan_of(replace(CALL, answered_at=answered_at), outcomes).seen_in_status is seen


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (status("INCALL"), "INCALL"),
        (status("WRAPUP"), "WRAPUP"),
        (status("INCALL", "another"), "another call"),
        (status("READY", None), "no call"),
        (AgentStatus(), "nothing"),
        (None, "nothing"),
    ],
)
def test_what_is_found_is_told(shown: AgentStatus | None, said: str) -> None:
    assert found(plan(), shown) == said


def test_each_agent_has_its_calls_in_order() -> None:
    other, late = replace(CALL, call="c2", agent="8990000002"), replace(CALL, call="c3", admitted_at=990.0)
    assert by_agent([late, other, CALL]) == {"8990000001": [CALL, late], "8990000002": [other]}


def test_what_can_be_said_without_looking() -> None:
    unanswered = replace(CALL, answered_at=0.0)
    acknowledged = decided("finished", None, step("call/termCode", "Completed", Effect.DONE))
    unsure = decided("finished", None, step("call/termCode", "Completed"))
    said = [result_without_looking(call, "why") for call in (CALL, unanswered, acknowledged, unsure)]
    assert [(result.confirmation, result.term_code, result.reason) for result in said] == [
        (Confirmation.UNCONFIRMED, "", "why"),
        (Confirmation.NOTHING_TO_SET, "", "why"),
        (Confirmation.CONFIRMED, "Completed", ""),
        (Confirmation.UNCONFIRMED, "Completed", "why"),
    ]
    assert result_without_looking(replace(CALL, result=FINISHED), "why") == FINISHED


def test_an_answered_call_that_livevox_shows_no_more_is_no_success() -> None:
    assert judged(CALL, FINISHED).confirmation is Confirmation.UNCONFIRMED
    assert judged(replace(CALL, answered_at=0.0), FINISHED) == FINISHED
    confirmed = replace(FINISHED, confirmation=Confirmation.CONFIRMED)
    assert judged(CALL, confirmed) == confirmed
