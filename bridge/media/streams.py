"""Every engine of one media process that is reached by WebSocket: which there are, and what the bridge tells them."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from pydantic import ValidationError

from bridge.call_facts import ScreenPopRows
from bridge.dialects.kinds import Kind
from bridge.dialects.registry import KINDS
from bridge.media.dialect_guard import log_fault
from bridge.media.engine_terms import EngineTerms, engine_terms
from bridge.media.messages import DeadAir
from bridge.media.session import Session
from bridge.media.stream import Stream
from bridge.media.stream_connector import StreamConnector
from bridge.media.stream_messages import (
    AnswerStream,
    AnswerTool,
    DefineEngine,
    ForgetEngine,
    ShowScreenPop,
    StartStream,
    StopStream,
    StreamCommand,
    StreamEvent,
    StreamFailed,
    TellTransfer,
)
from bridge.media.stream_speaker import StreamSpeaker
from bridge.media.stream_world import Patience, StreamWorld

_PATIENCE = Patience()


class Streams:
    """At most one stream a call. Needs a running loop.

    `session` finds a call's audio, `press` plays keys to its customer, `report` tells the bridge; `kinds` are the
    dialects by their names.
    """

    def __init__(
        self,
        session: Callable[[str], Session | None],
        press: Callable[[str, str], None],
        report: Callable[[StreamEvent], None],
        kinds: Mapping[str, Kind[Any]] = KINDS,
        patience: Patience = _PATIENCE,
    ) -> None:
        self._session = session
        self._kinds = kinds
        self._report = report
        self._engines: dict[str, EngineTerms] = {}
        self._streams: dict[str, Stream] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._connector = StreamConnector()
        self._world = StreamWorld(self._connector, report, press, self._spawn, self._forget, patience)

    @property
    def busy(self) -> bool:
        """A stream is not over, or a connection not closed: sockets and timers of theirs wait for the event loop."""
        return bool(self._streams or self._tasks)

    def define(self, command: DefineEngine) -> None:
        """How an engine is reached from now on; streams that run go on as they are."""
        self._engines.pop(command.engine, None)
        kind = self._kinds.get(command.kind)
        if kind is None:
            sys.stderr.write(f"media process: engine {command.engine} is of an unknown kind {command.kind}\n")
            return
        try:
            self._engines[command.engine] = engine_terms(command, kind)
        except ValidationError as exc:
            sys.stderr.write(f"media process: {exc.error_count()} settings of engine {command.engine} are unusable\n")

    def forget(self, command: ForgetEngine) -> None:
        """No stream of it is started any more."""
        self._engines.pop(command.engine, None)

    def obey(self, command: StreamCommand) -> None:
        """Carry out a command; one for a stream that is over is nothing."""
        if isinstance(command, StartStream):
            self._start(command)
            return
        stream = self._streams.get(command.call)
        if stream is None or stream.number != command.stream:
            return
        match command:
            case AnswerStream():
                stream.answered()
            case ShowScreenPop(rows=rows, fields=fields):
                stream.screen_pop(ScreenPopRows(rows, dict(fields)))
            case TellTransfer(status=status):
                stream.transfer_progress(status)
            case AnswerTool(id=id, output=output):
                stream.tool_answered(id, output)
            case StopStream(fate=fate):
                stream.stop(fate)

    def dead_air(self, event: DeadAir) -> None:
        """Nobody says anything in a call: the engine may do something about it before the call is given up."""
        stream = self._streams.get(event.call)
        if stream is not None and not event.last:
            stream.dead_air(event.silent_s)

    def close(self, call: str) -> None:
        """The session of this call is about to be closed."""
        stream = self._streams.get(call)
        if stream is not None:
            stream.stop("finished")

    async def stop(self) -> None:
        """Cut every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._connector.close()

    def _start(self, command: StartStream) -> None:
        before = self._streams.get(command.call)
        if before is not None:
            before.stop("engine_lost")
        session, terms = self._session(command.call), self._engines.get(command.engine)
        if session is None:
            self._report(StreamFailed(command.call, command.stream, "the call has no audio"))
        elif terms is None:
            self._report(StreamFailed(command.call, command.stream, "the media process cannot use its settings"))
        else:
            stream = Stream(command, terms, session, self._world)
            self._streams[command.call] = stream
            stream.start(StreamSpeaker(stream, session.playout))

    def _forget(self, call: str, number: int) -> None:
        stream = self._streams.get(call)
        if stream is not None and stream.number == number:
            del self._streams[call]

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        exc = None if task.cancelled() else task.exception()
        if isinstance(exc, Exception):
            log_fault(task.get_name(), exc)
