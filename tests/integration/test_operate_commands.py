"""The operators' commands against a bridge at work: what they print, what they do, how they exit."""

import asyncio
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bridge.agents.messages import AgentPhase
from bridge.cli import main
from bridge.errors import BridgeUnreachable
from bridge.operate.api import Api
from bridge.simulator.injections import Fault
from tests.free_ports import free_port
from tests.integration.bridge_world import TOKEN, BridgeWorld

pytestmark = pytest.mark.pjsua2

VA1, VA2 = "8990000001", "8990000002"


@dataclass
class Terminal:
    """Where an operator types."""

    capsys: pytest.CaptureFixture[str]

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a command, which has an event loop of its own."""
        self.capsys.readouterr()
        code = await asyncio.to_thread(main, arguments)
        captured = self.capsys.readouterr()
        return (
            code,
            captured.out,
            "".join(f"{line}\n" for line in captured.err.splitlines() if "livevox-bridge:" in line),
        )

    async def json(self, *arguments: str) -> Any:
        """What it prints for scripts. The bridge under test logs to stdout as well."""
        code, out, _ = await self.run(*arguments, "--json")
        assert code == 0
        return json.JSONDecoder().raw_decode(out, out.index("{\n"))[0]


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.setenv("BRIDGE_ADMIN_TOKEN", TOKEN)
    monkeypatch.delenv("BRIDGE_ADMIN_TOKEN_FILE", raising=False)
    yield Terminal(capsys)


async def test_the_calls_and_the_agents_are_shown(terminal: Terminal) -> None:
    async with BridgeWorld(["wait"], agents=2) as world:
        at = ("--url", world.admin_url)
        assert "No calls.\n" in (await terminal.run("calls", *at))[1]
        call = world.place()
        await world.seen("screen_pop")
        id = world.entries[0].call
        code, out, _ = await terminal.run("calls", *at)
        assert code == 0
        assert f"{id}  {VA1}  2134****07  talking" in out
        assert [row["caller"] for row in (await terminal.json("calls", *at))["calls"]] == ["2134634007"]
        code, out, _ = await terminal.run("calls", id, *at)
        assert (code, f"call            {id}\n" in out) == (0, True)
        assert (await terminal.json("calls", id, *at))["screen_pop"]["rows"]
        code, out, _ = await terminal.run("agents", *at)
        assert (code, f"the end of call {id}\n" in out) == (0, True)
        code, out, _ = await terminal.run("agents", VA2, *at)
        assert (code, "waits for                 a call\n" in out) == (0, True)
        world.livevox.customer_hangs_up(call)
        await world.over(call)


async def test_agents_are_paused_and_resumed(terminal: Terminal) -> None:
    async with BridgeWorld(agents=2) as world:
        at = ("--url", world.admin_url)
        code, out, _ = await terminal.run("agents", "pause", VA1, f"+1{VA2}", *at)
        assert code == 0
        assert f"{VA1} is paused" in out and f"{VA2} is paused" in out
        await world.until(lambda: {agent.state for agent in world.service.agents.snapshot()} == {AgentPhase.PAUSED})
        assert (await terminal.json("agents", "resume", VA1, *at))["paused"] is False
        await world.until(lambda: world.service.agents.snapshot()[0].state is AgentPhase.READY)
        code, _, err = await terminal.run("agents", "pause", "8990000009", VA1, *at)
        assert (code, "404 unknown_agent" in err) == (1, True)
        assert world.service.agents.snapshot()[0].state is AgentPhase.READY  # the first refusal ends it


async def test_wrap_ups_are_shown_and_tried_now(terminal: Terminal) -> None:
    async with BridgeWorld(["wait"]) as world:
        at = ("--url", world.admin_url)
        assert "No wrap-ups.\n" in (await terminal.run("wrapups", *at))[1]
        call = world.place()
        await world.seen("screen_pop")
        id = world.entries[0].call
        code, _, err = await terminal.run("wrapups", "retry", id, *at)
        assert (code, "409 not_wrapping_up" in err) == (1, True)
        world.livevox.fail("status", Fault.STATUS, status=503, count=None)
        world.livevox.customer_hangs_up(call)
        await world.until(lambda: any(row["failing"] for row in world.service.overview.wrap_ups()))
        code, out, _ = await terminal.run("wrapups", *at)
        assert f"{id}  {VA1}  2134****07  call" in out and "refused with 503" in out
        world.livevox.platform.injections.clear()
        assert (await terminal.json("wrapups", "retry", id, *at))["call"] == id
        await world.over(call)
        assert world.dispositions(call) == ["Customer Hung Up"]


async def test_a_drain_is_followed_to_its_end(terminal: Terminal) -> None:
    async with BridgeWorld(["finish"], speak_s=1.0) as world:
        call = world.place()
        await world.seen("screen_pop")

        async def serve() -> None:
            assert await world.service.serve()
            await world.service.admin.stop()

        served = asyncio.create_task(serve(), name="serve")
        code, out, _ = await terminal.run("drain", "--wait", "--url", world.admin_url)
        assert code == 0
        assert "1 call left, for 300 s at the most." in out
        assert out.endswith("The bridge has stopped.\n")
        await served
        assert world.dispositions(call) == ["Completed"]


async def test_a_drain_can_be_hurried(terminal: Terminal) -> None:
    async with BridgeWorld() as world:
        assert (await terminal.json("drain", "--url", world.admin_url))["draining"]["hurried"] is False
        assert not world.service.draining.hurried.is_set()
        assert (await terminal.json("drain", "--hurry", "--url", world.admin_url))["draining"]["hurried"] is True
        assert world.service.draining.hurried.is_set()


async def test_a_token_that_is_refused_is_said_so(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    async with BridgeWorld() as world:
        monkeypatch.setenv("BRIDGE_ADMIN_TOKEN", "another")
        code, _, err = await terminal.run("agents", "--url", world.admin_url)
        assert code == 1
        assert "answers 401 unauthorized" in err and "BRIDGE_ADMIN_TOKEN" in err
        assert "another" not in err
        monkeypatch.delenv("BRIDGE_ADMIN_TOKEN")
        code, _, err = await terminal.run("agents", "--url", world.admin_url)
        assert (code, "BRIDGE_ADMIN_TOKEN: is not set" in err) == (1, True)


async def test_the_settings_say_where_the_bridge_is_and_whether_numbers_are_masked(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BRIDGE_ADMIN_TOKEN")  # with a simulated LiveVox it is the simulator's
    async with BridgeWorld(["wait"]) as world:
        call = world.place()
        await world.seen("screen_pop")
        config = tmp_path / "bridge.toml"
        demo = (Path(__file__).parents[2] / "config/demo.toml").read_text()
        assert "127.0.0.1:8080" in demo
        config.write_text(demo.replace("127.0.0.1:8080", f"0.0.0.0:{world.admin_port}") + "\n[log]\nmask = false\n")
        code, out, _ = await terminal.run("calls", "--config", str(config))
        assert (code, "2134634007" in out) == (0, True)
        world.livevox.customer_hangs_up(call)
        await world.over(call)


@pytest.mark.parametrize("arguments", [("calls",), ("agents",), ("agents", "pause", VA1), ("drain",)])
async def test_without_a_bridge_the_exit_code_is_one_of_its_own(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    url = f"http://127.0.0.1:{free_port(socket.SOCK_STREAM)}"
    code, out, err = await terminal.run(*arguments, "--url", url)
    assert (code, out) == (3, "")
    assert err.startswith(f"livevox-bridge: no bridge answers at {url}: ")


async def test_something_else_that_answers_is_no_bridge(terminal: Terminal) -> None:
    answers = {"/v1/calls": "<html>", "/v1/agents": "[]"}

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/v1/calls/x":
            raise web.HTTPFound("http://127.0.0.1:1/")
        return web.Response(text=answers[request.path])

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", free_port(socket.SOCK_STREAM))
    await site.start()
    for arguments in (("calls",), ("agents",), ("calls", "x")):
        code, _, err = await terminal.run(*arguments, "--url", site.name)
        assert (code, "what answers there is no livevox-bridge" in err) == (1, True)
    await runner.cleanup()


async def test_a_bridge_that_is_slow_is_told_from_one_that_is_not_there() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with Api(f"http://127.0.0.1:{port}/", TOKEN, timeout_s=0.1) as api:
        with pytest.raises(BridgeUnreachable, match="no answer within 0.1 s") as caught:
            await api.get("/v1/status")
        assert caught.value.slow
        server.close()
        await server.wait_closed()
        with pytest.raises(BridgeUnreachable) as caught:
            await api.get("/v1/status")
        assert not caught.value.slow


@pytest.mark.parametrize(
    "arguments",
    [
        ("agents", "pause"),
        ("agents", VA1, VA2),
        ("calls", "--url", "127.0.0.1:8080"),
        ("wrapups", "0123456789abcdef0123"),
        ("wrapups", "retry"),
        ("drain", "now"),
    ],
)
def test_what_cannot_be_understood_exits_with_2(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 2
