import base64
import json
from itertools import islice
from typing import Any

from bridge.simulator.openai_conversation import Conversation
from bridge.simulator.openai_response import Reply, Response
from bridge.simulator.stream_bot import prompt
from tests.openai_types import check_server_event


def told(
    response: Response, pieces: int | None = None, status: str = "completed", reason: str = ""
) -> list[dict[str, Any]]:
    """All events of a response, of which so many come before it is finished; each is checked."""
    events = [response.created(), *(event for event, _ in islice(response.events(), pieces))]
    events.extend(response.finish(status, reason))
    for event in events:
        check_server_event(json.dumps(event))
    return events


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(event["type"] for event in events))


def test_speech_is_told_as_the_api_tells_it() -> None:
    audio = prompt(0.6)
    events = told(Response(Conversation("m"), Reply(audio)))
    assert kinds(events) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    deltas = [base64.b64decode(event["delta"]) for event in events if event["type"] == "response.output_audio.delta"]
    assert b"".join(deltas) == audio
    words = [event["delta"] for event in events if event["type"] == "response.output_audio_transcript.delta"]
    (said,) = [event["transcript"] for event in events if event["type"] == "response.output_audio_transcript.done"]
    assert "".join(words) == said
    done = events[-1]["response"]
    assert (done["status"], done["output"][0]["status"]) == ("completed", "completed")
    assert done["usage"]["output_token_details"]["audio_tokens"] == 12


def test_a_function_call_is_told_with_its_name_and_arguments() -> None:
    events = told(Response(Conversation("m"), Reply(b"", (("end_call", {"outcome": "paid"}),))))
    (done,) = [event for event in events if event["type"] == "response.function_call_arguments.done"]
    assert (done["name"], json.loads(done["arguments"])) == ("end_call", {"outcome": "paid"})
    item = events[-1]["response"]["output"][0]
    assert (item["type"], item["status"], item["call_id"]) == ("function_call", "completed", done["call_id"])


def test_a_response_that_is_stopped_ends_with_an_incomplete_item() -> None:
    conversation = Conversation("m")
    events = told(Response(conversation, Reply(prompt(2.0))), 8, "cancelled", "turn_detected")
    assert [event["type"] for event in events[-2:]] == ["response.output_item.done", "response.done"]
    response = events[-1]["response"]
    assert (response["status"], response["status_details"]["reason"]) == ("cancelled", "turn_detected")
    assert response["output"][0]["status"] == "incomplete"
    (item,) = conversation.items.values()
    assert item.audio_ms == 400


def test_a_response_may_fail() -> None:
    (done,) = told(Response(Conversation("m"), Reply()), None, "failed", "server_error")[1:]
    assert done["response"]["status_details"]["error"]["code"] == "server_error"
