"""The LiveVox client against a server that gives proper and odd answers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from bridge.livevox.client import LiveVoxClient
from bridge.livevox.errors import CredentialsRefused, LiveVoxRefused, LiveVoxUnreachable, LoginUnexplained, SessionLost
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
