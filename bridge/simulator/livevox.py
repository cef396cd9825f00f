"""A LiveVox that runs here: platform, REST API, control endpoint and telephony put together, with their timers."""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType

import structlog
from aiohttp import web

from bridge.simulator.caller import Caller, CallerSettings
from bridge.simulator.control import Control
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.errors import SimulationError
from bridge.simulator.faults import Faults
from bridge.simulator.floor import Call, HangUpLeg, PlaceCall
from bridge.simulator.injections import Fault, Injection
from bridge.simulator.ledger import Entry, Ledger
from bridge.simulator.livevox_flags import Flags, add_flags, read_flags, welcome
from bridge.simulator.platform import Platform
from bridge.simulator.rest import Rest
from bridge.simulator.telephony import CallToPlace, Telephony
from bridge.simulator.world import World
from sip.port_holder import address_error

log = structlog.get_logger()


class LiveVoxSimulator:
    """Runs a simulated LiveVox; an asynchronous context manager.

    Time is the event loop's, moved to the epoch: a loop with virtual time moves the platform along.
    """

    def __init__(
        self,
        world: World,
        telephony: Telephony | None = None,
        *,
        faults: Faults | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        """Without telephony only REST works: no call can be placed. Port 0: any free one."""
        self.platform = Platform(world, faults or Faults())
        self._telephony = telephony
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._placing: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._offset = 0.0

    # Life.

    async def start(self) -> None:
        """Listen. Raises AddressInUse or AddressUnusable."""
        self._offset = time.time() - asyncio.get_running_loop().time()
        app = web.Application()
        rest = Rest(self.platform, self.clock, self._settle)
        Control(self).add_routes(app)
        app.router.add_route("*", "/{tail:.*}", rest.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self.stop()
            raise address_error(error, self._host, self._port, "tcp") from error
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and place no more calls; calls that are up are the telephony's to end."""
        runner, self._runner = self._runner, None
        if self._timer is not None:
            self._timer.cancel()
        tasks = list(self._placing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> "LiveVoxSimulator":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Where the REST API is: http://host:port."""
        return f"http://{self._host}:{self._port}"

    @property
    def ledger(self) -> Ledger:
        """All that happened."""
        return self.platform.ledger

    def clock(self) -> float:
        """The platform's time, in seconds since the epoch."""
        return asyncio.get_running_loop().time() + self._offset

    # What tests and the control endpoint do.

    def place_call(self, order: CustomerCall) -> str:
        """A customer calls; gives the simulator's id of the call. Raises CallNotPlaced."""
        if self._telephony is None:
            raise SimulationError("this simulator has no telephony: calls cannot be placed")
        call = self.platform.place(order, self.clock())
        self._settle()
        return call.id

    def customer_hangs_up(self, call_id: str) -> None:
        """The customer puts the telephone down. Raises SimulationError."""
        self.perform(lambda now: self.platform.calls.customer_hangs_up(self.platform.call(call_id), now))

    def set_faults(self, **changes: object) -> None:
        """Change switches. Raises FaultUnusable."""
        faults = self.platform.faults.changed(changes)
        self.perform(lambda now: self.platform.set_faults(faults, now))

    def fail(self, endpoint: str, fault: Fault, **fields: object) -> None:
        """Let a fault strike the next requests of an endpoint; fields as those of Injection. Raises FaultUnusable."""
        self.platform.injections.add(Injection.parse({"endpoint": endpoint, "fault": fault, **fields}))

    def perform(self, do: Callable[[float], object]) -> None:
        """Do something to the platform, now, and what follows from it."""
        do(self.clock())
        self._settle()

    async def until(self, met: Callable[[], bool], timeout_s: float | None = 5.0) -> None:
        """Wait until a condition on the ledger or the platform holds; asked after each change. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not met():
                self._changed.clear()
                await self._changed.wait()

    async def entries_after(self, number: int, timeout_s: float | None = None) -> list[Entry]:
        """The ledger's entries after the one with this number, as soon as there is one. Raises TimeoutError."""
        await self.until(lambda: len(self.ledger.entries) > number, timeout_s)
        return self.ledger.since(number)

    async def closed(self, call_id: str, timeout_s: float = 10.0) -> Call:
        """Wait until the agent is free of a call, and its SIP leg is over. Raises SimulationError, TimeoutError."""
        call = self.platform.call(call_id)
        await self.until(lambda: call.over, timeout_s)
        return call

    # CallListener: what the telephony says.

    def answered(self, call_id: str) -> None:
        """200 OK came."""
        self.perform(lambda now: self.platform.calls.answered(self.platform.call(call_id), now))

    def refused(self, call_id: str, status: int) -> None:
        """The INVITE was refused or not answered."""
        self.perform(lambda now: self.platform.calls.refused(self.platform.call(call_id), status, now))

    def ended(self, call_id: str, by_bridge: bool) -> None:
        """An answered call is over."""
        self.perform(lambda now: self.platform.calls.ended(self.platform.call(call_id), by_bridge, now))

    def audio(self, call_id: str) -> None:
        """The first RTP packet came."""
        self.perform(lambda now: self.platform.calls.audio(self.platform.call(call_id), now))

    # Private.

    def _settle(self) -> None:
        """Perform what the platform wants done and set the timer to when it wants to be called."""
        self.platform.expire(self.clock())
        for command in self.platform.commands():
            match command:
                case PlaceCall(call=call):
                    self._placing[call.call_id] = asyncio.create_task(self._place(call), name=f"place {call.call_id}")
                case HangUpLeg(call_id=call_id):
                    self._hang_up(call_id)
        if self._timer is not None:
            self._timer.cancel()
        deadline = self.platform.deadline
        if deadline is not None and self._runner is not None:
            self._timer = asyncio.get_running_loop().call_at(deadline - self._offset, self._settle)
        self._changed.set()

    async def _place(self, call: CallToPlace) -> None:
        assert self._telephony is not None
        try:
            await self._telephony.place(call, self)
        except OSError as error:
            log.error("simulator_call_not_placed", call=call.call_id, error=str(error))
            self.refused(call.call_id, 503)
        finally:
            del self._placing[call.call_id]

    def _hang_up(self, call_id: str) -> None:
        """End the leg; one whose INVITE is not out yet ends as soon as it is."""
        assert self._telephony is not None
        placing = self._placing.get(call_id)
        if placing is None:
            self._telephony.hang_up(call_id)
        else:
            placing.add_done_callback(lambda _: self._hang_up(call_id))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Put the command's flags on its parser."""
    add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM. Raises CommandUnusable, AddressInUse or AddressUnusable."""
    flags = read_flags(args)
    host, port = flags.listen
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        async with AsyncExitStack() as stack:
            caller = await _open_caller(flags, stack)
            simulator = LiveVoxSimulator(flags.world, caller, faults=flags.faults, host=host, port=port)
            await stack.enter_async_context(simulator)
            follower = asyncio.create_task(_follow(simulator), name="ledger to the log")
            stack.callback(follower.cancel)
            sys.stdout.write(welcome(simulator.url, flags))
            sys.stdout.flush()
            await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    return 0


async def _open_caller(flags: Flags, stack: AsyncExitStack) -> Caller:
    return await stack.enter_async_context(Caller(CallerSettings(*flags.bridge, listen_host=flags.sip_host)))


async def _follow(simulator: LiveVoxSimulator) -> None:
    """Log what happens, but for the endless polling; no customer's data."""
    seen = 0
    while True:
        for entry in await simulator.entries_after(seen):
            seen = entry.number
            if entry.name != "status":
                log.info("simulator_step", step=entry.step, agent=entry.agent, call=entry.call)
