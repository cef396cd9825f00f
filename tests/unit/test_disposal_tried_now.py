"""An operator does not want to wait for a wrap-up's next try."""

import pytest

from bridge.livevox.agent_status import AgentStatus
from bridge.wrapup import Confirmation, EndCall, Finished, ReadStatus, SetTermCode, StartTransfer
from bridge.wrapup.plan import Before, EndCallBy, OrderGiven
from tests.fed_wrapup import GONE, LOST, NOT_SENT, OURS, Fed, plan, status

WRAPUP, READY = status("WRAPUP"), status("READY", None)
OTHERS = status("INCALL", "999999999999")


def sent(fed: Fed) -> list[float]:
    return [at for at, step in zip(fed.times, fed.steps, strict=True) if isinstance(step, SetTermCode)]


def test_the_next_try_is_made_at_once() -> None:
    fed = Fed(plan(customer=GONE), [*[WRAPUP] * 8, READY], {SetTermCode: [*[NOT_SENT] * 7, None]})
    fed.play(until=20.0)
    assert fed.wrap_up.failing == "no route"
    tries, deadline = len(sent(fed)), fed.wrap_up.deadline
    assert deadline is not None and deadline > fed.now + 1.0
    began = fed.now
    assert fed.wrap_up.try_now(fed.now)
    fed.play(until=began)
    assert len(sent(fed)) == tries + 1
    assert sent(fed)[-1] == began


def test_a_code_that_livevox_may_be_at_work_on_is_left_its_time() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, READY], {SetTermCode: [LOST]})
    fed.play(until=0.5)
    assert fed.wrap_up.try_now(fed.now)
    result = fed.play()
    assert result is not None and result.confirmation is Confirmation.CONFIRMED
    looks = [at for at, step in zip(fed.times, fed.steps, strict=True) if isinstance(step, ReadStatus)]
    assert looks[1] - sent(fed)[0] == 2.0, "and not a moment earlier"
    assert len(sent(fed)) == 1


def test_a_code_without_effect_need_not_be_given_ever_longer() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP])
    fed.play(until=60.0)
    before = len(sent(fed))
    fed.play(until=62.0)
    assert len(sent(fed)) == before, "it has half a minute yet"
    assert fed.wrap_up.try_now(fed.now)
    fed.play(until=fed.now)
    assert len(sent(fed)) == before + 1


def test_the_end_of_a_call_that_livevox_did_not_take_is_ordered_again_at_once() -> None:
    fed = Fed(
        plan(customer=GONE, end_call=EndCallBy.CALL_END), [status("INCALL")], {EndCall: [*[NOT_SENT] * 4, None, None]}
    )
    fed.play(until=5.0)
    before = fed.names.count("EndCall")
    fed.wrap_up.try_now(fed.now)
    fed.play(until=fed.now)
    assert fed.names.count("EndCall") == before + 1


def test_while_livevox_is_asked_there_is_nothing_to_hasten() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP])
    fed.play(before=SetTermCode)
    assert not fed.wrap_up.try_now(fed.now)


def test_a_transfer_goes_its_own_way() -> None:
    fed = Fed(plan(transfer=("Desk",)), [status("INCALL")])
    fed.play(until=0.5)
    assert any(isinstance(step, StartTransfer) for step in fed.steps)
    assert not fed.wrap_up.try_now(fed.now)


@pytest.mark.parametrize("shown", [READY, OTHERS, status("WRAPUP", None), status("INCALL", None), status("INCALL")])
@pytest.mark.parametrize("code", [None, OrderGiven("Completed", certain=False, ago_s=600.0)])
def test_of_a_call_that_was_given_up_nothing_is_sent_unless_it_is_named(
    shown: AgentStatus, code: OrderGiven | None
) -> None:
    changes = {"customer": GONE, "seen_in_status": True, "named_only": True, "before": Before(term_code=code)}
    fed = Fed(plan(**changes), [shown])
    result = fed.play()
    assert isinstance(result, Finished)
    assert fed.names in (["Finished"], ["ReadyAgent", "Finished"])
    assert (result.confirmation is Confirmation.CONFIRMED) is False


def test_of_a_call_that_was_given_up_the_same_code_is_sent_again() -> None:
    code = OrderGiven("System Failure", certain=False, ago_s=600.0)
    changes = {"customer": GONE, "seen_in_status": True, "named_only": True, "before": Before(term_code=code)}
    fed = Fed(plan(**changes), [WRAPUP, READY])
    result = fed.play()
    assert result is not None and result.confirmation is Confirmation.CONFIRMED
    (step,) = [step for step in fed.steps if isinstance(step, SetTermCode)]
    assert (step.name, step.choice.call_transaction_id) == ("System Failure", OURS.transaction_id)
