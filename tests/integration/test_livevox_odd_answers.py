"""The LiveVox client against a server, and a network, that do what they should not."""

import asyncio
import shutil
import ssl
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bridge.livevox.client import LiveVoxClient
from bridge.livevox.errors import LiveVoxError, LiveVoxRefused, LiveVoxUnreachable, UnreadableAnswer
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
        Odd(before_s=5.0),
        Odd(b"HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\n{"),
    ],
)
async def test_a_request_whose_answer_is_lost_may_have_been_carried_out(server: OddServer, given: Odd) -> None:
    server.give(given)
    async with LiveVoxClient(server.url, TOKEN, rate=100.0, burst=5, timeout_s=1.0) as client:
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
