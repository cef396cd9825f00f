"""The flags of `simulate livevox`."""

import argparse
import dataclasses

import pytest

from bridge.errors import CommandUnusable
from bridge.simulator.faults import EndCall, Faults
from bridge.simulator.livevox_flags import Flags, add_flags, read_flags, welcome


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulate livevox")
    add_flags(parser)
    return parser


def read(*words: str) -> Flags:
    return read_flags(parser().parse_args(words))


def test_without_flags_there_are_three_agents_and_no_faults() -> None:
    flags = read()
    assert [agent.number for agent in flags.world.agents] == ["8990000001", "8990000002", "8990000003"]
    assert (flags.faults, flags.listen, flags.bridge) == (Faults(), ("127.0.0.1", 8090), ("127.0.0.1", 5070))


def test_agents_their_wrap_up_and_switches_are_set() -> None:
    flags = read(
        *("--agents", "12", "--first-number", "8990000100", "--wrap-up-s", "60"),
        *("--set", "require_end_call=bye", "--set", "bye_after_leave_s = none"),
    )
    last = flags.world.agents[-1]
    assert (last.login, last.number, last.wrap_up_s) == ("VA0012", "8990000111", 60.0)
    assert (flags.faults.require_end_call, flags.faults.bye_after_leave_s) == (EndCall.BYE, None)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--listen", "8090"], "--listen '8090' is not HOST:PORT"),
        (["--bridge", "127.0.0.1:70000"], "--bridge"),
        (["--agents", "0"], "--agents 0"),
        (["--first-number", "899"], "10 digits"),
        (["--set", "latency_s"], "NAME=VALUE"),
        (["--set", "latency=1"], "no switch has this name"),
        (["--set", "latency_s=fast"], "latency_s"),
    ],
)
def test_a_flag_that_cannot_be_used_says_what_is_wrong(words: list[str], says: str) -> None:
    with pytest.raises(CommandUnusable) as caught:
        read(*words)
    assert says in str(caught.value)


def test_the_help_names_every_switch_and_how_to_place_a_call() -> None:
    text = parser().format_help()
    assert [field.name for field in dataclasses.fields(Faults) if f"  {field.name} = " not in text] == []
    assert "curl -X POST $AT/calls" in text


def test_the_welcome_says_where_it_listens_and_how_to_call_and_no_secret() -> None:
    text = welcome("http://127.0.0.1:9", read("--password", "hidden-word", "--token", "hidden-token"))
    assert "curl -X POST http://127.0.0.1:9/simulator/calls" in text
    assert "VA0001 (+18990000001) to VA0003" in text
    assert "hidden" not in text
