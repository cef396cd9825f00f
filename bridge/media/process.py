"""The media process: control channel in, audio through, one tick of 20 ms for all calls."""

import asyncio
import ctypes
import gc
import os
import resource
import signal
import socket
import sys
import time
from typing import cast

import uvloop

from bridge.media.control import COMMANDS, EVENTS, SETTINGS_CODEC, ControlChannel
from bridge.media.messages import Command, Event, MediaSettings, ProcessReady
from bridge.media.relay import Relay
from bridge.media.rtp import PACKET_MS
from sip.errors import InvalidFrame

_TICK_S = PACKET_MS / 1000
#: The loop's timers count whole milliseconds and may fire that much early.
_EARLY_S = 0.002
_PR_SET_PDEATHSIG = 1


class Ticker:
    """Calls `Relay.tick` every 20 ms while sessions are open, at times counted from the start: delays do not add up.

    A tick that is missed by more than its own length is left out. Without sessions nothing runs.
    """

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._loop = asyncio.get_running_loop()
        self._start = time.monotonic()
        self._last = 0
        self._timer: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        """Sessions may be open now."""
        if self._timer is None and self._relay.sessions:
            self._arm()

    def stop(self) -> None:
        """No more ticks."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        elapsed = time.monotonic() - self._start
        next_tick = max(int((elapsed + _EARLY_S) / _TICK_S), self._last) + 1
        self._timer = self._loop.call_later(next_tick * _TICK_S - elapsed, self._fire)

    def _fire(self) -> None:
        self._timer = None
        before = self._last
        self._last = max(int((time.monotonic() - self._start + _EARLY_S) / _TICK_S), before)
        if self._relay.sessions:
            self._arm()  # first, so that no fault in a tick ends all ticks
        if self._last > before:
            self._relay.tick(self._last)


def _die_with_parent() -> None:
    """The kernel kills this process when its parent dies; the end of the control channel says the same, later."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _raise_descriptor_limit() -> None:
    """Four sockets a call."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _say_invalid(exc: InvalidFrame) -> None:
    sys.stderr.write(f"media process: {exc}\n")


async def _serve(control: socket.socket, settings: MediaSettings) -> None:
    loop = asyncio.get_running_loop()
    orphaned = asyncio.Event()

    def report(event: Event) -> None:
        channel.send(event)  # lost if the bridge hangs: audio goes on

    relay = Relay(settings, report)
    ticker = Ticker(relay)

    def obey(command: Command) -> None:
        relay.obey(command)
        ticker.wake()

    channel = ControlChannel[Event, Command](control, EVENTS, COMMANDS, obey, orphaned.set, _say_invalid)
    loop.add_reader(relay.fileno(), relay.drain)
    gc.freeze()
    channel.send(ProcessReady(os.getpid()))
    await orphaned.wait()
    ticker.stop()
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
