"""Twilio's Calls/SID.json over real HTTP, with one call behind it."""

from dataclasses import replace

import pytest

from bridge.verdicts import Complete, Transfer
from tests.integration.admin_world import ACCOUNT, AUTH_TOKEN, OTHER_ACCOUNT, AdminWorld

SID = "CA" + "0" * 12 + "0123456789abcdef0123"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{SID}.json"


async def test_a_call_is_fetched_as_twilios_resource() -> None:
    async with AdminWorld() as world:
        status, body = await world.twilio(None)
        assert status == 200
        assert (body["sid"], body["account_sid"], body["status"]) == (SID, ACCOUNT, "in-progress")
        assert body["uri"] == PATH


@pytest.mark.parametrize("form", [{"Status": "completed"}, {"Twiml": "<Response><Hangup/></Response>"}])
async def test_a_bot_hangs_up(form: dict[str, str]) -> None:
    async with AdminWorld() as world:
        status, body = await world.twilio(form)
        assert (status, body["sid"], body["status"]) == (200, SID, "completed")
        assert world.call.orders == [Complete()]


@pytest.mark.parametrize(
    "verb",
    [
        "<Dial>collections</Dial>",
        "<Dial>+1 (555) 123-0000</Dial>",
        "<Dial><Number>nobody</Number><Number>+15551230000</Number></Dial>",
        "<Say>One moment.</Say><Dial><Client>collections</Client></Dial>",
    ],
)
async def test_a_dial_hands_the_customer_over(verb: str) -> None:
    async with AdminWorld() as world:
        status, body = await world.twilio({"Twiml": f"<Response>{verb}</Response>"})
        assert (status, body["status"]) == (200, "in-progress")
        assert world.call.orders in ([Transfer("collections")], [Transfer("+15551230000")])


async def test_verbs_left_out_are_noted_in_the_calls_timeline() -> None:
    async with AdminWorld() as world:
        await world.twilio({"Twiml": "<Response><Say>Bye</Say><Pause/><Hangup/></Response>"})
        assert world.call.notes == [("twiml_ignored", {"verbs": "Say, Pause"})]


async def test_play_with_digits_presses_keys_and_the_call_goes_on() -> None:
    async with AdminWorld() as world:
        status, body = await world.twilio({"Twiml": '<Response><Play digits="w12#"/></Response>'})
        assert (status, body["status"]) == (200, "in-progress")
        assert (world.call.pressed, world.call.orders) == (["12#"], [])


async def test_keys_while_a_transfer_runs_are_refused() -> None:
    async with AdminWorld() as world:
        world.call.seen = replace(world.call.seen, state="transferring")
        status, body = await world.twilio({"Twiml": '<Response><Play digits="1"/></Response>'})
        assert (status, body["code"]) == (400, 21220)


async def test_a_number_that_is_no_target_is_refused() -> None:
    async with AdminWorld() as world:
        status, body = await world.twilio({"Twiml": "<Response><Dial>+15559999999</Dial></Response>"})
        assert status == 400
        assert body == {
            "code": 13224,
            "message": "Dial: no target of the bridge has this name or number",
            "more_info": "https://www.twilio.com/docs/errors/13224",
            "status": 400,
        }
        assert world.call.orders == []


async def test_a_call_that_is_over_is_not_found() -> None:
    async with AdminWorld() as world:
        await world.twilio({"Status": "completed"})
        for form in ({"Status": "completed"}, {"Twiml": "<Response><Dial>collections</Dial></Response>"}):
            status, body = await world.twilio(form)
            assert status == 404
            assert body == {
                "code": 20404,
                "message": f"The requested resource {PATH} was not found",
                "more_info": "https://www.twilio.com/docs/errors/20404",
                "status": 404,
            }


@pytest.mark.parametrize("sid", ["CA" + "0" * 32, "CA123", "MZ" + "0" * 32, "%00"])
async def test_a_call_that_never_was_is_not_found(sid: str) -> None:
    async with AdminWorld() as world:
        for form in (None, {"Status": "completed"}):
            status, body = await world.twilio(form, sid=sid)
            assert (status, body["code"]) == (404, 20404)


async def test_a_second_transfer_is_refused_while_one_runs() -> None:
    async with AdminWorld() as world:
        await world.twilio({"Twiml": "<Response><Dial>collections</Dial></Response>"})
        status, body = await world.twilio({"Twiml": "<Response><Dial>collections</Dial></Response>"})
        assert (status, body["code"]) == (400, 21220)


@pytest.mark.parametrize(
    ("account", "user", "password"),
    [
        (ACCOUNT, ACCOUNT, "wrong"),
        (ACCOUNT, ACCOUNT, ""),
        (ACCOUNT, OTHER_ACCOUNT, "another"),
        (OTHER_ACCOUNT, ACCOUNT, AUTH_TOKEN),
        ("AC" + "3" * 32, "AC" + "3" * 32, ""),
    ],
)
async def test_bad_credentials_are_refused_as_by_twilio(account: str, user: str, password: str) -> None:
    async with AdminWorld() as world:
        for form in (None, {"Status": "completed"}):
            status, body = await world.twilio(form, account=account, user=user, password=password)
            assert (status, body["code"], body["message"]) == (401, 20003, "Authenticate")
            assert world.headers["WWW-Authenticate"] == 'Basic realm="Twilio API"'
        assert world.call.orders == []


async def test_an_account_does_not_see_the_calls_of_another_accounts_engine() -> None:
    async with AdminWorld() as world:
        status, body = await world.twilio(
            {"Status": "completed"}, account=OTHER_ACCOUNT, user=OTHER_ACCOUNT, password="another"
        )
        assert (status, body["code"]) == (404, 20404)
        assert world.call.orders == []


async def test_a_bearer_token_is_no_key_to_twilios_part() -> None:
    async with AdminWorld() as world:
        assert (await world.ask("GET", PATH))[0] == 401


async def test_errors_of_http_have_twilios_shape_there() -> None:
    async with AdminWorld() as world:
        assert (await world.ask("DELETE", PATH))[1]["code"] == 20004
        assert (await world.ask("GET", "/2010-04-01/Accounts.json"))[1]["code"] == 20404
        assert (await world.ask("POST", PATH, data=b"x" * 70_000))[1]["code"] == 20413


async def test_an_entity_bomb_is_refused_at_once() -> None:
    rows = "".join(f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 10))
    bomb = f'<!DOCTYPE r [<!ENTITY e0 "ha">{rows}]><Response><Dial>&e9;</Dial></Response>'
    async with AdminWorld() as world:
        status, body = await world.twilio({"Twiml": bomb})
        assert (status, body["code"]) == (400, 12100)
