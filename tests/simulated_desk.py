"""A virtual agent's desk over real HTTP, independent of the bridge's own client."""

from typing import Any

import aiohttp


class Desk:
    """A virtual agent's desk: sends plain requests with the headers the API wants."""

    def __init__(self, http: aiohttp.ClientSession, url: str, password: str, token: str) -> None:
        self._http = http
        self._url = url
        self._password = password
        self._token = token
        self.session = ""

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and parsed body of an answer; None without a body."""
        headers = {"Content-Type": "application/json", "LV-Session": self.session, "LV-Access": self._token}
        async with self._http.request(method, self._url + path, json=body, headers=headers) as answer:
            text = await answer.text()
            return answer.status, await answer.json() if text else None

    async def log_in(self, login: str = "VA0001") -> None:
        """Get a session."""
        body = {"clientName": "Demo", "userName": login, "password": self._password, "agent": "true"}
        status, answer = await self.ask("POST", "/session/login", body)
        assert status == 200
        self.session = answer["sessionId"]

    async def go_ready(self, login: str = "VA0001", number: str = "8990000001") -> None:
        """Log in, join the service, go Ready."""
        await self.log_in(login)
        path = f"/callControl/agent/service/join?serviceId=46014&phoneNumber={number}"
        assert await self.ask("POST", path) == (204, None)
        assert await self.ask("POST", "/callControl/agent/status/ready") == (204, None)

    async def line(self) -> dict[str, Any]:
        """The agent's line, as agent/status shows it."""
        status, answer = await self.ask("POST", "/callControl/agent/status", {})
        assert status == 200
        line: dict[str, Any] = answer["agentStatus"][0]["lines"][0]
        return line

    async def set_term_code(self, call: dict[str, Any], code: str) -> tuple[int, Any]:
        """Dispose of the call that agent/status showed."""
        body = {
            "callTransactionId": call["callTransactionId"],
            "callSessionId": call["callSessionId"],
            "termCodeId": code,
            "phoneDialed": call["phoneNumber"],
            "moveAgentToNotReady": "false",
        }
        return await self.ask("PUT", "/callControl/agent/call/termCode", body)
