"""A wrap-up whose bridge dies at any request, again and again: the next one goes on without doing anything twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.simulator.faults import EndCall as Insists
from bridge.simulator.faults import Faults, LeaveEarly, TermCodeInCall
from bridge.simulator.ledger import Kind
from bridge.simulator.states import AgentState, Customer
from bridge.wrapup import Confirmation, EndCallBy, SetTermCode
from tests.crashing_stage import CrashingStage
from tests.unit.test_wrapup_interleavings import moments, storm_of
from tests.wrapup_weather import contacts

pytestmark = pytest.mark.long

deaths = st.lists(st.tuples(st.integers(1, 25), st.booleans(), st.floats(1.0, 120.0)), min_size=1, max_size=3)
platforms = st.builds(
    Faults,
    require_end_call=st.sampled_from([Insists.ANY, Insists.CALL_END]),  # nobody can send BYE any more
    term_code_in_call=st.sampled_from(TermCodeInCall),
    conference_delay_s=st.sampled_from([0.0, 0.7, 3.0]),
    leave_needs_customer=st.booleans(),
    leave_early=st.sampled_from(LeaveEarly),
    bye_after_leave_s=st.sampled_from([None, 0.0, 0.2]),
)


@st.composite
def stages(draw: st.DrawFn) -> CrashingStage:
    storm = iter(storm_of(draw(st.integers(0, 2**32)), draw(st.sampled_from([0.0, 0.0, 0.2, 0.5]))))
    stage = CrashingStage(
        draw(platforms),
        draw(deaths),
        weather=lambda _: next(storm, None),
        transfer=draw(contacts),
        end_call=draw(st.sampled_from(EndCallBy)),
        seen_in_status=True,
        move_to_not_ready=draw(st.booleans()),
    )
    moment = draw(moments)
    if moment is not None:
        stage.at(moment, stage.customer_hangs_up)
    return stage


def transfers(stage: CrashingStage, name: str) -> int:
    entries = stage.desk.platform.ledger.of_call(stage.call.id)
    return len([entry for entry in entries if entry.kind is Kind.TRANSFER and entry.name == name])


@given(stages())
@settings(max_examples=400, deadline=None)
def test_however_often_the_bridge_dies_a_call_gets_one_disposition(stage: CrashingStage) -> None:
    result = stage.survive()

    assert result is not None
    assert len(stage.dispositions) <= 1
    codes = [(step, error) for step, error in stage.told if isinstance(step, SetTermCode)]
    perhaps_set = {step.name for step, error in codes if error is None or error.maybe_done}
    assert len(perhaps_set) <= 1, "two different term codes may have been set"
    if result.confirmation is Confirmation.CONFIRMED:
        assert stage.dispositions == [result.term_code]
    if result.confirmation is not Confirmation.UNCONFIRMED:
        assert stage.desk.agent.state is not AgentState.WRAPUP


@given(stages())
@settings(max_examples=300, deadline=None)
def test_a_customer_who_has_a_human_keeps_it(stage: CrashingStage) -> None:
    result = stage.survive()

    assert result is not None
    assert transfers(stage, "left") <= 1
    if transfers(stage, "left"):
        entries = stage.desk.platform.ledger.of_call(stage.call.id)
        left = next(number for number, entry in enumerate(entries) if entry.name == "left")
        after = [entry.name for entry in entries[left:]]
        assert "started" not in after and "customer_dropped" not in after
        assert result.transferred_to, "it was handed over, and nobody knows"
    if result.transferred_to and not stage.script:
        assert stage.call.customer is not Customer.TALKING
