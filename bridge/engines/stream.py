"""An engine that is reached by WebSocket, as its call sees it: the media process does the talking."""

import json
from typing import Protocol

from bridge.call_facts import ScreenPopRows
from bridge.engines.connection import EngineCall
from bridge.engines.events import (
    EngineEnded,
    EngineFailed,
    EngineNote,
    EngineReady,
    EngineTranscript,
    Fate,
    RecordingWanted,
    VerdictGiven,
)
from bridge.engines.tools import ToolUse
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
from sip.messages import Event, MediaOffer


class StreamMedia(Protocol):
    """The media process."""

    def stream(self, command: StreamCommand) -> bool:
        """Pass on a command; False when there is no such stream (any more)."""


class StreamEngine:
    """One engine of one call. The number of its stream is the number of the call's try."""

    def __init__(self, name: str, media: StreamMedia, tools: ToolUse, call: EngineCall) -> None:
        self._name = name
        self._media = media
        self._tools = tools
        self._call = call
        self._id = (call.facts.call, call.attempt)
        self._ready = False
        self._over = False

    def connect(self, media: MediaOffer) -> None:
        """Open the WebSocket; the customer's audio is with the media process already."""
        if not self._media.stream(StartStream(*self._id, self._name, self._call.facts, self._call.traceparent)):
            self._end(EngineFailed("the call has no audio"))

    def answered(self) -> None:
        """What the engine says is heard from now on."""
        self._media.stream(AnswerStream(*self._id))

    def hang_up(self, fate: Fate) -> None:
        """Say goodbye to the engine and close its WebSocket."""
        if not self._over and not self._media.stream(StopStream(*self._id, fate)):
            reason = "it was gone when the bridge hung up"
            self._end(EngineEnded(None, lost=False, reason=reason) if self._ready else EngineFailed(reason))

    def screen_pop(self, pop: ScreenPopRows) -> None:
        """Give the bot the customer's data."""
        self._media.stream(ShowScreenPop(*self._id, pop.rows, tuple(pop.fields.items())))

    def transfer_progress(self, status: int) -> None:
        """Tell the bot how its transfer goes."""
        self._media.stream(TellTransfer(*self._id, status))

    def dead_air(self, silent_s: float) -> None:
        """The media process, which noticed it, has told the engine."""

    def on_sip(self, event: Event) -> None:
        """There is no SIP leg."""

    def on_stream(self, event: StreamEvent) -> None:
        """The media process says something; of an earlier engine of this call it may still come."""
        if self._over or (event.call, event.stream) != self._id:
            return
        match event:
            case StreamReady():
                self._ready = True
                self._call.report(EngineReady())
            case StreamFailed(reason=reason):
                self._end(EngineFailed(reason))
            case StreamEnded(verdict=verdict, lost=lost, reason=reason):
                self._end(EngineEnded(verdict, lost=lost, reason=reason))
            case StreamVerdict(complete=Complete() as said) | StreamVerdict(transfer=Transfer() as said):
                self._call.report(VerdictGiven(said))
            case StreamNote(what=what, facts=facts):
                self._call.report(EngineNote(what, json.loads(facts)))
            case StreamTranscript(role=role, text=text):
                self._call.report(EngineTranscript(role, text))
            case StreamRecording(paused=paused):
                self._call.report(RecordingWanted(paused))
            case StreamTool():
                self._call.spawn(f"tool {event.name[:40]} of call {event.call}", self._use(event))

    def _end(self, event: EngineFailed | EngineEnded) -> None:
        self._over = True
        self._call.report(event)

    async def _use(self, tool: StreamTool) -> None:
        output = await self._tools(self._call.facts, tool.name, tool.arguments)
        self._media.stream(AnswerTool(*self._id, tool.id, output))
