"""Reading phonebooks, whose outer shape nobody has documented."""

import time
from typing import Any

import pytest

from bridge.livevox.phonebook import Phonebook, PhonebookContact

QUEUE = {
    "phoneBookContactId": 24590,
    "phoneBookId": 2237,
    "contactName": "Collections Queue [H:0/R:4/T:12]",
    "internalQueue": True,
}
DESK = {"phoneBookContactId": "24591", "contactName": "Billing", "phoneNumber": 4158395494, "extension": "12"}
BOOK = {"phoneBookId": "2237", "description": "Transfers", "phoneContact": [QUEUE, DESK]}
EXPECTED = (
    PhonebookContact("2237", "24590", "Collections Queue", internal_queue=True, agents_ready=4, agents_total=12),
    PhonebookContact("2237", "24591", "Billing", phone_number="4158395494", extension="12"),
)


@pytest.mark.parametrize(
    "body",
    [
        BOOK,
        [BOOK],
        {"phoneBook": [BOOK]},
        {"phoneBook": BOOK},
        {"client": {"phoneBooks": [{**BOOK, "phoneContact": QUEUE}]}, "service": [[{**BOOK, "phoneContact": [DESK]}]]},
    ],
)
def test_contacts_are_found_however_deep(body: Any) -> None:
    assert Phonebook.read(body).contacts == EXPECTED


@pytest.mark.parametrize("body", [{}, [], {"phoneBook": []}, {"phoneBook": None}, {"phoneContact": None}])
def test_there_may_be_no_contacts(body: Any) -> None:
    assert Phonebook.read(body) == Phonebook()


@pytest.mark.parametrize("body", ["x", 5, [5], {"error": "x"}, {"phoneContact": "x"}, {"phoneContact": [5]}])
def test_other_shapes_are_refused(body: Any) -> None:
    with pytest.raises(ValueError):
        Phonebook.read(body)


def test_a_contact_that_cannot_be_called_is_left_out() -> None:
    bookless = {"phoneContact": [{"phoneBookContactId": 1, "contactName": "No Book"}]}
    nameless = {"phoneBookId": 5, "phoneContact": [{"contactName": "No Id"}]}
    assert Phonebook.read([bookless, nameless]).contacts == ()


@pytest.mark.parametrize("name", ["Collections Queue", "collections queue", "COLLECTIONS_QUEUE [h:1/r:2/t:3]"])
def test_a_contact_is_found_by_name_without_its_suffix(name: str) -> None:
    found = Phonebook.read(BOOK).contact(name)
    assert found is not None and found.contact_id == "24590"


def test_an_unknown_name_is_not_found() -> None:
    assert Phonebook.read(BOOK).contact("Sales") is None


def test_brackets_that_are_no_suffix_belong_to_the_name() -> None:
    book = Phonebook.read({"phoneBookId": 1, "phoneContact": [{"phoneBookContactId": 2, "contactName": "Desk [H:1] "}]})
    assert book.contacts == (PhonebookContact("1", "2", "Desk [H:1]"),)


def test_a_hostile_name_costs_no_time() -> None:
    name = " " * 200_000 + "[H:" * 100_000 + " " * 200_000
    began = time.perf_counter()
    Phonebook.read({"phoneBookId": 1, "phoneContact": [{"phoneBookContactId": 2, "contactName": name}]})
    assert time.perf_counter() - began < 1.0


def test_a_deep_answer_costs_no_stack() -> None:
    body: Any = BOOK
    for _ in range(100_000):
        body = [body]
    assert Phonebook.read(body).contacts == EXPECTED
