"""Contacts: what is read, what a search says."""

import pytest
from pydantic import ValidationError

from bridge.livevox.contacts import (
    Condition,
    Contact,
    CreatedContact,
    FieldSearch,
    FoundContacts,
    JoinedSearch,
    Rule,
)


def test_a_contact_is_kept_as_it_came() -> None:
    details = {"account": 100200300, "person": {"firstName": "Maria"}, "customFields": []}
    contact = Contact.model_validate({"readContactDetails": details})
    assert (contact.details, contact.account) == (details, "100200300")
    assert Contact.model_validate({"readContactDetails": {}}).account == ""


def test_a_contact_without_details_is_refused() -> None:
    with pytest.raises(ValidationError):
        Contact.model_validate({"code": 0})


def test_what_existed_already_was_not_created() -> None:
    existed = CreatedContact.model_validate({"code": 202, "message": "Contact already exists!"})
    assert (existed.existed, existed.id) == (True, None)
    created = CreatedContact.model_validate({"id": 123})
    assert (created.existed, created.id) == (False, "123")


def test_searches_are_joined() -> None:
    phone = FieldSearch("phone", "2134634007")
    name = FieldSearch("name", "San", Condition.STARTS_WITH, is_negated=True)
    assert JoinedSearch(Rule.AND, phone, name).body() == {
        "rule": "AND",
        "left": {"field": "phone", "criteria": "2134634007", "condition": "EQUALS", "isNegated": False},
        "right": {"field": "name", "criteria": "San", "condition": "STARTS_WITH", "isNegated": True},
    }


def test_what_was_found_may_be_nothing() -> None:
    assert FoundContacts.model_validate({"findMatchingContactsDetails": None}).contacts == ()
    found = FoundContacts.model_validate({"next": None, "findMatchingContactsDetails": [{"account": "1"}]})
    assert (found.next, found.contacts) == ("", ({"account": "1"},))
