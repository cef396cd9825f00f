"""The circuits of all engines, and what is logged of them."""

from structlog.testing import capture_logs

from bridge.engines.circuit import CircuitPolicy, CircuitState
from bridge.engines.circuits import Circuits


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def circuits(clock: Clock) -> Circuits:
    return Circuits({name: CircuitPolicy(failures=1, open_s=15.0) for name in ("first", "second")}, clock)


def test_each_engine_has_its_own() -> None:
    both = circuits(Clock())
    both.begin("first").failed()
    assert (both.allows("first"), both.allows("second")) == (False, True)
    assert (both.state("first"), both.state("second")) == (CircuitState.OPEN, CircuitState.CLOSED)


def test_an_engine_nobody_knows_is_allowed() -> None:
    nobody = circuits(Clock())
    nobody.begin("third").failed()
    assert (nobody.allows("third"), nobody.state("third")) == (True, CircuitState.CLOSED)


def test_only_the_first_end_of_a_try_counts() -> None:
    clock = Clock()
    both = circuits(clock)
    tried = both.begin("first")
    tried.ready()
    tried.failed()
    tried.abandoned()
    assert both.state("first") is CircuitState.CLOSED
    tried.lost()
    assert both.state("first") is CircuitState.OPEN


def test_opening_is_a_warning_and_closing_is_told() -> None:
    clock = Clock()
    both = circuits(clock)
    with capture_logs() as logged:
        both.begin("first").failed()
        clock.now = 15.0
        both.begin("first").failed()  # the probe: it stays open
        clock.now = 30.0
        both.begin("first").ready()
    told = [(line["event"], line["log_level"], line["engine"]) for line in logged if line["log_level"] != "debug"]
    assert told == [("engine_circuit_opened", "warning", "first"), ("engine_circuit_closed", "info", "first")]


def test_other_engines_have_circuits_of_their_own_and_what_is_known_of_the_others_stays() -> None:
    both = circuits(Clock())
    tried = both.begin("first")
    for name in ("first", "second"):
        both.begin(name).failed()
    policies = {name: CircuitPolicy(failures=1, open_s=1.0) for name in ("second", "third")}
    both.change({"first": CircuitPolicy(), **policies}, kept={"first", "third"})
    states = [both.state(name) for name in ("first", "second", "third")]
    assert states == [CircuitState.OPEN, CircuitState.CLOSED, CircuitState.CLOSED]
    both.change(policies, kept=set())
    tried.failed()
    assert both.allows("first") and both.state("third") is CircuitState.CLOSED
