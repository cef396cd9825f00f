"""Tells the service manager how the bridge is: ready, draining, and alive as long as the loop turns (sd_notify(3))."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from typing import Self

import structlog

log = structlog.get_logger()


class ServiceManager:
    """The socket that systemd named in the environment; without one nothing is said.

    Its watchdog, when it has one (WatchdogSec=), is told twice in each interval, by a timer of the loop: a loop that
    hangs says nothing, and systemd starts the bridge anew.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Reads NOTIFY_SOCKET and WATCHDOG_USEC."""
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._interval_s = _watchdog_s(environment.get("WATCHDOG_USEC", "")) / 2
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        if self._address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
            with contextlib.suppress(OSError):  # what is said says why it cannot be
                # A leading @ is how systemd writes the NUL of the abstract namespace (unix(7)).
                self._socket.connect("\0" + self._address[1:] if self._address[0] == "@" else self._address)
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    def ready(self, status: str) -> None:
        """Calls are taken from now on; from now on the watchdog hears of us as well."""
        self._say("READY=1", f"STATUS={status}")
        if self._interval_s > 0 and self._timer is None:
            self._watch()

    def stopping(self, status: str) -> None:
        """No more calls are taken; the watchdog still hears of us."""
        self._say("STOPPING=1", f"STATUS={status}")

    def _watch(self) -> None:
        self._say("WATCHDOG=1")
        self._timer = asyncio.get_running_loop().call_later(self._interval_s, self._watch)

    def _say(self, *lines: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send("\n".join(lines).encode())
        except OSError as exc:
            log.warning("service_manager_not_told", said=lines[0], error=str(exc))


def _watchdog_s(text: str) -> float:
    """What WATCHDOG_USEC says, in seconds; 0: there is no watchdog."""
    return int(text) / 1_000_000 if text.isascii() and text.isdigit() else 0.0
