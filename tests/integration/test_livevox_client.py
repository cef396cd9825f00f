"""The LiveVox client against a server that gives proper and odd answers."""

import asyncio
import shutil
import ssl
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bridge.errors import (
    CredentialsRefused,
    LiveVoxError,
    LiveVoxRefused,
    LiveVoxUnreachable,
    LoginUnexplained,
    SessionLost,
    UnreadableAnswer,
)
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
        server.url, TOKEN, rate=1000.0, burst=100, timeout_s=0.3, on_exchange=exchanges.append
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


async def test_a_login_carries_the_token_and_no_session(server: OddServer, client: LiveVoxClient) -> None:
    server.give(answer(200, {"sessionId": SESSION, "clientId": 1, "userId": 2, "daysUntilPasswordExpires": 5}))
    login = await client.login("Demo", "VA0001", PASSWORD)
    assert (login.session_id, login.days_until_password_expires) == (SESSION, 5)
    (asked,) = server.asked
    assert asked.json == {"clientName": "Demo", "userName": "VA0001", "password": "correct-horse", "agent": "true"}
    assert asked.headers["lv-access"] == TOKEN and "lv-session" not in asked.headers


async def test_a_user_logs_in_without_agent(server: OddServer, client: LiveVoxClient) -> None:
    server.give(answer(200, {"sessionId": SESSION}))
    await client.login("Demo", "api_user", PASSWORD, agent=False)
    assert "agent" not in server.asked[0].json


@pytest.mark.parametrize(
    ("status", "body"), [(401, None), (403, {"code": 403}), (404, b"<html>"), (200, {"code": 401, "message": "no"})]
)
async def test_a_denied_login_must_not_be_repeated(
    server: OddServer, client: LiveVoxClient, status: int, body: Any
) -> None:
    server.give(answer(status, body))
    with pytest.raises(CredentialsRefused) as caught:
        await client.login("Demo", "VA0001", PASSWORD)
    assert not caught.value.retryable
    assert ("wrong host?" in str(caught.value)) == (401 in (caught.value.status, caught.value.code))


@pytest.mark.parametrize("status", [400, 599])
async def test_a_login_may_fail_without_a_reason(server: OddServer, client: LiveVoxClient, status: int) -> None:
    server.give(answer(status, None, Retry_After="9"))
    with pytest.raises(LoginUnexplained) as caught:
        await client.login("Demo", "VA0001", PASSWORD)
    assert caught.value.retryable and caught.value.retry_after_s == 9.0


async def test_trouble_at_login_is_no_denial(server: OddServer, client: LiveVoxClient) -> None:
    server.give(answer(503))
    with pytest.raises(LiveVoxRefused) as caught:
        await client.login("Demo", "VA0001", PASSWORD)
    assert type(caught.value) is LiveVoxRefused and caught.value.retryable


@pytest.mark.parametrize("status", [200, 204, 404, 401])
async def test_a_session_is_valid_or_not(server: OddServer, client: LiveVoxClient, status: int) -> None:
    server.give(answer(status))
    assert await client.is_session_valid(SESSION) == (status < 300)
    assert (server.asked[0].method, server.asked[0].target) == ("GET", f"/session/validate/{SESSION}")
    assert "lv-session" not in server.asked[0].headers


@pytest.mark.parametrize("status", [204, 404])
async def test_logging_out_twice_does_no_harm(server: OddServer, client: LiveVoxClient, status: int) -> None:
    server.give(answer(status))
    await client.logout(SESSION)
    assert (server.asked[0].method, server.asked[0].target) == ("DELETE", f"/session/logout/{SESSION}")


async def test_other_trouble_says_nothing_of_a_session(server: OddServer, client: LiveVoxClient) -> None:
    server.give(answer(500), answer(500))
    for call in (client.is_session_valid, client.logout):
        with pytest.raises(LiveVoxRefused):
            await call(SESSION)


async def test_a_contact_that_existed_was_not_created(server: OddServer, client: LiveVoxClient) -> None:
    server.give(answer(202), answer(201), answer(200, {"code": 202, "message": "Contact already exists!"}))
    created = [await client.create_contact(SESSION, {"account": "1"}) for _ in range(3)]
    assert [one.existed for one in created] == [True, False, True]


async def test_the_version_goes_after_the_category(server: OddServer) -> None:
    async with LiveVoxClient(
        server.url + "/base/", TOKEN, rate=100.0, burst=5, timeout_s=1.0, api_version="v6.0"
    ) as client:
        await client.ready(SESSION)
    assert server.asked[0].target == "/base/callControl/v6.0/agent/status/ready"


ODD_ANSWERS = [
    answer(200),
    answer(204),
    answer(200, b"null"),
    answer(200, b'{"termCodeCategories": [{"na'),
    answer(200, b"<!DOCTYPE html><h1>Maintenance</h1>", Content_Type="application/json"),
    answer(200, [1, 2]),
    answer(200, {"termCodeCategories": "x"}),
    answer(200, b"\x1f\x8b\x08\x00" + b"\x00" * 20, Content_Encoding="gzip"),
    answer(200, b"[" * 50_000),
    answer(200, b" " * 1_100_000),
    Odd(
        b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b"x" * 65_536 + b"\r\n") * 17,
        cut=True,
    ),
    Odd(b"this is not HTTP\r\n\r\n", cut=True),
    Odd(b"HTTP/1.1 200 X\r\nContent-Length: x\r\n\r\n", cut=True),
    Odd(b"HTTP/1.1 200 X\r\nA: " + b"y" * 20_000 + b"\r\n\r\n", cut=True),
]


@pytest.mark.parametrize("given", ODD_ANSWERS)
async def test_an_answer_that_cannot_be_read_says_so(server: OddServer, client: LiveVoxClient, given: Odd) -> None:
    server.give(given)
    with pytest.raises(UnreadableAnswer) as caught:
        await client.term_codes(SESSION, "46014")
    assert caught.value.retryable and caught.value.maybe_done
    assert await client.status(SESSION) is None  # the next call works


@pytest.mark.parametrize(
    "given",
    [
        Odd(cut=True),
        Odd(b"HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\n{", cut=True),
        Odd(before_s=0.6, cut=True),
        Odd(b"HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\n{"),
    ],
)
async def test_a_request_whose_answer_is_lost_may_have_been_carried_out(
    server: OddServer, client: LiveVoxClient, given: Odd
) -> None:
    server.give(given)
    with pytest.raises(LiveVoxUnreachable) as caught:
        await client.transfer_to_contact(SESSION, "2237", "24590")
    assert caught.value.maybe_done and caught.value.retryable


async def test_a_request_that_never_left_was_not_carried_out(server: OddServer, client: LiveVoxClient) -> None:
    async with OddServer() as other:
        url = other.url
    async with LiveVoxClient(url, TOKEN, rate=100.0, burst=5, timeout_s=1.0) as lonely:
        with pytest.raises(LiveVoxUnreachable, match="ClientConnectorError") as caught:
            await lonely.transfer_to_contact(SESSION, "2237", "24590")
    assert not caught.value.maybe_done and caught.value.retryable


async def test_a_put_on_a_broken_kept_connection_is_not_sent_twice(server: OddServer, client: LiveVoxClient) -> None:
    server.give(answer(204), Odd(cut=True))
    await client.ready(SESSION)
    with pytest.raises(LiveVoxUnreachable) as caught:
        await client.set_term_code(SESSION, CHOICE)
    assert caught.value.maybe_done
    assert [asked.method for asked in server.asked] == ["POST", "PUT"]


async def test_redirects_are_not_followed(server: OddServer, client: LiveVoxClient) -> None:
    server.give(answer(302, None, Location=f"{server.url}/session/login"))
    with pytest.raises(LiveVoxRefused) as caught:
        await client.ready(SESSION)
    assert (caught.value.status, caught.value.retryable, len(server.asked)) == (302, False, 1)


async def test_retry_after_is_seconds_or_a_date(server: OddServer, client: LiveVoxClient) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60))
    waits = []
    for said in ("5", later, "soon", "-1"):
        server.give(answer(429, None, Retry_After=said))
        with pytest.raises(LiveVoxRefused) as caught:
            await client.ready(SESSION)
        waits.append(caught.value.retry_after_s)
    assert waits[0] == 5.0 and waits[1] == pytest.approx(60, abs=2) and waits[2:] == [None, None]


async def test_an_empty_id_is_not_sent(server: OddServer, client: LiveVoxClient) -> None:
    with pytest.raises(LiveVoxRefused, match="account is empty"):
        await client.update_contact(SESSION, "", {"address1": "x"})
    assert server.asked == []


async def test_every_exchange_is_reported_without_secrets(
    server: OddServer, client: LiveVoxClient, exchanges: list[Exchange]
) -> None:
    server.give(answer(204), answer(401, {"code": 401}), Odd(cut=True))
    await client.ready(SESSION)
    with pytest.raises(SessionLost):
        await client.read_contact(SESSION, ACCOUNT)
    with pytest.raises(LiveVoxUnreachable):
        await client.logout(SESSION)
    assert [(one.method, one.endpoint, one.status, one.error) for one in exchanges] == [
        ("POST", "callControl/agent/status/ready", 204, None),
        ("GET", "contact/contacts/{account}", 401, "SessionLost"),
        ("DELETE", "session/logout/{session}", None, "LiveVoxUnreachable"),
    ]
    assert all(0 <= one.ms < 5_000 and one.waited_ms >= 0 for one in exchanges)
    assert ACCOUNT not in repr(exchanges) and SESSION not in repr(exchanges)


@pytest.mark.parametrize(
    "given",
    [
        answer(400, {"code": 400, "message": f"{SESSION} {TOKEN} correct-horse"}),
        answer(200, {"sessionId": [SESSION, TOKEN, "correct-horse"]}),
        Odd(b"HTTP/1.1 200 " + TOKEN.encode() + b"\r\nbroken\r\n\r\n", cut=True),
        Odd(cut=True),
    ],
)
async def test_no_secret_is_in_an_error_or_its_traceback(server: OddServer, client: LiveVoxClient, given: Odd) -> None:
    server.give(given, given)
    with pytest.raises(LiveVoxError) as at_login:
        await client.login("Demo", "VA0001", PASSWORD)
    told = "".join(traceback.format_exception(at_login.value))
    assert "correct-horse" not in told and TOKEN not in told
    with pytest.raises(LiveVoxError) as in_path:
        await client.read_contact(SESSION, ACCOUNT)
    told = "".join(traceback.format_exception(in_path.value))
    assert SESSION not in told and ACCOUNT not in told


async def test_a_closed_client_says_so(server: OddServer, client: LiveVoxClient) -> None:
    await client.close()
    with pytest.raises(LiveVoxUnreachable, match="closed") as caught:
        await client.ready(SESSION)
    assert not caught.value.maybe_done


async def test_requests_that_wait_are_let_go_when_the_client_closes(server: OddServer) -> None:
    client = LiveVoxClient(server.url, TOKEN, rate=0.01, burst=1, timeout_s=1.0)
    await client.ready(SESSION)
    waiting = [asyncio.create_task(client.ready(SESSION), name=f"waiting {number}") for number in range(3)]
    await asyncio.sleep(0)
    await client.close()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [LiveVoxUnreachable] * 3
    assert len(server.asked) == 1


async def test_calls_go_before_the_agents_routine(server: OddServer, exchanges: list[Exchange]) -> None:
    async with LiveVoxClient(
        server.url, TOKEN, rate=40.0, burst=1, timeout_s=1.0, on_exchange=exchanges.append
    ) as client:
        await client.ready(SESSION)
        await asyncio.gather(
            client.ready(SESSION),
            client.leave(SESSION),
            client.end_customer_call(SESSION),
            client.status(SESSION, urgent=True),
        )
    assert [one.endpoint.removeprefix("callControl/agent/") for one in exchanges] == [
        "status/ready",
        "customer/call/end",
        "status",
        "status/ready",
        "service/leave",
    ]
    assert exchanges[-1].waited_ms >= 70


async def test_a_cancelled_request_gives_its_turn_to_the_next(server: OddServer) -> None:
    async with LiveVoxClient(server.url, TOKEN, rate=30.0, burst=1, timeout_s=1.0) as client:
        await client.ready(SESSION)
        tasks = [asyncio.create_task(client.leave(SESSION), name=f"leave {number}") for number in range(3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert len(server.asked) == 3


async def test_connections_are_kept_and_shared(server: OddServer, client: LiveVoxClient) -> None:
    for _ in range(5):
        await client.ready(SESSION)
    assert server.connections == 1


@pytest.mark.parametrize("url", ["ftp://x", "api.livevox.com", "https://", "https://user:secret@x", "https://x/?a=b"])
async def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        LiveVoxClient(url, TOKEN, rate=1.0, burst=1, timeout_s=1.0)
    assert "secret" not in str(caught.value)


async def test_a_token_that_is_none_is_refused_without_being_quoted() -> None:
    with pytest.raises(ValueError) as caught:
        LiveVoxClient("https://127.0.0.1", "to\nken", rate=1.0, burst=1, timeout_s=1.0)
    assert "ken" not in str(caught.value).removeprefix("the API token")


async def test_proxies_of_the_environment_are_not_used(
    server: OddServer, client: LiveVoxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    await client.ready(SESSION)
    assert len(server.asked) == 1


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
async def test_a_host_whose_certificate_nobody_signed_gets_nothing(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    making = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
        *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", str(key), "-out", str(certificate)),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await making.wait() == 0
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    async with (
        OddServer(tls) as server,
        LiveVoxClient(server.url, TOKEN, rate=100.0, burst=5, timeout_s=2.0) as client,
    ):
        with pytest.raises(LiveVoxUnreachable, match="Certificate") as caught:
            await client.login("Demo", "VA0001", PASSWORD)
        assert (server.asked, caught.value.maybe_done) == ([], False)
