"""A BridgeWorld whose settings file is written anew while it runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from bridge.agents.messages import AgentPhase
from bridge.calls.live_call import LiveCall
from bridge.reload.words import sentence
from bridge.simulator.customer_call import CustomerCall
from tests.integration.bridge_world import TOKEN, BridgeWorld, Engine

#: An outcome of this world's own.
SORRY = '[outcomes.sorry]\nterm_code = "Wrong Party"\n'
FIRST, SECOND, THIRD = "8990000001", "8990000002", "8990000003"


class ReloadWorld(BridgeWorld):
    """`world.write(("old text", "new text")); await world.reload()`; bots wait until they are told to end."""

    def __init__(
        self, agents: int = 2, scripts: Sequence[str] = ("wait",), others: Mapping[str, Engine] | None = None
    ) -> None:
        super().__init__(scripts, agents=agents, others=others, more=SORRY)

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.service.settings.path

    def write(self, *changes: tuple[str, str]) -> None:
        """Put new texts in the place of old ones, each of which stands in the file once."""
        text = self.config.read_text()
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        self.config.write_text(text)

    async def reload(self, *changes: tuple[str, str]) -> list[str]:
        """Change the file and have it read again; what has changed, in words."""
        self.write(*changes)
        return [sentence(change) for change in await self.service.reloader.reload("test")]

    async def ask(self, method: str, path: str = "/v1/reload", token: str = TOKEN) -> tuple[int, dict[str, Any]]:
        """The HTTP API."""
        headers = {"Authorization": f"Bearer {token}"}
        async with ClientSession() as http, http.request(method, self.admin_url + path, headers=headers) as response:
            return response.status, await response.json()

    async def talking(self, agent: str = FIRST) -> tuple[str, LiveCall]:
        """A call whose customer talks to the bot: the simulator's id, and the call."""
        before = set(self.service.controller.calls)
        call_id = self.place(CustomerCall(agent=agent))
        await self.until(lambda: set(self.service.controller.calls) - before)
        (live,) = set(self.service.controller.calls) - before
        await self.until(lambda: live.timeline.first("acknowledged") is not None)
        await self.until(lambda: live.timeline.first("screen_pop") is not None)
        return call_id, live

    def requests(self, login: str) -> list[str]:
        """What LiveVox was asked for as this agent."""
        return [entry.name for entry in self.livevox.ledger.requests(agent=login)]

    def state(self, number: str) -> AgentPhase | None:
        """Where the agent is; None: there is none of this number."""
        agent = self.service.agents.find(number)
        return agent.state if agent else None

    async def ready(self, number: str) -> None:
        """Wait until the agent can be called."""
        await self.until(lambda: self.state(number) is AgentPhase.READY, 10.0)


def agent_table(index: int, more: str = "") -> str:
    """An agent as BridgeWorld writes it."""
    return f'\n[[agents]]\nnumber = "899{index:07d}"\nuser_name = "VA{index:04d}"\n{more}'
