"""What of a call is shown to who may not see its customer."""

import json

import pytest

from bridge.journal.records import Fact
from bridge.story.veil import Veil
from tests.story_rows import AGENT, CALL, CALLER, INVITE, TERM_CODE

MASKED, WHOLE = Veil(CALL, whole=False), Veil(CALL, whole=True)


def test_who_may_see_all_sees_it_as_it_was() -> None:
    assert WHOLE.sip(INVITE) == INVITE
    assert WHOLE.rest(TERM_CODE) == TERM_CODE
    assert WHOLE.facts({"caller": CALLER}) == {"caller": CALLER}
    assert (WHOLE.number(CALLER), WHOLE.speech("hello"), WHOLE.words(f"of {CALLER}")) == (
        CALLER,
        "hello",
        f"of {CALLER}",
    )


def test_of_a_sip_message_the_protocol_is_shown_and_nothing_of_the_customer() -> None:
    text = MASKED.sip(INVITE)
    for hidden in ("2135550107", "Jane", "jane", "4711"):
        assert hidden not in text, hidden
    for shown in (
        "INVITE sip:+18990000001@192.0.2.1:5070 SIP/2.0",
        "branch=z9hG4bK123456",
        "Call-ID: abc@192.0.2.7",
        "LV-Transaction-Id: 108821676851",
        "sip:+1213*****07@192.0.2.7",
        "m=audio 4000 RTP/AVP 0",
        "X-Account: [masked]",
    ):
        assert shown in text, shown


@pytest.mark.parametrize(
    "line",
    [
        "P-Asserted-Identity: <tel:+12135550107>",
        'Remote-Party-ID: "Jane Roe" <sip:2135550107@x>',
        "f: Jane Roe <sip:2135550107@x>",
        "X-Notes: Jane owes money",
        "X-Folded: a\n Jane\n\t2135550107",
        "Subject: Jane",
        "No colon Jane",
        "Call-ID: 2135550107@x",
        "Refer-To: <sip:2135550107@x?Subject=Jane>",
    ],
)
def test_no_header_tells_of_the_customer(line: str) -> None:
    text = MASKED.sip(f"INFO sip:a SIP/2.0\n{line}\nCSeq: 1 INFO\n\n")
    assert "Jane" not in text and "2135550107" not in text
    assert "CSeq: 1 INFO" in text


def test_of_a_rest_body_ids_and_states_are_shown() -> None:
    body = json.loads(MASKED.rest(TERM_CODE).partition("\n\n")[2])
    assert body == {
        "callTransactionId": "108821676851",
        "phoneDialed": "2135****07",
        "notes": "[masked]",
        "termCodeId": "12",
    }


def test_amounts_and_accounts_are_masked_in_whatever_form() -> None:
    body = {"paymentAmt": 12.5, "accountNumber": "4711", "state": "INCALL", "active": True, "firstName": "Jane"}
    told = json.loads(MASKED.rest(f"200 in 1 ms\n\n{json.dumps(body)}").partition("\n\n")[2])
    assert told == {
        "paymentAmt": "[masked]",
        "accountNumber": "[masked]",
        "state": "INCALL",
        "active": True,
        "firstName": "[masked]",
    }


@pytest.mark.parametrize("body", ["Jane", "{'Jane'", '["Jane"]', '"Jane"', "[" * 50_000 + "Jane"])
def test_a_body_that_nobody_can_read_is_masked(body: str) -> None:
    assert "Jane" not in MASKED.rest(f"200 in 1 ms\n\n{body}")
    assert "Jane" not in MASKED.sip(f"INFO sip:a SIP/2.0\nContent-Type: x\n\n{body}")


def test_sentences_and_facts_keep_the_agents_number_and_hide_others() -> None:
    assert MASKED.words(f"agent {AGENT} has {CALLER}") == f"agent {AGENT} has +1213*****07"
    facts: dict[str, Fact] = {
        "agent": AGENT,
        "caller": CALLER,
        "why": f"no account for {CALLER}",
        "ms": 4.5,
        "notes": "Jane",
    }
    assert MASKED.facts(facts) == {
        "agent": AGENT,
        "caller": "+1213*****07",
        "why": "no account for +1213*****07",
        "ms": 4.5,
        "notes": "[masked]",
    }
    assert MASKED.speech("hello") == "[masked]"
