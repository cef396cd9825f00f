"""What a measure stands on: the bridge as a process with default settings, LiveVox, telephones, and a load of RTP.

Settings that are no defaults are sizes and rates, for defaults are made for a small bridge and for LiveVox's patience:
how many calls and workers, and how many requests a second may be made.
"""

import asyncio
import contextlib
import random
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.children import Child, LoadFailed
from tests.benchmarks.phones import LOOPBACK, Call, Caller, Engine
from tests.benchmarks.sip_texts import Address
from tests.free_ports import free_port
from tests.integration.bridge_process import BridgeProcess
from tests.soak.processes import processes

_SETTINGS = """
[sip]
listen = "127.0.0.1:{sip_port}"
max_calls = {max_calls}
spare_calls = {spare_calls}
rate_per_s = 5000
burst = 5000
[media]
ports = "{first_port}-{last_port}"
[livevox]
url = "{url}"
client_name = "Demo"
service_id = "46014"
login_per_s = 1000
rate_per_s = 1000
burst = 1000
[agent_defaults]
engines = ["bot"]
[engines.bot]
{engine}
[outcomes.default]
term_code = "Completed"
[admin]
listen = "127.0.0.1:{admin_port}"
"""
_AGENT = '[[agents]]\nnumber = "899{place:07d}"\nuser_name = "VA{place:04d}"\n'
_READY_S = 90.0
#: A bridge that has started no worker for so long has all that it wants.
_NEXT_WORKER_S = 0.4


@dataclass(frozen=True)
class Size:
    """How large a bridge."""

    agents: int
    spare_calls: int = 8
    """The default's: workers are started while calls come. As many as agents: all workers are there before."""

    further_calls: int = 0
    """How many more than agents `sip.max_calls` allows: a call's dialogs linger a while after its agent is Ready."""


class Stand:
    """A bridge with its LiveVox, which places calls through these telephones."""

    def __init__(self, size: Size, bridge: BridgeProcess, livevox: Child, caller: Caller) -> None:
        self.size = size
        self.bridge = bridge
        self.livevox = livevox
        self.caller = caller
        self.ready: set[str] = set()
        """Agents that LiveVox has Ready."""
        self.on_ready: Callable[[str], None] = lambda number: None
        self.started_s = 0.0
        """From the bridge's start until all agents were Ready."""
        self._placed: dict[str, asyncio.Future[Call]] = {}
        self._calls: dict[int, str] = {}
        """LiveVox's id of each call, by the call's place."""
        self._requests: asyncio.Future[dict[str, int]] | None = None
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        caller.on_ended = self._ended
        livevox.listen(self._hear)

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the bridge; its children are its own."""
        return (self.bridge.pid,)

    @property
    def processes(self) -> dict[int, str]:
        """Each process of the bridge, with what it is."""
        return processes(self.bridge.pid)

    def close(self) -> None:
        """Follow no call any more: LiveVox goes before those that are up."""
        for task in self._tasks:
            task.cancel()

    async def start(self) -> None:
        """Start the bridge, and wait until all agents are Ready and all workers there. Raises LoadFailed."""
        began = time.monotonic()
        await self.bridge.start()
        await self.all_ready()
        self.started_s = time.monotonic() - began
        before = 0
        while before < (now := len(self.processes)):
            before = now
            await asyncio.sleep(_NEXT_WORKER_S)

    async def all_ready(self) -> None:
        """Wait until every agent is Ready. Raises LoadFailed."""
        await self._until(lambda: len(self.ready) == self.size.agents, "not all agents are Ready")

    async def call(self, number: str) -> Call:
        """A customer calls this agent, which must be Ready; returns once the INVITE is sent."""
        self.ready.discard(number)
        placed: asyncio.Future[Call] = asyncio.get_running_loop().create_future()
        self._placed[number] = placed
        self.livevox.tell(f"place {number}")
        return await placed

    async def calls(self, numbers: Iterable[str], rate: float) -> list[Call]:
        """So many calls a second, one for each agent; returns when all are answered, or not."""
        loop = asyncio.get_running_loop()
        start, placing = loop.time(), []
        for place, number in enumerate(numbers):
            await asyncio.sleep(max(start + place / rate - loop.time(), 0))
            placing.append(asyncio.ensure_future(self.call(number)))
        calls = await asyncio.gather(*placing)
        for call in calls:
            await call.settled.wait()
        return calls

    async def hang_up(self, calls: Iterable[Call]) -> None:
        """The customers go, and all agents are Ready again. Raises LoadFailed."""
        for place, call in enumerate(calls):
            self.caller.hang_up(call)
            if place % 10 == 9:
                await asyncio.sleep(0.02)
        await self.all_ready()

    async def requests(self) -> dict[str, int]:
        """How often LiveVox was asked for what, so far."""
        self._requests = asyncio.get_running_loop().create_future()
        self.livevox.tell("requests")
        return await self._requests

    async def _until(self, holds: Callable[[], bool], wrong: str) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not holds():
            if not self.bridge.is_running or loop.time() - began > _READY_S:
                log = "\n".join(self.bridge.log.splitlines()[-5:])
                raise LoadFailed(f"{wrong} after {loop.time() - began:.0f} s; the bridge's last words:\n{log}")
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), 1.0)

    def _hear(self, said: dict[str, Any]) -> None:
        if "ready" in said:
            self.ready.add(said["ready"])
            self._changed.set()
            self.on_ready(said["ready"])
        elif "place" in said:
            call = self.caller.call(said["place"], *said["headers"])
            self._calls[call.place] = said["call"]
            task = asyncio.ensure_future(self._follow(call, said["call"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            self._placed.pop(said["place"]).set_result(call)
        elif "busy" in said:
            self._placed.pop(said["busy"]).set_exception(LoadFailed(f"agent {said['busy']} is not Ready"))
        elif "requests" in said and self._requests is not None:
            self._requests.set_result(said["requests"])

    async def _follow(self, call: Call, call_id: str) -> None:
        await call.settled.wait()
        what = f"answered {call_id}" if call.status == 200 else f"refused {call_id} {call.status}"
        self.livevox.tell(what)

    def _ended(self, call: Call, by_bridge: bool) -> None:
        self.livevox.tell(f"ended {self._calls[call.place]} {by_bridge:d}")


def numbers(agents: int) -> list[str]:
    """Those of the agents, in their order."""
    return [f"899{place:07d}" for place in range(1, agents + 1)]


@asynccontextmanager
async def phone(made: Caller | Engine) -> AsyncIterator[None]:
    """A telephone that is there as long as this is."""
    await made.open()
    try:
        yield
    finally:
        made.close()


@contextmanager
def deaf_ear() -> Iterator[Callable[[int], Address]]:
    """Where audio may go that nobody wants: a socket that is never read, so that no error comes back."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((LOOPBACK, 0))
        port: int = sock.getsockname()[1]
        yield lambda place: (LOOPBACK, port)


@asynccontextmanager
async def stand(size: Size, engine: str, audio: Callable[[int], Address]) -> AsyncIterator[Stand]:
    """A bridge whose agents have this engine (lines of its table); it is not started yet."""
    sip_port = free_port()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        livevox = await stack.enter_async_context(Child("tests.benchmarks.livevox", str(size.agents)))
        caller = Caller((LOOPBACK, sip_port), audio)
        await stack.enter_async_context(phone(caller))
        bridge = BridgeProcess(folder)
        first = random.randrange(10_000, 12_000, 2)
        text = _SETTINGS.format(
            sip_port=sip_port,
            max_calls=size.agents + size.further_calls,
            spare_calls=min(size.spare_calls, size.agents + size.further_calls),
            first_port=first,
            last_port=first + 17_999,
            url=(await livevox.said())["url"],
            engine=engine,
            admin_port=free_port(socket.SOCK_STREAM),
        )
        text += "".join(_AGENT.format(place=place) for place in range(1, size.agents + 1))
        bridge.config.write_text(text)
        stack.push_async_callback(bridge.close)
        there = Stand(size, bridge, livevox, caller)
        stack.callback(there.close)
        yield there


@asynccontextmanager
async def silent_stand(size: Size, hangs_up_after_s: float | None = None) -> AsyncIterator[Stand]:
    """A bridge whose agents have a SIP engine that answers at once; no end of a call sends audio. It is started."""
    with deaf_ear() as audio:
        engine = Engine(audio)
        engine.hangs_up_after_s = hangs_up_after_s
        async with phone(engine), stand(size, sip_engine(engine), audio) as there:
            await there.start()
            yield there


def sip_engine(engine: Engine) -> str:
    """The table of a SIP engine."""
    return f'kind = "sip"\nuri = "sip:bot@{LOOPBACK}:{engine.address[1]}"'
