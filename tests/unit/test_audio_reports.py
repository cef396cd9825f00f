"""What the media process reports, as its call's timeline has it."""

import pytest

from bridge.calls import events as ev
from bridge.calls.audio_reports import AudioReport, call_event_of, entry_of
from bridge.calls.timeline import Fact
from bridge.media.messages import AudioStarted, DeadAir, DtmfReceived, RtpTimedOut, SessionRefused, Side

CUSTOMER = Side.CUSTOMER


@pytest.mark.parametrize(
    ("report", "what", "facts", "fed"),
    [
        (AudioStarted("c1", CUSTOMER), "audio_started", {"side": CUSTOMER}, None),
        (DtmfReceived("c1", CUSTOMER, "7", 80), "dtmf", {"side": CUSTOMER}, None),
        (
            RtpTimedOut("c1", CUSTOMER, 30.04),
            "rtp_timed_out",
            {"side": CUSTOMER, "silent_s": 30.0},
            ev.AudioTimedOut(CUSTOMER),
        ),
        (
            DeadAir("c1", CUSTOMER, 15.06, last=True),
            "dead_air",
            {"side": CUSTOMER, "silent_s": 15.1, "last": True},
            ev.DeadAir(CUSTOMER, 15.06, True),
        ),
        (SessionRefused("c1", "port 4000: in use"), "audio_lost", {"reason": "port 4000: in use"}, ev.PartFailed()),
    ],
)
def test_each_report_has_its_entry_and_what_it_means_to_the_call(
    report: AudioReport, what: str, facts: dict[str, Fact], fed: ev.CallEvent | None
) -> None:
    assert entry_of(report) == (what, facts)
    assert call_event_of(report) == fed


def test_the_key_that_was_pressed_is_not_in_it() -> None:
    assert "7" not in str(entry_of(DtmfReceived("c1", CUSTOMER, "7", 80)))
