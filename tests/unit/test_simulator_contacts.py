"""The simulated Contact Manager."""

from typing import Any

import pytest

from bridge.simulator.endpoints import Endpoint
from bridge.simulator.faults import Faults
from tests.simulated_platform import PASSWORD, Desk


def desk() -> Desk:
    desk = Desk()
    desk.log_in()
    return desk


def test_a_contact_is_read_and_an_unknown_one_is_not_found() -> None:
    status, answer = desk().ask(Endpoint.CONTACT_READ, account="100200300")
    assert (status, answer["readContactDetails"]["person"]["firstName"]) == (200, "Maria")
    assert desk().ask(Endpoint.CONTACT_READ, account="1")[0] == 404


def test_an_update_changes_what_it_names_and_nothing_else() -> None:
    asked = desk()
    changes = {
        "person": {"lastName": "Lopez"},
        "address1": "1 Main St",
        "phone": [{"phone": "2130000000", "ordinal": "1"}, {"phone": "2131111111", "ordinal": "2"}],
        "customFields": [{"field": "COL10", "value": "promised"}, {"field": "COL11", "value": "new"}],
    }
    assert asked.ask(Endpoint.CONTACT_UPDATE, {"updateContactDetails": changes}, account="100200300") == (204, None)
    details = asked.ask(Endpoint.CONTACT_READ, account="100200300")[1]["readContactDetails"]
    assert details["person"] == {"firstName": "Maria", "lastName": "Lopez"}
    assert (details["address1"], details["city"]) == ("1 Main St", "Los Angeles")
    assert [row["phone"] for row in details["phone"]] == ["2130000000", "2131111111"]
    assert [row["value"] for row in details["customFields"]] == ["promised", "new"]
    assert details["customFields"][0]["label"] == "Last Outcome"


@pytest.mark.parametrize(
    "body", [None, [], {}, {"person": {}}, {"updateContactDetails": []}, {"updateContactDetails": {"phone": ["213"]}}]
)
def test_an_update_of_the_wrong_shape_is_refused(body: Any) -> None:
    assert desk().ask(Endpoint.CONTACT_UPDATE, body, account="100200300")[0] == 400


def test_an_update_of_an_unknown_contact_is_not_found() -> None:
    assert desk().ask(Endpoint.CONTACT_UPDATE, {"updateContactDetails": {}}, account="1")[0] == 404


def test_a_contact_is_created_once() -> None:
    asked = desk()
    body = {"createContactDetails": {"account": "777", "person": {"firstName": "Ada"}}}
    assert asked.ask(Endpoint.CONTACT_CREATE, body) == (201, {"id": 4})
    assert asked.ask(Endpoint.CONTACT_CREATE, body) == (202, {"code": 202, "message": "Contact already exists!"})
    assert asked.ask(Endpoint.CONTACT_CREATE, {"createContactDetails": {"account": ""}})[0] == 400


@pytest.mark.parametrize(
    ("wanted", "accounts"),
    [
        ({"field": "phone", "criteria": "2134634007", "condition": "EQUALS"}, ["100200300"]),
        ({"field": "phone", "criteria": "2134634007", "condition": "EQUALS", "isNegated": "true"}, ["301", "302"]),
        ({"field": "name", "criteria": "okafor", "condition": "CONTAINS"}, ["301"]),
        ({"field": "state", "criteria": "C", "condition": "STARTS_WITH"}, ["100200300", "302"]),
        ({"field": "account", "criteria": "100200300", "condition": "GREATER"}, ["301", "302"]),
        ({"field": "COL10", "criteria": "", "condition": "EQUALS"}, ["100200300", "301", "302"]),
        (
            {
                "rule": "AND",
                "left": {"field": "state", "criteria": "CA", "condition": "EQUALS"},
                "right": {"field": "city", "criteria": "jose", "condition": "ENDS_WITH"},
            },
            ["302"],
        ),
        (
            {
                "rule": "OR",
                "left": {"field": "city", "criteria": "Chicago", "condition": "EQUALS"},
                "right": {"field": "city", "criteria": "San Jose", "condition": "EQUALS"},
            },
            ["301", "302"],
        ),
    ],
)
def test_a_search_finds_what_its_conditions_say(wanted: dict[str, Any], accounts: list[str]) -> None:
    status, answer = desk().ask(Endpoint.CONTACT_SEARCH, {"search": wanted})
    found = [details["account"] for details in answer["findMatchingContactsDetails"]]
    assert (status, found) == (200, [account if len(account) > 3 else f"100200{account}" for account in accounts])


def test_a_search_gives_pages_in_the_order_that_is_wanted() -> None:
    wanted = {"field": "account", "criteria": "1", "condition": "STARTS_WITH"}
    body = {"search": wanted, "sort": [{"field": "ACCOUNT", "order": "DESC"}]}
    _, answer = desk().ask(Endpoint.CONTACT_SEARCH, body, query={"count": "2", "offset": "0"})
    assert [c["account"] for c in answer["findMatchingContactsDetails"]] == ["100200302", "100200301"]
    assert "offset=2" in answer["next"]
    _, answer = desk().ask(Endpoint.CONTACT_SEARCH, body, query={"count": "2", "offset": "2"})
    assert [c["account"] for c in answer["findMatchingContactsDetails"]] == ["100200300"]
    assert "next" not in answer


def nested(depth: int) -> dict[str, Any]:
    return {"rule": "OR", "left": nested(depth - 1), "right": {}} if depth else {}


@pytest.mark.parametrize("wanted", [None, "phone", {}, {"condition": "LIKE"}, {"rule": "AND"}, nested(50)])
def test_a_search_that_says_nothing_sensible_is_refused(wanted: Any) -> None:
    assert desk().ask(Endpoint.CONTACT_SEARCH, {"search": wanted})[0] == 400


def test_agents_can_be_kept_out_of_the_contacts_while_api_users_get_in() -> None:
    asked = Desk(Faults(contact_role_403=True))
    asked.log_in()
    assert asked.ask(Endpoint.CONTACT_READ, account="100200300")[0] == 403
    body = {"clientName": "Demo", "userName": "api_user", "password": PASSWORD}
    asked.session = asked.ask(Endpoint.LOGIN, body)[1]["sessionId"]
    assert asked.ask(Endpoint.CONTACT_READ, account="100200300")[0] == 200
    assert asked.ask(Endpoint.READY)[0] == 403
