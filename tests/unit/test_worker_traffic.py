"""Datagrams from the workers."""

from typing import Unpack

import pytest

from sip.actions import SendToNetwork
from sip.counters import Count
from sip.dispatch import Dialog
from sip.errors import InvalidMessage
from sip.messages import Leg
from sip.worker_traffic import is_literal
from tests.sip_texts import EngineFields, engine_invite, response
from tests.unit.sip_gate import INSIDE, WORKER, GateWorld

ENGINE = ("198.51.100.5", 5092)


def invite(target: str = "198.51.100.5:5092", **changes: Unpack[EngineFields]) -> str:
    return engine_invite(WORKER, INSIDE, target, **changes)


def test_a_workers_invite_goes_out_and_binds_its_call_id_to_the_engine_leg() -> None:
    world = GateWorld()
    heard = world.hear_worker(invite())
    assert heard.targets == [ENGINE]
    assert world.dispatch.dialog("engine-leg-1") == Dialog("call1", Leg.ENGINE, 1)
    assert world.count(Count.FROM_WORKER) == 1


def test_an_invite_of_a_call_that_is_over_binds_nothing() -> None:
    world = GateWorld()
    world.dispatch.release("call1")
    assert world.hear_worker(invite()).targets == [ENGINE]
    assert world.dispatch.dialog("engine-leg-1") is None


def test_nobody_but_a_living_worker_is_listened_to() -> None:
    world = GateWorld()
    assert world.hear_worker(invite(), port=40002).network == []
    world.lose_worker()
    assert world.hear_worker(invite()).network == []
    assert world.count(Count.NOT_A_WORKER) == 2


def test_whom_we_called_may_answer_and_act_inside_the_dialog_but_not_call() -> None:
    world = GateWorld()
    asked = world.hear_worker(invite()).network[0]
    answer = world.hear(response(asked, 200, "OK"), ENGINE)
    assert [message.status for message in answer.worker] == [200]
    fresh = invite(call="x").replace("engine-leg-1", "other")
    assert world.hear(fresh, ENGINE).statuses == [403]


def test_an_answer_from_elsewhere_is_not_even_read() -> None:
    world = GateWorld()
    asked = world.hear_worker(invite()).network[0]
    heard = world.hear(response(asked, 200, "OK"), ("203.0.113.99", 5092))
    assert heard.worker == []


def test_an_answer_for_a_dead_worker_is_dropped() -> None:
    world = GateWorld()
    asked = world.hear_worker(invite()).network[0]
    world.lose_worker()
    assert world.hear(response(asked, 200, "OK"), ENGINE).worker == []
    assert world.count(Count.UNMATCHED_RESPONSES) == 1


def test_an_answer_the_worker_could_not_read_whole_is_dropped() -> None:
    world = GateWorld()
    asked = world.hear_worker(invite()).network[0]
    heard = world.hear(response(asked, 200, "OK", headers=(f"X-Long: {'x' * 3900}",)), ENGINE)
    assert (heard.worker, world.count(Count.TOO_LARGE)) == ([], 1)


def test_the_100_to_a_workers_invite_reaches_it() -> None:
    world = GateWorld()
    asked = world.hear_worker(invite()).network[0]
    assert [message.status for message in world.hear(response(asked, 100, "Trying"), ENGINE).worker] == [100]


def test_a_name_is_left_to_the_driver_with_a_refusal_in_case_it_has_no_address() -> None:
    world = GateWorld()
    (action,) = world.gate.from_worker(invite("bot.example:5092").encode(), WORKER, world.now)
    assert isinstance(action, SendToNetwork)
    assert (action.host, action.port) == ("bot.example", 5092)
    assert action.otherwise is not None
    assert action.otherwise.port == WORKER
    assert action.otherwise.datagram.startswith(b"SIP/2.0 503 ")


def test_what_udp_cannot_reach_is_refused_to_the_worker() -> None:
    world = GateWorld()
    heard = world.hear_worker(invite("bot.example;transport=tls"))
    assert [message.status for message in heard.worker] == [503]
    assert heard.network == []
    assert world.dispatch.dialog("engine-leg-1") is None


@pytest.mark.parametrize(
    "target", [f"127.0.0.1:{INSIDE}", f"127.9.9.9:{WORKER}", "0.0.0.0:5060", "224.0.0.1", "255.255.255.255"]
)
def test_no_request_goes_to_ourselves_to_a_worker_or_to_many(target: str) -> None:
    world = GateWorld()
    heard = world.hear_worker(invite(target))
    assert ([message.status for message in heard.worker], heard.network) == ([503], [])
    assert world.count(Count.UNDELIVERABLE) == 1


def test_an_engine_on_this_machine_is_reached() -> None:
    assert GateWorld().hear_worker(invite("127.0.0.1:5092")).targets == [("127.0.0.1", 5092)]


def test_a_name_that_resolves_to_a_worker_is_not_used() -> None:
    world = GateWorld()
    assert not world.gate.resolved("127.0.0.1", WORKER, world.now)
    assert world.gate.resolved("198.51.100.5", WORKER, world.now)


def test_an_ack_nobody_can_receive_is_dropped() -> None:
    world = GateWorld()
    heard = world.hear_worker(invite("224.0.0.1").replace("INVITE", "ACK"))
    assert (heard.network, heard.worker) == ([], [])


def test_an_ack_to_a_name_has_nothing_to_fall_back_on() -> None:
    world = GateWorld()
    (action,) = world.gate.from_worker(invite("bot.example").replace("INVITE", "ACK").encode(), WORKER, world.now)
    assert isinstance(action, SendToNetwork)
    assert action.otherwise is None


@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        "SIP/2.0 200 OK\r\n\r\n",
        invite().replace("CSeq: 7 INVITE", "CSeq: INVITE"),
        invite().replace("Call-ID: engine-leg-1\r\n", ""),
    ],
)
def test_a_worker_that_writes_no_sip_is_an_error(text: str) -> None:
    with pytest.raises(InvalidMessage):
        GateWorld().hear_worker(text)


@pytest.mark.parametrize(
    ("host", "literal"),
    [
        ("192.0.2.1", True),
        ("255.255.255.255", True),
        ("256.0.0.1", False),
        ("010.0.0.1", False),
        ("1.2.3", False),
        ("0x7f.0.0.1", False),
        ("bot.example", False),
        ("2130706433", False),
    ],
)
def test_only_four_plain_bytes_are_an_address(host: str, literal: bool) -> None:
    assert is_literal(host) is literal
