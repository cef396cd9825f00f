"""HTTP to engines: what it does not do for them."""

import asyncio
import gzip
import shutil
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.engines.http_client import MAX_ANSWER, EngineHttp
from bridge.errors import EngineUnreachable
from tests.odd_server import Odd, OddServer, answer


@pytest.fixture
async def http() -> AsyncIterator[EngineHttp]:
    client = EngineHttp()
    yield client
    await client.close()


async def test_an_answer_comes_as_it_was_sent(http: EngineHttp) -> None:
    async with OddServer() as server:
        server.give(answer(201, b"done"))
        said = await http.post(server.url, {"X-Tenant": "7"}, b"{}", timeout_s=2)
        assert (said.status, said.content, said.cut) == (201, b"done", False)
        assert (server.asked[0].body, server.asked[0].headers["x-tenant"]) == (b"{}", "7")


async def test_no_cookie_is_kept(http: EngineHttp) -> None:
    async with OddServer() as server:
        server.give(answer(200, Set_Cookie="session=1"), answer(200))
        for _ in range(2):
            await http.post(server.url, {}, b"", timeout_s=2)
        assert "cookie" not in server.asked[1].headers


async def test_a_small_answer_that_unpacks_to_a_huge_one_stays_small(http: EngineHttp) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    async with OddServer() as server:
        server.give(answer(200, bomb[:10_000], Content_Encoding="gzip"))
        said = await http.post(server.url, {}, b"", timeout_s=2)
        assert (said.content, said.cut) == (bomb[:10_000], False)


async def test_the_longest_answer_is_whole_and_a_longer_one_is_cut(http: EngineHttp) -> None:
    async with OddServer() as server:
        server.give(answer(200, b"x" * MAX_ANSWER), answer(200, b"x" * (MAX_ANSWER + 1)))
        whole = await http.post(server.url, {}, b"", timeout_s=2)
        cut = await http.post(server.url, {}, b"", timeout_s=2)
        assert (len(whole.content), whole.cut, len(cut.content), cut.cut) == (MAX_ANSWER, False, MAX_ANSWER, True)


async def test_a_proxy_of_the_environment_is_not_asked(http: EngineHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    async with OddServer() as server, OddServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        await http.post(server.url, {}, b"", timeout_s=2)
        assert (len(server.asked), proxy.asked) == (1, [])


@pytest.mark.parametrize(
    ("odd", "maybe_done"),
    [(Odd(before_s=1.0), True), (Odd(cut=True), True), (Odd(b"HTTP/1.1 200"), True)],
    ids=["silent", "cut", "half"],
)
async def test_a_request_that_went_out_may_have_been_carried_out(http: EngineHttp, odd: Odd, maybe_done: bool) -> None:
    async with OddServer() as server:
        server.give(odd)
        with pytest.raises(EngineUnreachable) as caught:
            await http.post(server.url, {}, b"", timeout_s=0.2)
        assert caught.value.maybe_done is maybe_done


async def test_a_request_that_found_nobody_was_not(http: EngineHttp) -> None:
    async with OddServer() as server:
        url = server.url
    with pytest.raises(EngineUnreachable) as caught:
        await http.post(url, {}, b"", timeout_s=2)
    assert not caught.value.maybe_done


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
async def test_an_engine_whose_certificate_nobody_signed_gets_nothing(http: EngineHttp, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    making = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
        *("-subj", "/CN=127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await making.wait() == 0
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    async with OddServer(tls) as server:
        with pytest.raises(EngineUnreachable, match="certificate") as caught:
            await http.post(server.url, {}, b"", timeout_s=2)
        assert (server.asked, caught.value.maybe_done) == ([], False)


async def test_what_outlives_its_call_has_a_moment_when_the_bridge_stops() -> None:
    client = EngineHttp()
    done: list[str] = []

    async def short() -> None:
        await asyncio.sleep(0.05)
        done.append("short")

    async def endless() -> None:
        await asyncio.Event().wait()

    client.start("a short one", short())
    client.start("an endless one", endless())
    async with asyncio.timeout(4):
        await client.close()
    assert done == ["short"]
