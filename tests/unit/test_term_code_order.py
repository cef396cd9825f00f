"""Which term code a call gets, and what became of it."""

from bridge.livevox.term_codes import TermCode, TermCodes
from bridge.wrapup.plan import Disposition
from bridge.wrapup.states import Sent
from bridge.wrapup.term_code_order import TermCodeOrder
from tests.fed_wrapup import CODES, plan

DEFAULT_ONLY = TermCodes((TermCode(id="9", name="System Failure"),))


def order(term_code: str = "completed") -> TermCodeOrder:
    return TermCodeOrder(plan(), Disposition("done", term_code))


def name(chosen: TermCodeOrder) -> str | None:
    code = chosen.code()
    return code.name if code else None


def test_the_code_meant_is_chosen_by_name() -> None:
    chosen = order()
    assert name(chosen) is None and not chosen.wants_fresh_list
    chosen.learn(CODES, is_fresh=False)
    assert (name(chosen), chosen.reasons, chosen.wants_fresh_list) == ("Completed", [], False)


def test_only_a_fresh_list_proves_that_a_code_is_missing() -> None:
    chosen = order()
    chosen.learn(DEFAULT_ONLY, is_fresh=False)
    assert name(chosen) is None and chosen.wants_fresh_list and not chosen.reasons
    chosen.learn(DEFAULT_ONLY, is_fresh=True)
    assert (name(chosen), chosen.reasons) == ("System Failure", ["the service has no term code 'completed'"])


def test_without_either_none_is_left() -> None:
    chosen = order()
    chosen.learn(TermCodes(), is_fresh=True)
    assert chosen.is_exhausted and len(chosen.reasons) == 2 and chosen.code() is None


def test_a_default_that_is_the_code_meant_is_tried_once() -> None:
    chosen = order("System Failure")
    chosen.learn(TermCodes(), is_fresh=True)
    assert chosen.reasons == ["the service has no term code 'System Failure'"]


def test_a_refused_code_is_looked_up_anew_and_at_last_replaced() -> None:
    chosen = order()
    for refusals in range(3):
        chosen.learn(CODES, is_fresh=refusals > 0)
        assert name(chosen) == "Completed"
        chosen.refused("paymentAmt is required")
        assert chosen.wants_fresh_list and chosen.code() is None
    chosen.learn(CODES, is_fresh=True)
    assert name(chosen) == "System Failure"
    assert chosen.reasons == ["term code 'completed' was refused (paymentAmt is required)"]
    for _ in range(9):
        chosen.refused("no")
    chosen.learn(CODES, is_fresh=True)
    assert name(chosen) == "System Failure", "the last one is never given up for refusals"


def test_a_code_that_may_have_been_set_is_never_replaced() -> None:
    chosen = order()
    chosen.learn(CODES, is_fresh=False)
    chosen.unanswered("Completed", 1.0)
    for _ in range(9):
        chosen.refused("no")
    assert (name(chosen), chosen.sent, chosen.sent_name) == ("Completed", Sent.PERHAPS, "Completed")


def test_an_acknowledged_code_stays_so_and_may_show_later_each_time() -> None:
    chosen = order()
    chosen.acknowledged("Completed", 10.0)
    assert chosen.may_show_late(15.9) and not chosen.may_show_late(16.0)
    chosen.unanswered("Completed", 20.0)
    assert chosen.sent is Sent.ACKNOWLEDGED
    chosen.acknowledged("Completed", 30.0)
    assert chosen.may_show_late(41.9) and not chosen.may_show_late(42.0)
    assert chosen.was_sent_recently(35.9) and not chosen.was_sent_recently(36.0)


def test_a_lost_answer_is_doubtful_late_or_when_the_agent_is_not_free() -> None:
    chosen = order()
    assert not chosen.is_doubtful(0.0, agent_is_free=False) and not chosen.was_sent_recently(0.0)
    chosen.unanswered("Completed", 0.0)
    assert not chosen.may_show_late(0.0)
    assert [chosen.is_doubtful(at, agent_is_free=free) for at, free in ((30.0, True), (31.0, True), (1.0, False))] == [
        False,
        True,
        True,
    ]
    chosen.acknowledged("Completed", 2.0)
    assert not chosen.is_doubtful(99.0, agent_is_free=False)
