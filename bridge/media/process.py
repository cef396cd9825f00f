"""The media process: control channel in, audio through, one tick of 20 ms for all calls, WebSockets to engines."""

import asyncio
import ctypes
import math
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import uvloop

from bridge import garbage
from bridge.media.control import COMMANDS, EVENTS, SETTINGS_CODEC, ControlChannel
from bridge.media.messages import CloseSession, Command, DeadAir, Event, MediaSettings, ProcessReady
from bridge.media.relay import Relay
from bridge.media.stream_messages import DefineEngine, ForgetEngine, StreamCommand
from bridge.media.ticker import Ticker
from sip.errors import InvalidFrame

if TYPE_CHECKING:
    from bridge.media.streams import Streams

_PR_SET_PDEATHSIG = 1
#: The event loop's timers count whole milliseconds: so long before a tick it is left alone.
_TIMER_S = 0.001


def _die_with_parent() -> None:
    """The kernel kills this process when its parent dies; the end of the control channel says the same, later."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _raise_descriptor_limit() -> None:
    """Four sockets a call, and one for its engine's WebSocket."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _say_invalid(exc: InvalidFrame) -> None:
    """Without its words: an engine's secret may be among them."""
    sys.stderr.write(f"media process: a command cannot be read ({type(exc.__cause__ or exc).__name__})\n")


class _WebSocketEngines:
    """What engines by WebSocket need is loaded with the first of them: it takes longer than all the rest.

    A bridge without such engines starts twice as fast, and so does a media process that replaces another one. With
    them it is loaded before there is a call: the engines are defined first.
    """

    def __init__(self, relay: Relay, report: Callable[[Event], None]) -> None:
        self._relay = relay
        self._report = report
        self._streams: Streams | None = None

    def obey(self, command: DefineEngine | ForgetEngine | StreamCommand) -> None:
        """Define an engine, or say something to one."""
        if self._streams is None:
            from bridge.media.streams import Streams

            self._streams = Streams(self._relay.session, self._relay.press, self._report)
            garbage.begin_work()
        if isinstance(command, DefineEngine):
            self._streams.define(command)
        elif isinstance(command, ForgetEngine):
            self._streams.forget(command)
        else:
            self._streams.obey(command)

    @property
    def busy(self) -> bool:
        """Something of theirs waits for the event loop."""
        return self._streams is not None and self._streams.busy

    def dead_air(self, event: DeadAir) -> None:
        """Nobody says anything in a call."""
        if self._streams is not None:
            self._streams.dead_air(event)

    def close(self, call: str) -> None:
        """A call is over."""
        if self._streams is not None:
            self._streams.close(call)

    async def stop(self) -> None:
        """End all."""
        if self._streams is not None:
            await self._streams.stop()


async def _serve(control: socket.socket, settings: MediaSettings) -> None:
    loop = asyncio.get_running_loop()
    orphaned = asyncio.Event()

    def report(event: Event) -> None:
        channel.send(event)  # lost if the bridge hangs: audio goes on
        if isinstance(event, DeadAir):
            engines.dead_air(event)

    relay = Relay(settings, report)
    engines = _WebSocketEngines(relay, report)

    def armed(due: float) -> None:
        """Until the next tick only packets and the control channel matter, if no call has an engine by WebSocket."""
        relay.poll.free_until = -math.inf if engines.busy else due - _TIMER_S

    ticker = Ticker(relay, armed)

    def obey(command: Command) -> None:
        if isinstance(command, DefineEngine | ForgetEngine | StreamCommand):
            engines.obey(command)
        else:
            if isinstance(command, CloseSession):
                engines.close(command.call)
            relay.obey(command)
            ticker.wake()

    channel = ControlChannel[Event, Command](control, EVENTS, COMMANDS, obey, orphaned.set, _say_invalid)
    relay.poll.yield_to(control)
    relay.on_voice = ticker.wake
    loop.add_reader(relay.poll.fileno(), relay.poll.serve)
    garbage.begin_work()
    channel.send(ProcessReady(os.getpid()))
    await orphaned.wait()
    ticker.stop()
    await engines.stop()
    loop.remove_reader(relay.poll.fileno())
    relay.close()


def main(argv: list[str]) -> int:
    """`python -m bridge.media DESCRIPTOR SETTINGS`: an inherited SOCK_SEQPACKET socket and a frame of MediaSettings."""
    _die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the bridge decides when audio ends
    _raise_descriptor_limit()
    settings = cast(MediaSettings, SETTINGS_CODEC.decode(argv[1].encode()))
    uvloop.run(_serve(socket.socket(fileno=int(argv[0])), settings))
    return 0
