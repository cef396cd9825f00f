"""The functions a language model says its verdict with."""

import pytest

from bridge.dialects.kinds import DialectTerms
from bridge.dialects.verdict_functions import verdict_functions, verdict_of_function
from bridge.errors import InvalidVerdict
from bridge.verdicts import Complete, Remarks, Transfer

TERMS = DialectTerms(("paid", "no_answer"), ("collections", "support"))


def test_the_model_may_choose_among_the_outcomes_and_targets_of_the_settings() -> None:
    end, transfer = verdict_functions(TERMS)
    assert (end.name, transfer.name) == ("end_call", "transfer_call")
    assert end.parameters["properties"]["outcome"]["enum"] == ["paid", "no_answer"]
    assert end.parameters["required"] == ["outcome"]
    assert transfer.parameters["properties"]["target"]["enum"] == ["collections", "support"]
    assert transfer.parameters["required"] == ["target"]


def test_without_targets_there_is_no_transfer() -> None:
    assert [function.name for function in verdict_functions(DialectTerms(("paid",)))] == ["end_call"]


def test_without_outcomes_none_is_required() -> None:
    (end,) = verdict_functions(DialectTerms())
    assert end.parameters["required"] == []
    assert "enum" not in end.parameters["properties"]["outcome"]


def test_a_function_call_becomes_a_verdict() -> None:
    said = '{"outcome": "paid", "notes": "all of it", "payment_amount": "12.50"}'
    assert verdict_of_function("end_call", said, TERMS) == Complete("paid", Remarks("all of it", "12.50"))
    assert verdict_of_function("transfer_call", '{"target": "support"}', TERMS) == Transfer("support")
    assert verdict_of_function("end_call", "", TERMS) == Complete()


WRITING = DialectTerms(("paid",), ("support",), ("email", "city"), ("promise",))


def test_the_model_is_told_what_it_may_write_of_the_customer() -> None:
    for function in verdict_functions(WRITING):
        told = function.parameters["properties"]
        assert list(told["contact"]["properties"]) == ["email", "city"]
        assert list(told["context"]["properties"]) == ["promise"]
    for function in verdict_functions(TERMS):
        assert not {"contact", "context"} & set(function.parameters["properties"])


def test_what_the_model_writes_of_the_customer_goes_with_its_verdict() -> None:
    said = '{"outcome": "paid", "contact": {"email": "a@example.com", "city": ""}, "context": {"promise": "Friday"}}'
    written = Remarks(contact=(("email", "a@example.com"),), context=(("promise", "Friday"),))
    assert verdict_of_function("end_call", said, WRITING) == Complete("paid", written)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('{"contact": {"ssn": "1"}}', "contact may have these names only: email, city"),
        ('{"context": {"mood": "good"}}', "context may have these names only: promise"),
        ('{"contact": "a@example.com"}', '"contact" must be an object'),
    ],
)
def test_the_model_is_told_what_it_may_not_write(said: str, words: str) -> None:
    with pytest.raises(InvalidVerdict) as caught:
        verdict_of_function("end_call", said, WRITING)
    assert words in caught.value.detail


def test_the_name_decides_what_it_is_whatever_the_arguments_say() -> None:
    assert verdict_of_function("end_call", '{"action": "transfer", "target": "support"}', TERMS) == Complete()


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("end_call", '{"outcome": "sold"}', "paid, no_answer"),
        ("transfer_call", '{"target": "the boss"}', "collections, support"),
        ("transfer_call", "{}", "target"),
        ("end_call", "{", "not JSON"),
        ("end_call", "[" * 100_000, "not JSON"),
        ("end_call", "[]", "not a JSON object"),
        ("end_call", '{"outcome": ["paid"]}', '"outcome" must be text'),
        ("open_door", "{}", "no such function"),
    ],
)
def test_what_cannot_be_done_is_said_in_words_the_model_can_use(name: str, arguments: str, words: str) -> None:
    with pytest.raises(InvalidVerdict) as caught:
        verdict_of_function(name, arguments, TERMS)
    assert words in caught.value.detail
