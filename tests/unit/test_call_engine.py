"""The engines of one call, one after the other."""

from collections.abc import Callable

from bridge.calls.engine import CallEngine
from bridge.engines.connection import CallFacts, EngineConnection, ScreenPopRows
from bridge.engines.events import EngineEnded, EngineEvent, EngineFailed, EngineReady, Fate, VerdictGiven
from bridge.engines.verdicts import Complete, Transfer
from bridge.settings.sections import Target
from sip.messages import Codec, Command, Event, MediaOffer

FACTS = CallFacts("c1", "8990000001", "", "", "", "", "")
MEDIA = MediaOffer("127.0.0.1", 4000, (Codec.PCMU,), None)


class Scripted:
    """An engine that notes what it is told; a test says what it answers."""

    def __init__(self, report: Callable[[EngineEvent], None]) -> None:
        self.report = report
        self.told: list[object] = []

    def connect(self, media: MediaOffer) -> None:
        self.told.append(media)

    def hang_up(self, fate: Fate) -> None:
        self.told.append(fate)

    def screen_pop(self, pop: ScreenPopRows) -> None:
        self.told.append(pop)

    def transfer_progress(self, status: int) -> None:
        self.told.append(status)

    def on_sip(self, event: Event) -> None:
        self.told.append(event)


class OneTarget:
    """Knows the target collections."""

    def target(self, text: str) -> Target | None:
        return Target(contacts=("Collections Queue",)) if text == "collections" else None


class Bench:
    """A CallEngine with two engines."""

    def __init__(self) -> None:
        self.made: list[tuple[str, Scripted]] = []
        self.heard: list[EngineEvent] = []
        self.noted: list[str] = []
        self.engine = CallEngine(
            {"first": self._make, "second": self._make},
            OneTarget(),
            FACTS,
            lambda command: None,
            self.heard.append,
            lambda what, **facts: self.noted.append(what),
        )

    def _make(
        self,
        facts: CallFacts,
        leg_id: str,
        send: Callable[[Command], None],
        report: Callable[[EngineEvent], None],
    ) -> EngineConnection:
        self.made.append((leg_id, Scripted(report)))
        return self.made[-1][1]


def test_each_try_has_a_leg_of_its_own() -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    bench.engine.connect("second", MEDIA)
    assert [leg_id for leg_id, _ in bench.made] == ["c1-1", "c1-2"]
    assert bench.engine.name == "second"


def test_an_engine_given_up_is_not_heard_any_more() -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    bench.engine.connect("second", MEDIA)
    bench.made[0][1].report(EngineFailed("487"))
    bench.made[1][1].report(EngineReady())
    assert bench.heard == [EngineReady()]


def test_a_transfer_to_a_target_that_is_not_there_is_refused_without_the_call() -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    bench.made[0][1].report(VerdictGiven(Transfer("nobody")))
    assert bench.heard == []
    assert bench.made[0][1].told[-1] == 404


def test_verdicts_and_endings_reach_the_call() -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    events: list[EngineEvent] = [
        VerdictGiven(Transfer("collections")),
        VerdictGiven(Complete("paid")),
        EngineEnded(None, lost=False, reason="200 BYE received"),
    ]
    for event in events:
        bench.made[0][1].report(event)
    assert bench.heard == events
    assert bench.noted == ["engine_dialled", "transfer_asked", "verdict_given", "engine_leg_ended"]


def test_without_an_engine_nothing_is_told() -> None:
    bench = Bench()
    bench.engine.hang_up(Fate.FINISHED)
    bench.engine.transfer_progress(200)
    bench.engine.screen_pop(ScreenPopRows((), {}))
    assert (bench.made, bench.noted) == ([], [])
