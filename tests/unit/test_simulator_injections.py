"""Faults that strike single requests."""

import pytest

from bridge.simulator.endpoints import Endpoint
from bridge.simulator.errors import FaultUnusable
from bridge.simulator.injections import Fault, Injection, Injections, distorted


def strikes(injections: Injections, times: int, endpoint: Endpoint = Endpoint.STATUS, agent: str = "VA0001") -> str:
    return "".join("x" if injections.strike(endpoint, agent) else "." for _ in range(times))


def test_the_next_requests_are_struck_and_no_more() -> None:
    injections = Injections()
    injections.add(Injection(Fault.STATUS, "status", count=2))
    assert strikes(injections, 4) == "xx.."
    assert injections.pending == []


def test_some_requests_can_pass_first() -> None:
    injections = Injections()
    injections.add(Injection(Fault.STATUS, "status", count=1, skip=2))
    assert strikes(injections, 5) == "..x.."


def test_other_endpoints_and_other_agents_are_spared() -> None:
    injections = Injections()
    injections.add(Injection(Fault.STATUS, "ready", agent="VA0002"))
    assert strikes(injections, 1, Endpoint.STATUS, "VA0002") == "."
    assert strikes(injections, 1, Endpoint.READY, "VA0001") == "."
    assert strikes(injections, 1, Endpoint.READY, "VA0002") == "x"


def test_without_a_count_it_strikes_until_it_is_cleared() -> None:
    injections = Injections()
    injections.add(Injection(Fault.STATUS, count=None))
    assert strikes(injections, 5) == "xxxxx"
    injections.clear()
    assert strikes(injections, 1) == "."


def test_a_rate_strikes_its_share_and_the_same_ones_with_the_same_seed() -> None:
    runs = []
    for _ in range(2):
        injections = Injections(seed=7)
        injections.add(Injection(Fault.STATUS, count=None, rate=0.3))
        runs.append(strikes(injections, 400))
    assert runs[0] == runs[1]
    assert 80 < runs[0].count("x") < 160


def test_the_oldest_that_matches_strikes_first() -> None:
    injections = Injections()
    injections.add(Injection(Fault.STATUS, "ready"))
    injections.add(Injection(Fault.EMPTY))
    injections.add(Injection(Fault.HTML, "status"))
    found = [injections.strike(Endpoint.STATUS, "") for _ in range(3)]
    assert [injection and injection.fault for injection in found] == [Fault.EMPTY, Fault.HTML, None]


def test_an_injection_is_read_from_json() -> None:
    injection = Injection.parse({"fault": "status", "endpoint": "set_term_code", "count": None, "status": "503"})
    assert injection == Injection(Fault.STATUS, "set_term_code", count=None, status=503)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"fault": "explode"},
        {"fault": "status", "endpoint": "teapot"},
        {"fault": "status", "status": 99},
        {"fault": "status", "count": "many"},
        {"fault": "status", "count": 0},
        {"fault": "status", "color": "red"},
    ],
)
def test_an_injection_that_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(FaultUnusable):
        Injection.parse(fields)


def test_distorted_json_has_no_value_of_its_old_type() -> None:
    assert distorted({"a": [1, "two"], "b": True, "c": None, "d": 1.5}) == {
        "a": {"0": [1], "1": 3},
        "b": {"value": True},
        "c": [],
        "d": [1.5],
    }
