"""What the media process is told of a call's audio."""

from dataclasses import replace
from typing import cast

import pytest

from bridge.calls.audio import CallAudio
from bridge.calls.parts import CallMedia
from bridge.engines.events import EngineMedia
from bridge.media.client import MediaProcess
from bridge.media.messages import Flow, Prompt, SetRemote, Side
from sip.messages import Codec, Direction, Leg, LegMedia, MediaOffer

BOTH = (Codec.PCMU, Codec.PCMA)


class Told:
    """A media process that notes what it is told."""

    def __init__(self) -> None:
        self.remotes: list[SetRemote] = []
        self.flows: list[tuple[Flow, Prompt]] = []
        self.keys: list[tuple[Side, str]] = []

    def set_remote(self, command: SetRemote) -> None:
        self.remotes.append(command)

    def set_flow(self, call: str, flow: Flow, prompt: Prompt) -> None:
        self.flows.append((flow, prompt))

    def send_digits(self, call: str, side: Side, digits: str) -> bool:
        self.keys.append((side, digits))
        return side is Side.ENGINE


def audio(codecs: tuple[Codec, ...] = (Codec.PCMU,), *, late: bool = False) -> tuple[CallAudio, Told]:
    told = Told()
    media = CallMedia(MediaOffer("192.0.2.1", 4000, codecs, 101), 4002, late_offer=late)
    return CallAudio("c1", media, cast(MediaProcess, told)), told


def agreed(leg: Leg, codec: Codec = Codec.PCMU, address: str = "192.0.2.9") -> LegMedia:
    return LegMedia("c1", leg, address, 7000, codec, 96, Direction.SENDRECV)


def test_an_engine_is_expected_to_send_once_the_call_is_answered() -> None:
    call, told = audio()
    call.agreed(agreed(Leg.ENGINE))
    call.engine_ready()
    assert [(remote.side, remote.send, remote.receive) for remote in told.remotes] == [
        (Side.ENGINE, True, False),
        (Side.ENGINE, True, True),
    ]


def test_a_customer_is_expected_to_send_at_once() -> None:
    call, told = audio()
    call.agreed(agreed(Leg.CUSTOMER))
    assert (told.remotes[0].side, told.remotes[0].receive) == (Side.CUSTOMER, True)


def test_an_address_of_zeros_gets_nothing() -> None:
    call, told = audio()
    call.agreed(agreed(Leg.CUSTOMER, address="0.0.0.0"))
    assert not told.remotes[0].send


def test_an_engine_that_is_gone_is_not_missed_gets_nothing_and_is_not_heard() -> None:
    call, told = audio()
    call.agreed(agreed(Leg.ENGINE))
    call.engine_ready()
    call.engine_gone()
    call.engine_gone()
    last = told.remotes[2:]
    assert [(remote.address, remote.send, remote.receive) for remote in last] == [("0.0.0.0", False, False)]


def test_the_next_engine_is_not_missed_before_it_is_ready() -> None:
    call, told = audio()
    call.agreed(agreed(Leg.ENGINE))
    call.engine_ready()
    call.engine_gone()
    call.engine_media(EngineMedia("192.0.2.20", 9000, Codec.PCMU, 101))
    assert (told.remotes[-1].address, told.remotes[-1].send, told.remotes[-1].receive) == ("192.0.2.20", True, False)
    call.engine_ready()
    assert told.remotes[-1].receive


def test_an_engine_without_rtp_leaves_its_port_alone() -> None:
    call, told = audio()
    call.engine_ready()
    call.engine_gone()
    assert told.remotes == []


def test_the_engine_is_offered_the_same_on_its_own_port() -> None:
    call, _ = audio()
    assert call.engine_offer == replace(call.offer, port=4002)


@pytest.mark.parametrize("by_sdp", [True, False])
def test_where_we_make_the_offer_the_engine_chooses_for_both_sides(by_sdp: bool) -> None:
    call, _ = audio(BOTH, late=True)
    if by_sdp:
        call.agreed(agreed(Leg.ENGINE, Codec.PCMA))
    else:
        call.engine_media(EngineMedia("192.0.2.20", 9000, Codec.PCMA, 96))
    assert (call.offer.codecs, call.offer.telephone_event) == ((Codec.PCMA,), 96)


def test_once_livevox_has_chosen_the_next_engine_is_offered_only_that() -> None:
    call, _ = audio(BOTH, late=True)
    call.agreed(agreed(Leg.CUSTOMER, Codec.PCMA))
    assert (call.engine_offer.codecs, call.engine_offer.telephone_event) == ((Codec.PCMA,), 101)
    call.agreed(agreed(Leg.ENGINE, Codec.PCMU))
    assert call.offer.codecs == (Codec.PCMA,)


def test_where_livevox_made_the_offer_nobody_changes_it() -> None:
    call, _ = audio()
    before = call.offer
    call.agreed(agreed(Leg.ENGINE))
    call.agreed(agreed(Leg.CUSTOMER))
    assert call.offer == before


def test_flow_and_prompt_are_passed_on() -> None:
    call, told = audio()
    call.set_flow(Flow.SILENCE, Prompt.WAIT)
    call.set_flow(Flow.RELAY)
    assert told.flows == [(Flow.SILENCE, Prompt.WAIT), (Flow.RELAY, Prompt.NONE)]


def test_a_key_goes_to_the_other_side() -> None:
    call, told = audio()
    assert call.press(Leg.CUSTOMER, "5")
    assert not call.press(Leg.ENGINE, "6")
    assert told.keys == [(Side.ENGINE, "5"), (Side.CUSTOMER, "6")]
