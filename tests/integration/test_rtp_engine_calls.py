"""Whole calls with an RTP engine: what it is told, what the customer hears, what becomes of the call."""

from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.rtp_bot import RtpBot
from bridge.simulator.speech import CUSTOMER, PROMPT, recording
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings
from sip.messages import Codec
from tests.integration.bridge_world import BridgeWorld, Engine


def bot(script: str, speak_s: float = 0.6) -> RtpBot:
    line = BotScriptLine.parse(script)
    return RtpBot(StreamBotSettings(script=line, secret="simulated", speak_s=speak_s, after_s=0.1))


async def test_audio_is_relayed_untouched_both_ways_and_the_bot_learns_of_the_call() -> None:
    engine = bot("wait")
    async with BridgeWorld(others={"engine": Engine("rtp", engine)}, media='codecs = ["PCMA"]') as there:
        call = await there.call(CustomerCall(agent="8990000001", hang_up_after_s=1.5, codec="PCMA"))
        assert there.heard(call).heard.recognised[PROMPT] == 30
        (record,) = engine.calls
        spoken = b"".join(recording(CUSTOMER, Codec.PCMA))
        frames = {spoken[start : start + 160] for start in range(0, len(spoken), 160)}
        heard = [bytes(record.heard[start : start + 160]) for start in range(0, len(record.heard), 160)]
        assert sum(frame in frames for frame in heard) >= 0.9 * len(heard) > 40
        assert [event.said["event"] for event in record.events] == ["answered", "screen_pop", "ended"]
        assert record.said("event", "ended")[0]["fate"] == "customer_hung_up"
        assert record.screen_pop is not None
        assert record.facts["agent_number"] == "8990000001"


async def test_keys_go_both_ways() -> None:
    engine = bot("dtmf:12#", speak_s=0.2)
    async with BridgeWorld(others={"engine": Engine("rtp", engine)}) as there:
        call = await there.call(CustomerCall(agent="8990000001", digits="42", hang_up_after_s=3.0))
        assert (there.heard(call).heard.digits, engine.calls[0].keys) == ("12#", "42")


async def test_a_transfer_that_fails_goes_back_to_the_bot() -> None:
    engine = bot("transfer:busy")
    async with BridgeWorld(others={"engine": Engine("rtp", engine)}) as there:
        call = await there.call(timeout_s=25.0)
        assert there.dispositions(call) == ["Transfer Failed"]
        (record,) = engine.calls
        assert record.said("event", "transfer_failed")[0]["status"] >= 300
        assert [answer for answer, _ in record.answers_to_us] == ["POST transfer", "POST complete"]
        assert {status for _, status in record.answers_to_us} == {202}


async def test_an_engine_whose_rtp_stops_is_noticed() -> None:
    engine = bot("drop")
    async with BridgeWorld(others={"engine": Engine("rtp", engine)}, media="rtp_timeout_s = 1") as there:
        call = await there.call()
        await there.seen("rtp_timed_out")
        assert there.dispositions(call) == ["System Failure"]
        assert engine.calls[0].goodbye


async def test_an_engine_that_answers_rubbish_is_passed_over_for_the_next_one() -> None:
    bad, good = bot("nonsense"), bot("finish:completed")
    engines = {"bad": Engine("rtp", bad), "good": Engine("rtp", good)}
    async with BridgeWorld(others=engines) as there:
        call = await there.call()
        assert there.dispositions(call) == ["Completed"]
        failed = await there.seen("engine_failed")
        assert failed.facts["reason"] == 'the engine gave an answer that is not JSON with an object "rtp"'
        assert there.heard(call).heard.recognised[PROMPT] >= 25
        assert bad.calls[0].said("event", "ended")[0]["fate"] == "engine_unavailable"


async def test_a_bot_that_is_interrupted_stops_by_itself() -> None:
    engine = bot("barge-in")
    async with BridgeWorld(others={"engine": Engine("rtp", engine)}) as there:
        call = await there.call(CustomerCall(agent="8990000001", hang_up_after_s=1.5))
        assert len(engine.calls[0].cleared_ms) == 1
        assert 0 < there.heard(call).heard.recognised[PROMPT] < 20
