"""Every call of the LiveVox client as it goes out."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from bridge.livevox.client import LiveVoxClient
from bridge.livevox.contacts import FieldSearch
from bridge.livevox.requests import ContextOf
from bridge.livevox.term_codes import TermCodeChoice
from bridge.livevox.transport import Exchange
from tests.odd_server import Odd, OddServer, answer

SESSION = "38de9bcc-7425-4392-b821-99026632c369"
TOKEN = "token-of-the-test"
ACCOUNT = "100200300"
PASSWORD = SecretStr("correct-horse")
CHOICE = TermCodeChoice("108821676850", "U5EF8@10.0.0.1", "101416228", "2134634007")
CALL = ContextOf("U5EF8@10.0.0.1", "108821676850", "77")


@pytest.fixture
async def server() -> AsyncIterator[OddServer]:
    async with OddServer() as running:
        yield running


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest.fixture
async def client(server: OddServer, exchanges: list[Exchange]) -> AsyncIterator[LiveVoxClient]:
    async with LiveVoxClient(
        server.url, TOKEN, rate=1000.0, burst=100, timeout_s=5.0, on_exchange=exchanges.append
    ) as opened:
        yield opened


Call = Callable[[LiveVoxClient], Awaitable[object]]

#: A call, what goes out (method, target, body) and what comes back.
CALLS: list[tuple[Call, str, str, Any, Odd]] = [
    (lambda c: c.service_access(SESSION), "GET", "/callControl/agent/service/access", None, answer(200, {})),
    (
        lambda c: c.features(SESSION, "46014"),
        "GET",
        "/callControl/agent/service/features?serviceId=46014",
        None,
        answer(200, {}),
    ),
    (lambda c: c.join(SESSION, "46014"), "POST", "/callControl/agent/service/join?serviceId=46014", None, answer(204)),
    (
        lambda c: c.join(SESSION, "46014", "8990000001"),
        "POST",
        "/callControl/agent/service/join?serviceId=46014&phoneNumber=8990000001",
        None,
        answer(204),
    ),
    (lambda c: c.leave(SESSION), "POST", "/callControl/agent/service/leave", None, answer(204)),
    (lambda c: c.ready(SESSION), "POST", "/callControl/agent/status/ready", None, answer(204)),
    (lambda c: c.not_ready(SESSION), "POST", "/callControl/agent/status/notReady", None, answer(204)),
    (
        lambda c: c.not_ready(SESSION, "Tech Difficulties"),
        "POST",
        "/callControl/agent/status/notReady?reasonCode=Tech+Difficulties",
        None,
        answer(204),
    ),
    (lambda c: c.status(SESSION), "POST", "/callControl/agent/status", {}, answer(200, {"agentStatus": []})),
    (
        lambda c: c.status(SESSION, 1573809480000),
        "POST",
        "/callControl/agent/status",
        {"stateChangedAfter": "1573809480000"},
        answer(204),
    ),
    (lambda c: c.screen_pop(SESSION), "GET", "/callControl/agent/screenpop?lineNumber=ACD", None, answer(200, {})),
    (
        lambda c: c.term_codes(SESSION, "46014"),
        "GET",
        "/callControl/agent/termCode?serviceId=46014",
        None,
        answer(200, []),
    ),
    (
        lambda c: c.set_term_code(SESSION, CHOICE),
        "PUT",
        "/callControl/agent/call/termCode?lineNumber=ACD",
        CHOICE.body(),
        answer(204),
    ),
    (
        lambda c: c.end_customer_call(SESSION),
        "POST",
        "/callControl/agent/customer/call/end?lineNumber=ACD",
        None,
        answer(204),
    ),
    (
        lambda c: c.phonebook(SESSION, "46014"),
        "GET",
        "/callControl/agent/phonebook?serviceId=46014",
        None,
        answer(200, {}),
    ),
    (
        lambda c: c.phonebook_ext(SESSION, "46014"),
        "GET",
        "/callControl/agent/phonebook/ext?serviceId=46014",
        None,
        answer(200, {}),
    ),
    (
        lambda c: c.transfer_to_contact(SESSION, "2237", "24590"),
        "POST",
        "/callControl/agent/conference/phonebook?lineNumber=ACD",
        {"phoneBookId": "2237", "phoneBookContactId": "24590"},
        answer(204),
    ),
    (
        lambda c: c.conference_customer(SESSION),
        "POST",
        "/callControl/agent/conference/customer?lineNumber=ACD",
        None,
        answer(204),
    ),
    (
        lambda c: c.conference_leave(SESSION, "EXT1"),
        "POST",
        "/callControl/agent/conference/leave?lineNumber=EXT1",
        None,
        answer(200),
    ),
    (
        lambda c: c.conference_reconnect(SESSION),
        "POST",
        "/callControl/agent/conference/reconnect?lineNumber=ACD",
        None,
        answer(202),
    ),
    (
        lambda c: c.read_contact(SESSION, "10/02 %é"),
        "GET",
        "/contact/contacts/10%2F02%20%25%C3%A9",
        None,
        answer(200, {"readContactDetails": {"account": "1"}}),
    ),
    (
        lambda c: c.update_contact(SESSION, "..", {"address1": "x"}),
        "PUT",
        "/contact/contacts/%2E%2E",
        {"updateContactDetails": {"address1": "x"}},
        answer(204),
    ),
    (
        lambda c: c.create_contact(SESSION, {"account": "1"}),
        "POST",
        "/contact/contacts",
        {"createContactDetails": {"account": "1"}},
        answer(201, {"id": 123}),
    ),
    (
        lambda c: c.search_contacts(SESSION, FieldSearch("phone", "213"), sort=[("ACCOUNT", "ASC")]),
        "POST",
        "/contact/contacts/search?count=100&offset=0",
        {"search": FieldSearch("phone", "213").body(), "sort": [{"field": "ACCOUNT", "order": "ASC"}]},
        answer(200, {"findMatchingContactsDetails": []}),
    ),
    (
        lambda c: c.read_context(SESSION, CALL),
        "GET",
        "/context/call/U5EF8%4010.0.0.1/108821676850/77",
        None,
        answer(200, {"entry": []}),
    ),
    (
        lambda c: c.write_context(SESSION, CALL, {"k": "v"}, client="Demo"),
        "POST",
        "/context/call/U5EF8%4010.0.0.1/108821676850/77?client=Demo",
        {"entry": [{"key": "k", "value": "v"}]},
        answer(204),
    ),
    (
        lambda c: c.delete_context(SESSION, CALL, "k"),
        "DELETE",
        "/context/call/U5EF8%4010.0.0.1/108821676850/77/k",
        None,
        answer(204),
    ),
]


@pytest.mark.parametrize(("call", "method", "target", "body", "given"), CALLS)
async def test_each_call_goes_out_as_the_guide_writes_it(
    server: OddServer, client: LiveVoxClient, call: Call, method: str, target: str, body: Any, given: Odd
) -> None:
    server.give(given)
    await call(client)
    (asked,) = server.asked
    assert (asked.method, asked.target) == (method, target)
    assert (asked.json if asked.body else None) == body
    assert asked.headers["lv-session"] == SESSION
    assert asked.headers["content-type"] == asked.headers["accept"] == "application/json"
    assert "lv-access" not in asked.headers
