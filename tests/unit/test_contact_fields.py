"""The fields of a contact that may be written, and what LiveVox is told."""

import pytest

from bridge.livevox.contact_fields import contact_details, is_contact_field, value_problem


@pytest.mark.parametrize("field", ["address1", "balance", "person.email", "phone.1", "phone.10", "COL1", "COL100"])
def test_a_field_that_may_be_written_is_known(field: str) -> None:
    assert is_contact_field(field)


@pytest.mark.parametrize(
    "field",
    ["account", "accountBlock", "active", "person.ssn", "person", "email", "phone", "phone.0", "phone.11", "COL0"]
    + ["COL101", "col1", "COL01", "", "smsConsent", "address1\n"],
)
def test_others_are_not(field: str) -> None:
    assert not is_contact_field(field)


def test_the_update_has_the_shape_of_livevox() -> None:
    values = {
        "address1": "1 Main St",
        "balance": "12.50",
        "person.email": "a@example.com",
        "person.zipCode": "93030",
        "phone.1": "+1 (213) 463-4007",
        "phone.2": "3125550142",
        "COL10": "Friday",
        "COL11": "7",
    }
    assert contact_details(values) == {
        "address1": "1 Main St",
        "balance": 12.5,
        "person": {"email": "a@example.com", "zipCode": "93030"},
        "phone": [{"phone": "2134634007", "ordinal": 1}, {"phone": "3125550142", "ordinal": 2}],
        "customFields": [{"field": "COL10", "value": "Friday"}, {"field": "COL11", "value": "7"}],
    }


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("balance", ("0", "-12.5", "999999999999"), ("", "much", "1e3", "12,5", "nan")),
        ("phone.1", ("2134634007", "12134634007", "213.463.4007"), ("", "463-4007", "22134634007", "call me")),
        ("city", ("Oxnard", "7"), ()),
    ],
)
def test_a_value_fits_its_field(field: str, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    assert [value_problem(field, value) for value in good] == [None] * len(good)
    assert all(value_problem(field, value) for value in bad)
