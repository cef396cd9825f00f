"""The legs that live in a worker, and the one way its events leave it."""

import functools
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pjsua2.pjsua2 as pj

from sip.channel import WORKER_CHANNEL
from sip.messages import Leg, SlotsLingering, WorkerLogged, WorkerReport
from sip.worker.library import Library
from sip.worker.remains import Remains

if TYPE_CHECKING:
    from sip.worker.leg import DialogLeg


class Legs:
    """Holds the only lasting reference to each pj.Call: once a leg is forgotten here, its Call object is freed.

    A Call object that outlives its dialog hangs up the next dialog in the same slot, so nobody else may keep one.
    """

    def __init__(self, channel: socket.socket, library: Library) -> None:
        self._channel = channel
        self.library = library
        self._legs: dict[tuple[str, Leg], DialogLeg] = {}
        self._lingering = 0
        self.ended: set[tuple[str, Leg]] = set()
        """Legs that ended since the worker last looked."""
        self.remains = Remains()
        self._doomed: dict[tuple[str, Leg], int] = {}
        self._awaited: set[str] = set()
        """Calls whose engine has its leg, and whose INVITE is yet to come."""

    def add(self, leg: "DialogLeg") -> bool:
        """Keep a leg; False when the call has one on that side already."""
        key = (leg.call, leg.side)
        if key in self._legs:
            return False
        self._legs[key] = leg
        if leg.side is Leg.CUSTOMER:
            self._awaited.discard(leg.call)
        elif not self.get(leg.call, Leg.CUSTOMER):
            self._awaited.add(leg.call)
        return True

    def get(self, call: str, side: Leg) -> "DialogLeg | None":
        """The living leg of a call."""
        return self._legs.get((call, side))

    def living(self) -> list[tuple[str, Leg]]:
        """Which legs live."""
        return list(self._legs)

    def forget(self, leg: "DialogLeg", confirmed: bool) -> None:
        """The leg is over; `confirmed`: it was up before."""
        key = (leg.call, leg.side)
        self._legs.pop(key, None)
        self.ended.add(key)
        if leg.side is Leg.ENGINE:
            self._awaited.discard(leg.call)
        self.remains.add(leg.getId(), leg.side, confirmed, time.monotonic())

    def doom(self, leg: "DialogLeg", status: int) -> None:
        """The leg cannot go on: end it once pjsip has returned, with this status if it was not answered."""
        self._doomed[leg.call, leg.side] = status

    def next_doomed(self) -> tuple[str, Leg, int] | None:
        """Take one of the legs to be ended."""
        if not self._doomed:
            return None
        (call, side), status = self._doomed.popitem()
        return call, side, status

    def make_room(self, call: str) -> bool:
        """There is a slot for the engine of a call, if need be one that an ended engine leg still held.

        The slots of INVITEs that are yet to come are left alone: pjsip itself refuses one that finds none.
        """
        awaited = self._awaited if self.get(call, Leg.CUSTOMER) else self._awaited | {call}
        usable = self.library.slots - len(awaited)
        occupied = self.library.occupied()
        if len(occupied) < usable:
            return True
        living = (leg.getId() for leg in self._legs.values())
        for slot in self.remains.yielding(occupied, living, time.monotonic()):
            self.library.vacate(slot)
            if self.library.dialogs() < usable:
                return True
        return False

    @property
    def lingering(self) -> int:
        """Slots of ended legs, as last reported."""
        return self._lingering

    def report_slots(self, freed: int = 0) -> None:
        """Say how many slots ended legs still hold, if that changed; `freed` will be free when the library returns."""
        lingering = max(self.library.dialogs() - freed - len(self._legs), 0)
        if lingering != self._lingering:
            self._lingering = lingering
            self.report(SlotsLingering(lingering))

    def report(self, message: WorkerReport) -> None:
        """Send an event; waits while the bridge is behind with reading."""
        self._channel.send(WORKER_CHANNEL.encode(message))

    def log(self, level: str, text: str) -> None:
        """Send a line for the log."""
        self.report(WorkerLogged(level, text))

    def log_exception(self, doing: str) -> None:
        """Log the exception being handled: for directors, which nothing may leave."""
        self.log("error", f"{doing}: {exception_text()}")


def exception_text() -> str:
    """The exception being handled, with what pjsip says about it: the str of a pj.Error is empty."""
    exception = sys.exception()
    detail = exception.info() if isinstance(exception, pj.Error) else ""
    return f"{traceback.format_exc()}{detail}"


def director(method: Callable[[Any, Legs, Any], None]) -> Callable[[Any, Any], None]:
    """Make a method with (self, legs, parameter) a callback of pjsip's, which no exception may leave.

    Once `_legs` is gone the object is over, and what pjsip still says about it does not matter.
    """

    @functools.wraps(method)
    def callback(self: Any, parameter: Any) -> None:
        legs: Legs | None = self._legs
        if legs is None:
            return
        try:
            method(self, legs, parameter)
        except Exception:  # noqa: BLE001  # the outermost Python level: C++ is above
            legs.log_exception(method.__name__)

    return callback
