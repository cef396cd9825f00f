"""The bridge's hold on its media process: the sessions and streams in it, and what a new process must be told."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from bridge.errors import MediaUnavailable
from bridge.media.awaited import ANSWER_LIMIT_S, Awaited
from bridge.media.held import HeldSession, HeldStream, RestingPorts, note_silence
from bridge.media.messages import (
    AudioStarted,
    CloseSession,
    Event,
    Flow,
    MediaSettings,
    OpenSession,
    PortsBound,
    Prompt,
    Record,
    RecordingStopped,
    RestPorts,
    SendDigits,
    SessionClosed,
    SessionOpened,
    SessionRefused,
    SetFlow,
    SetRemote,
    Side,
)
from bridge.media.ports_ahead import PortsAhead
from bridge.media.process_keeper import ProcessKeeper
from bridge.media.stream_messages import (
    DefineEngine,
    ForgetEngine,
    StartStream,
    StopStream,
    StreamCommand,
    StreamEnded,
    StreamFailed,
    StreamReady,
)
from sip.messages import Codec

log = structlog.get_logger()


class MediaProcess:
    """One media process and the sessions in it.

    When the process dies another is started at once. Every open session is opened again on its ports, and its remotes
    and flow are said again: audio is back within a second. What the dead process had counted is lost, so the statistics
    of such a session begin with the restart, and digits that were being played are not played again. Engines that were
    reached by WebSocket are lost with the process, and are reported so once their session is open again.
    """

    def __init__(self, settings: MediaSettings, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._keeper = ProcessKeeper(settings, self._on_message, self._on_started, self._on_lost)
        self._engines: dict[str, DefineEngine] = {}
        self._sessions: dict[str, HeldSession] = {}
        self._opening = Awaited[SessionOpened | SessionRefused]()
        self._closing = Awaited[SessionClosed]()
        self._ahead = PortsAhead(self._keeper.send)
        self._resting = RestingPorts(settings.port_rest_s)

    @property
    def pid(self) -> int | None:
        """The living process; None while there is none."""
        return self._keeper.pid

    @property
    def starts(self) -> int:
        """Processes that came up, the first included."""
        return self._keeper.starts

    async def start(self) -> None:
        """Start the process and keep one running; raises MediaUnavailable when the first ones do not come up."""
        await self._keeper.start()

    def change(self, settings: MediaSettings) -> None:
        """Sessions that are opened from now on have these limits; addresses, ports and prompts stay as they are."""
        self._keeper.change(settings)

    async def stop(self) -> None:
        """End the process; sessions that are open end with it, and none is reported."""
        await self._keeper.stop()
        self._ahead.void()
        self._closing.give_up(SessionClosed)
        self._opening.give_up(lambda call: SessionRefused(call, "the media process is being stopped"))
        self._sessions.clear()

    # sessions

    async def open(self, call: str, codec: Codec) -> SessionOpened:
        """Two ports for a call, at once if some are bound ahead; raises MediaUnavailable, and nothing is left open."""
        event = self._open_ahead(call, codec) or await self._open_next(call, codec)
        if isinstance(event, SessionRefused):  # perhaps the last ports of the range were bound ahead meanwhile
            event = self._open_ahead(call, codec) or event
        if isinstance(event, SessionRefused):
            raise MediaUnavailable(event.reason, call)
        return event

    def _open_ahead(self, call: str, codec: Codec) -> SessionOpened | None:
        pair = self._ahead.take()
        if pair is None:
            return None
        self._sessions[call] = HeldSession(OpenSession(call, codec, *pair))
        self._keeper.send(self._sessions[call].opening)
        return SessionOpened(call, *pair)

    async def _open_next(self, call: str, codec: Codec) -> SessionOpened | SessionRefused:
        self._sessions[call] = HeldSession(OpenSession(call, codec))
        try:
            self._keeper.send(self._sessions[call].opening)
            event = await self._opening.answer(call)
        except BaseException as exc:
            self._forget(call)
            self._keeper.send(CloseSession(call))
            if isinstance(exc, TimeoutError):
                raise MediaUnavailable(f"the media process did not answer within {ANSWER_LIMIT_S:g} s", call) from exc
            raise
        if isinstance(event, SessionRefused):
            self._forget(call)
        return event

    def set_remote(self, command: SetRemote) -> None:
        """A side's SDP is agreed, for the first time or anew."""
        session = self._sessions.get(command.call)
        if session is not None:
            session.agreed(command, time.monotonic())
            self._keeper.send(command)

    def set_flow(self, call: str, flow: Flow, prompt: Prompt = Prompt.NONE) -> None:
        """Relay, or silence both ways; the prompt is heard by the customer instead of silence."""
        session = self._sessions.get(call)
        if session is not None:
            session.flow, session.prompt = flow, prompt
            self._keeper.send(SetFlow(call, flow, prompt))

    def send_digits(self, call: str, side: Side, digits: str) -> bool:
        """Play keys (0-9 * # A-D) to a side; False when that side cannot take them: on hold or no telephone-event.

        An engine that is reached by WebSocket is told of them in its dialect's words.
        """
        session = self._sessions.get(call)
        if session is None:
            return False
        if not (side is Side.ENGINE and session.streams):
            remote = session.remotes.get(side)
            if remote is None or remote.telephone_event is None or not remote.send:
                return False
        return self._keeper.send(SendDigits(call, side, digits))

    def record(self, call: str, path: str, *, paused: bool) -> None:
        """Write the call's audio to this file from now on, in the codec of the customer's side."""
        session = self._sessions.get(call)
        if session is not None:
            customer = session.remotes.get(Side.CUSTOMER, session.opening)
            session.recording = Record(call, path, customer.codec, time.monotonic(), paused)
            self._keeper.send(session.recording)

    def pause_recording(self, call: str, paused: bool) -> None:
        """Silence in place of both sides from the next packet on, or not any more."""
        session = self._sessions.get(call)
        if session is not None and session.recording is not None:
            session.recording = replace(session.recording, paused=paused)
            self._keeper.send(session.recording)

    async def close(self, call: str) -> SessionClosed:
        """Close a session's ports; what it counted, or nothing if the process died or does not answer."""
        if call not in self._sessions:
            return SessionClosed(call)
        self._forget(call)
        if not self._keeper.send(CloseSession(call)):
            return SessionClosed(call)
        try:
            return await self._closing.answer(call)
        except TimeoutError:
            log.warning("media_close_unanswered", call=call)
            return SessionClosed(call)

    def _forget(self, call: str) -> None:
        session = self._sessions.pop(call, None)
        if session is not None:
            self._resting.add(session.ports, time.monotonic())

    # engines by WebSocket

    def define_engine(self, engine: DefineEngine) -> None:
        """How an engine is reached, for streams that start from now on; every new process is told, too."""
        self._engines[engine.engine] = engine
        self._keeper.send(engine)

    def forget_engine(self, engine: str) -> None:
        """No stream of this engine will be started any more."""
        if self._engines.pop(engine, None) is not None:
            self._keeper.send(ForgetEngine(engine))

    def stream(self, command: StreamCommand) -> bool:
        """Start, tell or stop an engine of an open session; False when there is no such session or stream.

        What is said while the process is being replaced is said to the new one.
        """
        session = self._sessions.get(command.call)
        if session is None:
            return False
        if isinstance(command, StartStream):
            session.streams[command.stream] = HeldStream()
        held = session.streams.get(command.stream)
        if held is None:
            return False
        if not held.unsaid and self._keeper.send(command):
            return True
        if command.stream not in session.streams:
            return False  # it was lost while it was being told
        held.unsaid.append(command)
        if isinstance(command, StopStream):
            del session.streams[command.stream]
            end = StreamFailed(command.call, command.stream, "it was given up before it was connected")
            asyncio.get_running_loop().call_soon(self._on_event, end)
        return True

    def _on_stream_event(self, event: StreamReady | StreamEnded | StreamFailed) -> None:
        session = self._sessions.get(event.call)
        held = session.streams.get(event.stream) if session is not None else None
        if session is None or held is None:
            return
        if isinstance(event, StreamReady):
            held.ready = True
        else:
            del session.streams[event.stream]
        self._on_event(event)

    # what the process says

    def _on_message(self, message: Event) -> None:
        note_silence(self._sessions, message, time.monotonic())
        match message:
            case SessionOpened() | SessionRefused():
                self._on_opening(message)
            case PortsBound():
                self._ahead.came(message)
            case SessionClosed():
                self._closing.came(message.call, message)
            case AudioStarted():
                session = self._sessions.get(message.call)
                if session is not None and message.side not in session.started:
                    session.started.add(message.side)
                    self._on_event(message)
            case StreamReady() | StreamEnded() | StreamFailed():
                self._on_stream_event(message)
            case RecordingStopped():
                if message.call in self._sessions:
                    self._sessions[message.call].recording = None
                self._on_event(message)
            case _:
                self._on_event(message)

    def _on_opening(self, event: SessionOpened | SessionRefused) -> None:
        session = self._sessions.get(event.call)
        if session is not None and isinstance(event, SessionOpened):
            session.opened(event)
        if not self._opening.came(event.call, event) and session is not None:
            self._on_reopening(session, event)

    def _on_reopening(self, session: HeldSession, event: SessionOpened | SessionRefused) -> None:
        lost, session.lost = session.lost, []
        for end in lost:
            self._on_event(end)
        if isinstance(event, SessionRefused):
            log.error("media_session_not_reopened", call=event.call, reason=event.reason)
            self._on_event(event)

    def _on_started(self) -> None:
        """A process is ready to be told what holds."""
        resting = self._resting.at(time.monotonic())
        if resting:
            self._keeper.send(RestPorts(resting))
        for engine in self._engines.values():
            self._keeper.send(engine)
        for session in self._sessions.values():
            for command in session.said_again(time.monotonic()):
                self._keeper.send(command)
        self._ahead.fill()

    def _on_lost(self) -> None:
        for session in self._sessions.values():
            session.process_died(time.monotonic())
        self._ahead.void()
        self._closing.give_up(SessionClosed)
