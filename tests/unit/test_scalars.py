"""LiveVox's lenient scalars."""

from typing import Annotated, Any

import pytest
from pydantic import ValidationError

from bridge.livevox.scalars import AnswerPart, Flag, Id, Listed, OptionalId, OptionalInt, Text, key_of


class Sample(AnswerPart):
    some_text: Text = ""
    some_id: OptionalId = None
    some_flag: Flag = False
    some_number: OptionalInt = None
    some_list: Annotated[tuple[Text, ...], Listed] = ()


class Needy(AnswerPart):
    id: Id


@pytest.mark.parametrize(
    ("value", "text"),
    [("a b", "a b"), (None, ""), (5, "5"), (5.0, "5"), (2.5, "2.5"), (True, "true"), (False, "false")],
)
def test_text_comes_as_nearly_anything(value: Any, text: str) -> None:
    assert Sample.model_validate({"someText": value}).some_text == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("108821676850", "108821676850"),
        (108821676850, "108821676850"),
        (7.0, "7"),
        (" 7 ", "7"),
        ("", None),
        (None, None),
    ],
)
def test_ids_are_text_whatever_they_came_as(value: Any, text: str | None) -> None:
    assert Sample.model_validate({"someId": value}).some_id == text


@pytest.mark.parametrize("value", [True, 1.5, [], {}])
def test_what_cannot_be_an_id_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate({"someId": value})


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": " "}])
def test_an_id_that_must_be_there_is_missed(body: Any) -> None:
    with pytest.raises(ValidationError):
        Needy.model_validate(body)


@pytest.mark.parametrize(
    ("value", "flag"),
    [(True, True), ("true", True), ("TRUE", True), (1, True), ("Y", True), (" true ", True)]
    + [(False, False), ("false", False), (0, False), (None, False), ("", False)],
)
def test_booleans_come_as_text_and_numbers_too(value: Any, flag: bool) -> None:
    assert Sample.model_validate({"someFlag": value}).some_flag is flag


@pytest.mark.parametrize("value", ["perhaps", 7, [], {}])
def test_what_is_no_boolean_is_refused_rather_than_guessed(value: Any) -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate({"someFlag": value})


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), ("3", 3), (" 3 ", 3), (3.0, 3), ("1573809480000", 1573809480000), (None, None), ("", None)],
)
def test_numbers_come_as_text_too(value: Any, number: int | None) -> None:
    assert Sample.model_validate({"someNumber": value}).some_number == number


@pytest.mark.parametrize("value", [True, 1.5, float("nan"), float("inf"), "three", []])
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate({"someNumber": value})


def test_a_list_may_be_null() -> None:
    assert Sample.model_validate({"someList": None}).some_list == ()


def test_errors_do_not_quote_the_answer() -> None:
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate({"someFlag": "very secret"})
    assert "very secret" not in str(caught.value)


@pytest.mark.parametrize("label", ["ACCOUNT NUMBER", "account_number", " Account  Number ", "AccountNumber"])
def test_labels_are_compared_without_case_blanks_and_underscores(label: str) -> None:
    assert key_of(label) == "accountnumber"
