"""Live calls that are ordered about over HTTP: what the customer's side, the bot and LiveVox got."""

from base64 import b64encode
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge.dialects.twilio import call_sid
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings
from bridge.simulator.twilio_bot import TwilioBot
from tests.integration.bridge_world import TOKEN, BridgeWorld, Engine

pytestmark = pytest.mark.pjsua2

ACCOUNT = "AC" + "0" * 32


async def ask(world: BridgeWorld, method: str, path: str, json: object = None) -> tuple[int, Any]:
    """One request with the engines' token."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with ClientSession(world.admin_url) as client:
        async with client.request(method, path, json=json, headers=headers) as response:
            return response.status, await response.json()


async def update(world: BridgeWorld, call: str, **form: str) -> tuple[int, Any]:
    """What a bot written for Twilio does."""
    headers = {"Authorization": "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()}
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{call_sid(call)}.json"
    async with ClientSession(world.admin_url) as client:
        async with client.post(path, data=form, headers=headers) as response:
            return response.status, await response.json()


async def talking(world: BridgeWorld) -> str:
    """The bridge's id of the call, once the bot has its screen pop."""
    return (await world.seen("screen_pop")).call


async def test_a_call_is_completed_by_api_with_its_outcome_and_notes() -> None:
    async with BridgeWorld(["wait"]) as world:
        call_id = world.place()
        call = await talking(world)
        status, facts = await ask(world, "GET", f"/v1/calls/{call}")
        assert (status, facts["agent_number"], facts["state"], facts["engine"]) == (200, "8990000001", "talking", "bot")
        assert facts["screen_pop"]["fields"] and facts["transaction_id"]
        said = {"outcome": "promised", "notes": "pays on Friday", "payment_amount": 12.5}
        assert await ask(world, "POST", f"/v1/calls/{call}/complete", said) == (202, {"call": call, "accepted": True})
        await world.over(call_id)
        assert world.dispositions(call_id) == ["Payment Promised"]
        (disposition,) = world.livevox.ledger.dispositions(call_id)
        assert "pays on Friday" in repr(disposition)
        assert (await ask(world, "GET", f"/v1/calls/{call}"))[0] == 404


async def test_a_call_is_handed_to_a_human_by_api() -> None:
    async with BridgeWorld(["wait"]) as world:
        call_id = world.place()
        call = await talking(world)
        status, body = await ask(world, "POST", f"/v1/calls/{call}/transfer", {"target": "nobody"})
        assert (status, body["error"]["code"]) == (422, "unknown_target")
        assert "collections" in body["error"]["message"]
        assert (await ask(world, "POST", f"/v1/calls/{call}/transfer", {"target": "collections"}))[0] == 202
        await world.over(call_id)
        assert world.dispositions(call_id) == ["Transferred to Agent"]


async def test_a_hang_up_by_api_ends_the_call_as_finished_and_a_second_one_finds_it_over() -> None:
    async with BridgeWorld(["wait"]) as world:
        call_id = world.place()
        call = await talking(world)
        assert (await ask(world, "POST", f"/v1/calls/{call}/hangup"))[0] == 202
        status, body = await ask(world, "POST", f"/v1/calls/{call}/hangup")
        assert (status, body["error"]["code"]) in ((409, "call_over"), (404, "unknown_call"))
        await world.over(call_id)
        assert world.dispositions(call_id) == ["Completed"]


async def test_the_customers_side_gets_keys_by_api() -> None:
    async with BridgeWorld(["wait"]) as world:
        call_id = world.place()
        call = await talking(world)
        assert (await ask(world, "POST", f"/v1/calls/{call}/digits", {"digits": "12#"}))[0] == 202
        await world.until(lambda: world.heard(call_id).heard.digits == "12#")
        await ask(world, "POST", f"/v1/calls/{call}/hangup")
        await world.over(call_id)


def twilio_world() -> BridgeWorld:
    bot = TwilioBot(StreamBotSettings(script=BotScriptLine.parse("wait"), speak_s=0.3))
    return BridgeWorld(others={"media": Engine("twilio", bot)})


async def test_a_twilio_bot_hangs_up_by_twilios_api() -> None:
    async with twilio_world() as world:
        call_id = world.place()
        call = await talking(world)
        status, body = await update(world, call, Status="completed")
        assert (status, body["sid"], body["status"]) == (200, call_sid(call), "completed")
        await world.over(call_id)
        assert world.dispositions(call_id) == ["Completed"]
        status, body = await update(world, call, Status="completed")
        assert (status, body["code"]) == (404, 20404)


async def test_a_twilio_bot_dials_a_number_that_is_a_target() -> None:
    async with twilio_world() as world:
        call_id = world.place()
        call = await talking(world)
        twiml = "<Response><Say>One moment.</Say><Dial>+1 (555) 123-0000</Dial></Response>"
        status, body = await update(world, call, Twiml=twiml)
        assert (status, body["status"]) == (200, "in-progress")
        await world.over(call_id)
        assert world.dispositions(call_id) == ["Transferred to Agent"]


async def test_a_call_of_another_kind_of_engine_is_none_of_twilios() -> None:
    async with BridgeWorld(["wait"], more='[engines.media]\nkind = "twilio"\nurl = "ws://127.0.0.1:1/"') as world:
        call_id = world.place()
        call = await talking(world)
        assert (await update(world, call, Status="completed"))[0] == 404
        await ask(world, "POST", f"/v1/calls/{call}/hangup")
        await world.over(call_id)
