"""The disposition of a call, fed with statuses and failures a platform may or may not give."""

import dataclasses

import pytest

from bridge.livevox.agent_status import AgentStatus
from bridge.livevox.term_codes import TermCode, TermCodes
from bridge.wrapup import (
    CallIds,
    Confirmation,
    Finished,
    ListTermCodes,
    ReadyAgent,
    SetTermCode,
)
from tests.fed_wrapup import CODES, GONE, LOST, NO, NOT_SENT, OURS, Fed, plan, status

CONFIRMED, UNCONFIRMED, NOTHING = Confirmation.CONFIRMED, Confirmation.UNCONFIRMED, Confirmation.NOTHING_TO_SET
WRAPUP, READY = status("WRAPUP"), status("READY", None)
OTHERS = status("INCALL", "999999999999")


def played(fed: Fed) -> tuple[Finished, list[str]]:
    result = fed.play()
    assert result is not None, fed.names
    return result, fed.names


def test_the_term_code_names_the_call_as_the_status_does() -> None:
    fed = Fed(plan(ids=CallIds(OURS.transaction_id, "from a header"), customer=GONE), [WRAPUP, READY])
    fed.play()
    (step,) = [step for step in fed.steps if isinstance(step, SetTermCode)]
    assert (step.choice.call_session_id, step.choice.phone_dialed) == (OURS.session_id, "2134634007")
    assert (step.choice.term_code_id, step.choice.move_to_not_ready) == ("1", False)


# after the term code


def test_a_status_that_is_late_is_given_time() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, WRAPUP, WRAPUP, READY])
    result, names = played(fed)
    assert (result.confirmation, names) == (CONFIRMED, ["ListTermCodes", "SetTermCode", "Finished"])


def test_a_term_code_without_effect_is_set_again_and_less_and_less_often() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP])
    fed.play(until=100.0)
    sent = [at for at, step in zip(fed.times, fed.steps, strict=True) if isinstance(step, SetTermCode)]
    assert len({step for step in fed.steps if isinstance(step, SetTermCode)}) == 1
    assert [round(after - before) for before, after in zip(sent, sent[1:], strict=False)] == [7, 13, 25, 49]


def test_an_agent_left_not_ready_is_made_ready() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, status("NOTREADY", None), READY])
    result, names = played(fed)
    assert names == ["ListTermCodes", "SetTermCode", "ReadyAgent", "Finished"]
    assert (result.confirmation, result.agent_state) == (CONFIRMED, "READY")


def test_an_agent_that_does_not_get_ready_is_left_to_its_pool() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, status("NOTREADY", None)], {ReadyAgent: [NO]})
    result, names = played(fed)
    assert (names.count("ReadyAgent"), result.confirmation, result.agent_state) == (3, CONFIRMED, "NOTREADY")


@pytest.mark.parametrize("after", [OTHERS, status("RESERVED", None), status("INCALL", None), status("LOGOFF", None)])
def test_an_acknowledged_term_code_is_set_wherever_the_agent_is_now(after: AgentStatus) -> None:
    result, names = played(Fed(plan(customer=GONE), [WRAPUP, after]))
    assert (result.confirmation, names[-2:]) == (CONFIRMED, ["SetTermCode", "Finished"])


def test_a_call_in_wrap_up_without_a_name_is_waited_for() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, status("WRAPUP", None)])
    result, _ = played(fed)
    assert result.confirmation is CONFIRMED and fed.now >= 6.0
    assert fed.names.count("SetTermCode") == 1


# when the answer is lost


def test_a_lost_answer_is_settled_by_looking() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, READY], {SetTermCode: [LOST]})
    result, names = played(fed)
    assert (result.confirmation, names) == (CONFIRMED, ["ListTermCodes", "SetTermCode", "Finished"])
    assert fed.now >= 2.0, "LiveVox may still have been at work on it"


def test_after_a_lost_answer_the_same_code_is_set_again_only_while_the_call_waits_for_it() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, WRAPUP, READY], {SetTermCode: [LOST, None]})
    result, names = played(fed)
    assert (result.confirmation, names.count("SetTermCode")) == (CONFIRMED, 2)


def test_after_a_lost_answer_refusals_do_not_change_the_code() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP] * 6 + [READY], {SetTermCode: [LOST, NO, NO, NO, NO, None]})
    fed.play()
    assert {step.name for step in fed.steps if isinstance(step, SetTermCode)} == {"Completed"}


@pytest.mark.parametrize(
    ("after", "confirmation"),
    [
        (READY, CONFIRMED),
        (OTHERS, CONFIRMED),
        (status("RESERVED", None), CONFIRMED),
        (status("NOTREADY", None), UNCONFIRMED),
        (status("LOGOFF", None), UNCONFIRMED),
        (status("WRAPUP", None), UNCONFIRMED),
    ],
)
def test_a_lost_answer_is_taken_for_done_only_where_nothing_else_explains_it(
    after: AgentStatus, confirmation: Confirmation
) -> None:
    result, _ = played(Fed(plan(customer=GONE), [WRAPUP, after], {SetTermCode: [LOST], ReadyAgent: [NO]}))
    assert result.confirmation is confirmation
    assert result.term_code == "Completed"


def test_a_doubt_stays_when_the_agent_is_made_ready() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, status("NOTREADY", None), READY], {SetTermCode: [LOST]})
    result, names = played(fed)
    assert names[-2:] == ["ReadyAgent", "Finished"]
    assert (result.confirmation, result.reason) == (UNCONFIRMED, "the answer to the term code was lost")


def test_a_lost_answer_followed_by_a_long_outage_proves_nothing() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, *[NOT_SENT] * 8, READY], {SetTermCode: [LOST]})
    result, _ = played(fed)
    assert result.confirmation is UNCONFIRMED


def test_an_agent_that_is_not_ready_as_wanted_proves_nothing_after_a_lost_answer() -> None:
    fed = Fed(plan(customer=GONE, move_to_not_ready=True), [WRAPUP, status("NOTREADY", None)], {SetTermCode: [LOST]})
    result, names = played(fed)
    assert (result.confirmation, "ReadyAgent" in names) == (UNCONFIRMED, False)


# lists


def test_a_list_that_lacks_the_code_is_asked_for_anew() -> None:
    old = TermCodes((TermCode(id="9", name="System Failure"),))
    fed = Fed(plan(customer=GONE), [WRAPUP, READY], {ListTermCodes: [old, CODES]})
    result, _ = played(fed)
    assert [step.fresh for step in fed.steps if isinstance(step, ListTermCodes)] == [False, True]
    assert (result.term_code, result.reason) == ("Completed", "")


def test_an_id_that_is_refused_is_looked_up_anew() -> None:
    new = TermCodes((TermCode(id="77", name="Completed"),))
    fed = Fed(plan(customer=GONE), [WRAPUP, WRAPUP, READY], {ListTermCodes: [CODES, new], SetTermCode: [NO, None]})
    result, _ = played(fed)
    assert [step.choice.term_code_id for step in fed.steps if isinstance(step, SetTermCode)] == ["1", "77"]
    assert (result.confirmation, result.term_code) == (CONFIRMED, "Completed")


def test_a_list_that_cannot_be_had_is_asked_for_again() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, WRAPUP, READY], {ListTermCodes: [NOT_SENT, CODES]})
    assert played(fed)[0].confirmation is CONFIRMED


# calls that are not there


def test_a_call_that_was_never_shown_is_waited_for_then_nothing_is_set() -> None:
    fed = Fed(plan(customer=GONE), [READY])
    result, names = played(fed)
    assert (result.confirmation, result.reason, names) == (NOTHING, "", ["Finished"])
    assert 8.0 <= fed.now < 10.0


def test_a_call_that_the_status_has_shown_before_is_over_when_it_is_gone() -> None:
    fed = Fed(plan(customer=GONE, seen_in_status=True), [READY])
    result, _ = played(fed)
    assert (result.confirmation, fed.now) == (NOTHING, 0.0)


def test_a_call_that_appears_late_is_disposed_of() -> None:
    fed = Fed(plan(customer=GONE), [READY, OTHERS, None, status("RESERVED", None), WRAPUP, READY])
    assert played(fed)[0].confirmation is CONFIRMED


def test_wrap_up_that_ends_without_us_is_said() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, READY], {ListTermCodes: [NOT_SENT]})
    result, _ = played(fed)
    assert (result.confirmation, result.reason) == (UNCONFIRMED, "it left wrap-up without our term code")


def test_another_call_in_wrap_up_is_said_and_left_alone() -> None:
    fed = Fed(plan(customer=GONE), [status("WRAPUP", "999999999999")])
    result, names = played(fed)
    assert (result.confirmation, names) == (UNCONFIRMED, ["Finished"])
    assert "not known to be ours" in result.reason


def test_another_call_never_gets_our_term_code_however_long_we_wait() -> None:
    fed = Fed(plan(customer=GONE), [WRAPUP, OTHERS], {SetTermCode: [NOT_SENT]})
    result, names = played(fed)
    assert (result.confirmation, names.count("SetTermCode")) == (UNCONFIRMED, 1)


def test_wrap_up_without_a_name_gets_our_term_code_when_it_must_be_ours() -> None:
    fed = Fed(plan(customer=GONE), [status("WRAPUP", None)] * 14 + [READY])
    result, _ = played(fed)
    assert result.confirmation is CONFIRMED and fed.time_of(SetTermCode) >= 8.0


@pytest.mark.parametrize("ids", [CallIds(), dataclasses.replace(OURS, session_id=None)])
def test_ids_that_nobody_says_are_waited_for_then_missed(ids: CallIds) -> None:
    bare = status("WRAPUP")
    assert bare.lines[0].call is not None
    call = bare.lines[0].call.model_copy(update={"call_session_id": None})
    nameless = AgentStatus(lines=(bare.lines[0].model_copy(update={"call": call}),))
    fed = Fed(plan(customer=GONE, ids=ids), [nameless])
    result, names = played(fed)
    assert (result.confirmation, names) == (UNCONFIRMED, ["Finished"])
    assert "session" in result.reason and fed.now >= 8.0


def test_an_empty_status_says_nothing_until_it_has_for_long() -> None:
    fed = Fed(plan(customer=GONE, seen_in_status=True), [None])
    result, _ = played(fed)
    assert (result.confirmation, result.agent_state) == (NOTHING, "")
    assert 120.0 <= fed.now < 125.0
