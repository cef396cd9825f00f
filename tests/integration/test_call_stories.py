"""The stories of real calls: what went over the wire is in them, and what must not be is not."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge import cli
from bridge.simulator.customer_call import CustomerCall
from tests.integration.bridge_world import TOKEN, BridgeWorld

pytestmark = pytest.mark.pjsua2


async def asked(world: BridgeWorld, path: str) -> Any:
    await world.service.journal.on_disk("")
    async with ClientSession(world.admin_url, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        async with http.get(path) as response:
            assert response.status == 200
            return await response.json()


def titles(story: Any, kind: str, lane: str) -> list[str]:
    """What went over the wire between the bridge and one party."""
    return [each["title"] for each in story["timeline"] if each["kind"] == kind and lane in (each["from"], each["to"])]


async def test_a_call_is_told_with_every_message_of_both_legs_and_of_rest(capsys: pytest.CaptureFixture[str]) -> None:
    async with BridgeWorld(["finish:completed"]) as world:
        call = await world.call()
        (found,) = (await asked(world, "/v1/calls?limit=5"))["calls"]
        story = await asked(world, f"/v1/calls/{found['call']}/story")
        customer, engine = titles(story, "sip", "LiveVox SIP"), titles(story, "sip", "speech engine")
        assert customer[:2] == ["INVITE", "100 Trying (INVITE)"]
        assert customer[-2:] == ["BYE", "200 OK (BYE)"]
        assert engine[0] == "INVITE" and "BYE" in engine and "200 OK (INVITE)" in engine
        rest = titles(story, "rest", "LiveVox REST")
        assert rest[0] == "GET agent/screenpop" and "PUT agent/call/termCode" in rest
        assert story["headline"] == "Nothing went wrong on this call."
        assert {"answer", "acknowledged", "first_audio", "ready_again"} <= {each["name"] for each in story["latencies"]}
        told = json.dumps(story)
        agent = world.service.agents.find("8990000001")
        assert agent is not None and agent.session_id and agent.session_id not in told
        customer_of = world.livevox.platform.call(call)
        assert customer_of.caller_number in told
        assert "Virtual Agent" in str(world.bot_call().screen_pop)
        assert "Call Skill Name" in told and "Virtual Agent" not in told
        journal = Path(world.service.settings.journal.path)
        page = journal.with_name("story.html")
        command = ["story", found["call"], "--journal", str(journal)]
        assert await asyncio.to_thread(cli.main, [*command, "--html", str(page)]) == 0
        assert "Nothing went wrong on this call." in page.read_text()
        assert customer_of.caller_number not in page.read_text()
        assert await asyncio.to_thread(cli.main, [*command, "--whole"]) == 0
        text = capsys.readouterr().out
        assert "LiveVox -> bridge: INVITE" in text and customer_of.caller_number in text


async def test_a_call_that_goes_on_has_a_story_already() -> None:
    async with BridgeWorld(["wait"]) as world:
        call = world.place(CustomerCall(agent="8990000001", hang_up_after_s=1.0))
        await world.seen("acknowledged")
        (live,) = world.service.controller.calls
        story = await asked(world, f"/v1/calls/{live.facts.call}/story")
        assert story["over"] is False and "INVITE" in titles(story, "sip", "LiveVox SIP")
        await world.over(call)
        story = await asked(world, f"/v1/calls/{live.facts.call}/story")
        assert story["over"] is True and story["fate"] == "customer_hung_up"


async def test_a_call_in_trouble_is_found_by_it_and_says_why() -> None:
    async with BridgeWorld(["busy"]) as world:
        await world.call()
        (found,) = (await asked(world, "/v1/calls?trouble=refused"))["calls"]
        story = await asked(world, f"/v1/calls/{found['call']}/story")
        assert story["headline"] == (
            "The customer was not answered: no speech engine could be had, and LiveVox got 503."
        )
        assert "bot" in story["trouble"][0]["look_at"]


async def test_where_the_settings_do_not_want_messages_none_are_kept() -> None:
    async with BridgeWorld(["finish"], more="[journal]\nmessages = false") as world:
        await world.call()
        (found,) = (await asked(world, "/v1/calls?limit=5"))["calls"]
        story = await asked(world, f"/v1/calls/{found['call']}/story")
        assert {each["kind"] for each in story["timeline"]} == {"event"}
        assert any(each["name"] == "rest_step" for each in story["timeline"])
