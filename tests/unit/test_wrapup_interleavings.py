"""A wrap-up under every weather: requests lost before or after they work, refusals, and events at any moment."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.livevox.errors import LiveVoxError
from bridge.simulator.faults import EndCall as Insists
from bridge.simulator.ledger import Kind
from bridge.simulator.states import AgentState, Customer
from bridge.wrapup import (
    Confirmation,
    CustomerLeg,
    EndCall,
    EndCallBy,
    Finished,
    HangUpCustomer,
    ReturnToBot,
    SetTermCode,
    StartTransfer,
    TransferFailed,
    TransferSucceeded,
)
from tests.wrapup_stage import Stage
from tests.wrapup_weather import BAD_WEATHER, contacts, platforms

#: Storms end after so many requests: whatever is left then must come to its right end.
pytestmark = pytest.mark.long

STORM = 40

Sky = list[tuple[bool, LiveVoxError] | None]


def storm_of(seed: int, force: float) -> Sky:
    chance = random.Random(seed)
    return [chance.choice(BAD_WEATHER) if chance.random() < force else None for _ in range(STORM)]


weather: st.SearchStrategy[Sky] = st.one_of(
    st.lists(st.one_of(st.none(), st.none(), st.sampled_from(BAD_WEATHER)), max_size=STORM),
    st.builds(storm_of, st.integers(0, 2**32), st.sampled_from([0.1, 0.3, 0.6, 0.95])),
)
moments = st.one_of(st.none(), st.floats(0.0, 90.0))


@st.composite
def stages(draw: st.DrawFn) -> Stage:
    storm = iter(draw(weather))
    platform = draw(platforms)
    sip_only = platform.require_end_call is Insists.BYE  # without SIP nobody could end such a call
    stage = Stage(
        platform,
        weather=lambda _: next(storm, None),
        bye_works=sip_only or draw(st.sampled_from([True, True, True, False])),
        latency_s=draw(st.sampled_from([0.0, 0.3, 4.0])),
        transfer=draw(contacts),
        end_call=draw(st.sampled_from(EndCallBy)),
        bot_present=draw(st.booleans()),
        seen_in_status=platform.status_lag_s == 0 and draw(st.booleans()),
        move_to_not_ready=draw(st.booleans()),
    )
    for event in (stage.customer_hangs_up, stage.bot_leaves, stage.worker_dies):
        moment = draw(moments)
        if moment is not None and not (sip_only and event == stage.worker_dies):
            stage.at(moment, event)
    return stage


def kinds(stage: Stage, kind: Any) -> list[Any]:
    return [step for step in stage.steps if isinstance(step, kind)]


def effective_transfers(stage: Stage) -> list[str]:
    entries = stage.desk.platform.ledger.entries
    return [
        str(entry.facts["contact"])
        for entry in entries
        if entry.kind is Kind.TRANSFER and entry.name == "started" and entry.call == stage.call.id
    ]


@given(stages())
@settings(max_examples=300, deadline=None)
def test_whatever_happens_a_call_gets_at_most_one_disposition_and_the_customer_one_human(stage: Stage) -> None:
    result = stage.play()

    assert len(stage.dispositions) <= 1
    codes = [(step, error) for step, error in stage.told if isinstance(step, SetTermCode)]
    perhaps_set = [step.choice for step, error in codes if error is None or error.maybe_done]
    assert len(set(perhaps_set)) <= 1, "two different term codes may have been set"
    assert len(kinds(stage, HangUpCustomer)) <= 1
    started = effective_transfers(stage)
    assert len(started) == len(set(started)), "a contact was called twice"
    if kinds(stage, TransferSucceeded):
        taken = stage.steps.index(kinds(stage, TransferSucceeded)[0])
        after = stage.steps[taken:]
        assert not [step for step in after if isinstance(step, StartTransfer | EndCall)]
    if result is None:
        assert isinstance(stage.steps[-1], ReturnToBot)
        assert isinstance(stage.steps[-2], TransferFailed) and stage.steps[-2].back_to_bot
        assert not kinds(stage, HangUpCustomer) and not kinds(stage, SetTermCode)
    else:
        assert result == stage.steps[-1] and len(kinds(stage, Finished)) == 1


@given(stages())
@settings(max_examples=300, deadline=None)
def test_the_result_says_what_livevox_has(stage: Stage) -> None:
    result = stage.play()

    if result is not None and result.confirmation is Confirmation.CONFIRMED:
        assert stage.dispositions == [result.term_code]
        wanted = AgentState.NOTREADY if stage.plan.move_to_not_ready else AgentState.READY
        assert stage.desk.agent.state is wanted
    if result is not None and result.confirmation is Confirmation.NOTHING_TO_SET:
        assert stage.desk.agent.state is not AgentState.WRAPUP
    if result is not None and result.confirmation is not Confirmation.UNCONFIRMED and not result.transferred_to:
        assert stage.call.customer in (Customer.GONE, Customer.HANDED_OVER) or stage.desk.agent.call is None
    if result is not None and result.transferred_to and not stage.script:
        assert stage.call.customer is not Customer.TALKING


@given(stages())
@settings(max_examples=200, deadline=None)
def test_our_leg_is_over_before_the_wrap_up_is(stage: Stage) -> None:
    result = stage.play()

    assert (result is None) == (stage.leg is CustomerLeg.UP)
