"""What an end keeps of a call."""

from bridge.simulator.call_record import CallRecord
from bridge.simulator.rtp_reception import Reception
from bridge.simulator.session_events import (
    Answered,
    Ended,
    InfoArrived,
    MediaAgreed,
    NotifyArrived,
    Progress,
    ReferArrived,
    Refreshed,
    Refused,
)
from sip.messages import Direction, Header


def record() -> CallRecord:
    return CallRecord("one", 10.0, Reception(), (Header("x-Call-id", "abc"),))


def test_times_are_milliseconds_since_the_invite() -> None:
    seen = record()
    seen.take(Progress(180), 10.05)
    seen.take(Answered(), 10.2)
    seen.take(Ended(True, "BYE", (Header("X-OUTCOME", "paid"),)), 15.0)
    assert seen.statuses == [(50, 180), (200, 200)]
    assert (seen.answered_ms, seen.ended_ms, seen.ended_by_peer) == (200, 5000, True)
    assert seen.end_header("x-outcome") == "paid"


def test_the_first_audio_is_timed_from_the_answer() -> None:
    seen = record()
    assert seen.first_audio_ms is None
    seen.take(Answered(), 10.2)
    seen.heard.first_at = 10.22
    assert seen.first_audio_ms == 20


def test_a_refusal_is_a_status_and_an_end() -> None:
    seen = record()
    assert seen.end_header("Retry-After") is None
    seen.take(Refused(503, (Header("Retry-After", "5"),)), 10.01)
    assert seen.statuses == [(10, 503)]
    assert (seen.answered_ms, seen.ended_by_peer, seen.end_header("retry-after")) == (None, False, "5")


def test_each_thing_heard_is_kept_in_order() -> None:
    seen = record()
    events = (
        MediaAgreed(Direction.SENDRECV),
        NotifyArrived(100, False),
        ReferArrived("sip:a@b", 1, True),
        Refreshed("UPDATE", by_peer=True),
    )
    for event in events:
        seen.take(event, 11.0)
    assert (*seen.directions, *seen.notifies, *seen.refers, *seen.refreshes) == events


def test_only_json_objects_are_messages() -> None:
    seen = record()
    for content_type, body in (
        ("application/json", b'{"event":"screen_pop"}'),
        ("application/json", b"{"),
        ("application/json", b"\xff"),
        ("application/json", b"[1]"),
        ("application/dtmf-relay", b'{"a":1}'),
    ):
        seen.take(InfoArrived(content_type, body), 11.0)
    assert seen.messages == [{"event": "screen_pop"}]
    assert len(seen.infos) == 5


def test_a_header_of_the_invite_is_found_in_any_case() -> None:
    assert (record().header("X-Call-ID"), record().header("X-Other")) == ("abc", None)
