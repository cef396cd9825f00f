"""What bots write of customers: the contact record and the call's context, in LiveVox, beside the disposition."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.deepgram_bot import DeepgramBot
from bridge.simulator.faults import Faults
from bridge.simulator.injections import Fault
from bridge.simulator.openai_server import OpenAIServer
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings
from bridge.simulator.telephony import HeaderStyle
from bridge.simulator.twilio_bot import TwilioBot
from bridge.simulator.url_bot import UrlBot
from tests.integration.bridge_world import TOKEN, BridgeWorld, Engine

pytestmark = pytest.mark.pjsua2

MARIA = CustomerCall(agent="8990000001", account="100200300")
SAID = {"email": "maria@example.com", "city": "Pasadena", "promised": "Friday"}
KEPT = {"promise": "12.50"}
FIELDS = """
[contact]
context_keys = ["promise"]
{lines}
[contact.fields]
email = "person.email"
city = "city"
promised = "COL10"
owed = "balance"
"""


def settings(lines: str = "") -> str:
    return FIELDS.format(lines=lines)


def of_maria(world: BridgeWorld) -> dict[str, Any]:
    details = world.livevox.platform.contacts.read("100200300")["readContactDetails"]
    (custom,) = details["customFields"]
    return {"email": details["person"].get("email"), "city": details["city"], "promised": custom["value"]}


BEFORE = {"email": None, "city": "Los Angeles", "promised": ""}


def context_of(world: BridgeWorld, call_id: str) -> dict[str, str]:
    return world.livevox.platform.call(call_id).context


def kept(world: BridgeWorld) -> bytes:
    """The journal, what is not in its main file yet included."""
    path = Path(world.service.settings.journal.path)
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


async def put(world: BridgeWorld, call: str, said: object) -> tuple[int, Any]:
    async with ClientSession(world.admin_url) as client:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with client.put(f"/v1/calls/{call}/contact", json=said, headers=headers) as response:
            return response.status, await response.json()


async def talking(world: BridgeWorld) -> str:
    return (await world.seen("screen_pop")).call


async def end(world: BridgeWorld, call: str, call_id: str, **said: object) -> int:
    async with ClientSession(world.admin_url) as client:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with client.post(f"/v1/calls/{call}/complete", json=said, headers=headers) as response:
            status = response.status
    if status == 202:
        await world.over(call_id)
    return status


def sip_bot(script: str, said: dict[str, str]) -> BotSettings:
    return BotSettings(script=ScriptLine.parse(script), speak_s=0.2, after_s=0.1, contact=said, context=KEPT)


@pytest.mark.parametrize("style", [HeaderStyle.LV, HeaderStyle.NONE])
async def test_a_sip_bot_says_it_by_info(style: HeaderStyle) -> None:
    async with BridgeWorld(bot=sip_bot("finish-info:completed", SAID), more=settings()) as world:
        call_id = await world.call(CustomerCall(agent="8990000001", account="100200300", header_style=style))
        assert of_maria(world) == SAID
        assert context_of(world, call_id) == KEPT
        assert world.dispositions(call_id) == ["Completed"]
        written = next(entry for entry in world.entries if entry.what == "contact_written")
        assert written.facts["fields"] == "email, city, promised"
        told = repr([entry.facts for entry in world.entries])
        assert "maria@example.com" not in told and "12.50" not in told
        await world.until(lambda: b"updateContactDetails" in kept(world))
        assert b"maria@example.com" not in kept(world)


def url_bot(kind: str) -> Engine:
    chosen = StreamBotSettings(
        script=BotScriptLine.parse("finish:completed"), speak_s=0.2, after_s=0.1, contact=SAID, context=KEPT
    )
    bots: dict[str, Callable[[StreamBotSettings], UrlBot[Any]]] = {
        "twilio": TwilioBot,
        "openai": OpenAIServer,
        "deepgram": DeepgramBot,
    }
    return Engine(kind, bots[kind](chosen))


@pytest.mark.parametrize("kind", ["twilio", "openai", "deepgram"])
async def test_a_bot_on_a_web_socket_says_it_with_its_outcome(kind: str) -> None:
    async with BridgeWorld(others={"media": url_bot(kind)}, more=settings()) as world:
        call_id = await world.call(MARIA)
        assert of_maria(world) == SAID
        assert context_of(world, call_id) == KEPT
        assert world.dispositions(call_id) == ["Completed"]


async def test_a_bot_writes_the_contact_during_the_call_and_learns_whether_it_is_written() -> None:
    async with BridgeWorld(["wait"], more=settings()) as world:
        call_id = world.place(MARIA)
        call = await talking(world)
        assert await put(world, call, SAID) == (200, {"call": call, "written": ["email", "city", "promised"]})
        assert of_maria(world) == SAID
        for said, status, code, words in (
            ({"ssn": "078051120"}, 422, "unknown_contact_field", "contact.ssn"),
            ({"owed": "much"}, 422, "invalid_contact_value", "contact.owed"),
            ({"email": ["a"]}, 400, "invalid_body", "contact.email"),
            ({}, 400, "invalid_body", "names no field"),
        ):
            answered, body = await put(world, call, said)
            assert (answered, body["error"]["code"]) == (status, code)
            assert words in body["error"]["message"]
        assert await end(world, call, call_id, contact={"ssn": "078051120"}) == 422
        assert await end(world, call, call_id, contact={"city": "Oxnard"}, context=KEPT, outcome="completed") == 202
        assert of_maria(world)["city"] == "Oxnard"
        assert (await put(world, call, SAID))[0] == 404


async def test_a_customer_without_an_account_has_no_contact_to_write() -> None:
    async with BridgeWorld(["wait"], more=settings()) as world:
        call_id = world.place(CustomerCall(agent="8990000001"))
        call = (await world.seen("acknowledged")).call
        status, body = await put(world, call, SAID)
        assert (status, body["error"]["code"]) == (409, "no_account")
        assert await end(world, call, call_id) == 202


async def test_an_account_without_a_contact_is_said_to_be_none() -> None:
    async with BridgeWorld(["wait"], more=settings()) as world:
        call_id = world.place(CustomerCall(agent="8990000001", account="999"))
        call = (await world.seen("acknowledged")).call
        status, body = await put(world, call, SAID)
        assert (status, body["error"]["code"]) == (409, "no_contact")
        assert await end(world, call, call_id) == 202


@pytest.mark.parametrize("fault", [Fault.STATUS, Fault.DROP_AFTER, Fault.BODY_401])
async def test_an_update_that_fails_once_is_tried_again(fault: Fault) -> None:
    async with BridgeWorld(["wait"], more=settings()) as world:
        call_id = world.place(MARIA)
        call = await talking(world)
        world.livevox.fail("contact_update", fault)
        assert (await put(world, call, SAID))[0] == 200
        assert of_maria(world) == SAID
        assert await end(world, call, call_id) == 202


async def test_a_contact_that_cannot_be_written_costs_no_disposition_and_is_told_in_the_story() -> None:
    async with BridgeWorld(bot=sip_bot("finish-info:completed", SAID), more=settings()) as world:
        world.livevox.fail("contact_update", Fault.STATUS, count=None)
        call_id = await world.call(MARIA)
        assert world.dispositions(call_id) == ["Completed"]
        assert of_maria(world) == BEFORE
        assert context_of(world, call_id) == KEPT
        closed = next(entry for entry in world.entries if entry.what == "closed")
        assert "record_not_written" in str(closed.facts["trouble"]).split(",")


async def test_a_term_code_does_not_wait_for_a_contact_that_hangs() -> None:
    async with BridgeWorld(bot=sip_bot("finish-info:completed", SAID), more=settings()) as world:
        world.livevox.fail("contact_update", Fault.SLOW, count=None, delay_s=3.0)
        call_id = await world.call(MARIA)
        whats = world.whats()
        assert whats.index("disposition") < whats.index("contact_written") < whats.index("closed")
        assert of_maria(world) == SAID
        assert world.dispositions(call_id) == ["Completed"]


async def test_what_a_bot_may_not_write_is_left_out_and_the_rest_is_written() -> None:
    said = {**SAID, "ssn": "078051120", "owed": "nothing"}
    async with BridgeWorld(bot=sip_bot("finish-info:completed", said), more=settings()) as world:
        call_id = await world.call(MARIA)
        assert of_maria(world) == SAID
        assert world.dispositions(call_id) == ["Completed"]
        reasons = [entry.facts["reason"] for entry in world.entries if entry.what == "customer_value_refused"]
        assert reasons == ['"contact.ssn" is not in [contact.fields]', '"contact.owed" must be a decimal number']


async def test_where_agents_may_not_write_contacts_the_user_of_the_settings_does() -> None:
    user = settings('user_name = "api_user"')
    async with BridgeWorld(["wait"], more=user, faults=Faults(contact_role_403=True)) as world:
        call_id = world.place(MARIA)
        call = await talking(world)
        for city in ("Pasadena", "Oxnard"):
            assert (await put(world, call, {"city": city}))[0] == 200
            assert of_maria(world)["city"] == city
        logins = [entry for entry in world.livevox.ledger.entries if entry.name == "login"]
        assert len(logins) == 2
        assert await end(world, call, call_id) == 202


async def test_without_such_a_user_the_refusal_is_told() -> None:
    async with BridgeWorld(["wait"], more=settings(), faults=Faults(contact_role_403=True)) as world:
        call_id = world.place(MARIA)
        call = await talking(world)
        status, body = await put(world, call, SAID)
        assert (status, body["error"]["code"]) == (502, "livevox_refused")
        assert of_maria(world) == BEFORE
        assert await end(world, call, call_id) == 202
