"""A circuit breaker: failures open it, a probe closes it."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.engines.circuit import Circuit, CircuitPolicy, CircuitState

POLICY = CircuitPolicy(failures=3, window_s=30.0, open_s=15.0)


def state(circuit: Circuit) -> CircuitState:
    """A function, lest mypy take a state once seen for granted."""
    return circuit.state


def fail(circuit: Circuit, *times: float) -> None:
    for now in times:
        circuit.failed(circuit.begin(now), now)


def succeed(circuit: Circuit, *times: float) -> None:
    for now in times:
        circuit.ready(circuit.begin(now), now)


def opened() -> Circuit:
    """Since second 3."""
    circuit = Circuit(POLICY)
    fail(circuit, 1.0, 2.0, 3.0)
    assert state(circuit) is CircuitState.OPEN
    return circuit


def test_so_many_failures_within_the_window_open_it() -> None:
    circuit = Circuit(POLICY)
    fail(circuit, 1.0, 2.0)
    assert circuit.allows(2.0)
    fail(circuit, 3.0)
    assert (state(circuit), circuit.allows(3.0)) == (CircuitState.OPEN, False)


def test_failures_further_apart_do_not() -> None:
    circuit = Circuit(POLICY)
    fail(circuit, 1.0, 2.0, 31.5, 33.0, 65.0)
    assert state(circuit) is CircuitState.CLOSED


def test_a_few_failures_among_many_successes_do_not() -> None:
    circuit = Circuit(POLICY)
    succeed(circuit, *(n / 10 for n in range(8)))
    fail(circuit, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6)
    assert state(circuit) is CircuitState.CLOSED
    fail(circuit, 1.7)  # eight of sixteen
    assert state(circuit) is CircuitState.OPEN


def test_a_customer_who_hangs_up_meanwhile_is_neither() -> None:
    circuit = Circuit(POLICY)
    for now in (1.0, 2.0, 3.0, 4.0):
        circuit.abandoned(circuit.begin(now), now)
    assert state(circuit) is CircuitState.CLOSED
    fail(circuit, 5.0, 6.0, 7.0)
    assert state(circuit) is CircuitState.OPEN


def test_a_slow_engine_counts_as_failed_where_the_settings_say_so() -> None:
    slow = Circuit(CircuitPolicy(failures=1, slow_connect_s=2.0))
    slow.ready(slow.begin(0.0), 2.0)
    assert state(slow) is CircuitState.CLOSED
    slow.ready(slow.begin(10.0), 12.1)
    assert state(slow) is CircuitState.OPEN
    patient = Circuit(CircuitPolicy(failures=1))
    patient.ready(patient.begin(0.0), 100.0)
    assert state(patient) is CircuitState.CLOSED


def test_engines_lost_while_they_talked_count_however_long_ago_they_were_tried() -> None:
    circuit = Circuit(POLICY)
    succeed(circuit, 0.0, 0.1, 0.2)
    for now in (100.0, 100.1, 100.2):
        circuit.lost(now)
    assert state(circuit) is CircuitState.OPEN


def test_after_a_while_one_call_tries_it() -> None:
    circuit = opened()
    assert not circuit.allows(17.9)
    assert circuit.allows(18.0)
    circuit.begin(18.0)
    assert (state(circuit), circuit.allows(18.1)) == (CircuitState.HALF_OPEN, False)


def test_a_probe_that_succeeds_closes_it_and_all_is_forgotten() -> None:
    circuit = opened()
    succeed(circuit, 18.0)
    assert state(circuit) is CircuitState.CLOSED
    fail(circuit, 19.0, 20.0)
    assert state(circuit) is CircuitState.CLOSED


def test_a_probe_that_fails_opens_it_again_for_as_long() -> None:
    circuit = opened()
    probe = circuit.begin(18.0)
    circuit.failed(probe, 21.0)
    assert (state(circuit), circuit.allows(35.9), circuit.allows(36.0)) == (CircuitState.OPEN, False, True)


def test_a_probe_that_is_too_slow_fails() -> None:
    circuit = Circuit(CircuitPolicy(failures=1, open_s=15.0, slow_connect_s=2.0))
    fail(circuit, 0.0)
    circuit.ready(circuit.begin(15.0), 17.5)
    assert state(circuit) is CircuitState.OPEN


def test_a_probe_whose_customer_hangs_up_leaves_the_next_call_to_try() -> None:
    circuit = opened()
    circuit.abandoned(circuit.begin(18.0), 18.5)
    assert (state(circuit), circuit.allows(18.5)) == (CircuitState.OPEN, True)


def test_a_probe_that_is_never_heard_of_again_keeps_the_others_away_for_a_while_only() -> None:
    circuit = opened()
    circuit.begin(18.0)
    assert not circuit.allows(32.9)
    assert circuit.allows(33.0)
    succeed(circuit, 33.0)
    assert state(circuit) is CircuitState.CLOSED


def test_calls_that_began_before_it_opened_decide_nothing_for_the_probe() -> None:
    circuit = Circuit(POLICY)
    old = [circuit.begin(0.0) for _ in range(3)]
    fail(circuit, 1.0, 2.0, 3.0)
    probe = circuit.begin(18.0)
    circuit.failed(old[0], 18.1)
    circuit.ready(old[1], 18.2)
    circuit.lost(18.3)
    circuit.abandoned(old[2], 18.4)
    assert state(circuit) is CircuitState.HALF_OPEN
    circuit.ready(probe, 18.5)
    assert state(circuit) is CircuitState.CLOSED


@given(st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["ready", "failed", "abandoned", "lost", "vanished"]))))
def test_whatever_comes_an_engine_is_tried_again_within_its_open_time(days: list[tuple[float, str]]) -> None:
    circuit, now, waiting_since = Circuit(POLICY), 0.0, None
    for pause, what in days:
        now += pause
        if circuit.allows(now):
            waiting_since = None
            tried = circuit.begin(now)
            match what:
                case "ready":
                    circuit.ready(tried, now)
                case "failed":
                    circuit.failed(tried, now)
                case "abandoned":
                    circuit.abandoned(tried, now)
                case "lost":
                    circuit.lost(now)
        else:
            waiting_since = now if waiting_since is None else waiting_since
            assert now - waiting_since < POLICY.open_s
