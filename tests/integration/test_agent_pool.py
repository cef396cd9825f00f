"""The agents over real HTTP, with the real client, against the simulated LiveVox."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

import pytest
from pydantic import SecretStr

from bridge.agents.messages import AgentChanged, AgentPhase, AgentStuck
from bridge.agents.policy import AgentPolicy
from bridge.agents.pool import AgentPool, AgentPoolSettings
from bridge.agents.steps import AgentAccount
from bridge.livevox.client import LiveVoxClient
from bridge.livevox.term_codes import TermCodeChoice
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.faults import Faults, SessionLostAs
from bridge.simulator.injections import Fault
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.states import AgentState
from bridge.simulator.world import World
from tests.paper_telephony import PaperTelephony

P = AgentPhase
PASSWORD, TOKEN, SERVICE = "correct-horse", "token-of-the-demo", "46014"
FIRST = "8990000001"
#: A life in which seconds are minutes.
QUICK = AgentPolicy(
    reconcile_s=0.4,
    verify_s=0.02,
    step_timeout_s=1,
    login_backoff_s=(0.03, 0.1),
    refused_login_backoff_s=(0.03, 0.1),
    join_backoff_s=(0.03, 0.1),
    ready_backoff_s=(0.03, 0.1),
    look_backoff_s=(0.03, 0.1),
    register_poll_s=0.05,
    join_grace_s=0.15,
    busy_poll_s=0.05,
    stuck_wrap_up_s=0.2,
    leave_backoff_s=(0.05, 0.1),
)


@dataclass
class Bridge:
    """A pool beside its simulated LiveVox."""

    simulator: LiveVoxSimulator
    telephony: PaperTelephony
    client: LiveVoxClient
    settings: AgentPoolSettings
    changes: list[AgentChanged] = field(default_factory=list)
    stuck: list[AgentStuck] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.pool = AgentPool(self.settings, self.client, self.tell, self.tell, chance=Random(3))

    def tell(self, news: AgentChanged | AgentStuck) -> None:
        """What the pool reports."""
        if isinstance(news, AgentStuck):
            self.stuck.append(news)
        else:
            self.changes.append(news)
        self.told.set()

    def states(self) -> list[AgentPhase]:
        return [view.state for view in self.pool.snapshot()]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it holds; looked at whenever the pool tells something."""
        async with asyncio.timeout(20):
            while not condition():
                self.told.clear()
                await self.told.wait()

    def is_state(self, login: str, state: AgentState) -> bool:
        return self.simulator.platform.agent(login).state is state

    async def until_all_ready(self) -> None:
        """LiveVox says so, and then the pool."""
        agents = self.simulator.platform.floor.agents
        await self.simulator.until(lambda: {agent.state for agent in agents.values()} == {AgentState.READY})
        await self.until(lambda: set(self.states()) == {P.READY})

    def steps(self, login: str) -> list[str]:
        """What LiveVox was asked by the agent, but for looks."""
        entries = self.simulator.ledger.requests("", login)
        return [entry.step for entry in entries if entry.name not in ("status", "service_features")]


@asynccontextmanager
async def bridge(
    agents: int = 1, *, faults: Faults | None = None, password: str = PASSWORD, policy: AgentPolicy = QUICK
) -> AsyncIterator[Bridge]:
    """A running pool; stopped at the end unless the test has done so."""
    telephony = PaperTelephony()
    world = World.default(agents, PASSWORD, token=TOKEN)
    async with LiveVoxSimulator(world, telephony, faults=faults) as simulator:
        async with LiveVoxClient(simulator.url, TOKEN, rate=1000, burst=1000, timeout_s=2) as client:
            accounts = tuple(
                AgentAccount(f"899{i:07}", f"VA{i:04}", SecretStr(password), SERVICE, f"899{i:07}")
                for i in range(1, agents + 1)
            )
            settings = AgentPoolSettings("Demo", accounts, policy, login_per_s=100, session_wait_s=3, leave_s=2)
            one = Bridge(simulator, telephony, client, settings)
            await one.pool.start()
            try:
                yield one
            finally:
                await one.pool.stop(drain_s=1)


async def dispose(pool: AgentPool, name: str = "Completed") -> None:
    """Set the term code of the call that the first agent is in wrap-up with, as the controller would."""

    async def do(client: LiveVoxClient, session: str) -> None:
        status = await client.status(session)
        assert status is not None
        assert status.call is not None
        codes = await client.term_codes(session, SERVICE)
        code = codes.by_name(name)
        assert code is not None
        choice = TermCodeChoice(
            status.call.call_transaction_id or "", status.call.call_session_id or "", code.id, status.call.phone_number
        )
        await client.set_term_code(session, choice)

    await pool.request(FIRST, do)


async def test_agents_go_from_log_in_to_ready_and_leave_in_order() -> None:
    async with bridge(5) as one:
        await one.until_all_ready()
        assert one.pool.refusal(FIRST) is None
        await one.pool.stop(drain_s=2)
        for index in range(1, 6):
            assert one.steps(f"VA{index:04}") == [
                "login 200",
                "join 204",
                "ready 204",
                "not_ready 204",
                "leave_service 204",
                "logout 204",
            ]
        assert one.states() == [P.LOGGED_OUT] * 5
        features = one.simulator.ledger.requests("service_features")
        assert [entry.status for entry in features] == [200]


async def test_a_call_ends_with_its_disposition_and_the_agent_ready() -> None:
    async with bridge() as one:
        await one.until_all_ready()
        call = one.simulator.place_call(CustomerCall(agent=FIRST))
        await one.simulator.until(lambda: one.is_state("VA0001", AgentState.INCALL))
        assert one.pool.refusal(FIRST) is None
        one.pool.call_started(FIRST, "c1")
        one.telephony.bridge_hangs_up(call)
        one.pool.call_wrapping(FIRST, "c1")
        await dispose(one.pool)
        one.pool.call_closed(FIRST, "c1", "READY")
        assert one.states() == [P.READY]
        assert len(one.simulator.ledger.dispositions(call)) == 1
        await one.simulator.closed(call)


@pytest.mark.parametrize("lost_as", list(SessionLostAs))
async def test_a_session_lost_in_wrap_up_costs_one_log_in_and_no_disposition(lost_as: SessionLostAs) -> None:
    async with bridge(faults=Faults(session_lost_as=lost_as, expiry_leaves_service=False)) as one:
        await one.until_all_ready()
        call = one.simulator.place_call(CustomerCall(agent=FIRST))
        await one.simulator.until(lambda: one.is_state("VA0001", AgentState.INCALL))
        one.pool.call_started(FIRST, "c1")
        one.telephony.bridge_hangs_up(call)
        one.simulator.perform(lambda now: one.simulator.platform.expire_sessions("VA0001", now))
        await dispose(one.pool)
        one.pool.call_closed(FIRST, "c1", None)
        await one.until_all_ready()
        assert one.steps("VA0001").count("login 200") == 2
        assert one.steps("VA0001").count("ready 204") == 1
        assert len(one.simulator.ledger.dispositions(call)) == 1


async def test_status_may_fail_until_the_agent_is_registered() -> None:
    async with bridge(faults=Faults(registration_polls=5, unregistered_status=400)) as one:
        await one.until_all_ready()
        assert one.steps("VA0001")[:2] == ["login 200", "join 204"]
        assert one.steps("VA0001").count("join 204") == 1


@pytest.mark.parametrize("status", [500, 599])
async def test_any_error_status_is_tolerated_until_the_agent_is_registered(status: int) -> None:
    async with bridge(faults=Faults(registration_polls=3, unregistered_status=status)) as one:
        await one.until_all_ready()
        assert one.steps("VA0001").count("join 204") == 1


async def test_an_agent_that_is_ready_at_once_is_not_made_ready_again() -> None:
    async with bridge(faults=Faults(ready_after_join=True)) as one:
        await one.until(lambda: one.states() == [P.READY])
        assert one.steps("VA0001") == ["login 200", "join 204"]


async def test_refused_credentials_are_tried_once() -> None:
    async with bridge(2, password="mistyped") as one:
        await one.until(lambda: one.states() == [P.LOCKED] * 2)
        assert len(one.simulator.ledger.requests("login")) == 2
        assert one.pool.refusal(FIRST) == 480
        assert [change.alarm for change in one.changes].count(True) == 2


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        ("login", Fault.DROP_BEFORE),
        ("login", Fault.DROP_AFTER),
        ("login", Fault.TRUNCATED),
        ("login", Fault.WRONG_TYPES),
        ("join", Fault.DROP_BEFORE),
        ("join", Fault.DROP_AFTER),
        ("ready", Fault.DROP_BEFORE),
        ("ready", Fault.DROP_AFTER),
        ("ready", Fault.BODY_401),
        ("status", Fault.HTML),
        ("status", Fault.EXPIRE),
        ("status", Fault.WRONG_TYPES),
        ("status", Fault.EMPTY),
    ],
)
async def test_agents_become_ready_in_spite_of_faults(endpoint: str, fault: Fault) -> None:
    async with bridge() as one:
        one.simulator.fail(endpoint, fault, count=3)
        await one.until_all_ready()


@pytest.mark.parametrize(("endpoint", "status"), [("login", 599), ("login", 500), ("join", 503), ("ready", 500)])
async def test_agents_become_ready_after_errors(endpoint: str, status: int) -> None:
    async with bridge() as one:
        one.simulator.fail(endpoint, Fault.STATUS, status=status, count=3)
        await one.until_all_ready()


async def test_a_supervisor_who_interferes_is_noticed() -> None:
    async with bridge(2) as one:
        await one.until_all_ready()
        agents, platform = one.simulator.platform.agents, one.simulator.platform
        one.simulator.perform(lambda now: agents.supervisor_not_ready(platform.agent("VA0001"), now))
        one.simulator.perform(lambda now: agents.supervisor_log_off(platform.agent("VA0002"), now))
        await one.simulator.until(lambda: one.is_state("VA0001", AgentState.READY))
        await one.simulator.until(lambda: one.is_state("VA0002", AgentState.READY))


async def test_an_agent_left_in_wrap_up_by_an_earlier_bridge_is_told() -> None:
    async with bridge() as one:
        await one.until_all_ready()
        call = one.simulator.place_call(CustomerCall(agent=FIRST))
        await one.simulator.until(lambda: one.is_state("VA0001", AgentState.INCALL))
        one.telephony.bridge_hangs_up(call)
        await one.until(lambda: len(one.stuck) > 0)
        assert (one.stuck[0].number, one.stuck[0].state) == (FIRST, "WRAPUP")
        await dispose(one.pool, "System Failure")
        await one.until_all_ready()


async def test_a_cycle_keeps_calls_coming() -> None:
    policy = AgentPolicy(**{**QUICK.__dict__, "cycle_s": 0.5})
    async with bridge(2, policy=policy) as one:
        await one.until_all_ready()
        await one.simulator.until(lambda: one.steps("VA0001").count("not_ready 204") >= 2)
        await one.simulator.until(lambda: one.steps("VA0002").count("not_ready 204") >= 2)
        await one.until_all_ready()
        assert one.steps("VA0001").count("login 200") == 1
