"""Reading term codes and writing the choice of one."""

from typing import Any

import pytest

from bridge.livevox.term_codes import TermCode, TermCodeChoice, TermCodes

PAYMENT = {
    "id": "2859386",
    "name": "ELECTRONIC PAYMENT",
    "lvResultId": "964",
    "lvResult": "AGENT - CUST RPC PTP 1",
    "reportDisplayOrder": 0,
    "previewDialEnabled": False,
    "actionType": "RPC_WITH_PAYMENT",
    "paymentAmtRequired": True,
    "triggerDnc": True,
}
DONE = {"id": 101416228, "name": "Completed"}


@pytest.mark.parametrize(
    "body",
    [
        {"termCodeCategories": [{"name": "RPC", "termCodes": [PAYMENT]}, {"name": "X", "termCodes": [DONE]}]},
        {"termCodeCategories": {"name": "RPC", "termCodes": [PAYMENT, DONE]}},
        [{"name": "RPC", "termCodes": [PAYMENT]}, {"name": "X", "termCodes": DONE}],
        {"termCodes": [PAYMENT, DONE]},
        [PAYMENT, DONE],
    ],
)
def test_codes_are_found_in_categories_or_bare(body: Any) -> None:
    codes = TermCodes.read(body)
    assert [code.id for code in codes.codes] == ["2859386", "101416228"]
    assert codes.codes[0] == TermCode(
        id="2859386",
        name="ELECTRONIC PAYMENT",
        lv_result="AGENT - CUST RPC PTP 1",
        action_type="RPC_WITH_PAYMENT",
        payment_amt_required=True,
        trigger_dnc=True,
    )


@pytest.mark.parametrize(
    "body", [{}, [], {"termCodeCategories": []}, {"termCodeCategories": None}, {"termCodes": None}]
)
def test_a_service_may_have_no_codes(body: Any) -> None:
    assert TermCodes.read(body) == TermCodes()


@pytest.mark.parametrize(
    "body", ["x", 5, True, [1], [None], [{"name": "no id"}], {"error": "x"}, {"termCodes": ["x"]}, {"termCodes": 5}]
)
def test_other_shapes_are_refused(body: Any) -> None:
    with pytest.raises(ValueError):
        TermCodes.read(body)


@pytest.mark.parametrize(
    "name", ["ELECTRONIC PAYMENT", "electronic payment", " Electronic_Payment", "ElectronicPayment"]
)
def test_a_code_is_found_whatever_its_case_and_blanks(name: str) -> None:
    found = TermCodes.read([DONE, PAYMENT]).by_name(name)
    assert found is not None and found.id == "2859386"


def test_the_exact_name_goes_first() -> None:
    codes = TermCodes.read([{"id": 1, "name": "DONE"}, {"id": 2, "name": "Done"}])
    assert [code.id for name in ("Done", "done") if (code := codes.by_name(name))] == ["2", "1"]
    assert codes.by_name("other") is None


def test_the_choice_is_written_as_the_guide_does() -> None:
    choice = TermCodeChoice("108821676850", "U5EF8FT5DFC07F9@10.101.21.216", "101416228", "2134634007")
    assert choice.body() == {
        "callTransactionId": "108821676850",
        "callSessionId": "U5EF8FT5DFC07F9@10.101.21.216",
        "termCodeId": "101416228",
        "phoneDialed": "2134634007",
        "moveAgentToNotReady": "false",
    }


def test_what_is_said_beside_is_written_only_if_it_is_there() -> None:
    choice = TermCodeChoice("1", "2", "3", None, True, notes="n", payment_amount="12.50", account="a", service_id="9")
    assert choice.body() == {
        "callTransactionId": "1",
        "callSessionId": "2",
        "termCodeId": "3",
        "moveAgentToNotReady": "true",
        "serviceId": "9",
        "paymentAmt": "12.50",
        "account": "a",
        "notes": "n",
    }
