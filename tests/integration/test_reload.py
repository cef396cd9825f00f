"""Other settings while calls are going on: calls keep what they began with, the next ones have the new."""

import asyncio

import pytest

from bridge.agents.messages import AgentPhase
from bridge.errors import ReloadRefused
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.session_events import Refused
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings
from bridge.simulator.twilio_bot import TwilioBot
from bridge.verdicts import Complete
from tests.integration.bridge_world import Engine
from tests.integration.reload_world import FIRST, SECOND, SORRY, THIRD, ReloadWorld, agent_table
from tests.integration.scrape import scrape

pytestmark = pytest.mark.pjsua2


async def test_an_agent_that_is_removed_leaves_when_its_call_is_over_and_nobody_else_is_touched() -> None:
    async with ReloadWorld() as world:
        call, live = await world.talking(FIRST)
        others = world.requests("VA0002")
        assert await world.reload((agent_table(1), "")) == ["agent 8990000001: gone: leaves after its call"]
        assert world.service.reloader.standing.generation == 2
        assert live.call.state.name == "TALKING" and world.state(FIRST) is AgentPhase.ON_CALL
        live.order(Complete("sorry"))
        await world.over(call)
        await world.until(lambda: world.state(FIRST) is None)
        assert world.dispositions(call) == ["Wrong Party"]
        assert world.requests("VA0001")[-2:] == ["leave_service", "logout"]
        assert world.requests("VA0002") == others
        assert [agent.number for agent in world.service.agents.snapshot()] == [SECOND]


async def test_a_new_agent_logs_in_and_takes_calls() -> None:
    async with ReloadWorld(scripts=["finish:sorry"]) as world:
        text = world.config.read_text()
        await world.reload((agent_table(2), ""))
        await world.until(lambda: world.state(SECOND) is None)
        first = world.requests("VA0001")
        world.config.write_text(text)
        await world.reload()
        await world.ready(SECOND)
        assert world.requests("VA0001") == first
        call = await world.call(CustomerCall(agent=SECOND))
        assert world.dispositions(call) == ["Wrong Party"]


async def test_a_call_keeps_the_outcomes_engines_and_targets_it_began_with_and_the_next_one_has_the_new() -> None:
    async with ReloadWorld(agents=1) as world:
        call, live = await world.talking()
        words = await world.reload(
            (SORRY, '[outcomes.kept]\nterm_code = "Customer Hung Up"\n'),
            ("[targets.desk]", "[targets.counter]"),
            ('uri = "sip:bot@', 'uri = "sip:other@'),
        )
        assert [word.partition(":")[0] for word in words] == [
            "engines.bot.uri",
            "outcomes.sorry",
            "targets.desk",
            "outcomes.kept",
            "targets.counter",
        ]
        live.order(Complete("sorry"))
        await world.over(call)
        assert world.dispositions(call) == ["Wrong Party"]
        call, live = await world.talking()
        assert world.bot_call(1).called.startswith("sip:other@")
        live.order(Complete("kept"))
        await world.over(call)
        assert world.dispositions(call) == ["Customer Hung Up"]


async def test_a_call_keeps_its_engine_by_websocket_and_the_next_one_has_the_new() -> None:
    chosen = StreamBotSettings(script=BotScriptLine.parse("wait"), secret="simulated", speak_s=0.2)
    old, new = TwilioBot(chosen), TwilioBot(chosen)
    async with new, ReloadWorld(others={"media": Engine("twilio", old)}) as world:
        first, one = await world.talking(FIRST)
        assert await world.reload((old.url, new.url)) == [
            f'engines.media.url: "{server(old.url)}" → "{server(new.url)}"'
        ]
        second, other = await world.talking(SECOND)
        assert (len(old.calls), len(new.calls)) == (1, 1)
        assert [live.call.state.name for live in (one, other)] == ["TALKING", "TALKING"]
        for call, live in ((first, one), (second, other)):
            live.order(Complete("sorry"))
            await world.livevox.closed(call, 15.0)
        await world.until(lambda: not world.service.controller.calls)
        assert world.dispositions(first) == world.dispositions(second) == ["Wrong Party"]


def server(url: str) -> str:
    return url.rpartition("/")[0]


async def test_an_agent_moves_to_another_service_when_its_call_is_over() -> None:
    async with ReloadWorld() as world:
        call, live = await world.talking(FIRST)
        await world.reload((agent_table(1), agent_table(1, 'service_id = "46015"\n')))
        live.order(Complete("sorry"))
        await world.over(call)
        assert world.dispositions(call) == ["Wrong Party"]
        await world.ready(FIRST)
        agent = world.service.agents.find(FIRST)
        assert agent is not None and agent.service_id == "46015"
        names = world.requests("VA0001")
        assert names.index("logout") < len(names) - 1 - names[::-1].index("login")


async def test_two_agents_that_swap_their_logins_never_have_one_login_twice() -> None:
    async with ReloadWorld() as world:
        await world.reload(
            ('number = "8990000001"\nuser_name = "VA0001"', 'number = "8990000001"\nuser_name = "VA0009"'),
            ('number = "8990000002"\nuser_name = "VA0002"', 'number = "8990000002"\nuser_name = "VA0001"'),
            ('user_name = "VA0009"', 'user_name = "VA0002"'),
        )
        await world.ready(FIRST)
        await world.ready(SECOND)
        views = {agent.number: agent.user_name for agent in world.service.agents.snapshot()}
        assert views == {FIRST: "VA0002", SECOND: "VA0001"}
        for login in ("VA0001", "VA0002"):
            names = [name for name in world.requests(login) if name in ("login", "logout")]
            assert names == ["login", "logout", "login"]


async def test_a_paused_agent_that_moves_stays_paused() -> None:
    async with ReloadWorld() as world:
        world.service.agents.pause(FIRST)
        await world.until(lambda: world.state(FIRST) is AgentPhase.PAUSED)
        await world.reload((agent_table(1), agent_table(1, 'service_id = "46015"\n')))
        await world.until(lambda: (agent := world.service.agents.find(FIRST)) and agent.service_id == "46015")
        assert world.state(FIRST) is AgentPhase.PAUSED
        world.service.agents.resume(FIRST)
        await world.ready(FIRST)


async def test_an_agent_that_is_wanted_again_before_it_has_left_stays() -> None:
    async with ReloadWorld() as world:
        call, live = await world.talking(FIRST)
        text = world.config.read_text()
        await world.reload((agent_table(1), ""))
        world.config.write_text(text)
        await world.reload()
        live.order(Complete("sorry"))
        await world.over(call)
        await world.ready(FIRST)
        assert "logout" not in world.requests("VA0001")


async def test_bad_settings_change_nothing_and_every_problem_is_named() -> None:
    async with ReloadWorld() as world:
        before, requests = world.service.settings, len(world.livevox.ledger.requests())
        world.write(("[targets.desk]", "[target.desk]"), ('"Customer Hung Up"', "7"), (agent_table(2), ""))
        status, body = await world.ask("POST")
        error = body["error"]
        assert status == 422 and isinstance(error, dict) and error["code"] == "invalid_settings"
        assert len(error["problems"]) == 2 and "term_code" in " ".join(error["problems"])
        assert world.service.settings is before and len(world.livevox.ledger.requests()) == requests
        assert world.service.reloader.standing.generation == 1


async def test_a_reload_that_was_refused_is_seen_until_a_good_one() -> None:
    async with ReloadWorld() as world:
        text = world.config.read_text()
        world.write(('"Customer Hung Up"', "7"))
        assert (await world.ask("POST"))[0] == 422
        seen, (_, ready) = await scrape(world.admin_url), await world.ask("GET", "/ready")
        assert (seen.value("settings_reloads_total", result="refused"), seen.value("settings_generation")) == (1, 1)
        assert seen.value("settings_last_reload_successful") == 0
        (warning,) = ready["warnings"]
        assert warning["code"] == "settings_not_reloaded" and "(1 problem)" in warning["message"]
        assert "term_code" not in warning["message"], "what stands in the file is not for everybody"
        assert (await world.ask("GET", "/v1/status"))[1]["settings"]["reload_missed"] is True
        world.config.write_text(text)
        await world.reload((agent_table(2), ""))
        seen, (_, ready) = await scrape(world.admin_url), await world.ask("GET", "/ready")
        assert ready["warnings"] == [] and seen.value("settings_last_reload_successful") == 1
        assert (seen.value("settings_reloads_total", result="changed"), seen.value("settings_generation")) == (1, 2)


async def test_what_needs_a_restart_refuses_the_whole_reload_by_name() -> None:
    async with ReloadWorld() as world:
        world.write((f'listen = "127.0.0.1:{world.sip_port}"', 'listen = "127.0.0.1:1"'), (agent_table(2), ""))
        with pytest.raises(ReloadRefused) as raised:
            await world.service.reloader.reload("test")
        assert raised.value.code == "restart_needed"
        old = f'"127.0.0.1:{world.sip_port}"'
        assert raised.value.problems == (f'sip.listen: {old} → "127.0.0.1:1": needs a restart',)
        assert world.state(SECOND) is AgentPhase.READY


async def test_a_bridge_that_stops_does_not_reload() -> None:
    async with ReloadWorld() as world:
        call, live = await world.talking(FIRST)
        world.service.draining.ask("test")
        world.write((agent_table(2), ""))
        assert (await world.ask("POST"))[0] == 409
        live.order(Complete("sorry"))
        await world.over(call)


async def test_the_api_shows_what_a_reload_would_do_and_does_it() -> None:
    async with ReloadWorld() as world:
        world.write((agent_table(2), ""), ("[outcomes.completed]", "[outcomes.complete]"))
        status, shown = await world.ask("GET")
        assert status == 200 and shown["generation"] == 1 and shown["needs_restart"] is False
        assert world.state(SECOND) is AgentPhase.READY
        status, done = await world.ask("POST")
        assert (status, done["changes"], done["generation"]) == (200, shown["changes"], 2)
        assert (await world.ask("GET"))[1]["changes"] == []
        await world.until(lambda: world.state(SECOND) is None)


async def test_reloads_at_once_are_done_one_after_the_other() -> None:
    async with ReloadWorld() as world:
        world.write((agent_table(2), ""))
        reload = world.service.reloader.reload
        done = await asyncio.gather(*(reload(str(number)) for number in range(5)))
        assert sorted(map(len, done)) == [0, 0, 0, 0, 1]


async def test_other_limits_hold_for_calls_that_come_then() -> None:
    async with ReloadWorld(agents=3) as world:
        call, live = await world.talking(FIRST)
        await world.reload(("spare_calls = 2\n", "spare_calls = 1\nmax_calls = 1\n"))
        refused = world.place(CustomerCall(agent=SECOND))
        await world.until(lambda: refused in world.caller.calls and world.heard(refused).ended is not None)
        end = world.heard(refused).ended
        assert isinstance(end, Refused) and end.status == 503
        await world.reload(("max_calls = 1\n", 'max_calls = 2\nallow = ["192.0.2.0/24"]\nretry_after_s = 7\n'))
        refused = world.place(CustomerCall(agent=THIRD))
        await world.until(lambda: refused in world.caller.calls and world.heard(refused).ended is not None)
        end = world.heard(refused).ended
        assert isinstance(end, Refused) and end.status == 403
        live.order(Complete("sorry"))
        await world.until(lambda: not world.service.controller.calls)
