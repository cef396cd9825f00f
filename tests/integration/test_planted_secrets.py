"""No secret in anything the bridge says, and no customer in its log: all are planted, and looked for everywhere."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.part_settings import admin_settings
from bridge.service import Service
from bridge.settings import Settings, load
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from tests.integration.planted_world import ACCOUNT, GUESSED, KINDS, PLANTED, PlantedWorld, all_secrets

pytestmark = pytest.mark.pjsua2

#: The customers of the calls: numbers and names that are nowhere else.
NUMBER, FIRST, LAST = "21397{:05d}", "Zebediah", "Quuxworth"
ADMIN, ENGINE = PLANTED["BRIDGE_ADMIN_TOKEN"], PLANTED["BRIDGE_ENGINE_TOKEN"]
#: Whether they are there or not.
PATHS = (
    *("/", "/live", "/ready", "/metrics", "/v1/status", "/v1/agents", "/v1/agents/8990000001", "/v1/engines"),
    *("/v1/calls", "/v1/reload", f"/v1/calls/{'0' * 20}", f"/v1/calls/{'0' * 20}/story", f"/{GUESSED}"),
)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")


async def call_each_engine(world: PlantedWorld) -> None:
    """One customer for each, all at once; the last two are refused, as their engines are not there."""
    orders = [
        CustomerCall(agent=f"VA{number:04d}", caller=NUMBER.format(number), name=f"{FIRST} {LAST}", digits="42")
        for number in range(1, len(KINDS) + 1)
    ]
    calls = [world.livevox.place_call(order) for order in orders]
    for call in calls:
        await world.livevox.closed(call, 60.0)
    assert sum(bool(world.livevox.ledger.dispositions(call)) for call in calls) == len(KINDS) - 2


async def ask_everything(world: PlantedWorld) -> None:
    """With the right tokens and with wrong ones."""
    for path in PATHS:
        for token in ("", GUESSED, ENGINE, ADMIN):
            await world.ask("GET", path, token=token)
    assert await world.ask("GET", f"/v1/calls/{'0' * 20}", token=GUESSED) == 401
    assert await world.ask("GET", f"/v1/calls/{'0' * 20}", token=ENGINE) == 404
    twilio = f"/2010-04-01/Accounts/{ACCOUNT}/Calls/CA{'0' * 32}.json"
    assert await world.ask("GET", twilio, basic=(ACCOUNT, PLANTED["TWILIO_AUTH_TOKEN"])) == 404
    assert await world.ask("GET", twilio, basic=(ACCOUNT, GUESSED)) == 401


async def disturb_livevox(world: PlantedWorld) -> None:
    """Answers of every bad kind, and sessions that are lost."""
    for fault in (
        *(Fault.STATUS, Fault.HTML, Fault.DROP_BEFORE, Fault.TRUNCATED, Fault.WRONG_TYPES),
        # Last: a log-in that is answered with one of the others waits longer than this test, as it should.
        *(Fault.BODY_401, Fault.EXPIRE),
    ):
        world.livevox.fail("any", fault)
    world.note_sessions()
    await world.livevox.until(lambda: not world.livevox.platform.injections.pending, 60.0)
    await world.livevox.until(lambda: len(world.livevox.platform.sessions.ids) == len(KINDS), 60.0)


async def ask_commands(world: PlantedWorld, folder: Path) -> None:
    bad = folder / "bad.toml"
    text = world.bridge.config.read_text()
    bad.write_text(text.replace("headers = {", "header = {").replace("client_name", "clientname"))
    codes = await asyncio.gather(
        world.command("check"),
        world.command("explain", "8990000002"),
        world.command("check", config=bad),
    )
    assert list(codes) == [0, 0, 1]


def found(secrets: Mapping[str, bytes], said: Mapping[str, bytes]) -> list[str]:
    """Where which of them stands."""
    return [f"{name} in {where}" for where, text in said.items() for name, secret in secrets.items() if secret in text]


@pytest.mark.usefixtures("planted")
async def test_a_bridge_that_is_in_trouble_says_no_secret_and_logs_no_customer(tmp_path: Path) -> None:
    async with PlantedWorld(tmp_path) as world:
        await world.start()
        await call_each_engine(world)
        world.note_sessions()
        await ask_everything(world)
        await asyncio.gather(disturb_livevox(world), ask_commands(world, tmp_path))
        settings = load(world.bridge.config, PLANTED)
        await world.end()
    for bot in world.bots.values():
        assert [record.faults for record in bot.calls] == [[]], "each engine was shown its secret, and took it"
    assert len(world.sessions) > len(KINDS)
    world.said["repr"] = reprs(settings).encode()
    secrets = {**all_secrets(), **{f"session {id[:4]}": id.encode() for id in world.sessions}}
    assert found(secrets, world.said) == []
    customers = {name: name.encode() for name in (FIRST, LAST)}
    customers |= {number: number.encode() for number in (NUMBER.format(each) for each in range(1, len(KINDS) + 1))}
    assert found(customers, {"log": world.said["log"]}) == []
    seen_there = ("api_request", "call_ended", "agent_alarm", '"2139****0', "session lost")
    assert [each for each in seen_there if each not in world.said["log"].decode()] == []


def reprs(settings: Settings) -> str:
    """How the settings, and what is made of them, look in an error."""
    return repr([settings, vars(settings), admin_settings(settings), Service(settings)])
