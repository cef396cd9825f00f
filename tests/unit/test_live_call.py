"""One call with its parts: what reaches the engine, and what others may know and order."""

import asyncio
from pathlib import Path

import pytest

from bridge.calls.live_call import LiveCall
from bridge.calls.outcomes import Outcomes
from bridge.calls.states import CallPolicy, CallState
from bridge.engines.events import Fate
from bridge.errors import OrderRefused
from bridge.journal.records import QualityNoted
from bridge.media.messages import (
    CallQuality,
    DeadAir,
    Flow,
    Prompt,
    QualityTick,
    RecordingStopped,
    RtpTimedOut,
    Side,
)
from bridge.media.statistics import QualitySample
from bridge.settings import load
from bridge.verdicts import Complete, Transfer
from sip.messages import (
    Codec,
    Dial,
    Direction,
    HangUp,
    InfoReceived,
    InviteArrived,
    Leg,
    LegAnswered,
    LegEnded,
    LegMedia,
    SendRequest,
)
from tests.paper_bridge import PaperBridge, paper_settings_text
from tests.virtual_time import run_virtually

WITH_HUMAN = CallPolicy(failure_target="collections")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    path = tmp_path_factory.mktemp("paper") / Path("bridge.toml")
    path.write_text(paper_settings_text(1), encoding="utf-8")
    return Outcomes(load(path, {}))


async def talking(bridge: PaperBridge) -> LiveCall:
    live = await bridge.admitted()
    live.sip_event(InviteArrived(live.facts.call))
    live.sip_event(LegAnswered(live.facts.call, Leg.ENGINE))
    live.sip_event(LegAnswered(live.facts.call, Leg.CUSTOMER))
    assert live.call.state is CallState.TALKING
    return live


def infos(bridge: PaperBridge) -> list[str]:
    return [command.body for command in bridge.pool.sent if isinstance(command, SendRequest)]


async def end(bridge: PaperBridge, live: LiveCall) -> None:
    live.sip_event(LegEnded(live.facts.call, Leg.CUSTOMER, True, 200, "BYE received"))
    await asyncio.sleep(300)
    assert bridge.controller.calls == ()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_a_call_shows_its_facts_and_state(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 1, 1)
        live = await bridge.admitted()
        before = live.view()
        assert (before.state, before.engine, before.screen_pop, before.transcript) == ("admitted", "bot", None, ())
        assert (before.call, before.agent_number, before.caller) == (live.facts.call, "8990000001", "2134634007")
        live.sip_event(InviteArrived(live.facts.call))
        assert live.view().state == "connecting"
        await end(bridge, live)
        assert bridge.controller.call(before.call) is None

    run_virtually(life())


def test_a_call_shows_how_its_audio_is_and_notes_bad_times(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 1, 1)
        live = await talking(bridge)
        bad = QualitySample(received=40, lost=10, mos=2.5)
        told = CallQuality(live.facts.call, bad, None)
        for _ in range(3):
            bridge.controller.media_event(QualityTick((CallQuality("of no call", bad, bad), told)))
        assert live.view().quality == live.quality == {Side.CUSTOMER: bad}
        assert live.timeline.first("audio_bad") is not None
        assert bridge.journal.of(QualityNoted) == []
        await end(bridge, live)
        (noted,) = bridge.journal.of(QualityNoted)
        assert (noted.side, noted.samples) == ("customer", ((40, 10, 0.0, 0.0, -96.0, 2.5),) * 3)

    run_virtually(life())


def test_a_recording_that_the_disk_ended_is_in_the_timeline(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 1, 1)
        live = await talking(bridge)
        assert live.record(True, "bot") == live.view().recording == "off"
        live.media_event(RecordingStopped(live.facts.call, "No space left on device"))
        assert live.timeline.first("recording_stopped") is not None
        assert live.view().recording == "stopped"
        await end(bridge, live)

    run_virtually(life())


def test_an_order_ends_the_call(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 1, 1)
        live = await talking(bridge)
        with pytest.raises(OrderRefused) as refused:
            live.order(Transfer("nobody"))
        assert refused.value.code == "unknown_target"
        live.order(Complete("promised"))
        assert (live.call.state, live.call.verdict) == (CallState.ENDING, Complete("promised"))
        with pytest.raises(OrderRefused) as refused:
            live.order(Complete())
        assert refused.value.code == "call_over"
        await end(bridge, live)

    run_virtually(life())


def test_keys_are_played_to_the_customer_while_both_hear_each_other(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 1, 1)
        live = await bridge.admitted()
        assert not live.press("1")
        live.sip_event(InviteArrived(live.facts.call))
        live.sip_event(LegAnswered(live.facts.call, Leg.ENGINE))
        live.sip_event(LegAnswered(live.facts.call, Leg.CUSTOMER))
        assert live.press("12#")
        live.sip_event(InfoReceived(live.facts.call, Leg.CUSTOMER, "application/dtmf-relay", b"Signal=5\r\n"))
        assert bridge.media.keys == [(Side.CUSTOMER, "12#"), (Side.ENGINE, "5")]
        live.sip_event(LegEnded(live.facts.call, Leg.ENGINE, True, 200, "BYE received"))
        assert not live.press("1")
        await end(bridge, live)

    run_virtually(life())


def test_a_sip_engine_hears_of_dead_air_by_info(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 1, 1, policy=WITH_HUMAN)
        live = await talking(bridge)
        live.media_event(DeadAir(live.facts.call, Side.CUSTOMER, 15.02, last=False))
        assert infos(bridge) == ['{"event": "dead_air", "seconds": 15.0}']
        live.media_event(DeadAir(live.facts.call, Side.ENGINE, 30.0, last=True))
        assert (live.call.state, live.call.fate) == (CallState.TRANSFERRING, Fate.DEAD_AIR)
        assert [entry.facts["last"] for entry in live.timeline.entries if entry.what == "dead_air"] == [False, True]
        await end(bridge, live)

    run_virtually(life())


def test_a_silent_engine_is_replaced_in_the_same_worker(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 1, 1, engines=("first", "second"), policy=WITH_HUMAN)
        live = await talking(bridge)
        call = live.facts.call
        bridge.pool.sent.clear()
        live.media_event(RtpTimedOut(call, Side.ENGINE, 30.0))
        hang_up, dial = bridge.pool.sent
        assert isinstance(hang_up, HangUp) and hang_up.leg is Leg.ENGINE
        assert isinstance(dial, Dial)
        assert (dial.uri, dial.sip_call_id) == ("sip:second@192.0.2.2", f"{call}-2")
        live.sip_event(InfoReceived(call, Leg.CUSTOMER, "application/dtmf-relay", b"Signal=5\r\n"))
        live.sip_event(LegEnded(call, Leg.ENGINE, False, 200, "hung up"))  # of the first
        live.sip_event(LegAnswered(call, Leg.ENGINE))
        assert bridge.media.flows == [(Flow.SILENCE, Prompt.WAIT), (Flow.RELAY, Prompt.NONE)]
        assert (live.call.state, live.view().engine, bridge.media.keys) == (CallState.TALKING, "second", [])
        await end(bridge, live)

    run_virtually(life())


def test_a_bot_that_has_hung_up_hears_the_customer_no_more_and_is_not_heard(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 1, 1)
        live = await talking(bridge)
        call = live.facts.call
        live.sip_event(LegMedia(call, Leg.ENGINE, "192.0.2.2", 9000, Codec.PCMU, 101, Direction.SENDRECV))
        live.sip_event(LegEnded(call, Leg.ENGINE, True, 200, "BYE received"))
        last = bridge.media.remotes[-1]
        assert (last.side, last.address, last.send, last.receive) == (Side.ENGINE, "0.0.0.0", False, False)
        await end(bridge, live)

    run_virtually(life())


def test_an_engine_too_slow_to_replace_another_gives_way_to_a_human(outcomes: Outcomes) -> None:
    async def life() -> None:
        bridge = PaperBridge(outcomes, 1, 1, engines=("first", "second"), policy=WITH_HUMAN)
        live = await talking(bridge)
        live.media_event(RtpTimedOut(live.facts.call, Side.ENGINE, 30.0))
        await asyncio.sleep(3.1)
        assert (live.call.state, live.call.fate) == (CallState.TRANSFERRING, Fate.RTP_TIMEOUT)
        assert bridge.media.flows[-1] == (Flow.SILENCE, Prompt.UNAVAILABLE)
        await end(bridge, live)

    run_virtually(life())
