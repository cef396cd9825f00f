"""[contact]: what bots may write."""

from typing import Any

import pytest
from pydantic import ValidationError

from bridge.livevox.contact_fields import is_contact_field
from bridge.settings.contact_section import ContactSection


def test_by_default_bots_may_write_where_a_customer_is_reached() -> None:
    fields = ContactSection().fields
    assert "email" in fields and not {"balance", "phone"} & set(fields)
    assert all(is_contact_field(field) for field in fields.values())


@pytest.mark.parametrize(
    "table",
    [
        {"fields": {"number": "account"}},
        {"fields": {"e-mail!": "person.email"}},
        {"fields": {"email": 7}},
        {"fields": ["person.email"]},
        {"context_keys": [""]},
        {"context_keys": ["x" * 101]},
    ],
)
def test_what_cannot_be_written_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ContactSection.model_validate(table)


def test_a_table_of_fields_takes_the_place_of_the_default() -> None:
    assert ContactSection.model_validate({"fields": {}}).fields == {}
    assert ContactSection.model_validate({"fields": {"promised": "COL10"}}).fields == {"promised": "COL10"}
