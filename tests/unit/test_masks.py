"""What stands in the place of customers' numbers and names, and of secrets."""

import pytest

from bridge.masks import mask_name, mask_number, without_customers, without_secrets


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+12134634007", "+1213*****07"),
        ("2134634007", "2134****07"),
        ("213-463-4007", "2134****07"),
        ("(213) 463-4007", "(2134****07"),
        ("sip:+12134634007@10.20.30.40:5060;tag=x", "sip:+1213*****07@10.20.30.40:5060;tag=x"),
        ("4634007", "*****07"),
        ("1234", "1234"),
        ("", ""),
        (2134634007, "2134****07"),
    ],
)
def test_a_number_keeps_its_area_and_its_last_two_digits(number: object, expected: str) -> None:
    assert mask_number(number) == expected


def test_a_name_keeps_its_first_letter() -> None:
    assert [mask_name(name) for name in ("John Smith", "")] == ["J***", ""]


def test_what_was_handed_in_is_changed_at_its_top_and_copied_beneath() -> None:
    inner = {"token": "t", "caller": "2135550107"}
    values = {"password": "p", "rows": [inner], "deeper": inner}
    assert without_customers(without_secrets(values)) is values
    clean = {"token": "[secret]", "caller": "2135****07"}
    assert values == {"password": "[secret]", "rows": [clean], "deeper": clean}
    assert inner == {"token": "t", "caller": "2135550107"}
