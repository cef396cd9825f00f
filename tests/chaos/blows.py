"""Strikes what the plan says: kills processes, restarts engines, cuts REST; and starts the bridge again."""

import asyncio

from bridge.simulator.owned_tasks import OwnedTasks
from tests.chaos.evidence import Interference
from tests.chaos.plan import Blow, Strike, Target
from tests.chaos.spans import Span
from tests.chaos.world import ChaosWorld, kill

#: A blow waits so long until there is something to strike, in seconds.
THERE_S = 30.0
#: Blows that have waited do not come all at once.
PAUSE_S = 1.0
#: While REST is cut.
_CUT = Strike("drop_before", 1.0)


class Blows:
    """`await blows.strike(blow)` while `blows.supervise()` runs."""

    def __init__(self, world: ChaosWorld, weather: tuple[Strike, ...]) -> None:
        """`weather` is what REST suffers from while it is not cut."""
        self._world = world
        self._weather = weather
        self.struck: list[Interference] = []
        self.killed_at: list[float] = []
        """When the bridge died."""
        self.cut: list[Span] = []
        self.faults: list[str] = []
        """What the bridge did by itself."""
        self._is_away = False
        """The bridge is dead by plan."""
        self._forgetting = OwnedTasks()
        self._turns = {target: asyncio.Lock() for target in Target}
        self._turns[Target.ZYGOTE] = self._turns[Target.WORKER]

    async def strike(self, blow: Blow) -> None:
        """As soon as what is to be struck is there; what was struck before has a moment to come back."""
        async with self._turns[blow.target]:
            if await self._world.until(lambda: self._is_there(blow.target), THERE_S):
                await self._carry_out(blow)
                await asyncio.sleep(PAUSE_S)

    async def _carry_out(self, blow: Blow) -> None:
        self.struck.append(Interference(self._world.livevox.clock(), blow.target, blow.away_s))
        world = self._world
        match blow.target:
            case Target.WORKER:
                _kill_one(blow, world.workers())
            case Target.ZYGOTE:
                _kill_one(blow, world.zygote())
            case Target.MEDIA:
                _kill_one(blow, world.media())
            case Target.BRIDGE:
                await self._kill_bridge(blow.away_s)
            case Target.ENGINE:
                await world.engines[blow.pick % len(world.engines)].restart(blow.away_s)
            case Target.REST:
                await self._cut_rest(blow.away_s)

    def _is_there(self, target: Target) -> bool:
        world = self._world
        match target:
            case Target.WORKER:
                return bool(world.workers())
            case Target.ZYGOTE:
                return bool(world.zygote())
            case Target.MEDIA:
                return bool(world.media())
            case Target.BRIDGE:
                return not self._is_away and world.bridge.is_running
            case Target.ENGINE | Target.REST:
                return True

    async def _kill_bridge(self, away_s: float) -> None:
        self._is_away = True
        self.killed_at.append(self._world.livevox.clock())
        await self._world.bridge.kill()
        for engine in self._world.engines:
            self._forgetting.start(engine.bot.forget_calls(), "engines miss their callers")
        await asyncio.sleep(away_s)
        await self._world.bridge.start()
        self._is_away = False

    async def supervise(self) -> None:
        """A bridge that has ended by itself is started again, as systemd would; that it has is a fault."""
        while True:
            await asyncio.sleep(1.0)
            if not self._is_away and not self._world.bridge.is_running:
                self.faults.append("the bridge has ended by itself: " + self._world.bridge.log.splitlines()[-1])
                self.killed_at.append(self._world.livevox.clock())
                await self._world.bridge.start()

    async def _cut_rest(self, away_s: float) -> None:
        begin = self._world.livevox.clock()
        self.cut.append(Span(begin, begin + away_s))
        self._world.strike((_CUT,))
        await asyncio.sleep(away_s)
        self._world.strike(self._weather)
        self.cut[-1] = Span(begin, self._world.livevox.clock())


def _kill_one(blow: Blow, pids: list[int]) -> None:
    if pids:
        kill(pids[blow.pick % len(pids)])
