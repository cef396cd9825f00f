"""The engines of one call, one after the other."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.calls.engine import CallEngine, EngineParts
from bridge.calls.events import CallEvent
from bridge.calls.timeline import Fact
from bridge.engines.circuit import CircuitPolicy, CircuitState
from bridge.engines.circuits import Circuits
from bridge.engines.connection import Cancellable, EngineCall, EngineConnection
from bridge.engines.events import (
    EngineEnded,
    EngineEvent,
    EngineFailed,
    EngineMedia,
    EngineNote,
    EngineReady,
    EngineTranscript,
    Fate,
    RecordingWanted,
    VerdictGiven,
)
from bridge.errors import OrderRefused
from bridge.media.stream_messages import StreamEvent, StreamReady
from bridge.recording_words import RecordingState
from bridge.settings.sections import Target
from bridge.verdicts import Complete, Transfer
from sip.messages import Codec, Command, Dial, Event, Leg, LegAnswered, LegEnded, MediaOffer

FACTS = CallFacts("c1", "8990000001", "", "", "", "", "")
MEDIA = MediaOffer("127.0.0.1", 4000, (Codec.PCMU,), None)
POP = ScreenPopRows((("Name", "Ann"),), {"name": "Ann"})


class Scripted:
    """An engine that notes what it is told; a test says what it answers."""

    def __init__(self, call: EngineCall) -> None:
        self.call = call
        self.report = call.report
        self.told: list[object] = []
        self.dials = False
        self.last_words: EngineEvent | None = None
        """Reported inside hang_up."""

    def connect(self, media: MediaOffer) -> None:
        self.told.append(media)
        if self.dials:
            self.call.send(Dial("c1", "sip:bot@192.0.2.1", "sip:a@192.0.2.2", "", self.call.leg_id, (), media))

    def answered(self) -> None:
        self.told.append("answered")

    def hang_up(self, fate: Fate) -> None:
        self.told.append(fate)
        if self.last_words is not None:
            self.report(self.last_words)

    def screen_pop(self, pop: ScreenPopRows) -> None:
        self.told.append(pop)

    def transfer_progress(self, status: int) -> None:
        self.told.append(status)

    def dead_air(self, silent_s: float) -> None:
        self.told.append(("dead_air", silent_s))

    def on_sip(self, event: Event) -> None:
        self.told.append(event)

    def on_stream(self, event: StreamEvent) -> None:
        self.told.append(event)


class OneTarget:
    """Knows the target collections."""

    def target(self, text: str) -> Target | None:
        return Target(contacts=("Collections Queue",)) if text == "collections" else None


class Bench:
    """A CallEngine with two engines; it is the host, too."""

    facts = FACTS

    def __init__(self) -> None:
        self.made: list[Scripted] = []
        self.heard: list[CallEvent] = []
        self.noted: list[str] = []
        self.sent: list[Command] = []
        self.medias: list[EngineMedia] = []
        self.recorded: list[tuple[bool, str]] = []
        self.now = 0.0
        self.dials: tuple[str, ...] = ()
        policy = CircuitPolicy(failures=1, slow_connect_s=4.0)
        self.circuits = Circuits({"first": policy, "second": policy}, lambda: self.now)
        makers = {"first": self._maker("first"), "second": self._maker("second")}
        self.engine = CallEngine(self, EngineParts(makers, OneTarget(), self.circuits))

    def _maker(self, name: str) -> Callable[[EngineCall], EngineConnection]:
        def make(call: EngineCall) -> EngineConnection:
            self.made.append(Scripted(call))
            self.made[-1].dials = name in self.dials
            return self.made[-1]

        return make

    def ready(self, name: str = "first") -> Scripted:
        """Connect an engine, which is ready at once."""
        self.engine.connect(name, MEDIA)
        self.made[-1].report(EngineReady())
        return self.made[-1]

    # EngineHost

    def send(self, command: Command) -> None:
        self.sent.append(command)

    def feed(self, event: CallEvent) -> None:
        self.heard.append(event)

    def note(self, what: str, /, **facts: Fact) -> None:
        self.noted.append(what)

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> Cancellable:
        raise AssertionError("no engine of these tests has tasks")

    def engine_media(self, media: EngineMedia) -> None:
        self.medias.append(media)

    def record(self, paused: bool, by: str) -> RecordingState:
        self.recorded.append((paused, by))
        raise OrderRefused("not_recorded", "the call is not recorded")


def test_a_bot_may_pause_the_recording_whether_there_is_one_or_not() -> None:
    bench = Bench()
    first = bench.ready()
    first.report(RecordingWanted(True))
    first.report(RecordingWanted(False))
    bench.ready("second")
    first.report(RecordingWanted(False))  # it was given up
    assert bench.recorded == [(True, "bot"), (False, "bot")]


def test_each_try_has_a_number_of_its_own() -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    bench.engine.connect("second", MEDIA)
    assert [made.call.leg_id for made in bench.made] == ["c1-1", "c1-2"]
    assert (bench.engine.name, bench.engine.tried) == ("second", 2)


def test_an_engine_given_up_is_not_heard_any_more() -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    bench.engine.connect("second", MEDIA)
    bench.made[0].report(EngineFailed("487"))
    bench.made[1].report(EngineReady())
    assert bench.heard == [EngineReady()]


async def test_the_last_words_of_an_engine_given_up_are_not_taken_for_those_of_the_next() -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    bench.made[0].last_words = EngineFailed("it was gone")
    bench.engine.hang_up(Fate.ENGINE_UNAVAILABLE)
    bench.engine.connect("second", MEDIA)
    await asyncio.sleep(0)
    assert bench.heard == []


async def test_the_last_words_of_the_last_engine_are_heard() -> None:
    bench = Bench()
    bench.ready().last_words = EngineEnded(None, lost=False, reason="gone")
    bench.engine.hang_up(Fate.FINISHED)
    await asyncio.sleep(0)
    assert bench.heard[1:] == [EngineEnded(None, lost=False, reason="gone")]


def test_what_an_engine_given_up_counted_is_counted_all_the_same() -> None:
    bench = Bench()
    first = bench.ready()
    first.report(EngineNote("usage", {"input_tokens": 50, "cost": 0.5, "cached": True}))
    bench.engine.connect("second", MEDIA)
    first.report(EngineNote("usage", {"input_tokens": 20, "output_tokens": 7}))
    first.report(EngineTranscript("bot", "Goodbye."))
    assert bench.engine.used == {"input_tokens": 70, "output_tokens": 7}
    assert bench.engine.transcript.lines == (("bot", "Goodbye."),)


def test_a_transfer_to_a_target_that_is_not_there_is_refused_without_the_call() -> None:
    bench = Bench()
    first = bench.ready()
    first.report(VerdictGiven(Transfer("nobody")))
    assert bench.heard == [EngineReady()]
    assert first.told[-1] == 404


def test_verdicts_and_endings_reach_the_call() -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    events: list[EngineEvent] = [
        VerdictGiven(Transfer("collections")),
        VerdictGiven(Complete("paid")),
        EngineEnded(None, lost=False, reason="200 BYE received"),
    ]
    for event in events:
        bench.made[0].report(event)
    assert bench.heard == events
    assert bench.noted == ["engine_dialled", "transfer_asked", "verdict_given", "engine_leg_ended"]


def test_without_an_engine_nothing_is_told() -> None:
    bench = Bench()
    bench.engine.hang_up(Fate.FINISHED)
    bench.engine.transfer_progress(200)
    bench.engine.screen_pop(POP)
    bench.engine.customer_answered()
    bench.engine.dead_air(15.0)
    bench.engine.on_stream(StreamReady("c1", 1))
    bench.engine.forget()
    assert (bench.made, bench.noted) == ([], [])


def test_the_first_engine_hears_of_the_answer_when_it_is_sent_and_of_the_screen_pop_when_it_comes() -> None:
    bench = Bench()
    first = bench.ready()
    assert first.told == [MEDIA]
    bench.engine.customer_answered()
    bench.engine.screen_pop(POP)
    assert first.told == [MEDIA, "answered", POP]


def test_an_engine_that_comes_later_hears_both_once_it_is_ready() -> None:
    bench = Bench()
    bench.ready()
    bench.engine.customer_answered()
    bench.engine.connect("second", MEDIA)
    bench.engine.screen_pop(POP)
    assert bench.made[1].told == [MEDIA]
    bench.made[1].report(EngineReady())
    assert bench.made[1].told == [MEDIA, "answered", POP]


def test_an_engine_that_the_call_has_no_use_for_any_more_is_told_nothing() -> None:
    bench = Bench()
    bench.engine.customer_answered()
    bench.engine.connect("first", MEDIA)
    bench.engine.hang_up(Fate.CUSTOMER_HUNG_UP)
    bench.made[0].report(EngineReady())
    assert bench.made[0].told == [MEDIA, Fate.CUSTOMER_HUNG_UP]


def test_an_engine_is_hung_up_once() -> None:
    bench = Bench()
    bench.ready()
    bench.engine.hang_up(Fate.FINISHED)
    bench.engine.hang_up(Fate.BRIDGE_FAILURE)
    assert bench.made[0].told == [MEDIA, Fate.FINISHED]


def test_dead_air_is_told_to_an_engine_that_talks() -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    bench.engine.dead_air(15.0)
    bench.made[0].report(EngineReady())
    bench.engine.dead_air(16.0)
    assert bench.made[0].told == [MEDIA, ("dead_air", 16.0)]


def test_sip_events_go_to_the_engine_that_has_a_leg_the_oldest_first() -> None:
    bench = Bench()
    bench.dials = ("second",)
    answered, ended = LegAnswered("c1", Leg.ENGINE), LegEnded("c1", Leg.ENGINE, True, 200, "BYE received")
    bench.engine.connect("first", MEDIA)
    bench.engine.on_sip(answered)
    assert not bench.engine.is_sip
    bench.engine.connect("second", MEDIA)
    bench.engine.connect("second", MEDIA)
    assert bench.engine.is_sip
    for event in (ended, answered):
        bench.engine.on_sip(event)
    assert [made.told[1:] for made in bench.made] == [[], [ended], [answered]]


def test_stream_events_go_to_the_try_whose_number_they_carry() -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    bench.engine.connect("second", MEDIA)
    for stream in (1, 2, 3, 0):
        bench.engine.on_stream(StreamReady("c1", stream))
    assert [made.told[1:] for made in bench.made] == [[StreamReady("c1", 1)], [StreamReady("c1", 2)]]


def test_the_rtp_of_an_engine_without_sdp_is_passed_on() -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    said = EngineMedia("192.0.2.9", 7000, Codec.PCMU, None)
    bench.made[0].report(said)
    assert bench.medias == [said]


# what counts for the circuit


def fail(bench: Bench) -> None:
    bench.made[0].report(EngineFailed("503"))


def lose(bench: Bench) -> None:
    bench.made[0].report(EngineReady())
    bench.made[0].report(EngineEnded(None, lost=True, reason="gone"))


def go_silent(bench: Bench) -> None:
    bench.made[0].report(EngineReady())
    bench.engine.hang_up(Fate.RTP_TIMEOUT)


def be_slow(bench: Bench) -> None:
    bench.now = 4.5
    bench.made[0].report(EngineReady())


def be_given_up(bench: Bench) -> None:
    bench.engine.hang_up(Fate.ENGINE_UNAVAILABLE)
    bench.made[0].report(EngineFailed("487"))


@pytest.mark.parametrize("fault", [fail, lose, go_silent, be_slow, be_given_up])
def test_an_engines_failures_open_its_circuit(fault: Callable[[Bench], None]) -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    fault(bench)
    assert bench.circuits.state("first") is CircuitState.OPEN
    assert (bench.circuits.allows("first"), bench.circuits.allows("second")) == (False, True)


def hang_up(bench: Bench) -> None:
    bench.engine.hang_up(Fate.CUSTOMER_HUNG_UP)
    bench.made[0].report(EngineFailed("487"))


def stop(bench: Bench) -> None:
    bench.engine.forget()


def say_goodbye(bench: Bench) -> None:
    bench.made[0].report(EngineReady())
    bench.made[0].report(EngineEnded(None, lost=False, reason="200"))


def finish(bench: Bench) -> None:
    bench.made[0].report(EngineReady())
    bench.engine.hang_up(Fate.FINISHED)
    bench.made[0].report(EngineEnded(None, lost=True, reason="408"))


@pytest.mark.parametrize("end", [hang_up, stop, say_goodbye, finish])
def test_what_is_not_the_engines_fault_opens_no_circuit(end: Callable[[Bench], None]) -> None:
    bench = Bench()
    bench.engine.connect("first", MEDIA)
    end(bench)
    assert bench.circuits.state("first") is CircuitState.CLOSED


def test_an_engine_passed_over_is_noted() -> None:
    bench = Bench()
    bench.engine.pass_over("first")
    assert (bench.noted, bench.made) == (["engine_passed_over"], [])
