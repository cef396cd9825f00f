"""Whole calls over real sockets: what LiveVox saw, what the customer heard, what the engine was told."""

import pytest

from bridge.agents.messages import AgentPhase
from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.telephony import HeaderStyle
from tests.integration.bridge_world import BridgeWorld

pytestmark = pytest.mark.pjsua2

TAKEN = ["placed", "RESERVED", "answered", "INCALL", "screenpop 200"]


def disposed_of(term_code: str) -> list[str]:
    return ["set_term_code 204", f"disposition {term_code}", "READY", "closed"]


async def test_a_bot_that_finishes_leaves_its_disposition_and_a_ready_agent() -> None:
    finish = ScriptLine.parse("finish:promised")
    bot = BotSettings(script=finish, payment_amount="12.50", speak_s=0.3, after_s=0.1)
    async with BridgeWorld(bot=bot) as world:
        call = await world.call()
        assert world.lifecycle(call) == [
            *TAKEN,
            "bridge_hung_up",
            "WRAPUP",
            "term_codes 200",
            *disposed_of("Payment Promised"),
        ]
        agent = world.service.agents.find("8990000001")
        assert agent is not None and agent.state is AgentPhase.READY


async def test_a_plain_bye_of_the_bot_is_completed() -> None:
    async with BridgeWorld(["bye"]) as world:
        call = await world.call()
        assert world.lifecycle(call) == [
            *TAKEN,
            "bridge_hung_up",
            "WRAPUP",
            "term_codes 200",
            *disposed_of("Completed"),
        ]


async def test_an_outcome_by_info_ends_the_call() -> None:
    async with BridgeWorld(["finish-info:transfer_failed"]) as world:
        call = await world.call()
        assert world.dispositions(call) == ["Transfer Failed"]


@pytest.mark.parametrize("script", ["transfer-refer:collections", "transfer-info:+15551230000"])
async def test_a_transfer_brings_the_customer_to_a_human(script: str) -> None:
    async with BridgeWorld([script]) as world:
        call = await world.call()
        assert world.dispositions(call) == ["Transferred to Agent"]
        seen = world.lifecycle(call)
        assert seen.index("conference_phonebook 204") < seen.index("transfer conferenced")
        assert seen.index("transfer conferenced") < seen.index("conference_leave 204") < seen.index("WRAPUP")


async def test_a_refer_is_followed_by_notifies_up_to_200() -> None:
    async with BridgeWorld(["transfer-refer:collections"]) as world:
        await world.call()
        assert [notify.status for notify in world.bot_call().notifies] == [100, 200]


async def test_a_transfer_to_nobody_we_know_is_refused_and_the_bot_goes_on() -> None:
    async with BridgeWorld(["transfer-refer:nobody"]) as world:
        call = await world.call()
        assert [notify.status for notify in world.bot_call().notifies] == [404]
        assert not any("conference" in step for step in world.lifecycle(call))
        assert world.dispositions(call) == ["Transfer Failed"]  # what the bot then said in its BYE


async def test_a_failed_transfer_returns_to_the_bot() -> None:
    async with BridgeWorld(["transfer-refer:busy"]) as world:
        call = await world.call()
        assert [notify.status for notify in world.bot_call().notifies] == [100, 503]
        assert "back_to_bot" in world.whats()
        assert world.dispositions(call) == ["Transfer Failed"]  # what the bot then said in its BYE


async def test_the_second_contact_is_tried_when_the_first_fails() -> None:
    async with BridgeWorld(["transfer-refer:second"]) as world:
        call = await world.call()
        assert [entry.facts["contact"] for entry in world.entries if entry.what == "transfer_succeeded"] == ["Billing"]
        assert world.dispositions(call) == ["Transferred to Agent"]


async def test_the_customer_hanging_up_reaches_the_engine_as_bye_with_reason() -> None:
    async with BridgeWorld(["wait"]) as world:
        call = await world.call(CustomerCall(agent="8990000001", hang_up_after_s=0.5))
        assert world.dispositions(call) == ["Customer Hung Up"]
        ended = world.bot_call().ended
        assert ended is not None
        assert {header.name: header.value for header in ended.headers}["Reason"] == (
            'SIP;cause=200;text="customer hung up"'
        )


@pytest.mark.parametrize("style", list(HeaderStyle))
async def test_ids_come_from_whatever_headers_livevox_sends_or_from_the_status(style: HeaderStyle) -> None:
    async with BridgeWorld(["finish"]) as world:
        call = await world.call(CustomerCall(agent="8990000001", header_style=style))
        assert world.dispositions(call) == ["Completed"]


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_the_engine_and_the_customer_hear_each_other(codec: str) -> None:
    async with BridgeWorld(["bye"], speak_s=1.0) as world:
        call = await world.call(CustomerCall(agent="8990000001", codec=codec))  # type: ignore[arg-type]
        customer, engine = world.heard(call).heard, world.bot_call().heard
        assert customer.recognised["prompt"] > 40
        assert engine.recognised["customer"] > 40
        assert (customer.lost, engine.lost) == (0, 0)
        assert customer.largest_gap_s < 0.5


async def test_the_engine_is_told_the_facts_and_the_screen_pop() -> None:
    async with BridgeWorld(["wait"]) as world:
        await world.call(CustomerCall(agent="8990000001", hang_up_after_s=0.8))
        said = {header.name: header.value for header in world.bot_call().headers}
        assert said["X-Agent-Number"] == "8990000001"
        assert said["X-Caller"] == "2134634007"
        assert len(said["X-Call-ID"]) == 20 and said["X-Transaction-ID"].isdigit()
        assert world.bot_call().screen_pop


@pytest.mark.parametrize("script", ["busy", "decline:503"])
async def test_without_an_engine_livevox_gets_503_and_the_agent_returns(script: str) -> None:
    async with BridgeWorld([script]) as world:
        call = await world.call()
        assert world.heard(call).statuses[-1][1] == 503
        await world.until(lambda: world.service.agents.find("8990000001").state is AgentPhase.READY, 10.0)  # type: ignore[union-attr]


async def test_an_engine_that_does_not_answer_in_time_is_given_up() -> None:
    async with BridgeWorld(["no-answer"], connect_timeout_s=0.5) as world:
        call = await world.call()
        ms, status = world.heard(call).statuses[-1]
        assert (status, 500 <= ms < 1500) == (503, True)


async def test_a_cancelled_call_cancels_the_engine() -> None:
    async with BridgeWorld(["no-answer"], connect_timeout_s=5.0) as world:
        call = world.place()
        await world.seen("engine_dialled")
        world.livevox.customer_hangs_up(call)
        await world.over(call)
        assert world.heard(call).statuses[-1][1] == 487
        assert world.bot_call().answered_ms is None
