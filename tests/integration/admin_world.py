"""The HTTP API on a free port, with one call behind it, and a client that speaks to it."""

from base64 import b64encode
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientSession

from bridge.admin.access import Access, TwilioAccount
from bridge.admin.audit import Audit
from bridge.admin.server import AdminServer, AdminSettings
from bridge.dialects.kinds import DialectTerms
from tests.kept_records import KeptRecords
from tests.ordered_call import CALL, OneCall, OrderedCall

ENGINE, ADMIN, AUTH_TOKEN = "engine-token", "admin-token", "auth-token"
ACCOUNT = "AC" + "1" * 32
OTHER_ACCOUNT = "AC" + "2" * 32
SETTINGS = AdminSettings(
    "127.0.0.1",
    0,
    Access(ENGINE, ADMIN),
    (
        TwilioAccount("bot", ACCOUNT, AUTH_TOKEN),
        TwilioAccount("other", OTHER_ACCOUNT, "another"),
        TwilioAccount("open", "AC" + "3" * 32, ""),
    ),
    DialectTerms(("paid", "promised"), ("collections", "desk")),
)


class AdminWorld:
    """`async with AdminWorld() as world: status, body = await world.ask("GET", "/v1/calls/…")`."""

    def __init__(self, access: Access = SETTINGS.access, *, request_s: float = 5.0) -> None:
        self.call = OrderedCall()
        self.journal = KeptRecords()
        settings = replace(SETTINGS, access=access, request_s=request_s)
        self.server = AdminServer(settings, OneCall(self.call), Audit(self.journal))
        self.headers: dict[str, str] = {}
        """Of the last answer."""

    async def __aenter__(self) -> Self:
        await self.server.start()
        self._client = ClientSession(f"http://127.0.0.1:{self.server.port}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()
        await self.server.stop()

    async def ask(
        self, method: str, path: str, json: object = None, *, data: object = None, token: str = ENGINE
    ) -> tuple[int, Any]:
        """One request with a bearer token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._client.request(method, path, json=json, data=data, headers=headers) as response:
            self.headers = dict(response.headers)
            assert response.content_type == "application/json"
            return response.status, await response.json()

    async def order(self, verb: str, json: object = None, **more: Any) -> tuple[int, Any]:
        """Order something of the call."""
        return await self.ask("POST", f"/v1/calls/{CALL}/{verb}", json, **more)

    async def twilio(
        self,
        form: dict[str, str] | None,
        *,
        sid: str = f"CA{'0' * 12}{CALL}",
        account: str = ACCOUNT,
        user: str = ACCOUNT,
        password: str = AUTH_TOKEN,
    ) -> tuple[int, Any]:
        """Fetch the call, or update it with a form, as Twilio's clients do."""
        path = f"/2010-04-01/Accounts/{account}/Calls/{sid}.json"
        method = "GET" if form is None else "POST"
        headers = {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}
        async with self._client.request(method, path, data=form, headers=headers) as response:
            self.headers = dict(response.headers)
            assert response.content_type == "application/json"
            return response.status, await response.json()
