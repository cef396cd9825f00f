"""The simulator's control endpoint over real HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.states import AgentState
from bridge.simulator.world import World
from tests.paper_telephony import PaperTelephony

PASSWORD = "correct-horse"
TOKEN = "token-of-the-demo"


@pytest.fixture
async def simulator() -> AsyncIterator[LiveVoxSimulator]:
    async with LiveVoxSimulator(World.default(2, PASSWORD, token=TOKEN), PaperTelephony()) as running:
        yield running


class Console:
    """Speaks to the control endpoint, and for one agent to the API."""

    def __init__(self, http: aiohttp.ClientSession, simulator: LiveVoxSimulator) -> None:
        self._http = http
        self._simulator = simulator

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with self._http.request(method, f"{self._simulator.url}/simulator{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def go_ready(self, login: str = "VA0001") -> int:
        """The status of the login; the agent is Ready after it."""
        headers = {"Content-Type": "application/json", "LV-Access": TOKEN}
        body = {"clientName": "Demo", "userName": login, "password": PASSWORD, "agent": "true"}
        async with self._http.post(f"{self._simulator.url}/session/login", json=body, headers=headers) as answer:
            status = answer.status
            headers["LV-Session"] = (await answer.json()).get("sessionId", "")
        for path in ("service/join?serviceId=46014", "status/ready"):
            await (await self._http.post(f"{self._simulator.url}/callControl/agent/{path}", headers=headers)).read()
        return status


@pytest.fixture
async def console(simulator: LiveVoxSimulator) -> AsyncIterator[Console]:
    async with aiohttp.ClientSession() as http:
        yield Console(http, simulator)


async def test_the_root_says_what_there_is(console: Console) -> None:
    status, index = await console.ask("GET", "/")
    assert status == 200
    assert "POST /simulator/calls" in index


async def test_a_call_is_placed_read_and_hung_up(simulator: LiveVoxSimulator, console: Console) -> None:
    await console.go_ready()
    order = {
        "agent": "8990000001",
        "account": "100200300",
        "header_style": "X",
        "hang_up_after_s": None,
        "codec": "PCMA",
    }
    status, call = await console.ask("POST", "/calls", order)
    assert (status, call["agent"], call["service"]) == (201, "VA0001", 46014)
    await simulator.until(lambda: simulator.platform.agent("VA0001").state is AgentState.INCALL)
    assert (await console.ask("GET", f"/calls/{call['call']}"))[1]["lifecycle"][-1] == "INCALL"
    assert (await console.ask("POST", f"/calls/{call['call']}/hangup"))[1]["customer"] == "gone"
    assert [row["call"] for row in (await console.ask("GET", "/calls"))[1]] == [call["call"]]
    _, agents = await console.ask("GET", "/agents")
    assert [(row["login"], row["state"], row["call"]) for row in agents] == [
        ("VA0001", "WRAPUP", call["call"]),
        ("VA0002", "LOGOFF", None),
    ]


@pytest.mark.parametrize(
    ("order", "status"),
    [({}, 409), ({"agent": "VA0009"}, 409), ({"codec": "OPUS"}, 400), ({"colour": "red"}, 400), ([], 400)],
)
async def test_a_call_that_cannot_be_placed_says_why(console: Console, order: Any, status: int) -> None:
    answer = await console.ask("POST", "/calls", order)
    assert answer[0] == status
    assert answer[1]["error"]["message"]


async def test_switches_are_read_changed_and_put_back(simulator: LiveVoxSimulator, console: Console) -> None:
    _, before = await console.ask("GET", "/faults")
    assert before["switches"]["status_lag_s"]["value"] == 0.0
    assert "later than the bridge" in before["switches"]["status_lag_s"]["meaning"]
    _, after = await console.ask("PATCH", "/faults", {"status_lag_s": 2, "require_end_call": "bye"})
    assert (after["status_lag_s"], after["require_end_call"]) == (2.0, "bye")
    assert (await console.ask("PATCH", "/faults", {"nonsense": 1}))[0] == 400
    await console.ask("DELETE", "/faults")
    assert simulator.platform.faults.status_lag_s == 0.0


async def test_faults_for_the_next_requests_are_set_and_cleared(console: Console) -> None:
    body = {"fault": "status", "endpoint": "login", "status": 503, "count": 1}
    assert (await console.ask("POST", "/faults/next", body))[0] == 201
    assert await console.go_ready() == 503
    assert await console.go_ready() == 200
    await console.ask("POST", "/faults/next", body)
    assert (await console.ask("GET", "/faults"))[1]["injections"][0]["left"] == 1
    await console.ask("DELETE", "/faults/next")
    assert await console.go_ready() == 200
    assert (await console.ask("POST", "/faults/next", {"fault": "earthquake"}))[0] == 400


async def test_a_supervisor_interferes(simulator: LiveVoxSimulator, console: Console) -> None:
    await console.go_ready()
    assert (await console.ask("POST", "/agents/VA0001/not-ready"))[1]["state"] == "NOTREADY"
    assert (await console.ask("POST", "/agents/8990000001/log-off"))[1]["state"] == "LOGOFF"
    assert (await console.ask("POST", "/agents/VA0001/expire-session"))[1]["sessions"] == 0
    assert (await console.ask("POST", "/agents/VA0001/promote"))[0] == 400
    assert (await console.ask("POST", "/agents/VA0009/log-off"))[0] == 400
    await console.go_ready()
    assert (await console.ask("POST", "/sessions/expire"))[0] == 201
    assert simulator.platform.sessions.count("VA0001") == 0


async def test_wrap_up_is_limited_and_run_out(simulator: LiveVoxSimulator, console: Console) -> None:
    assert (await console.ask("PATCH", "/agents/VA0001", {"wrap_up_s": 600}))[1]["wrap_up_s"] == 600.0
    assert (await console.ask("PATCH", "/agents/VA0001", {"password": "x"}))[0] == 400
    await console.go_ready()
    call = (await console.ask("POST", "/calls"))[1]["call"]
    await simulator.until(lambda: simulator.platform.agent("VA0001").state is AgentState.INCALL)
    await console.ask("POST", f"/calls/{call}/hangup")
    assert (await console.ask("POST", "/agents/VA0001/expire-wrap-up"))[1]["state"] == "NOTREADY"
    assert (await console.ask("GET", f"/calls/{call}"))[1]["result"] == "Operator Transfer"


async def test_a_phonebook_contact_is_changed(simulator: LiveVoxSimulator, console: Console) -> None:
    _, contact = await console.ask("PATCH", "/phonebook/Billing", {"outcome": "never", "answer_delay_s": 3})
    assert (contact["outcome"], contact["answer_delay_s"]) == ("never", 3.0)
    assert simulator.platform.floor.phonebook[24591].outcome == "never"
    assert (await console.ask("PATCH", "/phonebook/Billing", {"name": "x"}))[0] == 400
    assert (await console.ask("PATCH", "/phonebook/Nobody", {}))[0] == 400


async def test_the_ledger_is_read_from_a_number_on(console: Console) -> None:
    await console.go_ready()
    _, entries = await console.ask("GET", "/ledger")
    assert [entry["step"] for entry in entries] == [
        "login 200",
        "session opened",
        "join 204",
        "REGISTERING",
        "NOTREADY",
        "ready 204",
        "READY",
    ]
    assert [entry["number"] for entry in (await console.ask("GET", "/ledger?since=5"))[1]] == [6, 7]
    assert (await console.ask("GET", "/ledger?call=call-1"))[1] == []
    assert (await console.ask("GET", "/ledger?since=x"))[0] == 400


async def test_a_body_that_is_not_json_is_refused(simulator: LiveVoxSimulator) -> None:
    url = f"{simulator.url}/simulator/faults"
    async with aiohttp.ClientSession() as http, http.patch(url, data=b"{", headers={"Content-Type": "x/y"}) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, "SimulationError")
