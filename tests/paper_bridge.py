"""A Controller whose parts are on paper: they note what is taken and given back, and answer when a test says so."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast

from bridge.agents.pool import AgentPool
from bridge.agents.view import AgentView
from bridge.calls.controller_settings import ControllerSettings
from bridge.calls.customer_data import CustomerData
from bridge.calls.customer_records import CustomerRecords
from bridge.calls.engine import EngineParts
from bridge.calls.live_call import LiveCall
from bridge.calls.outcomes import Outcomes
from bridge.calls.parts import CallParts
from bridge.calls.states import CallPolicy, EngineChoice
from bridge.calls.wrapup_requests import WrapUpRequests
from bridge.controller import Controller
from bridge.engines.circuits import Circuits
from bridge.engines.sip import SipEngine, SipEngineSettings
from bridge.errors import MediaUnavailable
from bridge.livevox.agent_status import AgentStatus
from bridge.livevox.screen_pop import ScreenPop
from bridge.media.client import MediaProcess
from bridge.media.messages import Flow, Prompt, SessionClosed, SessionOpened, SetRemote, Side
from sip.admission import Admitted, Invite, Refused
from sip.errors import NoFreeWorker
from sip.messages import Codec, Command
from sip.pool import WorkerPool
from tests.fed_wrapup import status
from tests.integration.bridge_world import TEMPLATE
from tests.kept_records import KeptRecords
from tests.sip_texts import SDP


class PaperMedia:
    """Sessions that are open; opening waits for the test."""

    def __init__(self) -> None:
        self.opening: dict[str, asyncio.Future[bool]] = {}
        self.sessions: set[str] = set()
        self.remotes: list[SetRemote] = []
        self.flows: list[tuple[Flow, Prompt]] = []
        self.keys: list[tuple[Side, str]] = []

    async def open(self, call: str, codec: Codec) -> SessionOpened:
        self.opening[call] = asyncio.get_running_loop().create_future()
        try:
            if not await self.opening[call]:
                raise MediaUnavailable("refused", call)
        finally:
            del self.opening[call]
        self.sessions.add(call)
        return SessionOpened(call, 4000, 4002)

    async def close(self, call: str) -> SessionClosed:
        self.sessions.discard(call)
        await asyncio.sleep(0)
        return SessionClosed(call)

    def set_remote(self, command: SetRemote) -> None:
        self.remotes.append(command)

    def set_flow(self, call: str, flow: Flow, prompt: Prompt) -> None:
        self.flows.append((flow, prompt))

    def send_digits(self, call: str, side: Side, digits: str) -> bool:
        self.keys.append((side, digits))
        return True


class PaperPool:
    """Dialogs that are reserved; reserving waits for the test."""

    def __init__(self) -> None:
        self.reserving: dict[str, asyncio.Future[bool]] = {}
        self.calls: set[str] = set()
        self.sent: list[Command] = []

    async def reserve(self, call: str, dialogs: int) -> int:
        self.reserving[call] = asyncio.get_running_loop().create_future()
        try:
            if not await self.reserving[call]:
                raise NoFreeWorker(dialogs, 1)
        finally:
            del self.reserving[call]
        self.calls.add(call)
        return 1

    def release(self, call: str) -> None:
        self.calls.discard(call)

    def send(self, call: str, command: Command) -> None:
        self.sent.append(command)


class PaperLiveVox:
    """Shows every agent Ready."""

    async def status(self, session: str, *, urgent: bool = False) -> AgentStatus:
        return status("READY")

    async def screen_pop(self, session: str) -> ScreenPop:
        return ScreenPop()


class PaperAgents:
    """All agents have a session; which calls they have is noted."""

    def __init__(self) -> None:
        self.calls: dict[str, str] = {}
        self.started: list[str] = []
        self.closed: list[str] = []
        self.left: set[str] = set()
        """Agents that there are no longer."""

    def refusal(self, number: str) -> int | None:
        return 486 if number in self.calls else None

    def leaves(self, number: str) -> bool:
        return False

    def find(self, number: str) -> AgentView | None:
        return None if number in self.left else cast(AgentView, number)

    def call_started(self, number: str, call: str) -> None:
        self.started.append(call)
        self.calls[number] = call

    def call_wrapping(self, number: str, call: str) -> None:
        """Nobody looks."""

    def call_closed(self, number: str, call: str, state: str | None) -> None:
        self.closed.append(call)
        if self.calls.get(number) == call:
            del self.calls[number]

    async def request(self, number: str, do: Callable[[PaperLiveVox, str], Awaitable[Any]]) -> Any:
        await asyncio.sleep(0.01)
        return await do(PaperLiveVox(), "session")


class PaperBridge:
    """The controller and its parts; `numbers` are its agents, each with the SIP engines `engines`."""

    def __init__(
        self,
        outcomes: Outcomes,
        agents: int,
        max_calls: int,
        circuits: Circuits | None = None,
        *,
        engines: tuple[str, ...] = ("bot",),
        policy: CallPolicy | None = None,
        pool: PaperPool | None = None,
    ) -> None:
        self.numbers = [f"899{index:07d}" for index in range(1, agents + 1)]
        self.media, self.pool, self.agents = PaperMedia(), pool or PaperPool(), PaperAgents()
        self.journal = KeptRecords()
        self.forgotten: list[str] = []
        agent_pool = cast(AgentPool, self.agents)
        settings = ControllerSettings(
            max_calls=max_calls,
            codecs=(Codec.PCMU,),
            media_address="192.0.2.1",
            policy=policy or CallPolicy(),
            engines={number: tuple(EngineChoice(name, 3.0) for name in engines) for number in self.numbers},
            dialogs=dict.fromkeys(self.numbers, 2),
        )
        makers = {name: partial(SipEngine, SipEngineSettings(f"sip:{name}@192.0.2.2", "192.0.2.1")) for name in engines}
        parts = CallParts(
            pool=cast(WorkerPool, self.pool),
            media=cast(MediaProcess, self.media),
            agents=agent_pool,
            outcomes=outcomes,
            customer_data=CustomerData(agent_pool, 1.0),
            customer_records=CustomerRecords(agent_pool),
            requests=WrapUpRequests(),
            engines=EngineParts(makers, outcomes, circuits or Circuits({}, lambda: 0.0)),
            journal=self.journal,
            retry_after_s=5,
        )
        self.controller = Controller(settings, parts, self.forgotten.append)

    async def admitted(self, agent: int = 0) -> LiveCall:
        """A call that is admitted at once."""
        asked = asyncio.create_task(self.controller.admit(self.invite(agent)))
        await asyncio.sleep(0)
        return await self.let_in(asked)

    async def let_in(self, asked: asyncio.Task[Admitted | Refused]) -> LiveCall:
        """The call of an admission that waits for its ports: it gets all it needs."""
        next(iter(self.media.opening.values())).set_result(True)
        await asyncio.sleep(0)
        next(iter(self.pool.reserving.values())).set_result(True)
        admitted = await asked
        assert isinstance(admitted, Admitted)
        live = self.controller.call(admitted.call)
        assert live is not None
        return live

    def invite(self, agent: int) -> Invite:
        """LiveVox's INVITE for an agent, by its place in `numbers`."""
        uri = f"sip:+1{self.numbers[agent]}@192.0.2.1"
        return Invite(uri, "2134634007", "", "call-id", (), SDP.encode(), ("192.0.2.50", 5060))


def paper_settings_text(agents: int) -> str:
    """Settings for outcomes and targets."""
    text = TEMPLATE.format(
        sip_port=5070,
        first_port=20000,
        last_port=20999,
        url="http://127.0.0.1:8090",
        bot_port=5090,
        connect_timeout_s=3.0,
        admin_port=8080,
        dead_air_s=0,
        sip="",
        media="",
        livevox="",
        more="",
        engines='"bot"',
    )
    for index in range(1, agents + 1):
        text += f'\n[[agents]]\nnumber = "899{index:07d}"\nuser_name = "VA{index:04d}"\n'
    return text
