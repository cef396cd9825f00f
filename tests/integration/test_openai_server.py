"""The simulated Realtime API, spoken to by a client that is not the bridge: every event it sends is the API's."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bridge.errors import CommandUnusable
from bridge.simulator.openai_server import OpenAIServer
from bridge.simulator.speech import CUSTOMER, SILENCE_FRAME, recording
from bridge.simulator.stream_bot import BotScriptLine, StreamBotRecord, StreamBotSettings
from sip.messages import Codec
from tests.openai_types import check_server_event

LIMIT_S = 5.0
VOICE = b"".join(recording(CUSTOMER, Codec.PCMU)[:20])
QUIET = SILENCE_FRAME[Codec.PCMU] * 30
PCMU = {"format": {"type": "audio/pcmu"}}


class Client:
    """One WebSocket to the server."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, server: OpenAIServer) -> None:
        self.socket = socket
        self.server = server

    @property
    def record(self) -> StreamBotRecord:
        return self.server.calls[0]

    async def say(self, kind: str, **fields: Any) -> None:
        await self.socket.send_str(json.dumps({"type": kind, **fields}))

    async def speak(self, audio: bytes) -> None:
        await self.say("input_audio_buffer.append", audio=base64.b64encode(audio).decode())

    async def until(self, kind: str) -> list[dict[str, Any]]:
        """All events up to the next of this kind, checked."""
        events: list[dict[str, Any]] = []
        async with asyncio.timeout(LIMIT_S):
            while not events or events[-1]["type"] != kind:
                message = await self.socket.receive()
                assert message.type is aiohttp.WSMsgType.TEXT, message
                check_server_event(message.data)
                events.append(json.loads(message.data))
        return events

    async def error(self) -> str:
        return str((await self.until("error"))[-1]["error"]["code"])

    async def configure(self, **heard: Any) -> None:
        audio = {"input": {**PCMU, **heard}, "output": PCMU}
        end_call = {"type": "function", "name": "end_call", "parameters": {"type": "object"}}
        await self.say("session.update", session={"type": "realtime", "audio": audio, "tools": [end_call]})
        await self.until("session.updated")


@asynccontextmanager
async def client(script: str = "wait", *, key: str = "k", speak_s: float = 1.0) -> AsyncIterator[Client]:
    chosen = StreamBotSettings(script=BotScriptLine.parse(script), secret="k", speak_s=speak_s, after_s=0.1)
    async with OpenAIServer(chosen) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url, headers={"Authorization": f"Bearer {key}"}) as socket:
            yield Client(socket, server)


async def test_it_begins_with_its_session() -> None:
    async with client() as there:
        (created,) = await there.until("session.created")
        assert created["session"]["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}


async def test_a_wrong_key_is_refused() -> None:
    async with client(key="other") as there:
        assert await there.error() == "invalid_api_key"
        assert (await there.socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert there.record.faults == ["the key is missing or wrong"]


async def test_a_response_that_is_asked_for_is_spoken_much_faster_than_it_is_heard() -> None:
    async with client(speak_s=3.0) as there:
        await there.configure()
        begun = asyncio.get_running_loop().time()
        await there.say("response.create")
        events = await there.until("response.done")
        assert asyncio.get_running_loop().time() - begun < 1.0
        assert len(there.record.spoken) == 24_000
        assert events[-1]["response"]["status"] == "completed"
        assert there.record.faults == []


async def test_the_customers_turn_is_heard_transcribed_and_answered() -> None:
    async with client() as there:
        await there.configure(transcription={"model": "gpt-transcribe"})
        await there.speak(VOICE + QUIET)
        kinds = [event["type"] for event in await there.until("response.done")]
        assert kinds[:4] == [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
        ]
        assert "conversation.item.input_audio_transcription.completed" in kinds


async def test_the_customer_interrupts_a_response() -> None:
    async with client("barge-in") as there:
        await there.configure()
        await there.say("response.create")
        await there.until("response.output_audio.delta")
        await there.speak(VOICE)
        events = await there.until("response.done")
        assert events[-1]["response"]["status_details"] == {"type": "cancelled", "reason": "turn_detected"}


async def test_a_server_that_shall_not_interrupt_leaves_it_to_the_client() -> None:
    async with client("barge-in") as there:
        await there.configure(turn_detection={"type": "server_vad", "interrupt_response": False})
        await there.say("response.create")
        (*_, created) = await there.until("response.created")
        await there.speak(VOICE)
        await there.until("input_audio_buffer.speech_started")
        await there.say("response.cancel", response_id=created["response"]["id"])
        events = await there.until("response.done")
        assert events[-1]["response"]["status_details"]["reason"] == "client_cancelled"
        assert there.record.faults == []


async def test_what_the_api_refuses_is_an_error_and_a_fault() -> None:
    async with client(speak_s=10.0) as there:
        await there.configure()
        await there.say("response.cancel")
        assert await there.error() == "response_cancel_not_active"
        await there.say("conversation.item.truncate", item_id="item_x", content_index=0, audio_end_ms=1)
        assert await there.error() == "item_truncate_invalid_item_id"
        await there.say("session.update", session={"type": "realtime", "voice": "marin"})
        assert await there.error() == "unknown_parameter"
        await there.socket.send_str("{")
        assert await there.error() == "invalid_json"
        await there.say("input_audio_buffer.append", audio="not base64")
        assert await there.error() == "invalid_value"
        await there.say("response.create")
        await there.until("response.created")
        await there.say("response.create", event_id="mine")
        events = await there.until("error")
        assert events[-1]["error"]["code"] == "conversation_already_has_active_response"
        assert events[-1]["error"]["event_id"] == "mine"
        assert len(there.record.faults) == 6


async def test_a_client_that_speaks_too_early_or_in_bytes_is_at_fault() -> None:
    async with client() as there:
        await there.until("session.created")
        await there.speak(QUIET)
        await there.socket.send_bytes(QUIET)
        await there.configure()
        assert there.record.faults == ["audio before the session's format is agreed", "a binary message"]


async def test_other_formats_than_mu_law_are_taken_and_noted() -> None:
    async with client() as there:
        await there.say("session.update", session={"type": "realtime"})
        await there.until("session.updated")
        assert there.record.faults == ["audio/pcmu is not asked for both ways"]


async def test_a_function_is_called_after_the_speech_and_its_answer_taken() -> None:
    async with client("finish:paid") as there:
        await there.configure()
        await there.say("response.create")
        (*_, done) = await there.until("response.done")
        speech, call = done["response"]["output"]
        assert (speech["type"], call["name"]) == ("message", "end_call")
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}
        await there.say("conversation.item.create", item=output)
        await there.until("conversation.item.done")
        assert there.record.faults == []


async def test_a_function_that_was_not_offered_is_noted() -> None:
    async with client("transfer") as there:
        await there.configure()
        await there.say("response.create")
        await there.until("response.done")
        assert there.record.faults == ["the model was not offered transfer_call"]


async def test_what_is_heard_is_said_again() -> None:
    async with client("echo") as there:
        await there.configure()
        await there.speak(VOICE)
        (*_, delta) = await there.until("response.output_audio.delta")
        assert base64.b64decode(delta["delta"]) == VOICE


async def test_it_closes_and_vanishes_by_script() -> None:
    for script, kind in (("bye", aiohttp.WSMsgType.CLOSE), ("drop", aiohttp.WSMsgType.CLOSED)):
        async with client(script, speak_s=0.2) as there:
            await there.configure()
            await there.say("response.create")
            await there.until("rate_limits.updated")
            async with asyncio.timeout(LIMIT_S):
                message = await there.socket.receive()
            assert message.type is kind
            record = await there.server.wait_over(0)
            assert not record.ended_by_bridge


async def test_keys_and_the_screen_pop_are_read_from_the_conversation() -> None:
    async with client() as there:
        await there.configure()
        for role, text in (("system", "What is known of the customer:\nName: Jane"), ("user", "(I pressed: 12#)")):
            item = {"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}
            await there.say("conversation.item.create", item=item)
            await there.until("conversation.item.done")
        assert (there.record.keys, there.record.screen_pop) == ("12#", {"Name": "Jane"})


@pytest.mark.parametrize("script", ["finish-rest", "transfer-rest", "marks"])
def test_scripts_that_need_other_words_are_refused(script: str) -> None:
    with pytest.raises(CommandUnusable):
        OpenAIServer(StreamBotSettings(script=BotScriptLine.parse(script)))
