"""The media process: control channel in, audio through, one tick of 20 ms for all calls, WebSockets to engines."""

import asyncio
import ctypes
import gc
import os
import resource
import signal
import socket
import sys
from typing import cast

import uvloop

from bridge.media.control import COMMANDS, EVENTS, SETTINGS_CODEC, ControlChannel
from bridge.media.messages import CloseSession, Command, DeadAir, Event, MediaSettings, ProcessReady
from bridge.media.relay import Relay
from bridge.media.stream_messages import DefineEngine, StreamCommand
from bridge.media.streams import Streams
from bridge.media.ticker import Ticker
from sip.errors import InvalidFrame

_PR_SET_PDEATHSIG = 1


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


async def _serve(control: socket.socket, settings: MediaSettings) -> None:
    loop = asyncio.get_running_loop()
    orphaned = asyncio.Event()

    def report(event: Event) -> None:
        channel.send(event)  # lost if the bridge hangs: audio goes on
        if isinstance(event, DeadAir):
            streams.dead_air(event)

    relay = Relay(settings, report)
    streams = Streams(relay.session, relay.press, report)
    ticker = Ticker(relay)

    def obey(command: Command) -> None:
        if isinstance(command, DefineEngine):
            streams.define(command)
        elif isinstance(command, StreamCommand):
            streams.obey(command)
        else:
            if isinstance(command, CloseSession):
                streams.close(command.call)
            relay.obey(command)
            ticker.wake()

    channel = ControlChannel[Event, Command](control, EVENTS, COMMANDS, obey, orphaned.set, _say_invalid)
    loop.add_reader(relay.fileno(), relay.drain)
    gc.freeze()
    channel.send(ProcessReady(os.getpid()))
    await orphaned.wait()
    ticker.stop()
    await streams.stop()
    loop.remove_reader(relay.fileno())
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
