"""Looking at LiveVox as the settings describe it, against the simulator's REST API."""

import asyncio
import dataclasses
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.live_check import check_engines, check_live
from bridge.part_settings import livevox_client
from bridge.settings import Settings, load
from bridge.simulator.faults import Faults
from bridge.simulator.injections import Fault
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.world import World

DEMO = (Path(__file__).parents[2] / "config" / "demo.toml").read_text(encoding="utf-8")


@pytest.fixture
async def livevox() -> AsyncIterator[LiveVoxSimulator]:
    async with LiveVoxSimulator(World.default()) as simulator:
        yield simulator


def settings_for(simulator: LiveVoxSimulator, folder: Path, *changes: tuple[str, str]) -> Settings:
    text = DEMO.replace("http://127.0.0.1:8090", simulator.url)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "bridge.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, {})


async def findings(settings: Settings) -> list[str]:
    async with livevox_client(settings) as client:
        return [str(finding) async for finding in check_live(settings, client)]


def wrong(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith("ok ")]


async def test_a_livevox_as_the_settings_say(livevox: LiveVoxSimulator, tmp_path: Path) -> None:
    said = await findings(settings_for(livevox, tmp_path))
    assert said[:3] == [
        "ok     agent VA0001 (8990000001) is logged in",
        "ok     VA0001 may join service 46014",
        "ok     service 46014 is Agent Call Out, with term codes and phonebook transfers",
    ]
    assert 'ok     outcome transferred: term code "Transferred to Agent" of service 46014' in said
    assert 'ok     target collections: phonebook contact "Collections Queue" of service 46014' in said
    assert said[-1] == "ok     agent VA0001 (8990000001) is logged out"
    assert wrong(said) == []


async def test_nothing_is_changed_and_the_session_is_ended(livevox: LiveVoxSimulator, tmp_path: Path) -> None:
    await findings(settings_for(livevox, tmp_path))
    asked = {entry.name for entry in livevox.ledger.requests()}
    assert {"login", "logout"} <= asked
    assert not asked & {"join", "ready", "not_ready", "set_term_code"}


async def test_term_codes_and_contacts_that_do_not_exist(livevox: LiveVoxSimulator, tmp_path: Path) -> None:
    settings = settings_for(
        livevox, tmp_path, ('"Customer Hung Up"', '"Gone"'), ('"Collections Queue"', '"Nobody", "Billing"')
    )
    said = wrong(await findings(settings))
    assert [line.partition(";")[0] for line in said] == [
        'WRONG  outcome customer_hung_up: term code "Gone" of service 46014 does not exist',
        'WRONG  target collections: phonebook contact "Nobody" of service 46014 does not exist',
    ]
    assert 'there are: "Completed", "Customer Hung Up"' in said[0]
    assert '"Collections Queue"' in said[1]


async def test_a_wrong_password_is_tried_once(livevox: LiveVoxSimulator, tmp_path: Path) -> None:
    settings = settings_for(livevox, tmp_path, ('client_name = "Demo"', 'client_name = "Dmeo"'))
    (said,) = await findings(settings)
    assert said.startswith("WRONG  agent VA0001 (8990000001) cannot log in: POST session/login: refused with 401")
    assert said.endswith("; five bad passwords lock it: correct before trying again")
    assert len(livevox.ledger.requests("login")) == 1


async def test_a_service_the_agent_may_not_join(livevox: LiveVoxSimulator, tmp_path: Path) -> None:
    said = await findings(settings_for(livevox, tmp_path, ('service_id = "46014"', 'service_id = "5"')))
    (problem,) = wrong(said)
    assert problem.startswith("WRONG  VA0001 may not join service 5; it may join: 46014 ")
    assert said[-1] == "ok     agent VA0001 (8990000001) is logged out"


async def test_one_agent_of_each_service_looks(livevox: LiveVoxSimulator, tmp_path: Path) -> None:
    changed = ('user_name = "VA0002"', 'user_name = "VA0002"\nservice_id = "46015"')
    said = await findings(settings_for(livevox, tmp_path, changed))
    assert [line for line in said if "logged in" in line] == [
        "ok     agent VA0001 (8990000001) is logged in",
        "ok     agent VA0002 (8990000002) is logged in",
    ]


async def test_a_service_that_does_not_suit_virtual_agents(tmp_path: Path) -> None:
    world = World.default()
    services = tuple(dataclasses.replace(service, feature_code=1) for service in world.services)
    async with LiveVoxSimulator(dataclasses.replace(world, services=services)) as livevox:
        (said,) = wrong(await findings(settings_for(livevox, tmp_path)))
    assert said.startswith(
        "WRONG  service 46014 does not suit virtual agents; in the portal set the service's ACD mode"
    )


async def test_a_password_that_expires_soon(tmp_path: Path) -> None:
    async with LiveVoxSimulator(World.default(), faults=Faults(days_until_password_expires=3)) as livevox:
        (said,) = wrong(await findings(settings_for(livevox, tmp_path)))
    assert said == "WRONG  the password of agent VA0001 (8990000001) expires in 3 days; have it changed in LiveVox"


async def test_an_agent_at_work_keeps_its_session(livevox: LiveVoxSimulator, tmp_path: Path) -> None:
    settings = settings_for(livevox, tmp_path)
    async with livevox_client(settings) as client:
        login = await client.login("Demo", "VA0001", settings.agents[0].password)
        await client.join(login.session_id, "46014", "8990000001")
        await client.ready(login.session_id)
        said = await findings(settings)
        assert await client.is_session_valid(login.session_id)
    assert said[-1] == "ok     agent VA0001 (8990000001) is at work, so its session is left alone"


async def test_a_livevox_in_trouble_is_reported_and_the_agent_still_logged_out(
    livevox: LiveVoxSimulator, tmp_path: Path
) -> None:
    livevox.fail("term_codes", Fault.STATUS, status=500, count=1)
    said = await findings(settings_for(livevox, tmp_path))
    (problem,) = wrong(said)
    assert problem.startswith("WRONG  GET callControl/agent/termCode: refused with 500")
    assert said[-1] == "ok     agent VA0001 (8990000001) is logged out"


async def test_nobody_answers(livevox: LiveVoxSimulator, tmp_path: Path) -> None:
    settings = settings_for(livevox, tmp_path)
    await livevox.stop()
    (said,) = await findings(settings)
    assert said.startswith("WRONG  agent VA0001 (8990000001) cannot log in: POST session/login: no answer: ")


async def test_engines_that_agents_have_are_looked_for(tmp_path: Path) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        text = DEMO.replace('engines = ["bot"]', 'engines = ["bot", "twilio", "rtp", "openai"]')
        text = text.replace("ws://127.0.0.1:8091", f"ws://127.0.0.1:{port}")
        text = text.replace("http://127.0.0.1:8093", f"https://127.0.0.1:{port}")
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nobody = closed.getsockname()[1]
            text = text.replace("ws://127.0.0.1:8092", f"ws://127.0.0.1:{nobody}")
            path = tmp_path / "bridge.toml"
            path.write_text(text, encoding="utf-8")
            settings = load(path, {"RTP_ENGINE_SECRET": "a secret"})
            said = [str(finding) async for finding in check_engines(settings)]
    assert said[0].startswith("ok     engine bot (sip, sip:bot@127.0.0.1:5092) is at 127.0.0.1; ")
    assert said[1] == f"ok     engine twilio (twilio, ws://127.0.0.1:{port}/media) takes connections"
    assert said[2].startswith(f"WRONG  engine rtp (rtp, https://127.0.0.1:{port}/calls): ")
    assert said[3].startswith(f"WRONG  engine openai (openai, ws://127.0.0.1:{nobody}/v1/realtime?model=simulated): ")
    assert said[3].endswith("; is it running, and is the address right?")
