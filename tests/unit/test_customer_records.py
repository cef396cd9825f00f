"""Whose record a call's is, and what is told of one that is not written."""

import pytest

from bridge.call_facts import ScreenPopRows
from bridge.calls.call_contact import Known
from bridge.calls.contact_terms import ContactTerms
from bridge.calls.customer_records import account_of, reason_of, refusal_of
from bridge.errors import OrderRefused
from bridge.livevox.agent_status import AgentStatus
from bridge.livevox.errors import LiveVoxError, LiveVoxRefused, LiveVoxUnreachable
from bridge.verdicts import Remarks
from bridge.wrapup.plan import CallIds

OURS = CallIds("T1", "S1", "46014")
PUT = "PUT contact/contacts/{account}"


def status(transaction: str = "T1", account: str = "") -> AgentStatus:
    call = {"callTransactionId": transaction, "accountNumber": account}
    return AgentStatus.model_validate({"lines": [{"lineNumber": "ACD", "state": "INCALL", "call": call}]})


@pytest.mark.parametrize(
    ("shown", "ids", "pop", "account"),
    [
        (status(account="100"), OURS, "", "100"),
        (status(account="100"), OURS, "200", "100"),
        (status(), OURS, "200", "200"),
        (None, OURS, "200", "200"),
        (AgentStatus(), OURS, "200", "200"),
        (status("T2", "300"), OURS, "200", ""),
        (status("T2"), OURS, "200", ""),
        (status("T2", "300"), CallIds(), "200", ""),
        (status(), OURS, "", ""),
    ],
)
def test_the_account_is_that_of_the_call_and_never_of_the_agents_next_one(
    shown: AgentStatus | None, ids: CallIds, pop: str, account: str
) -> None:
    assert account_of(shown, ids, pop) == account


@pytest.mark.parametrize(
    ("fields", "account"),
    [({"accountnumber": "1", "account": "2"}, "1"), ({"account": "2"}, "2"), ({"accountnumber": ""}, ""), ({}, "")],
)
def test_services_label_the_account_in_their_screen_pops(fields: dict[str, str], account: str) -> None:
    assert Known(OURS, ScreenPopRows((), fields)).shown == account
    assert Known(OURS, None).shown == ""


@pytest.mark.parametrize(
    ("error", "code", "bot", "story"),
    [
        (LiveVoxRefused(PUT, 404, 404, "no 100"), "no_contact", "no contact", "LiveVox refused it with 404"),
        (LiveVoxRefused(PUT, 400, 400, "bad a@b"), "livevox_refused", "bad a@b", "LiveVox refused it with 400"),
        (LiveVoxUnreachable(PUT, "reset", maybe_done=True), "livevox_silent", "reset", f"{PUT}: no answer: reset"),
        (TimeoutError(), "livevox_silent", "within 8 s", "LiveVox has not taken it within 8 s"),
    ],
)
def test_livevoxs_own_words_are_for_the_bot_and_not_for_the_log(
    error: LiveVoxError | TimeoutError, code: str, bot: str, story: str
) -> None:
    refused = refusal_of(error, 8.0)
    refused.__cause__ = error
    assert refused.code == code
    assert bot in refused.message
    assert reason_of(refused) == story


TERMS = ContactTerms({"email": "person.email", "owed": "balance"}, frozenset({"promise"}))


def test_what_may_not_be_written_is_left_out_of_a_verdict_with_a_sentence_each() -> None:
    said = Remarks("x", "", (("email", "a@b"), ("owed", "much"), ("ssn", "1")), (("promise", "1"), ("mood", "good")))
    kept, problems = TERMS.permitted(said)
    assert kept == Remarks("x", "", (("email", "a@b"),), (("promise", "1"),))
    assert problems == (
        '"contact.owed" must be a decimal number',
        '"contact.ssn" is not in [contact.fields]',
        '"context.mood" is not in contact.context_keys',
    )
    with pytest.raises(OrderRefused) as caught:
        TERMS.check(said)
    assert caught.value.code == "invalid_contact_value"


def test_without_a_list_of_keys_any_may_be_kept_with_a_call() -> None:
    ContactTerms().check(Remarks(context=(("mood", "good"),)))
