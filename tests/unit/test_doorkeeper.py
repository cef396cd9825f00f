"""Which INVITEs are refused before anything is taken for them."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.calls.outcomes import Outcomes
from bridge.calls.refusals import Refusal
from bridge.calls.states import CallPolicy
from bridge.engines.circuit import CircuitPolicy
from bridge.engines.circuits import Circuits
from bridge.settings import load
from sip.admission import Refused
from sip.messages import Answer, InviteArrived, Leg, LegAnswered, LegEnded, Refuse
from tests.paper_bridge import PaperBridge, paper_settings_text
from tests.virtual_time import run_virtually

ENGINES = ("first", "second")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    path = tmp_path_factory.mktemp("paper") / Path("bridge.toml")
    path.write_text(paper_settings_text(3), encoding="utf-8")
    return Outcomes(load(path, {}))


def circuits() -> Circuits:
    policy = CircuitPolicy(failures=1, open_s=15.0)
    return Circuits(dict.fromkeys(ENGINES, policy), lambda: asyncio.get_running_loop().time())


def test_with_one_circuit_open_calls_go_to_the_other_engine(outcomes: Outcomes) -> None:
    async def life() -> None:
        both = circuits()
        both.begin("first").failed()
        bridge = PaperBridge(outcomes, 1, 1, both, engines=ENGINES)
        live = await bridge.admitted()
        live.sip_event(InviteArrived(live.facts.call))
        assert live.engine.name == "second"
        assert [entry.facts for entry in live.timeline.entries if entry.what == "engine_passed_over"] == [
            {"engine": "first"}
        ]
        await bridge.controller.stop()

    run_virtually(life())


def test_with_all_circuits_open_a_call_is_refused_at_once_until_one_may_try(outcomes: Outcomes) -> None:
    async def life() -> None:
        both = circuits()
        for name in ENGINES:
            both.begin(name).failed()
        bridge = PaperBridge(outcomes, 3, 3, both, engines=ENGINES)
        refused = await bridge.controller.admit(bridge.invite(0))
        assert isinstance(refused, Refused)
        assert (refused.status, refused.retry_after, bridge.media.opening) == (503, 5, {})
        assert refused.why == Refusal.ENGINES_OUT
        assert bridge.agents.started == bridge.agents.closed != []  # LiveVox may have set the agent Not Ready
        await asyncio.sleep(15.1)
        live = await bridge.admitted(0)
        live.sip_event(InviteArrived(live.facts.call))
        assert live.engine.name == "first"  # the probe
        other = await bridge.admitted(1)
        other.sip_event(InviteArrived(other.facts.call))
        assert other.engine.name == "second"  # the probe of the other one
        assert isinstance(await bridge.controller.admit(bridge.invite(2)), Refused)
        live.sip_event(LegAnswered(live.facts.call, Leg.ENGINE))
        third = await bridge.admitted(2)
        third.sip_event(InviteArrived(third.facts.call))
        assert third.engine.name == "first"
        await bridge.controller.stop()

    run_virtually(life())


def test_a_circuit_that_opens_during_admission_refuses_what_is_ringing(outcomes: Outcomes) -> None:
    async def life() -> None:
        both = circuits()
        bridge = PaperBridge(outcomes, 1, 1, both, engines=ENGINES)
        asked = asyncio.create_task(bridge.controller.admit(bridge.invite(0)))
        await asyncio.sleep(0)
        for name in ENGINES:
            both.begin(name).failed()
        live = await bridge.let_in(asked)
        assert bridge.pool.sent == []
        live.sip_event(InviteArrived(live.facts.call))
        assert [command.status for command in bridge.pool.sent if isinstance(command, Refuse)] == [503]
        assert live.engine.tried == 0
        live.sip_event(LegEnded(live.facts.call, Leg.CUSTOMER, False, 503, ""))
        await asyncio.sleep(60)
        assert bridge.controller.calls == ()

    run_virtually(life())


def test_where_a_human_may_take_over_the_call_is_answered_without_an_engine(outcomes: Outcomes) -> None:
    async def life() -> None:
        both = circuits()
        for name in ENGINES:
            both.begin(name).failed()
        policy = CallPolicy(failure_target="collections", answer_without_engine=True)
        bridge = PaperBridge(outcomes, 1, 1, both, engines=ENGINES, policy=policy)
        live = await bridge.admitted()
        live.sip_event(InviteArrived(live.facts.call))
        assert [type(command) for command in bridge.pool.sent] == [Answer]
        assert live.view().state == "transferring"
        live.sip_event(LegEnded(live.facts.call, Leg.CUSTOMER, True, 200, "BYE received"))
        await asyncio.sleep(300)
        assert bridge.controller.calls == ()

    run_virtually(life())


def test_each_refusal_has_its_word(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 3, 2)
        for agent in (0, 1):
            await bridge.admitted(agent)
        wanted = bridge.invite(2)
        refusals = {
            Refusal.UNKNOWN_NUMBER: replace(wanted, request_uri="sip:nobody@192.0.2.1"),
            Refusal.AGENT_BUSY: bridge.invite(0),
            Refusal.FULL: wanted,
        }
        for why, invite in refusals.items():
            refused = await bridge.controller.admit(invite)
            assert isinstance(refused, Refused) and refused.why == why
        await bridge.controller.stop()

    run_virtually(life())


def test_an_offer_without_a_codec_of_ours_and_a_bridge_that_drains_have_theirs(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 1, 1)
        refused = await bridge.controller.admit(replace(bridge.invite(0), sdp=b"v=0"))
        assert isinstance(refused, Refused) and refused.why == Refusal.NO_COMMON_CODEC
        await bridge.controller.drain(0, asyncio.Event())
        refused = await bridge.controller.admit(bridge.invite(0))
        assert isinstance(refused, Refused) and refused.why == Refusal.DRAINING

    run_virtually(life())
