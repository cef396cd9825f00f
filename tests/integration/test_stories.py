"""Stories over the HTTP API: who sees what of them, as JSON, text, page and file."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.client import _RequestContextManager

from bridge.admin.access import Access, Scope
from bridge.admin.audit import Audit
from bridge.admin.route import Route
from bridge.admin.server import AdminServer, AdminSettings
from bridge.admin.stories import StoryEndpoints
from bridge.journal.reader import JournalReader
from bridge.journal.records import ActionTaken, CallAdmitted, CallClosed, EntryNoted, MessageSeen
from bridge.journal.store import JournalStore
from bridge.story.page import CONTENT_SECURITY_POLICY
from bridge.wrapup.plan import CallIds
from tests.kept_records import KeptRecords
from tests.ordered_call import OneCall, OrderedCall
from tests.story_rows import CALLER, INVITE

ENGINE, VIEW, ADMIN = "engine-token", "view-token", "admin-token"
CALL = "c" * 20
CALLS = 5


class Stories:
    """`async with stories(path) as there: async with there.get("/calls/…", ADMIN) as response: …`"""

    def __init__(self, client: ClientSession, kept: KeptRecords) -> None:
        self.kept = kept
        self._client = client

    def get(self, path: str, token: str = "", *, password: str = "") -> _RequestContextManager:
        basic = "Basic " + b64encode(f"anybody:{password}".encode()).decode() if password else ""
        shown = basic or (f"Bearer {token}" if token else "")
        return self._client.get(path, headers={"Authorization": shown} if shown else {})

    async def json(self, path: str, token: str = VIEW) -> tuple[int, Any]:
        async with self.get(path, token) as response:
            return response.status, await response.json()

    async def text(self, path: str, token: str = VIEW) -> str:
        async with self.get(path, token) as response:
            assert response.status == 200
            return await response.text()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "journal.db"
    store = JournalStore(path)
    for number in range(CALLS):
        store.write([CallAdmitted(f"{number}" * 20, 900.0 + number, "8990000001", CALLER, CallIds())])
    store.write(
        [
            CallAdmitted(CALL, 1_000.0, "8990000001", CALLER, CallIds("108821676851")),
            EntryNoted(CALL, 1_000.0, 0.0, "invite_received", {"caller": CALLER}),
            MessageSeen(CALL, 1_000.0, "sip", "customer", False, "192.0.2.7:5060", INVITE),
            EntryNoted(CALL, 1_009.0, 9_000.0, "worker_lost", {}),
            CallClosed(CALL, 1_010.0, {"fate": "bridge_failure"}, ("worker_lost",)),
        ]
    )
    store.close()
    return path


@asynccontextmanager
async def stories(path: Path, recording: Path | None = None) -> AsyncIterator[Stories]:
    async def find_recording(call: str) -> Path | None:
        return recording if call == CALL else None

    reader, kept = JournalReader(path), KeptRecords()
    endpoints = StoryEndpoints(reader, Audit(kept), lambda: UTC, find_recording)
    search = Route("GET", "/v1/calls", Scope.VIEW, endpoints.find)
    settings = AdminSettings("127.0.0.1", 0, Access(ENGINE, ADMIN, VIEW))
    server = AdminServer(settings, OneCall(OrderedCall()), Audit(kept), [*endpoints.routes(), search])
    async with server, ClientSession(f"http://127.0.0.1:{server.port}") as client:
        yield Stories(client, kept)
    await reader.close()


async def test_who_may_look_sees_the_customer_masked_and_the_admin_as_he_is(path: Path) -> None:
    async with stories(path) as there:
        for url in (f"/calls/{CALL}", f"/v1/calls/{CALL}/story", f"/v1/calls/{CALL}/story?format=text&messages"):
            masked, whole = await there.text(url, VIEW), await there.text(url, ADMIN)
            assert "Jane" not in masked and "2135550107" not in masked, url
            assert "Jane" in whole and "2135550107" in whole, url
            assert "SIP worker of this call died" in masked


async def test_the_admins_page_plays_the_recording_and_nobody_elses(path: Path) -> None:
    store = JournalStore(path)
    store.write([EntryNoted(CALL, 1_000.5, 500.0, "recording_started", {})])
    store.close()
    player = f'src="/v1/calls/{CALL}/recording" data-began="500.0"'
    async with stories(path, path) as there:
        async with there.get(f"/calls/{CALL}", ADMIN) as response:
            assert player in await response.text()
            assert "media-src 'self'" in response.headers["Content-Security-Policy"]
        for url, token in ((f"/calls/{CALL}", VIEW), (f"/calls/{CALL}?download&whole", ADMIN)):
            async with there.get(url, token) as response:
                text = await response.text()
                assert "<audio" not in text and "<script" not in text
                assert "script-src" not in response.headers["Content-Security-Policy"]
    async with stories(path) as there:
        assert "<audio" not in await there.text(f"/calls/{CALL}", ADMIN), "it has been deleted meanwhile"


async def test_a_file_is_masked_unless_the_admin_asks_for_it_whole_which_is_written_down(path: Path) -> None:
    async with stories(path) as there:
        for url, kind in ((f"/calls/{CALL}", "html"), (f"/v1/calls/{CALL}/story", "json")):
            async with there.get(f"{url}?download", ADMIN) as response:
                assert response.headers["Content-Disposition"] == f'attachment; filename="call-{CALL}.{kind}"'
                assert "Jane" not in await response.text()
        assert there.kept.records == []
        assert "Jane" in await there.text(f"/calls/{CALL}?download&whole=true", ADMIN)
        (record,) = there.kept.of(ActionTaken)
        assert (record.did, record.about, record.result) == ("export_story", CALL, "whole")
        assert "Jane" not in await there.text(f"/calls/{CALL}?whole=false", ADMIN)


async def test_who_may_only_look_is_not_told_more_by_asking(path: Path) -> None:
    async with stories(path) as there:
        for url in (
            f"/calls/{CALL}?whole=true",
            f"/v1/calls/{CALL}/story?whole",
            "/v1/calls?caller=2135550107",
            "/v1/audit",
        ):
            status, body = await there.json(url, VIEW)
            assert (status, body["error"]["code"]) == (403, "forbidden"), url


async def test_bots_and_strangers_see_no_story(path: Path) -> None:
    async with stories(path) as there:
        for url in (f"/calls/{CALL}", f"/v1/calls/{CALL}/story", "/v1/calls?limit=1"):
            assert (await there.json(url, ENGINE))[0] == 403
            assert (await there.json(url, ""))[0] == 401


async def test_a_browser_is_asked_for_the_token_and_shows_it_as_a_password(path: Path) -> None:
    async with stories(path) as there:
        async with there.get(f"/calls/{CALL}") as response:
            assert (response.status, response.headers["WWW-Authenticate"].partition(" ")[0]) == (401, "Basic")
        async with there.get(f"/calls/{CALL}", password=VIEW) as response:
            assert (response.status, response.content_type) == (200, "text/html")
            assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        async with there.get(f"/v1/calls/{CALL}/story", password=VIEW) as response:
            assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_calls_are_found_page_by_page(path: Path) -> None:
    async with stories(path) as there:
        seen, url = [], "/v1/calls?limit=4"
        while url:
            _, body = await there.json(url)
            seen += [call["call"] for call in body["calls"]]
            url = f"/v1/calls?limit=4&cursor={body['next']}" if body["next"] else ""
        assert seen == [CALL, *(f"{number}" * 20 for number in reversed(range(CALLS)))]
        _, body = await there.json("/v1/calls?trouble=any")
        (found,) = body["calls"]
        assert (found["call"], found["trouble"], found["caller"]) == (CALL, ["worker_lost"], "+1213*****07")
        assert (found["started_at"], found["closed_at"]) == ("1970-01-01T00:16:40.000Z", "1970-01-01T00:16:50.000Z")
        _, body = await there.json("/v1/calls?caller=2135550107&limit=1", ADMIN)
        assert body["calls"][0]["caller"] == CALLER


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("/v1/calls/unknown/story", 404, "unknown_call"),
        ("/calls/unknown", 404, "unknown_call"),
        (f"/v1/calls/{CALL}/story?format=pdf", 400, "invalid_parameter"),
        (f"/v1/calls/{CALL}/story?masked", 400, "unknown_parameter"),
        (f"/calls/{CALL}?download=perhaps", 400, "invalid_parameter"),
        ("/v1/calls?limit=0", 400, "invalid_parameter"),
        ("/v1/audit?limit=x", 400, "invalid_parameter"),
    ],
)
async def test_what_cannot_be_answered_is_named(path: Path, url: str, status: int, code: str) -> None:
    async with stories(path) as there:
        told, body = await there.json(url, ADMIN)
        assert (told, body["error"]["code"]) == (status, code)


async def test_what_operators_did_can_be_read_by_the_admin(path: Path) -> None:
    store = JournalStore(path)
    store.write([ActionTaken("", 1_000.0, "admin from 192.0.2.9", "pause_agent", "8990000001", "done")])
    store.close()
    async with stories(path) as there:
        _, body = await there.json("/v1/audit", ADMIN)
        assert body == {
            "actions": [
                {
                    "at": "1970-01-01T00:16:40.000Z",
                    "who": "admin from 192.0.2.9",
                    "did": "pause_agent",
                    "about": "8990000001",
                    "result": "done",
                }
            ]
        }


async def test_a_journal_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    async with stories(tmp_path / "missing.db") as there:
        status, body = await there.json("/v1/calls?limit=1")
        assert (status, body["error"]["code"]) == (503, "journal_unreadable")
