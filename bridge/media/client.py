"""The bridge's hold on its media process: starts it, speaks to it, starts it again when it dies."""

import asyncio
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from bridge.errors import MediaUnavailable
from bridge.media.control import COMMANDS, EVENTS, SETTINGS_CODEC, ControlChannel
from bridge.media.held import HeldSession, RestingPorts
from bridge.media.messages import (
    AudioStarted,
    CloseSession,
    Command,
    Event,
    Flow,
    MediaSettings,
    OpenSession,
    ProcessReady,
    RestPorts,
    SendDigits,
    SessionClosed,
    SessionOpened,
    SessionRefused,
    SetFlow,
    SetRemote,
    Side,
)
from sip.errors import InvalidFrame
from sip.messages import Codec

log = structlog.get_logger()

#: A process that is not ready by then is given up; it takes about 0.2 s.
START_LIMIT_S = 5.0
#: How long `open` and `close` wait; long enough for a process that has just died to be replaced.
ANSWER_LIMIT_S = 3.0
#: Pause after a process that did not come up.
RETRY_S = 0.5

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class MediaProcess:
    """One media process and the sessions in it.

    When the process dies another is started at once. Every open session is opened again on its ports, and its remotes
    and flow are said again: audio is back within a second. What the dead process had counted is lost, so the statistics
    of such a session begin with the restart, and digits that were being played are not played again.
    """

    def __init__(self, settings: MediaSettings, on_event: Callable[[Event], None]) -> None:
        self._settings = settings
        self._on_event = on_event
        self._sessions: dict[str, HeldSession] = {}
        self._opening: dict[str, asyncio.Future[SessionOpened | SessionRefused]] = {}
        self._closing: dict[str, asyncio.Future[SessionClosed]] = {}
        self._resting = RestingPorts(settings.port_rest_s)
        self._process: asyncio.subprocess.Process | None = None
        self._channel: ControlChannel[Command, Event] | None = None
        self._ready: asyncio.Future[ProcessReady] | None = None
        self._lost = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The living process; None while there is none."""
        return self._process.pid if self._process is not None and self._channel is not None else None

    async def start(self) -> None:
        """Start the process and keep one running; raises MediaUnavailable when the first does not come up."""
        await self._launch()
        self._keeper = asyncio.create_task(self._keep(), name="media process keeper")

    async def stop(self) -> None:
        """End the process; sessions that are open end with it, and none is reported."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        await self._end()
        self._release_waiting()
        self._sessions.clear()

    # sessions

    async def open(self, call: str, codec: Codec) -> SessionOpened:
        """Bind two ports for a call; raises MediaUnavailable, and then nothing is left open."""
        self._sessions[call] = HeldSession(OpenSession(call, codec))
        answer: asyncio.Future[SessionOpened | SessionRefused] = asyncio.get_running_loop().create_future()
        self._opening[call] = answer
        try:
            self._send(self._sessions[call].opening)
            async with asyncio.timeout(ANSWER_LIMIT_S):
                event = await answer
        except BaseException as exc:
            self._forget(call)
            self._send(CloseSession(call))
            if isinstance(exc, TimeoutError):
                raise MediaUnavailable(f"the media process did not answer within {ANSWER_LIMIT_S:g} s", call) from exc
            raise
        finally:
            self._opening.pop(call, None)
        if isinstance(event, SessionRefused):
            self._forget(call)
            raise MediaUnavailable(event.reason, call)
        return event

    def set_remote(self, command: SetRemote) -> None:
        """A side's SDP is agreed, for the first time or anew."""
        session = self._sessions.get(command.call)
        if session is not None:
            session.remotes[command.side] = command
            self._send(command)

    def set_flow(self, call: str, flow: Flow) -> None:
        """Relay, or silence both ways."""
        session = self._sessions.get(call)
        if session is not None:
            session.flow = flow
            self._send(SetFlow(call, flow))

    def send_digits(self, call: str, side: Side, digits: str) -> bool:
        """Play keys (0-9 * # A-D) to a side; False when that side cannot take them: on hold or no telephone-event."""
        session = self._sessions.get(call)
        remote = session.remotes.get(side) if session is not None else None
        if remote is None or remote.telephone_event is None or not remote.send:
            return False
        return self._send(SendDigits(call, side, digits))

    async def close(self, call: str) -> SessionClosed:
        """Close a session's ports; what it counted, or nothing if the process died or does not answer."""
        if call not in self._sessions:
            return SessionClosed(call)
        self._forget(call)
        answer: asyncio.Future[SessionClosed] = asyncio.get_running_loop().create_future()
        self._closing[call] = answer
        try:
            if not self._send(CloseSession(call)):
                return SessionClosed(call)
            async with asyncio.timeout(ANSWER_LIMIT_S):
                return await answer
        except TimeoutError:
            log.warning("media_close_unanswered", call=call)
            return SessionClosed(call)
        finally:
            self._closing.pop(call, None)

    def _forget(self, call: str) -> None:
        session = self._sessions.pop(call, None)
        if session is not None:
            self._resting.add(session.ports, time.monotonic())

    # what the process says

    def _on_message(self, message: Event) -> None:
        match message:
            case ProcessReady():
                if self._ready is not None and not self._ready.done():
                    self._ready.set_result(message)
            case SessionOpened() | SessionRefused():
                self._on_opening(message)
            case SessionClosed():
                closing = self._closing.get(message.call)
                if closing is not None and not closing.done():
                    closing.set_result(message)
            case AudioStarted():
                session = self._sessions.get(message.call)
                if session is not None and message.side not in session.started:
                    session.started.add(message.side)
                    self._on_event(message)
            case _:
                self._on_event(message)

    def _on_opening(self, event: SessionOpened | SessionRefused) -> None:
        session = self._sessions.get(event.call)
        if session is not None and isinstance(event, SessionOpened):
            session.opened(event)
        waiting = self._opening.get(event.call)
        if waiting is not None:
            if not waiting.done():
                waiting.set_result(event)
        elif session is not None and isinstance(event, SessionRefused):
            log.error("media_session_not_reopened", call=event.call, reason=event.reason)
            self._on_event(event)

    def _send(self, command: Command) -> bool:
        """False when no process takes it: what must hold is said again to the next one."""
        if self._channel is None:
            return False
        if self._channel.send(command):
            return True
        self._lose()
        return False

    # the process

    async def _keep(self) -> None:
        """Replace the process whenever it is lost."""
        while True:
            await self._lost.wait()
            log.error("media_process_lost", sessions=len(self._sessions))
            await self._end()
            try:
                await self._launch()
            except MediaUnavailable as exc:
                log.error("media_process_not_started", reason=exc.reason)
                self._lost.set()
                await asyncio.sleep(RETRY_S)

    async def _launch(self) -> None:
        """Start a process and tell it what is open; raises MediaUnavailable."""
        self._lost.clear()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ready = asyncio.get_running_loop().create_future()
        with theirs:
            channel = ControlChannel[Command, Event](
                ours, COMMANDS, EVENTS, self._on_message, self._lose, self._on_invalid
            )
            try:
                self._process = await self._spawn(theirs)
                async with asyncio.timeout(START_LIMIT_S):
                    await self._ready
            except BaseException as exc:
                channel.close()
                await self._end()
                if isinstance(exc, OSError | TimeoutError):
                    raise MediaUnavailable(f"the media process did not start: {exc!r}") from exc
                raise
        self._channel = channel
        log.info("media_process_started", pid=self._process.pid, sessions=len(self._sessions))
        resting = self._resting.at(time.monotonic())
        if resting:
            self._send(RestPorts(resting))
        for session in self._sessions.values():
            for command in session.said_again():
                self._send(command)

    async def _spawn(self, control: socket.socket) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bridge.media",
            str(control.fileno()),
            SETTINGS_CODEC.encode(self._settings).decode(),
            pass_fds=(control.fileno(),),
            cwd=_PACKAGE_ROOT,  # the same package as ours, whatever directory the bridge was started in
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # a terminal's Ctrl-C is for the bridge
        )

    async def _end(self) -> None:
        """Kill what is left of the process."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()
        process = self._process
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            self._process = None  # not before: whoever cancels this waits for it next

    def _lose(self) -> None:
        """The process has died, or hangs."""
        self._lost.set()
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(ConnectionResetError("it ended at once"))
        self._release_closing()

    def _release_closing(self) -> None:
        """Nobody will answer these any more."""
        for call, waiting in self._closing.items():
            if not waiting.done():
                waiting.set_result(SessionClosed(call))

    def _release_waiting(self) -> None:
        self._release_closing()
        for call, waiting in self._opening.items():
            if not waiting.done():
                waiting.set_result(SessionRefused(call, "the media process is being stopped"))

    def _on_invalid(self, exc: InvalidFrame) -> None:
        log.error("media_process_unreadable", detail=exc.detail)
