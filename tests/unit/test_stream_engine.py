"""The engine by WebSocket, as its call sees it."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.engines.connection import Cancellable, EngineCall
from bridge.engines.events import (
    EngineEnded,
    EngineEvent,
    EngineFailed,
    EngineNote,
    EngineReady,
    EngineTranscript,
    Fate,
    RecordingWanted,
    VerdictGiven,
)
from bridge.engines.stream import StreamEngine
from bridge.media.stream_messages import (
    AnswerStream,
    AnswerTool,
    ShowScreenPop,
    StartStream,
    StopStream,
    StreamCommand,
    StreamEnded,
    StreamEvent,
    StreamFailed,
    StreamNote,
    StreamReady,
    StreamRecording,
    StreamTool,
    StreamTranscript,
    StreamVerdict,
    TellTransfer,
)
from bridge.verdicts import Complete, Transfer
from sip.messages import Codec, MediaOffer

FACTS = CallFacts("c1", "8990000001", "+15550001111", "Ann", "t1", "s1", "1001")
MEDIA = MediaOffer("192.0.2.1", 4000, (Codec.PCMU,), 101)


@dataclass
class Desk:
    """A media process that keeps what it is told, and the engine's side of a call."""

    takes: bool = True
    said: list[StreamCommand] = field(default_factory=list)
    events: list[EngineEvent] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        call = EngineCall(FACTS, 2, lambda command: None, self.events.append, self._spawn)
        self.engine = StreamEngine("bot", self, self._use, call)

    def stream(self, command: StreamCommand) -> bool:
        self.said.append(command)
        return self.takes

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> Cancellable:
        self.tasks.append(asyncio.get_running_loop().create_task(work, name=name))
        return self.tasks[-1]

    async def _use(self, facts: CallFacts, name: str, arguments: str) -> str:
        return f"{facts.call} {name} {arguments}"


def ready_desk() -> Desk:
    desk = Desk()
    desk.engine.connect(MEDIA)
    desk.engine.on_stream(StreamReady("c1", 2))
    desk.said.clear()
    desk.events.clear()
    return desk


def test_connecting_starts_a_stream_with_the_facts_and_the_number_of_the_try() -> None:
    desk = Desk()
    desk.engine.connect(MEDIA)
    assert desk.said == [StartStream("c1", 2, "bot", FACTS)]
    assert desk.events == []


def test_a_call_without_audio_has_no_engine() -> None:
    desk = Desk(takes=False)
    desk.engine.connect(MEDIA)
    assert desk.events == [EngineFailed("the call has no audio")]


def test_what_the_call_says_is_passed_on() -> None:
    desk = ready_desk()
    desk.engine.answered()
    desk.engine.screen_pop(ScreenPopRows((("Name", "Ann"),), {"name": "Ann"}))
    desk.engine.transfer_progress(404)
    desk.engine.dead_air(15.0)
    desk.engine.hang_up(Fate.CUSTOMER_HUNG_UP)
    assert desk.said == [
        AnswerStream("c1", 2),
        ShowScreenPop("c1", 2, (("Name", "Ann"),), (("name", "Ann"),)),
        TellTransfer("c1", 2, 404),
        StopStream("c1", 2, "customer_hung_up"),
    ]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (StreamReady("c1", 2), EngineReady()),
        (StreamFailed("c1", 2, "refused"), EngineFailed("refused")),
        (StreamEnded("c1", 2, True, "cut"), EngineEnded(None, lost=True, reason="cut")),
        (
            StreamEnded("c1", 2, False, "bye", Complete("paid")),
            EngineEnded(Complete("paid"), lost=False, reason="bye"),
        ),
        (StreamVerdict("c1", 2, complete=Complete("paid")), VerdictGiven(Complete("paid"))),
        (StreamVerdict("c1", 2, transfer=Transfer("people")), VerdictGiven(Transfer("people"))),
        (StreamNote("c1", 2, "usage", '{"tokens": 12}'), EngineNote("usage", {"tokens": 12})),
        (StreamTranscript("c1", 2, "bot", "hello"), EngineTranscript("bot", "hello")),
        (StreamRecording("c1", 2, True), RecordingWanted(True)),
    ],
)
def test_what_the_engine_says_is_reported_to_the_call(said: StreamEvent, heard: EngineEvent) -> None:
    desk = Desk()
    desk.engine.connect(MEDIA)
    desk.engine.on_stream(said)
    assert desk.events == [heard]


def test_what_another_stream_says_is_not_heard() -> None:
    desk = ready_desk()
    desk.engine.on_stream(StreamEnded("c1", 1, True, "cut"))
    desk.engine.on_stream(StreamEnded("c2", 2, True, "cut"))
    assert desk.events == []


def test_an_end_is_reported_once_and_the_last() -> None:
    desk = ready_desk()
    desk.engine.on_stream(StreamEnded("c1", 2, True, "cut"))
    desk.engine.on_stream(StreamEnded("c1", 2, True, "cut"))
    desk.engine.on_stream(StreamTranscript("c1", 2, "bot", "late"))
    desk.engine.hang_up(Fate.FINISHED)
    assert desk.events == [EngineEnded(None, lost=True, reason="cut")]
    assert desk.said == []


def test_hanging_up_on_a_stream_that_is_gone_ends_it_all_the_same() -> None:
    ready, connecting = ready_desk(), Desk()
    connecting.engine.connect(MEDIA)
    for desk in (ready, connecting):
        desk.takes = False
        desk.engine.hang_up(Fate.CUSTOMER_HUNG_UP)
    reason = "it was gone when the bridge hung up"
    assert ready.events == [EngineEnded(None, lost=False, reason=reason)]
    assert connecting.events == [EngineFailed(reason)]


async def test_a_forwarded_function_is_used_in_a_task_of_the_call_and_answered() -> None:
    desk = ready_desk()
    desk.engine.on_stream(StreamTool("c1", 2, "t1", "look", "{}"))
    (task,) = desk.tasks
    await task
    assert "look" in task.get_name()
    assert desk.said == [AnswerTool("c1", 2, "t1", "c1 look {}")]
